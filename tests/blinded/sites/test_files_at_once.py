"""A file that is loaded says all that is wrong with it at once, and nothing of a bad one is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.accounts.models import Account
from randomization.audit.models import Event
from randomization.blinded.desk.people_file import HEAD, read_people
from randomization.blinded.desk.services.import_people import import_people
from randomization.blinded.outcomes.sofa_file import HEAD as SOFA
from randomization.blinded.outcomes.sofa_file import read_sofa
from randomization.blinded.sites.models import Duty, ProtocolVersion, Site
from randomization.blinded.sites.site_file import load_sites
from randomization.shared.errors import ConfigurationError, InvalidInput
from randomization.shared.protocol import parse_protocol
from randomization.shared.toml_file import SeveralErrors
from tests.blinded.world import MANAGER

pytestmark = pytest.mark.once

_HEAD, *_ENTRIES = (FIXTURES / "sites.toml").read_text(encoding="utf-8").split("[[site]]\n")
SITES = "[[site]]\n".join(
    [_HEAD, *(entry for entry in _ENTRIES if any(f'"{code}"' in entry for code in ("GR01", "GR02", "DE01", "IT01")))]
)
"""Four of the sites: each of them costs a hundred labels."""
PROTOCOL = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def written(folder: Path, text: str, name: str = "new.toml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


THREE_SITES = changed(
    SITES,
    ('code = "GR01"', 'code = "Athens"'),
    ('time_zone = "Europe/Athens"', 'time_zone = "Athens"'),
    ('code = "GR02"', 'code = "GR02"\ncolour = "blue"'),
    ('code = "DE01"', 'code = "DE01"\nopen = true'),
    ('time_zone = "Europe/Berlin"\nlabel_language = "de"', 'time_zone = "Europe/Berlin"\nlabel_language = "xx"'),
)


def test_every_bad_site_and_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_sites(written(tmp_path, THREE_SITES))
    assert isinstance(refused.value, SeveralErrors)
    assert len(refused.value.errors) == 5
    assert refused.value.field == "code"
    for line in (
        "5 things are wrong; nothing was loaded:",
        "new.toml: site[1]: code: is 'Athens'",
        "new.toml: site[1]: time_zone: 'Athens' is unknown",
        "new.toml: site[2]: colour: is not known here",
        ": open: is not known here",
        ": label_language: is 'xx'",
    ):
        assert line in refused.value.sentence


def test_a_bad_duty_hides_no_other_key_of_its_site(tmp_path: Path) -> None:
    text = changed(SITES, ("days = [0", "days = [7"), ('name = "', 'nam = "'), ("opens = ", "opened = "))
    with pytest.raises(SeveralErrors) as refused:
        load_sites(written(tmp_path, text))
    assert {error.field for error in refused.value.errors} == {"days", "name", "nam", "opens", "opened"}


def test_one_thing_alone_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_sites(written(tmp_path, changed(SITES, ('code = "GR01"', 'code = "Athens"'))))
    assert refused.value.sentence.startswith("new.toml: site[1]: code: is 'Athens'")


def test_nothing_of_a_bad_sites_file_is_kept(trial: None, tmp_path: Path) -> None:
    before = list(Site.objects.order_by("code").values()), Duty.objects.count(), Event.objects.count()
    with pytest.raises(CommandError, match="5 things are wrong"):
        call_command("load_sites", written(tmp_path, THREE_SITES))
    assert (list(Site.objects.order_by("code").values()), Duty.objects.count(), Event.objects.count()) == before


def test_the_labels_of_all_sites_are_tried_and_none_is_kept(trial: None, tmp_path: Path) -> None:
    codes = ("GR01", "IT01")
    long = [
        (f'contact = "Investigator on call {code}', f'contact = "University Hospital of the town, {code}')
        for code in codes
    ]
    long = [(old, f"{new}, in the long street with many houses, number 12345") for old, new in long]
    before = list(Site.objects.order_by("code").values())
    with pytest.raises(CommandError) as refused:
        call_command("load_sites", written(tmp_path, changed(SITES, *long)))
    for code in codes:
        assert f"A label of {code} cannot be printed: contact" in str(refused.value)
    assert list(Site.objects.order_by("code").values()) == before


def test_sites_whose_protocol_cannot_start_are_not_kept(
    trial: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**arguments: object) -> list[str]:
        raise InvalidInput("no.")

    monkeypatch.setattr("randomization.blinded.sites.services.load_file.start_protocol", refuse)
    codes = set(Site.objects.values_list("code", flat=True))
    with pytest.raises(CommandError):
        call_command("load_sites", written(tmp_path, SITES))
    assert set(Site.objects.values_list("code", flat=True)) == codes
    later = written(tmp_path, changed(PROTOCOL, ('version = "1"', 'version = "2"')))
    with pytest.raises(CommandError):
        call_command("load_protocol", later)
    assert not ProtocolVersion.objects.filter(version="2").exists()


BAD_PROTOCOL = changed(
    PROTOCOL,
    ('version = "1"', 'version = ""'),
    ('window_hours = "72"', 'window_hours = "soon"'),
    ('kind = "exclusion"', 'kind = "maybe"'),
    ("doses = 45", "doses = 0"),
    ("[renal_rule]", "[renal_rule]\nodd = 1"),
    ('text = "Χρήση πριν από", mark = "o"', 'text = "Χρήση πριν από", mark = "z"'),
)


def test_every_bad_key_of_a_protocol_is_named_and_nothing_kept(trial: None, tmp_path: Path) -> None:
    with pytest.raises(SeveralErrors) as refused:
        parse_protocol(BAD_PROTOCOL)
    fields = [error.field for error in refused.value.errors]
    assert fields == ["version", "window_hours", "kind", "doses", "odd", "mark"]
    with pytest.raises(CommandError, match=r"6 things are wrong[^$]*new\.toml: eligibility: window_hours"):
        call_command("load_protocol", written(tmp_path, BAD_PROTOCOL))
    assert ProtocolVersion.objects.count() == 1


PEOPLE = ",".join(HEAD)
GOOD, UNKNOWN_ROLE = "nurse.x,x@example.org,nurse,GR01,log,1", "y,y@example.org,doctor,GR01,log,1"
NO_SITE = "nurse.z,z@example.org,nurse,GR99,log,1"


def test_every_bad_line_of_a_file_of_people_is_named_and_nobody_appointed(trial: None) -> None:
    rows = read_people("\n".join((PEOPLE, UNKNOWN_ROLE, GOOD, NO_SITE)))
    for dry_run in (True, False):
        with pytest.raises(InvalidInput) as refused:
            import_people(actor=MANAGER, rows=rows, dry_run=dry_run)
        assert refused.value.sentence.startswith("Line 2: 'doctor' is no role")
        assert "Line 4: " in refused.value.sentence
        assert "Line 3" not in refused.value.sentence
        assert refused.value.sentence.endswith("Nobody was appointed.")
    assert not Account.objects.filter(user_name="nurse.x").exists()


def test_every_line_that_cannot_be_read_is_named() -> None:
    with pytest.raises(InvalidInput) as cells:
        read_people("\n".join((PEOPLE, GOOD, "a,b", GOOD, "a,b,c")))
    assert [word in cells.value.sentence for word in ("Line 3", "Line 5", "Line 4")] == [True, True, False]
    with pytest.raises(InvalidInput) as empty:
        read_people("\n".join((PEOPLE, ",x@example.org,nurse,GR01,log,1", GOOD, "x,,,GR01,log,1")))
    assert empty.value.sentence == "Line 2: user_name is empty. Line 4: email, role is empty."
    first = ["GR01-001", *["1"] * (len(SOFA) - 1)]
    bad = [["GR01-001", "x", *first[2:]], first, ["", *first[1:]]]
    with pytest.raises(InvalidInput) as scores:
        read_sofa("\n".join(",".join(line) for line in (list(SOFA), *bad)))
    assert scores.value.sentence == f"Line 2: {SOFA[1]} cannot be read. Line 4: the line cannot be read."
