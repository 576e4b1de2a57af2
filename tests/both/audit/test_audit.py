"""The trail of both sides: complete, chained, and refused to anybody who would change it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.roles import Role
from randomization.audit.chain import GENESIS, first_fault, link
from randomization.audit.models import Event, FreeText, Stream
from randomization.audit.record import record
from randomization.audit.selectors import stream_events, streams, verify_all
from randomization.audit.triggers import install, missing, protected_models
from randomization.blinded.sites.services.register_sites import set_site_open
from randomization.delivery.services.redact import confirm_redaction, request_redaction
from randomization.shared.errors import InvalidInput, ProgrammingError, Refused
from randomization.shared.service import Side, on_side
from tests.conftest import tampering
from tests.permissions import client_of
from tests.unblinded.lists.untriggered import untriggered

BASE = {
    "v": 1,
    "stream": "GR01",
    "seq": 1,
    "at": "2026-03-01T12:00:00.000000Z",
    "actor": "coordinator.gr01",
    "role": "coordinator",
    "action": "participant.register",
    "subject": "GR01-001",
    "data": {"a": "1"},
}

ATTACKS = [
    "UPDATE audit_event SET actor = 'nobody' WHERE seq = 1",
    "DELETE FROM audit_event WHERE seq = 1",
    "UPDATE audit_freetext SET text = 'other'",
    "DELETE FROM audit_freetext",
    "UPDATE accounts_username SET reserved = NOT reserved",
    "DELETE FROM accounts_username",
]
SITE = "GR01"
MONITOR = cast.at_site(Role.UNBLINDED_MONITOR, SITE)


@pytest.mark.requirement("R26")
@pytest.mark.parametrize("alias", ["default", "blinded"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_sql_is_refused(trial: None, alias: str, attack: str) -> None:
    with on_side(Side.BLINDED):
        set_site_open(actor=cast.MANAGER, code="GR01", is_open=True, reason="so that there is a free text")
    with tampering(), pytest.raises(DatabaseError), transaction.atomic(using=alias):
        connections[alias].cursor().execute(attack)


@pytest.mark.requirement("R26")
@pytest.mark.parametrize("alias", ["default", "blinded"])
def test_truncate_and_insert_or_replace_are_refused(trial: None, alias: str) -> None:
    attack = "TRUNCATE audit_event"
    if connections[alias].vendor == "sqlite":
        columns = "id, stream, seq, at, actor, role, action, subject, data, previous, hash"
        forged = columns.replace("actor", "'nobody'")
        attack = f"INSERT OR REPLACE INTO audit_event ({columns}) SELECT {forged} FROM audit_event WHERE seq = 1"
    with tampering(), pytest.raises(DatabaseError), transaction.atomic(using=alias):
        connections[alias].cursor().execute(attack)


@pytest.mark.requirement("R26")
@pytest.mark.parametrize("alias", ["default", "blinded"])
def test_the_orm_is_refused(trial: None, alias: str) -> None:
    event = Event.objects.using(alias).order_by("id").first()
    assert event is not None
    event.action = "nothing"
    for attack in (event.save, event.delete, Event.objects.using(alias).all().delete):
        with tampering(), pytest.raises(DatabaseError), transaction.atomic(using=alias):
            attack()


def test_every_append_only_table_has_its_triggers_and_a_lost_one_is_noticed(trial: None) -> None:
    for alias in ("default", "blinded"):
        assert missing(connections[alias]) == []
    assert len(list(protected_models())) > 15
    with tampering(), untriggered("default"):
        assert "audit_event" in missing(connections["default"])
        with pytest.raises(CommandError):
            call_command("verify_audit")
        install(connections["default"])
        assert missing(connections["default"]) == []


@pytest.mark.requirement("R25", "R27", "R29")
def test_old_and_new_value_who_role_when_and_why(trial: None) -> None:
    with on_side(Side.BLINDED):
        with pytest.raises(InvalidInput):
            set_site_open(actor=cast.MANAGER, code="GR01", is_open=False, reason=" ")
        set_site_open(actor=cast.MANAGER, code="GR01", is_open=False, reason="inspection")
    event = Event.objects.using("blinded").get(action="site.close")
    assert (event.actor, event.role, event.subject) == ("manager", Role.TRIAL_MANAGER, "GR01")
    assert json.loads(event.data)["old"] == {"open": True}
    assert json.loads(event.data)["new"] == {"open": False}
    assert event.at.endswith("Z")
    assert FreeText.objects.using("blinded").get(stream="GR01", seq=event.seq).text == "inspection"


@pytest.mark.requirement("R30")
def test_a_whole_trial_verifies_in_the_database_and_as_export(trial: None, tmp_path: Path) -> None:
    play.enrol(Case("GR01"))
    for side in Side:
        with on_side(side):
            count, faults = verify_all()
            assert count > 20
            assert faults == []
    lines = [json.dumps(event) for stream in streams() for event in stream_events(stream.name)]
    file = tmp_path / "audit.jsonl"
    file.write_text("\n".join(lines))
    call_command("verify_audit", "--export", str(file))
    file.write_text("\n".join([*lines[:2], lines[2].replace("system", "nobody"), *lines[3:]]))
    with pytest.raises(CommandError):
        call_command("verify_audit", "--export", str(file))
    file.write_text("not json")
    with pytest.raises(CommandError, match="JSON lines"):
        call_command("verify_audit", "--export", str(file))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("UPDATE audit_event SET actor = 'nobody' WHERE stream = 'GR01' AND seq = 2", "content"),
        ("UPDATE audit_event SET previous = hash WHERE stream = 'GR01' AND seq = 2", "follow"),
        ("DELETE FROM audit_event WHERE stream = 'GR01' AND seq = 2", "missing"),
        ("UPDATE audit_freetext SET text = 'other' WHERE stream = 'GR01'", "text"),
    ],
)
def test_verify_names_the_first_bad_event(trial: None, spoil: str, why: str) -> None:
    with tampering(), untriggered("default"):
        connections["default"].cursor().execute(spoil)
    _count, faults = verify_all()
    assert [why in fault.why for fault in faults] == [True]
    assert faults[0].stream == "GR01"


def test_a_cut_tail_shows(trial: None) -> None:
    head = Stream.objects.get(name="GR01")
    with tampering(), untriggered("default"):
        Event.objects.filter(stream="GR01", seq=head.seq).delete()
    _count, faults = verify_all()
    assert "ends at" in faults[0].why


def test_a_tail_cut_with_its_head_shows_against_a_signed_checkpoint(trial: None, tmp_path: Path) -> None:
    settings.CHECKPOINT_DIRECTORY = str(tmp_path)
    call_command("checkpoint")
    play.enrol(Case("GR01"))
    call_command("checkpoint")
    call_command("checkpoint", "--compare")
    last = Stream.objects.using("blinded").get(name="GR01")
    with tampering(), untriggered("blinded"):
        Event.objects.using("blinded").filter(stream="GR01", seq__gt=last.seq - 3).delete()
        head = Event.objects.using("blinded").get(stream="GR01", seq=last.seq - 3).hash
        Stream.objects.using("blinded").filter(name="GR01").update(seq=last.seq - 3, head=head)
        FreeText.objects.using("blinded").filter(stream="GR01", seq__gt=last.seq - 3).delete()
    with on_side(Side.BLINDED):
        assert verify_all()[1] == []
    with pytest.raises(CommandError, match=r"GR01 event .* is gone"):
        call_command("checkpoint", "--compare")
    file = tmp_path / "blinded.jsonl"
    file.write_text(file.read_text().replace('"GR01"', '"GR09"'))
    with pytest.raises(CommandError, match="not signed"):
        call_command("checkpoint", "--compare")
    file.write_text("{")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("checkpoint", "--compare")


@pytest.mark.parametrize("attack", ["UPDATE audit_freetext SET text = ''", "DELETE FROM audit_freetext"])
def test_a_text_blanked_by_one_person_alone_is_noticed(trial: None, attack: str) -> None:
    with tampering(), untriggered("default"):
        connections["default"].cursor().execute(attack)
    assert verify_all()[1] != []


def test_free_text_is_redacted_by_two_and_the_chain_stays_valid(trial: None) -> None:
    text = FreeText.objects.filter(key="reason").first()
    assert text is not None
    place: dict[str, Any] = {"stream": text.stream, "seq": text.seq, "key": text.key}
    with pytest.raises(Refused):
        confirm_redaction(actor=cast.STATISTICIAN, **place)
    request_redaction(actor=cast.STATISTICIAN, reason="a name was typed", **place)
    with pytest.raises(Refused):
        confirm_redaction(actor=cast.STATISTICIAN, **place)
    confirm_redaction(actor=cast.SECOND_STATISTICIAN, **place)
    text.refresh_from_db()
    assert text.text == ""
    assert verify_all()[1] == []


def test_nothing_is_recorded_outside_a_service(trial: None) -> None:
    with pytest.raises(ProgrammingError):
        record(actor=cast.MANAGER, action="x", subject="y")


@given(st.integers(2, 8), st.integers(0, 6), st.sampled_from(["actor", "subject", "action"]))
def test_a_changed_event_breaks_the_chain_there(length: int, where: int, key: str) -> None:
    events, previous = [], GENESIS
    for seq in range(1, length + 1):
        event = {**BASE, "seq": seq}
        digest = link(previous, event)
        events.append({**event, "previous": previous, "hash": digest})
        previous = digest
    assert first_fault("GR01", events, head=(length, previous)) is None
    events[where % length] = {**events[where % length], key: "forged"}
    fault = first_fault("GR01", events, head=(length, previous))
    assert fault is not None
    assert fault.seq == where % length + 1


def test_link_is_canonical_and_refuses_what_json_cannot_hold() -> None:
    shuffled = dict(reversed(list(BASE.items())))
    assert link(GENESIS, BASE) == link(GENESIS, shuffled)
    decomposed, composed = {**BASE, "actor": "e\u0301"}, {**BASE, "actor": "\u00e9"}
    assert link(GENESIS, decomposed) == link(GENESIS, composed)
    for wrong in ({**BASE, "data": {"x": 1.5}}, {key: BASE[key] for key in list(BASE)[1:]}, {**BASE, "more": 1}):
        with pytest.raises(ValueError, match=r"."):
            link(GENESIS, wrong)


@pytest.mark.requirement("R13")
def test_every_reading_of_what_unblinds_is_recorded(trial: None) -> None:
    def readings(action: str, actor: Any) -> int:
        return Event.objects.filter(action=action, actor=actor.user_name).count()

    statistician = client_of(cast.STATISTICIAN)
    statistician.get("/audit/?action=preparation.make")
    statistician.get("/api/v1/audit/events/?action=sample.classify")
    assert statistician.get("/audit/export/").status_code == 200
    assert readings("trail.read", cast.STATISTICIAN) == 3
    monitor = client_of(MONITOR)
    for end in ("", "report.pdf", "report.csv"):
        assert monitor.get(f"/pharmacy/accountability/{SITE}/{end}").status_code == 200
        assert monitor.get(f"/api/v1/pharmacy/accountability/{SITE}/{end}").status_code == 200
    assert readings("accountability.read", MONITOR) == 6
    assert client_of(cast.SAFETY_OFFICER).get(f"/pharmacy/accountability/{SITE}/").status_code == 403
