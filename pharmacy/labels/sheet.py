"""Labels as PDF: the same subjects and time give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from pharmacy.labels.text import LabelSite, LabelSubject, label_fields
from randomization.documents.barcode import datamatrix_svg
from randomization.documents.pdf import check_text, render
from randomization.shared.protocol import Protocol

TEMPLATE: Final = Path(__file__).parent / "typst" / "labels.typ"


def labels_pdf(
    subjects: Sequence[LabelSubject], site: LabelSite, protocol: Protocol, *, at: datetime, outer: bool = True
) -> bytes:
    """One page a label: the syringe's, then its outer bag's.

    at: the quarter hour the preparations were opened in (UTC), which becomes the document's time. Raises
    DocumentError for text that does not fit or a character the font lacks.
    """
    labels = []
    for subject in subjects:
        fields = label_fields(subject, site, protocol)
        for text in fields.values():
            check_text(text)
        labels.append({**fields, "symbol": datamatrix_svg(fields["barcode"])})
    return render(TEMPLATE, {"language": site.language, "outer": outer, "labels": labels}, at=at)
