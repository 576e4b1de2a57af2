"""Labels as PDF for roll or A4 sheet, as ZPL for thermal printers, as a picture for the screen: one template for all.

The same subjects and time give the same bytes.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from randomization.documents.barcode import datamatrix_svg
from randomization.documents.labels.text import LabelSite, LabelSubject, label_fields
from randomization.documents.labels.zpl import DPI, zpl_label
from randomization.documents.pdf import render, render_pages
from randomization.shared.errors import InvalidInput
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _

TEMPLATE: Final = Path(__file__).parent / "typst" / "labels.typ"
SCREEN_DPI: Final = 144
ON_A_SHEET: Final = {"IV": 44, "SC": 42, "bag": 8}
"""Labels of each kind that an A4 sheet holds (4 x 11, 3 x 14, 2 x 4)."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An A4 sheet of one kind of label (`IV`, `SC`, `bag`); `start`: first free position, from 1 along the rows."""

    kind: str
    start: int = 1

    def __post_init__(self) -> None:
        most = ON_A_SHEET.get(self.kind)
        if most is None:
            raise InvalidInput(_("Choose IV, SC or bag labels."), field="kind")
        if not 1 <= self.start <= most:
            raise InvalidInput(_("A sheet of these labels has positions 1 to %(most)s.", most=most), field="start")


def sheet_data(
    subjects: Sequence[LabelSubject], site: LabelSite, protocol: Protocol, *, outer: bool, sheet: Sheet | None = None
) -> dict[str, Any]:
    """What the template takes: every text, and each barcode as SVG."""
    every = [label_fields(subject, site, protocol) for subject in subjects]
    labels = [{**fields, "symbol": datamatrix_svg(fields["barcode"])} for fields in every]
    return {
        "language": site.language,
        "outer": outer,
        "labels": labels,
        "sheet": asdict(sheet) if sheet else None,
    }


def labels_pdf(
    subjects: Sequence[LabelSubject],
    site: LabelSite,
    protocol: Protocol,
    *,
    at: datetime,
    outer: bool = True,
    sheet: Sheet | None = None,
) -> bytes:
    """One page a label, the syringe's, then its outer bag's; or the labels of one kind on A4 sheets.

    at: a planned time on the labels (UTC), which becomes the document's time: never when something was opened or
    printed. Raises DocumentError for text that does not fit or a character the font lacks, InvalidInput where no label
    is of the sheet's kind.
    """
    if sheet is not None and sheet.kind != "bag":
        subjects = [subject for subject in subjects if subject.route == sheet.kind]
        if not subjects:
            raise InvalidInput(
                _("There is no %(kind)s label to print: choose the other route.", kind=sheet.kind), field="kind"
            )
    return render(TEMPLATE, sheet_data(subjects, site, protocol, outer=outer, sheet=sheet), at=at)


def _pictures(
    subjects: Sequence[LabelSubject], site: LabelSite, protocol: Protocol, *, at: datetime, outer: bool, dpi: int
) -> list[bytes]:
    """The pages on a roll as PNG; the PDF is made first and must be in order, since only it finds a missing glyph."""
    data = sheet_data(subjects, site, protocol, outer=outer)
    render(TEMPLATE, data, at=at)
    return render_pages(TEMPLATE, data, dpi=dpi)


def labels_zpl(
    subjects: Sequence[LabelSubject], site: LabelSite, protocol: Protocol, *, at: datetime, outer: bool = True
) -> bytes:
    """The pages of `labels_pdf` on a roll as ZPL II; raises as it does."""
    pages = _pictures(subjects, site, protocol, at=at, outer=outer, dpi=DPI)
    return "".join(zpl_label(page) for page in pages).encode("ascii")


def labels_picture(
    subject: LabelSubject, site: LabelSite, protocol: Protocol, *, at: datetime, outer: bool = False
) -> bytes:
    """The syringe's label, or the outer bag's, as PNG for the screen: the page that prints, at screen resolution."""
    return _pictures([subject], site, protocol, at=at, outer=outer, dpi=SCREEN_DPI)[-1]
