"""Labels: every site and level fits, particulars are there, bytes do not differ, barcodes read back."""

from __future__ import annotations

import base64
import inspect
import io
import re
import zlib
from binascii import crc_hqx
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy
import pypdf
import pytest
import zxingcpp
from PIL import Image, ImageOps

from immunosep_site.demonstration.fixtures import FIXTURES
from pharmacy.labels.sheet import ON_A_SHEET, TEMPLATE, Sheet, labels_pdf, labels_zpl
from pharmacy.labels.text import LabelSite, LabelSubject, label_fields, shown_time
from randomization.blinded.sites.site_file import load_sites
from randomization.documents.barcode import datamatrix_svg
from randomization.documents.pdf import DocumentError, render_pages
from randomization.shared.errors import InvalidInput
from randomization.shared.ids import new_kit_code, parse_barcode
from randomization.shared.protocol import LANGUAGES, load_protocol

pytestmark = pytest.mark.once
PROTOCOL = load_protocol(FIXTURES / "protocol.toml")
SITES = [
    LabelSite(entry.code, entry.time_zone, entry.label_language, entry.contact, entry.investigator, entry.contact_full)
    for entry in load_sites(FIXTURES / "sites.toml")
]
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SUBJECT = LabelSubject("GR01-001", "7F2QXK9S", "IV", 7, "B7KQ2M4P", AT, AT + timedelta(days=1), reduced=False)
WIDE = replace(SUBJECT, participant_number="GR01-0888", kit_code="WWWWWWWW", pack_code="WMWMWMWM", number=45)
KIT = "7F2QXK9S"
PARTICULARS = (
    "strength",
    "route",
    "volume",
    "patient",
    "kit",
    "dose",
    "code",
    "planned",
    "use_before",
    "trial",
    "site",
    "investigator",
    "sponsor",
    "contact",
    "trial_use",
    "storage",
    "directions",
    "units",
)


def subjects(pattern: LabelSubject) -> Iterator[LabelSubject]:
    for route, number in (("IV", 45), ("SC", 8)):
        for reduced in (False, True):
            yield replace(pattern, route=route, number=number, reduced=reduced)


def words(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.code)
def test_the_labels_of_every_site_fit_with_the_widest_codes(site: LabelSite) -> None:
    content = labels_pdf(list(subjects(WIDE)), site, PROTOCOL, at=AT)
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) == 8


@pytest.mark.requirement("R15")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_particulars_of_annex_vi(language: str) -> None:
    site = replace(SITES[0], language=language)
    shown = words(labels_pdf([SUBJECT], site, PROTOCOL, at=AT))
    fields = label_fields(SUBJECT, site, PROTOCOL)
    for key in PARTICULARS:
        assert " ".join(fields[key].split()) in shown, key
    assert f"anakinra 200 mg {PROTOCOL.label_words[language]['or_placebo'].text}" in shown
    assert not fields["children"]


def test_the_reduced_dose_is_printed_for_everyone_under_the_bound_on_both_routes() -> None:
    for subject in subjects(SUBJECT):
        fields = label_fields(subject, SITES[0], PROTOCOL)
        route = PROTOCOL.regimen.route(subject.route)
        assert fields["strength"].startswith(route.reduced_strength if subject.reduced else route.strength)


@pytest.mark.requirement("R15")
def test_a_label_cannot_know_an_arm_a_class_a_lot_or_an_expiry() -> None:
    known = set(inspect.signature(LabelSubject).parameters)
    assert known == {
        "participant_number",
        "kit_code",
        "route",
        "number",
        "pack_code",
        "planned_at",
        "use_before",
        "reduced",
    }


def test_bytes_and_metadata_repeat() -> None:
    first, two = (labels_pdf([SUBJECT], SITES[0], PROTOCOL, at=AT) for _turn in range(2))
    assert first == two
    about = pypdf.PdfReader(io.BytesIO(first)).metadata
    assert about is not None
    assert about.creation_date == AT
    other = labels_pdf([replace(SUBJECT, kit_code="7F2QXK92")], SITES[0], PROTOCOL, at=AT)
    assert len(pypdf.PdfReader(io.BytesIO(other)).pages) == len(pypdf.PdfReader(io.BytesIO(first)).pages)


