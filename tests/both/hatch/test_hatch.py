"""The hatch: each message once, in order; a bad one is noted and blocks nothing; a crash heals by itself."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from immunosep_site.demonstration import cast, play, small_trial
from immunosep_site.demonstration.play import Case
from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.roles import Role
from randomization.audit.record import record
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.bedside.states import DoseState
from randomization.blinded.desk.alert_conditions import concerns
from randomization.blinded.desk.models import AlertKind
from randomization.blinded.inbox import receiving
from randomization.blinded.inbox.models import Applied, Parked
from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.blinded.sites.models import Site
from randomization.hatch import comparison, messages, send
from randomization.hatch.messages import KINDS, DoseVoided, SiteSupply, from_payload, to_payload
from randomization.hatch.models import InboxMessage
from randomization.notices.models import Channel
from randomization.notices.selectors import alarms, last_number, numbered_after, signed_after
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import Refused
from randomization.shared.ids import new_kit_code
from randomization.shared.service import Side, on_side, service
from randomization.unblinded.lists.hatch_key import read_signer
from tests.signed import Hand, insert

NOWHERE = str(uuid.UUID(int=1))
PHARMACIST = cast.at_site(Role.PHARMACIST, "GR01")


def supply(may_supply: bool) -> None:
    state_supply(actor=PHARMACIST, site_code="GR01", may_supply=may_supply)


def apply_below() -> None:
    with on_side(Side.BLINDED):
        apply_inbox()


@service
def send_all(*, actor: Actor, sent: list[messages.Message]) -> None:
    """As rooms above send; nothing else is written."""
    for message in sent:
        send.send(message)
    record(actor=actor, action="test.send", subject="x")


def outcome_of(number: int) -> tuple[str, str]:
    row = Applied.objects.get(number=number)
    return row.outcome, row.detail


def test_messages_arrive_once_and_in_order_also_when_carried_twice(trial: None) -> None:
    for may_supply in (False, True, False):
        supply(may_supply)
    assert send.carry_down() == 3
    assert send.carry_down() == 0
    play.pass_hatch()
    numbers = list(InboxMessage.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Applied.objects.count() == len(numbers)
    assert not Site.objects.get(code="GR01").may_supply


def test_a_crash_after_the_insert_heals(trial: None) -> None:
    """Numbered and inserted, then the process died: the next run sees it there and goes on."""
    supply(False)
    send.carry_down()
    supply(True)
    signer = read_signer()
    send.number_and_sign(signer)
    item = next(iter(numbered_after(Channel.HATCH, last_number(Channel.HATCH) - 1)))
    InboxMessage.objects.create(
        number=item.number,
        uid=item.entry.uid,
        kind=item.entry.kind,
        payload=item.entry.payload,
        installation=signer.key.installation,
        epoch=signer.key.epoch,
        previous=item.previous,
        signature=item.signature,
    )
    play.pass_hatch()
    assert Site.objects.get(code="GR01").may_supply
    assert not Applied.objects.filter(outcome="refused").exists()


def test_another_worker_that_carries_at_the_same_moment_is_no_stranger(trial: None, monkeypatch: Any) -> None:
    """It numbers and inserts right after this one read what was sent: its message is not one that nobody sent."""
    play.pass_hatch()
    real, calls = signed_after, list[int]()

    def then_the_other(channel: Channel, number: int) -> Any:
        sent = real(channel, number)
        calls.append(number)
        if len(calls) == 2:
            monkeypatch.setattr(comparison, "signed_after", real)
            supply(False)
            assert send.carry_down() == 1
        return sent

    monkeypatch.setattr(comparison, "signed_after", then_the_other)
    assert send.carry_down() == 0
    assert len(calls) == 2
    assert alarms() == []
    play.pass_hatch()
    assert not Site.objects.get(code="GR01").may_supply


def test_what_another_worker_applies_meanwhile_is_not_foreign(trial: None, monkeypatch: Any) -> None:
    """This one has read how far the messages were applied, and reads the rows after the other has gone on."""
    play.pass_hatch()
    before = receiving.position()
    for may_supply in (False, True, False):
        supply(may_supply)
    play.pass_hatch()
    assert receiving.position().last == before.last + 3
    monkeypatch.setattr(receiving, "position", lambda: before)
    examination = receiving.examine()
    assert (examination.foreign, examination.stops) == ((), frozenset())


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("Secret", "{}"),
        ("SiteSupply", "[]"),
        ("SiteSupply", '{"site_code": "GR01"}'),
        ("SiteSupply", '{"site_code": "GR01", "may_supply": "yes"}'),
        ("SiteSupply", '{"site_code": "GR01", "may_supply": true, "arm": "PRECISION"}'),
        ("SiteSupply", '{"site_code": "PRECISION", "may_supply": true}'),
        (
            "LaboratoryVerdict",
            json.dumps(
                {
                    "sample_uid": NOWHERE,
                    "verdict_uid": NOWHERE,
                    "verdict": "maybe",
                    "covid19": False,
                    "stratum_uid": None,
                }
            ),
        ),
    ],
)
def test_a_bad_message_is_noted_and_blocks_nothing(trial: None, kind: str, payload: str) -> None:
    """Signed, so the other side is at fault. Its content does not stay below."""
    hand = Hand.of_the_trial()
    bad = insert(hand.row(kind=kind, payload=payload))
    apply_below()
    good = insert(hand.row(SiteSupply("GR01", False)))
    apply_below()
    assert outcome_of(bad.number)[0] == "refused"
    assert outcome_of(good.number) == ("applied", "")
    assert InboxMessage.objects.get(signature=bad.signature).payload == ""
    assert InboxMessage.objects.get(signature=good.signature).payload != ""
    assert not Site.objects.get(code="GR01").may_supply


def test_a_message_is_not_there_before_its_time(trial: None) -> None:
    @service
    def later(*, actor: Actor) -> None:
        send.send(SiteSupply("GR01", False), deliver_at=clock.now() + timedelta(minutes=30))
        record(actor=actor, action="test.later", subject="x")

    with on_side(Side.UNBLINDED):
        later(actor=SYSTEM)
    play.pass_hatch()
    assert Site.objects.get(code="GR01").may_supply
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        play.pass_hatch()
    assert not Site.objects.get(code="GR01").may_supply


def test_a_dead_broker_takes_back_no_answer(trial: None, settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    supply(False)
    settings.REDIS_URL = ""  # type: ignore[attr-defined]
    play.pass_hatch()
    assert not Site.objects.get(code="GR01").may_supply


def parked() -> list[str]:
    return list(Parked.objects.order_by("number").values_list("detail", flat=True))


def test_an_unknown_subject_is_parked_and_blocks_nothing(trial: None) -> None:
    """A dose, a sample, a participant and a site that are not here; then a message about a site that is."""
    nobody, other, third, now = uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), clock.now()
    with on_side(Side.UNBLINDED):
        send_all(
            actor=SYSTEM,
            sent=[
                messages.DoseReady(nobody, "GR01", "7F2QXK9S", now, now + timedelta(hours=4)),
                DoseVoided(nobody, "7F2QXK9S"),
                messages.SampleReceived(other, now),
                messages.CodeBroken(third, now),
                messages.DrillDone("ZZ99"),
                SiteSupply("ZZ99", True),
                SiteSupply("GR01", False),
            ],
        )
    play.pass_hatch()
    assert parked() == ["unknown_dose", "behind", "unknown_sample", "unknown_participant", "unknown_site", "behind"]
    assert not Site.objects.get(code="GR01").may_supply
    with on_side(Side.BLINDED):
        kinds = [concern.about.split()[0] for concern in concerns() if concern.kind == AlertKind.MESSAGE_PARKED]
    assert sorted(kinds) == ["CodeBroken", "DoseReady", "DoseVoided", "DrillDone", "SampleReceived", "SiteSupply"]
    play.pass_hatch()
    assert len(parked()) == 6


def test_what_is_parked_is_applied_when_its_subject_appears_and_in_order(trial: None) -> None:
    """Lists, drill and supply of a site that is registered later: nothing was lost, and the list opens."""
    list_uid, slots = uuid.uuid4(), ((uuid.uuid4(), new_kit_code()),)
    sealed = messages.SlotsSealed(list_uid, "IT01", uuid.uuid4(), 1, "ab" * 32, slots)
    with on_side(Side.UNBLINDED):
        send_all(
            actor=SYSTEM, sent=[sealed, messages.DrillDone("IT01"), SiteSupply("IT01", False), SiteSupply("IT01", True)]
        )
    play.pass_hatch()
    assert len(parked()) == 4
    with on_side(Side.BLINDED):
        small_trial.register(["IT01"])
    play.pass_hatch()
    assert parked() == []
    site = Site.objects.get(code="IT01")
    assert (site.may_supply, site.drill_done_at is None) == (True, False)
    assert [item.uid for item in site.lists.all()] == [list_uid]
    with on_side(Side.BLINDED):
        assert AlertKind.MESSAGE_PARKED not in {concern.kind for concern in concerns()}


def test_a_void_syringe_never_reads_ready_because_its_ready_was_parked(trial: None, monkeypatch: Any) -> None:
    """The dose appears when ready and void both wait: they are applied in one transaction, in order."""
    number = play.enrol(Case("GR01")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    hand, now = Hand.of_the_trial(), clock.now()
    monkeypatch.setattr("randomization.blinded.bedside.services.pharmacy_news._dose", _is_not_here)
    for message in (
        messages.DoseReady(dose.uid, "GR01", "7F2QXK9S", now, now + timedelta(hours=4)),
        DoseVoided(dose.uid, "7F2QXK9S"),
    ):
        insert(hand.row(message))
        apply_below()
    assert parked() == ["unknown_dose", "behind"]
    monkeypatch.undo()
    apply_below()
    assert parked() == []
    dose.refresh_from_db()
    assert dose.state == DoseState.PLANNED
    assert Packaging.objects.get(dose=dose).voided_at is not None


def _is_not_here(uid: uuid.UUID) -> Dose:
    raise Refused("not here", code="unknown_dose")


def test_these_are_all_the_messages() -> None:
    assert sorted(KINDS) == [
        "CodeBroken",
        "DoseReady",
        "DoseVoided",
        "DrillDone",
        "LaboratoryVerdict",
        "SampleReceived",
        "SiteSupply",
        "SlotsSealed",
        "UserNameReserved",
    ]
    message = DoseVoided(uuid.uuid4(), "7F2QXK9S")
    assert from_payload("DoseVoided", json.dumps(to_payload(message))) == message
    with pytest.raises(Refused):
        from_payload("DoseVoided", "[]")
