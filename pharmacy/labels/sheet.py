"""Labels on their media, as the pharmacy prints them: `randomization.documents.labels.sheet`.

Pure: no Django.
"""

from randomization.documents.labels.sheet import (
    ON_A_SHEET,
    TEMPLATE,
    Sheet,
    labels_pdf,
    labels_picture,
    labels_zpl,
    sheet_data,
)

__all__ = ["ON_A_SHEET", "TEMPLATE", "Sheet", "labels_pdf", "labels_picture", "labels_zpl", "sheet_data"]
