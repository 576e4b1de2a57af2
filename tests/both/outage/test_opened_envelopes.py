"""An envelope that was opened is entered, whatever was against it: the syringe was given. What cannot be is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.outage.services.print_envelope import print_envelopes
from pharmacy.preparation.models import EnvelopeLabel, Preparation
from pharmacy.stock.models import Lot
from pharmacy.stock.services.quarantine import report_excursion
from randomization.accounts.models import Membership
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.allocation.models import Allocation
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.bedside.services.steer_course import StopCourse, stop_course
from randomization.blinded.bedside.states import StopCause
from randomization.blinded.screening.models import Deviation, Participant
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.lists.services.generate_lists import generate_fallback
from tests.both.outage.steps import (
    COORDINATOR,
    HOUR,
    PHARMACIST,
    SITE,
    WHY,
    departures,
    eligible,
    enter,
    enter_made,
    withdraw_from_treatment,
)
from tests.conftest import tampering
from tests.destroying import carry_out, order_hold
from tests.permissions import client_of

pytestmark = pytest.mark.once


def asked(number: str, kit_code: str, **more: Any) -> str:
    """What is asked before the envelope is entered; nothing is entered yet."""
    with pytest.raises(InvalidInput) as refusal:
        enter(number, kit_code, **more)
    assert (refusal.value.code, refusal.value.field) == ("departure", "departure_reason")
    assert not Allocation.objects.filter(participant__number=number).exists()
    return str(refusal.value.sentence)


def answer(number: str, *, elsewhere: bool = False, **same: bool) -> None:
    """Somebody finds out afterwards who the person is."""
    with on_side(Side.BLINDED):
        known = identity_of(Participant.objects.get(number=number))
        answers = {look_alike.number: bool(look_alike.is_same) for look_alike in known.look_alikes} | same
        answer_identity(
            actor=COORDINATOR, number=number, same=answers, elsewhere=elsewhere, reason="the family confirmed it"
        )


def give_first(number: str, kit_code: str, given_by: str = "") -> str:
    """The pharmacy enters the first IV syringe, and the ward what it gave."""
    label = EnvelopeLabel.objects.get(kit_code=kit_code, route="IV", number=1, level="full")
    syringe = enter_made(label)
    play.pass_hatch()
    with on_side(Side.BLINDED):
        administration = administer(
            actor=cast.at_site(Role.NURSE, SITE),
            participant_number=number,
            barcode=play.label_of(syringe),
            at=clock.now() - timedelta(minutes=20),
            reason="entered after the outage",
            given_by=given_by,
        )
    return str(administration.outcome)


@pytest.mark.requirement("R10")
def test_opened_after_the_window_it_takes_a_reason_and_is_a_deviation(printed: list[Any]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    with time_machine.travel(clock.now() + timedelta(hours=80), tick=False):
        assert "after the window" in asked(number, kit_code)
        assert enter(number, kit_code, why=WHY).created
        assert give_first(number, kit_code) == "given"
    assert departures(number) == {"opened after the window from sepsis"}
    event = json.loads(Event.objects.using("blinded").get(action="participant.allocate", subject=number).data)
    assert event["departures"] == ["opened after the window from sepsis"]


@pytest.mark.requirement("R10")
def test_opened_in_the_window_it_is_entered_after_the_end_of_the_window_was_signed(printed: list[Any]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    with time_machine.travel(clock.now() + timedelta(hours=80), tick=False):
        assert not play.confirm(number, SITE)
        assert Participant.objects.get(number=number).state == "not_eligible"
        assert enter(number, kit_code, opened=timedelta(hours=79), first=timedelta(hours=78)).created
    assert departures(number) == set()
    assert Participant.objects.get(number=number).state == "allocated"


@pytest.mark.requirement("R10")
def test_who_turns_out_to_be_randomised_at_another_site_is_entered(printed: list[Any]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    with time_machine.travel(clock.now() + 3 * HOUR, tick=False):
        answer(number, elsewhere=True)
        with pytest.raises(Refused) as refusal:
            enter(number, kit_code, why=WHY)
        assert refusal.value.code == "changed", "the physician signs first, which is possible"
        play.confirm(number, SITE)
        assert "at another site" in asked(number, kit_code)
        assert enter(number, kit_code, why=WHY).created
        assert give_first(number, kit_code) == "given"
    assert "randomised at another site" in departures(number)


@pytest.mark.requirement("R10")
def test_the_same_person_randomised_before_is_entered_and_stays_one_person_for_others(printed: list[Any]) -> None:
    first, number, kit_code = play.enrol(Case(SITE)).participant, eligible(), printed[0].kit_code
    with time_machine.travel(clock.now() + 3 * HOUR, tick=False):
        answer(number, **{first: True})
        play.confirm(number, SITE)
        assert "under another number" in asked(number, kit_code)
        assert enter(number, kit_code, why=WHY).created
        assert give_first(number, kit_code) == "given"
    assert "randomised before" in departures(number)
    both = Participant.objects.filter(number__in=[first, number])
    assert {participant.state for participant in both} == {"allocated"}
    assert len({participant.person_uid for participant in both}) == 2, (
        "the database allows one randomised file a person"
    )


@pytest.mark.requirement("R10")
def test_who_withdrew_afterwards_is_entered_and_treated_no_further(printed: list[Any]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    withdraw_from_treatment(number)
    with pytest.raises(Refused) as refusal:
        play.randomise(number, Case(SITE))
    assert refusal.value.code == "withdrawn", "online nothing changed"
    assert "Consent was withdrawn." in asked(number, kit_code)
    assert enter(number, kit_code, why=WHY).created
    assert departures(number) == {"consent was withdrawn"}
    course = Course.objects.get(participant__number=number)
    assert (course.stop_cause, course.stopped_at is not None) == ("withdrawal", True)
    waiting = Dose.objects.filter(course=course).exclude(state="dropped")
    assert {(dose.route, dose.number) for dose in waiting} == {("IV", 1), ("SC", 1)}
    assert give_first(number, kit_code, f"investigator.{SITE.lower()}") == "given"
    assert not Deviation.objects.filter(participant__number=number, kind="given from a void syringe").exists()


@pytest.mark.requirement("R10")
def test_what_was_given_before_treatment_was_stopped_is_recorded(printed: list[Any]) -> None:
    """The patient died before the pharmacy entered the syringe."""
    number, kit_code = eligible(), printed[0].kit_code
    assert enter(number, kit_code).created
    with on_side(Side.BLINDED):
        actor, command = cast.at_site(Role.INVESTIGATOR, SITE), StopCourse(number, StopCause.DEATH, clock.now())
        grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
        stop_course(actor=actor, command=command, reason="shock", grant=grant)
    assert give_first(number, kit_code, f"investigator.{SITE.lower()}") == "given"
    assert Dose.objects.get(course__participant__number=number, route="SC", number=1).state == "planned"


@pytest.mark.requirement("R10")
def test_entered_weeks_later_with_the_clearance_of_then(printed: list[Any]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    with time_machine.travel(clock.now() + timedelta(days=12), tick=False):
        opened = timedelta(days=12)
        assert enter(number, kit_code, opened=opened - HOUR, first=opened - 2 * HOUR).created
    assert departures(number) == set()
    late, other = eligible(), printed[1].kit_code
    with time_machine.travel(clock.now() + timedelta(days=60), tick=False), pytest.raises(InvalidInput) as refusal:
        enter(late, other, opened=timedelta(days=59), first=timedelta(days=58))
    assert refusal.value.code == "implausible_time"


@pytest.mark.requirement("R10")
def test_opened_before_sample_and_consent_each_departure_is_named(printed: list[Any]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    file = Participant.objects.select_related("sample", "consent").get(number=number)
    assert file.sample is not None
    assert file.consent is not None
    opened = clock.now() - file.sample.drawn_at + HOUR / 6
    assert "before the sample" in asked(number, kit_code, opened=opened)
    opened = clock.now() - file.consent.given_at + HOUR / 6
    words = asked(number, kit_code, opened=opened)
    assert "before the sample" in words
    assert "before consent" in words
    assert enter(number, kit_code, opened=opened, why=WHY).created
    assert departures(number) == {"opened before the sample was drawn", "opened before consent"}


@pytest.mark.requirement("R10")
def test_what_cannot_be_is_refused_whatever_the_reason(printed: list[Any]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    impossible: list[dict[str, Any]] = [
        {"opened": -HOUR},
        {"opened": HOUR, "first": 2 * HOUR},
        {"first": -30 * HOUR},
    ]
    for times in impossible:
        with pytest.raises(InvalidInput):
            enter(number, kit_code, why=WHY, **times)


@pytest.mark.requirement("R10")
def test_who_prepared_and_left_since_is_still_named(printed: list[Any]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    assert enter(number, kit_code).created
    label = EnvelopeLabel.objects.get(kit_code=kit_code, route="IV", number=1, level="full")
    left = Membership.objects.filter(account__user_name="preparer.gr01")
    with tampering():
        left.update(starts_at=clock.now() - timedelta(days=9), ends_at=clock.now() - timedelta(minutes=5))
    assert enter_made(label).checked_by == "preparer.gr01"
    other = EnvelopeLabel.objects.get(kit_code=kit_code, route="SC", number=1, level="full")
    with tampering():
        left.update(ends_at=clock.now() - timedelta(days=2))
    with pytest.raises(InvalidInput) as refusal:
        enter_made(other)
    assert refusal.value.field == "checked_by"


@pytest.mark.requirement("R05")
def test_an_envelope_is_entered_once_it_is_known_who_it_was_for(printed: list[SimpleNamespace]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    other = play.screen(Case("GR01", year_of_birth=1962)).number
    with on_side(Side.BLINDED):
        play.record_eligibility(
            actor=COORDINATOR,
            number=other,
            answers=play.answers_for(Case("GR01")),
            sex="female",
            year_of_birth=1960,
            neutrophils_per_mm3=9000,
            reason="misread",
        )
    with pytest.raises(Refused) as refusal:
        enter(number, kit_code)
    assert refusal.value.code == "same_person_open"
    with on_side(Side.BLINDED):
        play.answer_identity_of(number, COORDINATOR)
    assert enter(number, kit_code).created


@pytest.mark.requirement("R10")
def test_what_was_prepared_from_an_envelope_is_a_fact_whatever_the_stock_says_now(trial: None) -> None:
    """After a power cut every lot is on hold; syringes with drug in them must be entered like those without."""
    generate_fallback(actor=SYSTEM, site_codes=[SITE])
    printed = print_envelopes(actor=SYSTEM, site_code=SITE)
    play.pass_hatch()
    with pytest.raises(InvalidInput, match="earlier envelope"):
        enter(eligible(), printed[1].kit_code)
    numbers = []
    for envelope in printed[:4]:
        number = eligible()
        enter(number, envelope.kit_code)
        numbers.append(number)
    now = clock.now()
    with time_machine.travel(now + HOUR / 60, tick=False):
        report_excursion(
            actor=PHARMACIST,
            site_code=SITE,
            storage="2-8 C",
            starts_at=now - HOUR,
            ends_at=now,
            lowest_c=None,
            highest_c=None,
            reason="power cut",
        )
        for hold in Lot.objects.filter(site_code=SITE, product="ANAKINRA")[0].holds.all():
            carry_out(order_hold(hold))
        for envelope in printed[:4]:
            for route in ("IV", "SC"):
                enter_made(EnvelopeLabel.objects.get(kit_code=envelope.kit_code, route=route, number=1, level="full"))
    preparations = Preparation.objects.filter(from_envelope=True)
    assert preparations.count() == 8
    shown = client_of(PHARMACIST).get("/pharmacy/envelopes/").content.decode()
    assert shown.count("opened, syringes entered") == 4
    assert shown.count(">sealed<") == len(printed) - 4
    listed = client_of(PHARMACIST).get("/api/v1/pharmacy/preparations/envelopes/").json()
    assert [row["participant"] for row in listed] == [*numbers, *[""] * (len(printed) - 4)]