@pytest.mark.parametrize("subject", list(subjects(SUBJECT)), ids=str)
def test_the_barcode_reads_back_at_300_dpi(subject: LabelSubject) -> None:
    fields = label_fields(subject, SITES[0], PROTOCOL)
    data = {
        "language": "el",
        "outer": False,
        "sheet": None,
        "labels": [{**fields, "symbol": datamatrix_svg(fields["barcode"])}],
    }
    image = Image.open(io.BytesIO(render_pages(TEMPLATE, data, dpi=300)[0])).convert("L")
    barcodes = zxingcpp.read_barcodes(numpy.asarray(image))
    assert [item.text for item in barcodes] == [f"{KIT}.{subject.route}.{subject.number:02d}.B7KQ2M4P"]


def pages_of(zpl: bytes) -> list[Image.Image]:
    """What a printer makes of ZPL: one picture a label, after it checked the CRC; black is 0."""
    pictures = []
    for label in zpl.decode("ascii").splitlines():
        match = re.fullmatch(
            r"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0\^FO0,0\^GFA,(\d+),\3,(\d+),:Z64:([^:]+):([0-9A-F]{4})\^FS\^PQ1\^XZ", label
        )
        assert match, label[:120]
        width, height, total, row = (int(match[index]) for index in range(1, 5))
        assert int(match[6], 16) == crc_hqx(match[5].encode(), 0)
        dots = zlib.decompress(base64.b64decode(match[5]))
        assert (len(dots), total) == (row * height, row * height)
        pictures.append(ImageOps.invert(Image.frombytes("1", (width, height), dots).convert("L")))
    return pictures


@pytest.mark.parametrize("site", {site.language: site for site in SITES}.values(), ids=lambda site: site.language)
def test_a_thermal_printer_gets_the_picture_of_what_the_pdf_shows(site: LabelSite) -> None:
    for subject in subjects(WIDE):
        syringe, bag = pages_of(labels_zpl([subject], site, PROTOCOL, at=AT))
        wide, high = (50, 25) if subject.route == "IV" else (60, 20)
        for picture, millimetres in ((syringe, (wide, high)), (bag, (105, 74))):
            assert [abs(dots / 300 * 25.4 - size) < 0.2 for dots, size in zip(picture.size, millimetres, strict=True)]
            barcodes = zxingcpp.read_barcodes(numpy.asarray(picture))
            assert [item.text for item in barcodes] == [label_fields(subject, site, PROTOCOL)["barcode"]]
        fields = {
            "language": site.language,
            "outer": False,
            "sheet": None,
            "labels": [
                {
                    **label_fields(subject, site, PROTOCOL),
                    "symbol": datamatrix_svg(label_fields(subject, site, PROTOCOL)["barcode"]),
                }
            ],
        }
        page = Image.open(io.BytesIO(render_pages(TEMPLATE, fields, dpi=300)[0])).convert("L")
        differs = numpy.abs(numpy.asarray(page).astype(int) - numpy.asarray(syringe).astype(int)) > 160
        assert not differs.any()


def test_zpl_is_refused_where_the_pdf_is() -> None:
    for contact in ("Trial pharmacy " * 30, "薬局 +30 210"):
        with pytest.raises(DocumentError):
            labels_zpl([SUBJECT], replace(SITES[0], contact=contact), PROTOCOL, at=AT)


