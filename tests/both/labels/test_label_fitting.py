"""Every label of every site can be printed: tried when sites are loaded, when a protocol comes in force, and signed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.core.management import CommandError, call_command

from immunosep_site.demonstration import cast
from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.accounts.roles import Role
from randomization.blinded.allocation.card import TEMPLATE as CARD
from randomization.blinded.sites.models import Approval, SelfCheck, Site
from randomization.blinded.sites.services.register_protocol import approve_protocol, register_protocol
from randomization.blinded.sites.services.register_sites import register_sites
from randomization.blinded.sites.services.sign_self_check import SignSelfCheck, sign_self_check
from randomization.blinded.sites.site_file import SiteEntry, load_sites
from randomization.blinded.sites.site_labels import check_labels_of, label_site
from randomization.documents.barcode import datamatrix_svg
from randomization.documents.labels.fitting import every_subject, label_faults
from randomization.documents.labels.sheet import TEMPLATE, labels_pdf, sheet_data
from randomization.documents.labels.text import LabelSite
from randomization.documents.pdf import DocumentError, render
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import ConfigurationError
from randomization.shared.protocol import LANGUAGES, load_protocol
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from tests.conftest import tampering

PROTOCOL_TEXT = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")
SITES_TEXT = (FIXTURES / "sites.toml").read_text(encoding="utf-8")
PROTOCOL = load_protocol(FIXTURES / "protocol.toml")
ENTRIES = {entry.code: entry for entry in load_sites(FIXTURES / "sites.toml")}
ADDRESS = "Investigator on call, University Hospital, 1 Rimini Street, 12462 Athens, Greece, +30 210 555 201"
COORDINATOR = cast.at_site(Role.COORDINATOR, "GR01")


def site_of(entry: SiteEntry) -> LabelSite:
    return LabelSite(
        entry.code, entry.time_zone, entry.label_language, entry.contact, entry.investigator, entry.contact_full
    )


GR01 = site_of(ENTRIES["GR01"])


def sizes_in(content: bytes) -> Iterator[float]:
    """Every size of text in a PDF, in points, as it is set on the page."""
    sizes: list[float] = []

    def seen(text: str, _cm: Any, matrix: Any, _font: Any, size: float) -> None:
        if text.strip():
            sizes.append(abs(size * matrix[3]))

    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        page.extract_text(visitor_text=seen)
    yield from sizes


@pytest.mark.once
@pytest.mark.requirement("R15")
@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.code)
def test_every_label_of_every_site_of_the_trial_can_be_printed(entry: SiteEntry) -> None:
    assert label_faults(site_of(entry), PROTOCOL) == []


@pytest.mark.once
@pytest.mark.requirement("R15")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_contact_with_an_address_stands_on_the_outer_bag_and_the_short_one_on_the_syringe(language: str) -> None:
    site = replace(GR01, language=language, contact_full=ADDRESS)
    assert label_faults(site, PROTOCOL) == []
    for subject in every_subject("GR01", PROTOCOL):
        pages = pypdf.PdfReader(io.BytesIO(labels_pdf([subject], site, PROTOCOL, at=clock.now()))).pages
        syringe, bag = (" ".join(page.extract_text().split()) for page in pages)
        assert (site.contact in syringe, ADDRESS in syringe) == (True, False)
        assert ADDRESS in bag


@pytest.mark.once
@pytest.mark.parametrize(
    ("changed", "key", "labels"),
    [
        ({"contact": ADDRESS}, "contact", {"syringe SC"}),
        ({"contact": "Ward " * 60}, "contact", {"syringe IV", "syringe SC"}),
        ({"contact_full": "Hospital Street 1, " * 60}, "contact_full", {"outer bag IV", "outer bag SC"}),
        (
            {"contact": "Ward " * 140, "contact_full": ""},
            "contact",
            {"syringe IV", "syringe SC", "outer bag IV", "outer bag SC"},
        ),
        ({"contact_full": "薬局 +30 210 555 201"}, "contact_full", {"outer bag IV", "outer bag SC"}),
        ({"investigator": "W" * 64}, "investigator", {"outer bag IV", "outer bag SC"}),
        ({"contact": "Ward\u202e 1"}, "contact", {"syringe IV", "syringe SC"}),
    ],
)
def test_what_cannot_be_printed_is_named_by_label_and_key(changed: dict[str, str], key: str, labels: set[str]) -> None:
    faults = label_faults(replace(GR01, **changed), PROTOCOL)
    assert {fault.key for fault in faults} == {key}
    # An invisible or missing character is in every label's data, the syringe's page only where it stands on it.
    assert labels <= {fault.label for fault in faults}
    for label in labels:
        assert {fault.level for fault in faults if fault.label == label} >= {"full dose", "reduced dose"}


@pytest.mark.once
def test_words_of_the_protocol_that_do_not_fit_are_blamed_on_the_protocol() -> None:
    wordy = {
        key: replace(word, text=word.text * (20 if key == "or_placebo" else 1))
        for key, word in PROTOCOL.label_words["el"].items()
    }
    faults = label_faults(GR01, replace(PROTOCOL, label_words={**PROTOCOL.label_words, "el": wordy}))
    assert {fault.key for fault in faults} == {"protocol 1, label_words.el"}


@pytest.mark.once
@pytest.mark.requirement("R15")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_label_is_under_six_points(language: str) -> None:
    site = replace(GR01, language=language)
    content = labels_pdf(list(every_subject("GR01", PROTOCOL)), site, PROTOCOL, at=clock.now())
    assert min(sizes_in(content)) >= 6 - 1e-6


@pytest.mark.once
@pytest.mark.parametrize(("old", "new"), [("size: 6pt", "size: 5.9pt"), ("size: 8.5pt", "size: 4pt")])
def test_a_layout_with_smaller_text_is_refused(tmp_path: Path, old: str, new: str) -> None:
    source = TEMPLATE.read_text(encoding="utf-8")
    assert old in source
    smaller = tmp_path / "labels.typ"
    smaller.write_text(source.replace(old, new), encoding="utf-8")
    data = sheet_data(list(every_subject("GR01", PROTOCOL)), GR01, PROTOCOL, outer=True)
    with pytest.raises(DocumentError, match="under 6 pt"):
        render(smaller, data, at=clock.now())


@pytest.mark.once
def test_a_card_with_smaller_text_is_refused(tmp_path: Path) -> None:
    keys = ("number", "kit_code", "patient", "kit", "trial", "site", "sponsor", "contact", "trial_use")
    data = {**dict.fromkeys(keys, "text"), "language": "el", "symbol": datamatrix_svg("GR01-001")}
    assert min(sizes_in(render(CARD, data, at=clock.now()))) >= 6 - 1e-6
    smaller = tmp_path / "card.typ"
    smaller.write_text(CARD.read_text(encoding="utf-8").replace("size: 6pt", "size: 5pt"), encoding="utf-8")
    with pytest.raises(DocumentError, match="under 6 pt"):
        render(smaller, data, at=clock.now())


def _sites_file(tmp_path: Path, old: str, new: str) -> str:
    """A sites file with GR01 and IT01, changed."""
    _head, *tables = SITES_TEXT.split("[[site]]")
    text = "".join(f"[[site]]{table}" for table in tables if 'code = "GR01"' in table or 'code = "IT01"' in table)
    assert old in text
    file = tmp_path / "sites.toml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return str(file)


@pytest.mark.requirement("R15")
@pytest.mark.parametrize("code", ["GR01", "IT01"])
def test_loading_refuses_a_site_whose_label_does_not_fit_and_changes_none(
    trial: None, tmp_path: Path, code: str
) -> None:
    """GR01 is known and treats patients; IT01 is new."""
    entry = ENTRIES[code]
    long = f"{entry.contact}, University Hospital, 12345 Town"
    file = _sites_file(tmp_path, f'contact = "{entry.contact}"', f'contact = "{long}"')
    with on_side(Side.BLINDED):
        before = dict(Site.objects.values_list("code", "contact"))
        with pytest.raises(CommandError, match=rf"A label of {code} cannot be printed: contact, on syringe SC \("):
            call_command("load_sites", file)
        assert dict(Site.objects.values_list("code", "contact")) == before


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('contact = "Investigator on call GR01, +30 210 555 201"', 'contact = "Pharmacy, +30 210 555 999"', "contact"),
        ("Hospital Street 1, Greece, +30 210 555 201", "Hospital Street 1, Greece, +30 210 555 299", "contact_full"),
        ("Hospital Street 1, Greece, +30 210 555 201", "Street, " * 30 + "+30 210 555 201", "contact_full"),
    ],
)
def test_the_number_on_the_label_is_one_that_somebody_on_duty_answers(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"sites\.toml: site\[1\]: {key}: has"):
        load_sites(_sites_file(tmp_path, old, new))


def test_a_sites_file_says_both_contacts(tmp_path: Path) -> None:
    full = f'contact_full = "{ENTRIES["GR01"].contact_full}"\n'
    with pytest.raises(ConfigurationError, match="contact_full: is missing"):
        load_sites(_sites_file(tmp_path, full, ""))
    spaced = _sites_file(tmp_path, "call GR01, +30 210 555 201", "call GR01, +30-210 555201")
    assert load_sites(spaced)[0].contact.endswith("555201")


def test_a_version_whose_words_do_not_fit_comes_in_force_nowhere(trial: None) -> None:
    words = PROTOCOL_TEXT.replace('version = "1"', 'version = "2"').replace(
        'or_placebo = { text = "Ή εικονικό φάρμακο"', f'or_placebo = {{ text = "{"Ή εικονικό φάρμακο " * 9}"'
    )
    version = register_protocol(actor=SYSTEM, text=words)
    with pytest.raises(DocumentError, match=r"A label of GR01 cannot be printed: protocol 2, label_words\.el"):
        approve_protocol(actor=SYSTEM, version=version.version, site_codes=["DE01", "GR01"])
    assert not Approval.objects.filter(protocol=version).exists()


def _signed_check() -> SelfCheck:
    tried: dict[str, Any] = {
        **dict.fromkeys(("printer", "scanner", "people_trained"), True),
        "telephone_answered_by": "investigator.gr01",
        "telephone_called_at": clock.now(),
    }
    command = SignSelfCheck("GR01", **tried)
    grant = sign(actor=COORDINATOR, secret=cast.PASSWORD, command=command)
    return sign_self_check(actor=COORDINATOR, command=command, grant=grant)


@pytest.mark.requirement("R15")
def test_the_self_check_renders_every_label_and_is_not_signed_where_one_fails(trial: None) -> None:
    with on_side(Side.BLINDED):
        signed = _signed_check()
        assert signed.labels_rendered == 16
        assert signed.is_passed
        with tampering():
            Site.objects.filter(code="GR01").update(contact=ADDRESS)
        with pytest.raises(DocumentError, match="contact, on syringe SC"):
            _signed_check()
        assert SelfCheck.objects.count() == 1


def test_what_is_tried_is_what_is_printed(trial: None) -> None:
    place = Site.objects.get(code="GR01")
    assert label_site(place) == GR01
    assert check_labels_of(place) == 16
    register_sites(actor=SYSTEM, entries=[replace(ENTRIES["GR01"], contact_full=ADDRESS)])
    assert label_site(Site.objects.get(code="GR01")).contact_full == ADDRESS
