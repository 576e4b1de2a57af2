"""Labels: every site and level fits, particulars are there, bytes do not differ, barcodes read back."""

from __future__ import annotations

import inspect
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy
import pypdf
import pytest
import zxingcpp
from PIL import Image

from pharmacy.labels.sheet import TEMPLATE, labels_pdf
from pharmacy.labels.text import LabelSite, LabelSubject, label_fields, shown_time
from randomization.blinded.sites.sitefile import load_sites
from randomization.documents.barcode import datamatrix_svg
from randomization.documents.pdf import DocumentError, render
from randomization.shared.errors import InvalidInput
from randomization.shared.ids import parse_barcode
from randomization.shared.protocol import LANGUAGES, load_protocol
from tests.simulator import FIXTURES

pytestmark = pytest.mark.once
PROTOCOL = load_protocol(FIXTURES / "protocol.toml")
SITES = [
    LabelSite(entry.code, entry.time_zone, entry.label_language, entry.contact, entry.investigator)
    for entry in load_sites(FIXTURES / "sites.toml")
]
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SUBJECT = LabelSubject("GR01-001", "7F2QXK9S", "IV", 7, "B7KQ2M4P", AT, AT + timedelta(days=1), reduced=False)
WIDE = replace(SUBJECT, participant_number="GR01-0888", kit_code="WWWWWWWW", pack_code="WMWMWMWM", number=45)
KIT = "7F2QXK9S"
PARTICULARS = (
    "strength", "route", "volume", "patient", "kit", "dose", "code", "planned", "use_before", "trial", "site",
    "investigator", "sponsor", "contact", "trial_use", "storage", "directions", "units",
)  # fmt: skip


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
        "participant_number", "kit_code", "route", "number", "pack_code", "planned_at", "use_before", "reduced",
    }  # fmt: skip


def test_bytes_and_metadata_repeat() -> None:
    one, two = (labels_pdf([SUBJECT], SITES[0], PROTOCOL, at=AT) for _ in range(2))
    assert one == two
    about = pypdf.PdfReader(io.BytesIO(one)).metadata
    assert about is not None
    assert about.creation_date == AT
    other = labels_pdf([replace(SUBJECT, kit_code="7F2QXK92")], SITES[0], PROTOCOL, at=AT)
    assert len(pypdf.PdfReader(io.BytesIO(other)).pages) == len(pypdf.PdfReader(io.BytesIO(one)).pages)


@pytest.mark.parametrize("subject", list(subjects(SUBJECT)), ids=str)
def test_the_barcode_reads_back_at_300_dpi(subject: LabelSubject) -> None:
    fields = label_fields(subject, SITES[0], PROTOCOL)
    data = {"language": "el", "outer": False, "labels": [{**fields, "symbol": datamatrix_svg(fields["barcode"])}]}
    image = Image.open(io.BytesIO(render(TEMPLATE, data, at=AT, image_dpi=300))).convert("L")
    found = zxingcpp.read_barcodes(numpy.asarray(image))
    assert [item.text for item in found] == [f"{KIT}.{subject.route}.{subject.number:02d}.B7KQ2M4P"]


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