@pytest.mark.parametrize(("kind", "start"), [("IV", 1), ("IV", 2), ("IV", 44), ("SC", 42), ("bag", 8)])
def test_a_sheet_starts_at_any_position_and_loses_no_label(kind: str, start: int) -> None:
    many = [replace(SUBJECT, route="SC" if kind == "SC" else "IV", number=number) for number in range(1, 45)]
    content = labels_pdf(many, SITES[0], PROTOCOL, at=AT, sheet=Sheet(kind, start))
    read = pypdf.PdfReader(io.BytesIO(content))
    assert len(read.pages) == -(-(44 + start - 1) // ON_A_SHEET[kind])
    assert [round(float(side) / 72 * 25.4) for side in read.pages[0].mediabox[2:]] == [210, 297]
    shown = "".join(page.extract_text() for page in read.pages)
    assert all(f"{many[0].route} {number:02d}" in shown for number in range(1, 45))


@pytest.mark.parametrize(("kind", "start"), [("IV", 0), ("IV", 45), ("SC", 43), ("bag", 9), ("vial", 1)])
def test_a_position_that_a_sheet_does_not_have_is_refused(kind: str, start: int) -> None:
    with pytest.raises(InvalidInput, match=r"positions 1 to|Choose IV"):
        Sheet(kind, start)


def test_a_sheet_without_a_label_of_its_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no SC label"):
        labels_pdf([SUBJECT], SITES[0], PROTOCOL, at=AT, sheet=Sheet("SC"))


def test_every_barcode_of_full_sheets_reads_back_at_300_dpi() -> None:
    codes = [[new_kit_code(), new_kit_code()] for _turn in range(132)]
    printed = [
        replace(SUBJECT, kit_code=kit, pack_code=pack, number=1 + order % 45) for order, (kit, pack) in enumerate(codes)
    ]
    labels = [label_fields(subject, SITES[0], PROTOCOL) for subject in printed]
    data = {
        "language": "el",
        "outer": False,
        "sheet": {"kind": "IV", "start": 1},
        "labels": [{**fields, "symbol": datamatrix_svg(fields["barcode"])} for fields in labels],
    }
    barcodes = set()
    for page in render_pages(TEMPLATE, data, dpi=300):
        image = numpy.asarray(Image.open(io.BytesIO(page)).convert("L"))
        barcodes |= {item.text for item in zxingcpp.read_barcodes(image)}
    assert barcodes == {fields["barcode"] for fields in labels}


def test_text_that_does_not_fit_stops_the_print() -> None:
    site = replace(SITES[0], contact="Trial pharmacy " * 30)
    with pytest.raises(DocumentError, match="does not fit"):
        labels_pdf([SUBJECT], site, PROTOCOL, at=AT)
    site = replace(SITES[0], contact="W" * 90)
    with pytest.raises(DocumentError, match="wider than the label"):
        labels_pdf([SUBJECT], site, PROTOCOL, at=AT)


def test_a_glyph_the_font_lacks_is_an_error_and_not_a_blank() -> None:
    with pytest.raises(DocumentError, match="Nothing was printed"):
        labels_pdf([SUBJECT], replace(SITES[0], contact="薬局 +30 210"), PROTOCOL, at=AT)


@pytest.mark.parametrize("hidden", ["\u202e", "\u0007", "\u200b"])
def test_invisible_characters_are_refused(hidden: str) -> None:
    with pytest.raises(InvalidInput, match="invisible"):
        labels_pdf([SUBJECT], replace(SITES[0], contact=f"Pharmacy{hidden} 1"), PROTOCOL, at=AT)


def test_text_stays_text() -> None:
    contact = '#panic("x") $1+1$ *bold* \\ [x]'
    assert contact.split()[1] in words(labels_pdf([SUBJECT], replace(SITES[0], contact=contact), PROTOCOL, at=AT))


def test_times_carry_their_offset_in_winter_and_summer() -> None:
    assert shown_time(AT, "Europe/Athens") == "2026-03-01 14:00 +02:00"
    assert shown_time(AT + timedelta(days=60), "Europe/Athens") == "2026-04-30 15:00 +03:00"


def test_the_barcode_is_read_by_the_ward_as_it_is_written() -> None:
    code = "7F2QXK9S.IV.07.7F2QXK9S"
    assert str(parse_barcode(code)) == code
