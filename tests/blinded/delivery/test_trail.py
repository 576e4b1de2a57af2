"""The audit trail for people: search, filters, differences in words, files."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from randomization.accounts.roles import Role
from randomization.delivery.differences import in_words
from randomization.shared import clock
from tests.blinded.world import AUDITOR, MANAGER, at, screen
from tests.permissions import client_of

pytestmark = pytest.mark.once


@pytest.mark.requirement("R25", "R30")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"old": {"verdict": "pending"}, "new": {"verdict": "eligible"}}, [("verdict", "pending → eligible")]),
        (
            {"old": None, "new": {"sex": "male", "answers": {"adult": True}}},
            [("sex", "male"), ("answers", "adult yes")],
        ),
        (
            {"old": {"answers": {"a": True, "b": True}}, "new": {"answers": {"a": False, "b": True}}},
            [("answers: a", "yes → no")],
        ),
        ({"old": {"x": 1, "y": 2}, "new": {"x": 1}}, [("y", "2 → nothing")]),
        ({"old": "2026", "new": "2027", "kind": "death"}, [("value", "2026 → 2027"), ("kind", "death")]),
        ({"reason": {"text_sha256": "ab"}, "first_dose_at": "2026"}, [("first dose at", "2026")]),
        ({"old": {"x": ""}, "new": {"x": "y"}, "list": []}, [("x", "nothing → y"), ("list", "nothing")]),
    ],
)
def test_what_changed_is_said_in_words(data: dict[str, Any], words: list[tuple[str, str]]) -> None:
    assert in_words(data) == words


@pytest.mark.requirement("R30")
def test_the_trail_is_searched_by_person_and_day_and_kept_as_a_file(trial: None) -> None:
    number, client = screen(), client_of(AUDITOR)
    today = f"{clock.now():%Y-%m-%d}"
    page = client.get(f"/audit/?subject={number}&actor=coordinator.gr01&since={today}&until={today}").content.decode()
    assert "consent.record" in page
    assert "&amp;actor=coordinator.gr01" in page, "the link to the file has the same search"
    assert "No event fits" in client.get(f"/audit/?subject={number}&until=2020-01-01").content.decode()
    assert "No event fits" in client.get(f"/audit/?subject={number}&actor=manager").content.decode()
    assert "consent.record" in client.get(f"/audit/?subject={number}&since=yesterday").content.decode()
    typed = {"subject": number.lower().replace("-", " "), "stream": " gr01"}
    assert "consent.record" in client.get("/audit/", typed).content.decode()
    rows = list(csv.DictReader(io.StringIO(client.get(f"/audit/found.csv?subject={number}").content.decode())))
    assert {"participant.register", "consent.record", "sample.ship"} <= {row["action"] for row in rows}
    assert all(row["about"] == number for row in rows)
    api = client_of(MANAGER).get(f"/api/v1/audit/events/?subject={number}&actor=nobody").json()
    assert api == []


@pytest.mark.requirement("R14", "R30")
def test_a_monitor_finds_only_what_belongs_to_the_site(trial: None) -> None:
    screen("GR02")
    rows = csv.DictReader(io.StringIO(client_of(at(Role.BLINDED_MONITOR)).get("/audit/found.csv").content.decode()))
    assert {row["chain"] for row in rows} <= {"GR01"}
