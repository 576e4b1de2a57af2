"""The hatch: each message once, in order; a bad one is noted and blocks nothing; a crash heals by itself."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.roles import Role
from randomization.audit.record import record
from randomization.blinded.inbox import hatch
from randomization.blinded.inbox.messages import KINDS, DoseVoided, SiteSupply, from_payload, to_payload
from randomization.blinded.inbox.models import Applied, InboxMessage
from randomization.blinded.sites.models import Site
from randomization.notices.models import Channel
from randomization.notices.selectors import last_number, numbered_after
from randomization.notices.services.number_due import number_due
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import ProgrammingError, Refused
from randomization.shared.service import Side, on_side, service

NOWHERE = str(uuid.UUID(int=1))
PHARMACIST = cast.at_site(Role.PHARMACIST, "GR01")


def supply(may_supply: bool) -> None:
    state_supply(actor=PHARMACIST, site_code="GR01", may_supply=may_supply)


def last_message() -> InboxMessage:
    return InboxMessage.objects.order_by("-number")[0]


def test_messages_arrive_once_and_in_order_also_when_carried_twice(trial: None) -> None:
    for may_supply in (False, True, False):
        supply(may_supply)
    assert hatch.carry_down() == 3
    assert hatch.carry_down() == 0
    play.pass_hatch()
    numbers = list(InboxMessage.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Applied.objects.count() == len(numbers)
    assert not Site.objects.get(code="GR01").may_supply


def test_a_crash_after_the_insert_heals(trial: None) -> None:
    """Numbered and inserted, then the process died: the next run finds it there and goes on."""
    supply(False)
    hatch.carry_down()
    supply(True)
    number_due(actor=SYSTEM, channel=Channel.HATCH)
    number, entry = next(iter(numbered_after(Channel.HATCH, last_number(Channel.HATCH) - 1)))
    InboxMessage.objects.create(number=number, uid=entry.uid, kind=entry.kind, payload=entry.payload)
    play.pass_hatch()
    assert Site.objects.get(code="GR01").may_supply
    assert not Applied.objects.filter(outcome="refused").exists()


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("Secret", "{}"), ("SiteSupply", "not json"), ("SiteSupply", '{"site_code": "GR01"}'),
        ("SiteSupply", '{"site_code": "GR01", "may_supply": "yes"}'),
        ("SiteSupply", '{"site_code": "GR01", "may_supply": true, "arm": "PRECISION"}'),
        ("SiteSupply", '{"site_code": "PRECISION", "may_supply": true}'),
        ("SiteSupply", '{"site_code": "ZZ99", "may_supply": true}'),
        ("DoseVoided", json.dumps({"dose_uid": NOWHERE, "pack_code": "7F2QXK9S"})),
        ("LaboratoryVerdict", json.dumps({"sample_uid": NOWHERE, "verdict_uid": NOWHERE,
                                          "verdict": "maybe", "covid19": False, "stratum_uid": None})),
    ],
)  # fmt: skip
def test_a_bad_message_is_noted_and_blocks_nothing(trial: None, kind: str, payload: str) -> None:
    number = last_message().number + 1
    InboxMessage.objects.create(number=number, uid=uuid.uuid4(), kind=kind, payload=payload)
    good = json.dumps(to_payload(SiteSupply("GR01", False)))
    InboxMessage.objects.create(number=number + 1, uid=uuid.uuid4(), kind="SiteSupply", payload=good)
    with on_side(Side.BLINDED):
        hatch_apply()
    assert Applied.objects.get(message_id=number).outcome == "refused"
    assert Applied.objects.get(message_id=number + 1).outcome == "applied"
    assert not Site.objects.get(code="GR01").may_supply


def hatch_apply() -> None:
    from randomization.blinded.inbox.services.apply_next import apply_inbox

    apply_inbox()


def test_a_forged_number_far_ahead_stops_nothing(trial: None) -> None:
    InboxMessage.objects.create(number=10**9, uid=uuid.uuid4(), kind="Secret", payload="{}")
    supply(False)
    play.pass_hatch()
    assert not Site.objects.get(code="GR01").may_supply


def test_a_forged_number_that_is_ours_is_an_alarm(trial: None) -> None:
    number = last_message().number + 1
    InboxMessage.objects.create(number=number, uid=uuid.uuid4(), kind="Secret", payload="{}")
    supply(False)
    number_due(actor=SYSTEM, channel=Channel.HATCH)
    with pytest.raises(ProgrammingError, match="Another message"):
        hatch.carry_down_from(number - 1)


def test_a_message_is_not_there_before_its_time(trial: None) -> None:
    @service
    def later(*, actor: Actor) -> None:
        hatch.send(SiteSupply("GR01", False), deliver_at=clock.now() + timedelta(minutes=30))
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


def test_these_are_all_the_messages() -> None:
    assert sorted(KINDS) == [
        "CodeBroken", "DoseReady", "DoseVoided", "DrillDone", "LaboratoryVerdict", "SampleReceived", "SiteSupply",
        "SlotsSealed", "UserNameReserved",
    ]  # fmt: skip
    message = DoseVoided(uuid.uuid4(), "7F2QXK9S")
    assert from_payload("DoseVoided", json.dumps(to_payload(message))) == message
    with pytest.raises(Refused):
        from_payload("DoseVoided", "[]")
