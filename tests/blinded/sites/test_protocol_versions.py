"""Loading a protocol version changes nothing where one is in force; a later one comes in force at sites by name."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.audit.models import Event
from randomization.blinded.sites.models import Approval, Site
from randomization.blinded.sites.selectors import protocol_in_force, protocol_of_trial
from tests.blinded.sites.steps import TEXT, in_force
from tests.blinded.world import SITES
from tests.conftest import tampering

ENTRIES = (FIXTURES / "sites.toml").read_text(encoding="utf-8").split("[[site]]\n")
FEW = "[[site]]\n".join([ENTRIES[0], *(entry for entry in ENTRIES if entry[8:12] in {*SITES, "DE01"})])
"""Two sites that are there and one that is new: each label of each site is tried, which takes its time."""


def said(command: str, *words: str) -> str:
    out = io.StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def second(tmp_path: Path) -> str:
    file = tmp_path / "protocol-2.toml"
    file.write_text(TEXT.replace('version = "1"', 'version = "2"'), encoding="utf-8")
    return str(file)


@pytest.fixture
def bare(trial: None) -> str:
    """A site without any version."""
    with tampering():
        Site.objects.create(
            code="DE01",
            name="Jena",
            time_zone="Europe/Berlin",
            label_language="de",
            contact="+49 3641 1",
            investigator="investigator.de01",
        )
    return "DE01"


@pytest.mark.requirement("R04")
def test_loading_puts_nothing_in_force_where_a_version_is(bare: str, second: str) -> None:
    with tampering():
        Site.objects.filter(code="GR01").update(opened_at=None)
    words = said("load_protocol", second)
    assert in_force() == {"GR01": "1", "GR02": "1", bare: "2"}
    assert f"first version of: {bare}." in words
    assert "Nothing changed at GR01, GR02" in words
    assert "approve_protocol 2 --site GR01" in words
    assert protocol_of_trial().version == "2"  # type: ignore[union-attr]
    again = said("load_protocol", second)
    assert "first version of: no site." in again
    assert Event.objects.filter(action="protocol.approve", subject=bare).count() == 1


def test_with_a_version_everywhere_loading_changes_nothing_at_all(trial: None, second: str) -> None:
    approvals = Approval.objects.count()
    words = said("load_protocol", second)
    assert (Approval.objects.count(), protocol_in_force("GR01").version) == (approvals, "1")
    assert "first version of: no site." in words
    assert protocol_of_trial().version == "1", "a version that is in force nowhere decides nothing"  # type: ignore[union-attr]


@pytest.mark.requirement("R04")
def test_another_version_comes_in_force_at_the_sites_named(trial: None, second: str) -> None:
    said("load_protocol", second)
    typed = "\uff27\uff52-02"  # full width, small, with a hyphen
    assert said("approve_protocol", "2", "--site", typed) == "Version 2 is in force from now at: GR02.\n"
    assert in_force() == {"GR01": "1", "GR02": "2"}
    words = said("approve_protocol", "2", "--site", "GR01", "--site", "GR02")
    assert "from now at: GR01." in words
    assert "Nothing changed at GR02: version 2 is in force there already." in words
    for wrong, why in ((("7", "--site", "GR01"), "not kept"), (("2", "--site", "XX01"), "no site XX01")):
        with pytest.raises(CommandError, match=why):
            call_command("approve_protocol", *wrong)
    with pytest.raises(CommandError, match="was replaced"):
        call_command("approve_protocol", "1", "--site", "GR01")
    assert in_force() == dict.fromkeys(SITES, "2")


def test_nothing_comes_in_force_anywhere_when_one_site_refuses(trial: None, second: str) -> None:
    said("load_protocol", second)
    said("approve_protocol", "2", "--site", "GR02")
    thicker = Path(second).with_name("protocol-3.toml")
    text = TEXT.replace('version = "1"', 'version = "3"').replace('volume_ml = "20"', 'volume_ml = "25"')
    thicker.write_text(text, encoding="utf-8")
    said("load_protocol", str(thicker))
    with tampering():
        Site.objects.filter(code="GR01").update(opened_at=None)
    with pytest.raises(CommandError, match="syringes would change"):
        call_command("approve_protocol", "3", "--site", "GR01", "--site", "GR02")
    assert in_force() == {"GR01": "1", "GR02": "2"}


def test_two_trials_under_one_number_are_told_apart(trial: None, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    trial_line = next(line for line in TEXT.splitlines() if line.startswith("trial = "))
    other.write_text(TEXT.replace(trial_line, 'trial = "OTHER"'), encoding="utf-8")
    said("load_protocol", str(other))
    with pytest.raises(CommandError, match="name the trial"):
        call_command("approve_protocol", "1", "--site", "GR01")
    name = trial_line.split('"')[1]
    assert "Nothing changed" in said("approve_protocol", "1", "--site", "GR01", "--trial", name)


def test_sites_loaded_again_keep_their_version_and_new_ones_get_the_newest_in_force(
    trial: None, second: str, tmp_path: Path
) -> None:
    said("load_protocol", second)
    file = tmp_path / "sites.toml"
    file.write_text(FEW, encoding="utf-8")
    words = said("load_sites", str(file))
    assert in_force()["GR01"] == "1"
    assert in_force()["DE01"] == "1", "version 2 is in force nowhere"
    assert "is the first version of: DE01." in words
    said("approve_protocol", "2", "--site", "GR02")
    before = in_force()
    assert "first version" not in said("load_sites", str(file))
    assert in_force() == before
