"""How far a person reaches: the rule alone, and that every read that is limited by it goes by the same rule."""

from __future__ import annotations

import re
from typing import Final

import pytest

from randomization.audit.models import Event, Stream
from randomization.audit.selectors import events_for
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import sites_for
from randomization.notices.models import Entry
from randomization.shared.actor import Actor
from randomization.shared.ids import TRIAL_STREAM
from randomization.shared.reach import in_reach, within
from randomization.shared.service import Side, on_side
from tests.both.databases import ROOT

TABLE: Final = [
    ("", "GR01", True),
    ("", "TRIAL", True),
    ("", "", True),
    ("GR", "GR01", True),
    ("GR", "GR", True),
    ("GR", "DE01", False),
    ("GR", "TRIAL", False),
    ("GR", "", False),
    ("TR", "TRIAL", False),
    ("TR", "TR01", True),
    ("GR01", "GR01", True),
    ("GR01", "GR02", False),
    ("GR01", "GR", False),
    ("GR01", "GR011", False),
    ("GR01", "TRIAL", False),
    ("GR01", "", False),
    ("G", "GR01", False),
    ("GR0", "GR01", False),
    ("R01", "GR01", False),
]


def of(reach: str) -> Actor:
    return Actor("somebody", "auditor", reach)


@pytest.mark.requirement("R32")
@pytest.mark.parametrize(("reach", "site_code", "reached"), TABLE)
def test_who_reaches_what(reach: str, site_code: str, reached: bool) -> None:
    assert of(reach).reaches(site_code) is reached


@pytest.mark.requirement("R32")
@pytest.mark.parametrize("reach", ["", "GR", "DE", "TR", "GR01", "GR02", "XX01"])
def test_the_filter_says_the_same_as_the_rule(trial: None, reach: str) -> None:
    actor = of(reach)
    codes = list(Site.objects.values_list("code", flat=True))
    assert len(codes) > 2
    assert {place.code for place in sites_for(actor)} == {code for code in codes if actor.reaches(code)}
    by_path = within(Entry.objects.using("blinded"), actor, "site_code")
    everything = Entry.objects.using("blinded").all()
    assert set(by_path) == {entry for entry in everything if actor.reaches(entry.site_code)}
    beside = Site.objects.filter(in_reach(actor, "code") | in_reach(of("DE01"), "code"))
    assert {place.code for place in beside} == {code for code in codes if actor.reaches(code) or code == "DE01"}


@pytest.mark.requirement("R32")
@pytest.mark.parametrize("reach", ["", "GR", "TR", "GR01"])
def test_the_chain_of_the_trial_is_read_from_everywhere_alone(trial: None, reach: str) -> None:
    actor = of(reach)
    names = set(Stream.objects.using("blinded").values_list("name", flat=True))
    assert TRIAL_STREAM in names
    with on_side(Side.BLINDED):
        read = set(events_for(actor).values_list("stream", flat=True))
    written = set(Event.objects.using("blinded").values_list("stream", flat=True))
    assert read == {name for name in written if actor.reaches(name)}


@pytest.mark.once
def test_reach_is_decided_nowhere_else() -> None:
    """No other module compares the code of a site with the beginning of another."""
    decides = re.compile(r"startswith[=(](\w+\.)*(site_code|reach)\b|__startswith=\w*(reach|actor)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for package in ("randomization", "pharmacy", "immunosep_site")
        for path in sorted((ROOT / package).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if decides.search(line)
    ]
    assert found == []
