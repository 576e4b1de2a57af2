"""Ready and use-before times: by planned times and their causes, whenever and however fast the pharmacy worked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.fixed_times import Late, fixed_times, shown_late_at
from pharmacy.preparation.labelling import label_subject, print_labels, sheet_of
from pharmacy.preparation.models import Preparation, RiskToBlind
from pharmacy.preparation.selectors import preparation_for
from pharmacy.preparation.services.finish import hand_over_now, release, void
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.services.show import show_due
from pharmacy.preparation.states import Risk
from pharmacy.worklist.risks import risks_by_site
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.bedside.services.ask_pharmacy import ask_pharmacy
from randomization.blinded.bedside.states import WardRequestKind
from randomization.hatch.models import InboxMessage
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import ConfigurationError, Refused
from randomization.shared.protocol import load_protocol, parse_protocol
from randomization.shared.service import Side, on_side

SITE = "GR01"
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
MONITOR = cast.at_site(Role.UNBLINDED_MONITOR, SITE)
NURSE = cast.at_site(Role.NURSE, SITE)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REGIMEN = load_protocol(FIXTURES / "protocol.toml").regimen
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=9)


def at(minutes: float | None) -> datetime | None:
    """Minutes after noon."""
    return None if minutes is None else NOON + minutes * MINUTE


@pytest.mark.requirement("R13")
@pytest.mark.parametrize(
    ("route", "planned", "cause", "allocated", "now", "printed", "ready"),
    [
        ("IV", 600, None, None, 0, 600, 480),
        ("SC", 900, None, None, 0, 900, 180),
        ("IV", 60, None, 0, 0, 60, 60),
        ("IV", 0, None, 0, 0, 0, 60),
        ("IV", 600, None, 0, 0, 600, 480),
        ("SC", 60, None, 0, 0, 60, 60),
        ("IV", 600, 10, None, 11, 600, 480),
        ("IV", 60, 10, 0, 11, 70, 70),
        ("IV", 60, 150, 0, 151, 180, 210),
        ("SC", 0, None, None, 361, 420, 420),
        ("SC", 0, 300, None, 301, 360, 360),
        ("SC", 0, 300, None, 721, 720, 780),
    ],
)
def test_times_follow_the_plan_and_its_causes(
    route: str, planned: int, cause: int | None, allocated: int | None, now: int, printed: int, ready: int
) -> None:
    rule, planned_at = REGIMEN.route(route), NOON + planned * MINUTE
    times = fixed_times(
        planned_at=planned_at,
        route=rule,
        regimen=REGIMEN,
        now=NOON + now * MINUTE,
        cause_at=at(cause),
        allocated_at=at(allocated),
    )
    assert (times.printed_at, times.ready_at) == (at(printed), at(ready))
    assert times.use_before == times.printed_at + rule.usable_after
    assert times.opens_at == times.use_before - rule.in_use


@pytest.mark.parametrize("route", ["IV", "SC"])
def test_no_moment_of_the_pharmacy_changes_them(route: str) -> None:
    """Any moment before the use-before time gives the same times."""
    times = {
        fixed_times(planned_at=NOON, route=REGIMEN.route(route), regimen=REGIMEN, now=NOON + minutes * MINUTE)
        for minutes in range(-1200, 240, 7)
    }
    assert len(times) == 1


@pytest.mark.parametrize(
    ("released", "others", "shown"),
    [
        (1, (), 30),
        (29.9, (), 30),
        (30, (), 60),
        (1, ((0, None),), 90),
        (1, ((0, 40),), 60),
        (1, ((0, 5), (0, 70)), 90),
        (1, ((45, None),), 30),
        (1, ((0, 30),), 60),
        (95, ((0, None),), 120),
    ],
)
def test_late_doses_of_a_patient_are_shown_together_at_half_hours(
    released: float, others: tuple[tuple[float, float | None], ...], shown: float
) -> None:
    """The window ends at 120: at 90 the wait for others is over, so that it can still be given."""
    late = [Late(NOON + ready * MINUTE, at(done)) for ready, done in others]
    moments = [NOON + minutes * MINUTE for minutes in range(181)]
    shown_at = [
        shown_late_at(
            released_at=NOON + released * MINUTE,
            ends=NOON + 120 * MINUTE,
            others=late,
            now=now,
            step=REGIMEN.late_shown_every,
        )
        for now in moments
    ]
    assert {moment for moment in shown_at if moment} == {at(shown)}
    assert shown_at.index(at(shown)) == moments.index(NOON + shown * MINUTE), "and not before"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'usable_after_hours = "4"    # [choice] use-before is the printed planned time plus this\n',
            "",
            "usable_after_hours",
        ),
        ('ready_lead_hours = "2" ', 'ready_lead_hours = "-1" ', "ready_lead_hours"),
        ('usable_after_hours = "6"', 'usable_after_hours = "12"', "no time to prepare"),
        ("[regimen]\n", "[regimen]\nready_lead_minutes = 45\n", "ready_lead_minutes"),
        ("late_shown_every_hours = ", "late_shown_hours = ", "late_shown_every_hours"),
        ('late_shown_every_hours = "0.5"', 'late_shown_every_hours = "0.7"', "does not divide a day"),
        ("first_dose_ahead_hours = ", "first_dose_hours = ", "first_dose_ahead_hours"),
        ('first_dose_ahead_hours = "24"', 'first_dose_ahead_hours = "0.5"', "first_dose_ahead_hours"),
    ],
)
def test_the_protocol_file_must_say_them(old: str, new: str, says: str) -> None:
    text = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ConfigurationError, match=says):
        parse_protocol(text.replace(old, new, 1))


def first_doses(case: Case = Case(SITE)) -> dict[str, Dose]:  # noqa: B008 (a frozen value)
    number = play.enrol(case).participant
    doses = Dose.objects.select_related("course__participant").filter(course__participant__number=number, number=1)
    return {dose.route: dose for dose in doses}


def labelled(dose: Dose) -> Preparation:
    preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    play.make_and_check([preparation], SITE)
    print_labels(PHARMACIST, preparation.uid)
    return preparation


def state_of(dose: Dose) -> str:
    """What the ward reads, after the hatch was passed."""
    play.pass_hatch()
    return Dose.objects.get(uid=dose.uid).state


def ready_at_of(preparation: Preparation) -> datetime:
    """From when on the ward sees a syringe."""
    return Packaging.objects.get(pack_code=preparation.pack_code).ready_at


@pytest.mark.requirement("R13")
def test_released_early_it_reads_planned_until_its_time_and_nothing_waits_below(trial: None) -> None:
    dose = first_doses()["IV"]
    before = InboxMessage.objects.count()
    preparation = play.prepare_and_release(dose, SITE)
    with time_machine.travel(preparation.ready_at - timedelta(seconds=1), tick=False):
        assert state_of(dose) == "planned"
        assert InboxMessage.objects.count() == before
    with time_machine.travel(preparation.ready_at, tick=False):
        assert state_of(dose) == "ready"
        assert ready_at_of(preparation) == preparation.ready_at
        assert Packaging.objects.get(pack_code=preparation.pack_code).use_before == preparation.planned_at + 4 * HOUR
    assert show_due(actor=SYSTEM) == 0, "once"


@pytest.mark.requirement("R13")
def test_late_ones_of_a_patient_come_together_and_are_counted_by_site(trial: None) -> None:
    doses = first_doses()
    iv = labelled(doses["IV"])
    start = clock.step_at_or_before(iv.ready_at, REGIMEN.late_shown_every) + 30 * MINUTE
    with time_machine.travel(start + 5 * MINUTE, tick=False):
        release(actor=PHARMACIST, uid=iv.uid, barcode=play.label_of(iv))
        assert state_of(doses["IV"]) == "planned"
    with time_machine.travel(start + 30 * MINUTE, tick=False):
        assert state_of(doses["IV"]) == "planned", "SC is late, too"
        sc = labelled(doses["SC"])
    with time_machine.travel(start + 40 * MINUTE, tick=False):
        release(actor=PHARMACIST, uid=sc.uid, barcode=play.label_of(sc))
        assert {state_of(doses[route]) for route in doses} == {"planned"}
    with time_machine.travel(start + 61 * MINUTE, tick=False):
        assert {state_of(doses[route]) for route in doses} == {"ready"}
        assert {ready_at_of(iv), ready_at_of(sc)} == {start + 60 * MINUTE}
    assert preparation_for(PHARMACIST, iv.uid).ready_at < start, "what was fixed stays"
    assert RiskToBlind.objects.filter(kind=Risk.READY_LATE, preparation__in=[iv, sc]).count() == 2
    counted = {(row.site_code, row.kind): row.count for row in risks_by_site(MONITOR)}
    assert counted[SITE, Risk.READY_LATE] >= 2


@pytest.mark.requirement("R13")
def test_what_became_void_before_it_was_shown_never_goes_down(trial: None) -> None:
    dose = first_doses()["IV"]
    first, before = play.prepare_and_release(dose, SITE), InboxMessage.objects.count()
    void(actor=PHARMACIST, uid=first.uid, reason="leaks")
    second = play.prepare_and_release(dose, SITE)
    assert (second.ready_at, second.use_before) == (first.ready_at, first.use_before), "nothing was replaced"
    assert RiskToBlind.objects.filter(kind=Risk.VOIDED, preparation=first).count() == 1
    with time_machine.travel(second.ready_at, tick=False):
        assert state_of(dose) == "ready"
    assert InboxMessage.objects.count() == before + 1
    assert not Packaging.objects.filter(pack_code=first.pack_code).exists()


@pytest.mark.requirement("R13")
def test_a_replacement_counts_from_what_the_ward_asked(trial: None) -> None:
    dose = first_doses()["IV"]
    preparation = play.prepare_and_release(dose, SITE)
    asked = preparation.ready_at + 5 * MINUTE
    with time_machine.travel(asked, tick=False):
        play.pass_hatch()
        with on_side(Side.BLINDED):
            ask_pharmacy(actor=NURSE, dose_uid=dose.uid, kind=WardRequestKind.REPLACE)
    with time_machine.travel(asked + 7 * MINUTE, tick=False):
        void(actor=PHARMACIST, uid=preparation.uid, reason="line failed")
        again = play.prepare_and_release(dose, SITE)
    assert again.planned_at == again.ready_at == asked + 60 * MINUTE
    assert again.use_before == again.planned_at + 4 * HOUR
    assert label_subject(again).planned_at == again.planned_at
    with time_machine.travel(again.ready_at, tick=False):
        assert state_of(dose) == "ready"
        with on_side(Side.BLINDED):
            administration = administer(
                actor=NURSE,
                participant_number=dose.course.participant.number,
                barcode=play.label_of(again),
                at=clock.now(),
            )
    assert administration.pack_code == again.pack_code


def test_past_its_use_before_time_an_sc_syringe_is_replaced_within_its_window(trial: None) -> None:
    dose = first_doses()["SC"]
    preparation = play.prepare_and_release(dose, SITE)
    with time_machine.travel(preparation.use_before, tick=False):
        assert state_of(dose) == "planned"
        assert preparation_for(PHARMACIST, preparation.uid).void_cause == "expired"
        again = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    assert again.ready_at == again.planned_at == preparation.use_before + HOUR
    iv = Dose.objects.get(course=dose.course, route="IV", number=1)
    with time_machine.travel(iv.planned_at - 10 * MINUTE, tick=False):
        other = play.prepare_and_release(iv, SITE)
    with time_machine.travel(other.use_before, tick=False):
        play.pass_hatch()
        assert preparation_for(PHARMACIST, other.uid).state == "released", "its window was over before"


def test_opened_no_earlier_than_it_lasts(trial: None) -> None:
    dose = first_doses()["IV"]
    fourth = Dose.objects.get(course=dose.course, route="IV", number=4)
    with time_machine.travel(fourth.planned_at - 20 * HOUR - MINUTE, tick=False):
        with pytest.raises(Refused) as refusal:
            prepare(actor=PHARMACIST, dose_uid=fourth.uid)
        assert refusal.value.code == "too_early"
        row = next(row for row in worklist(PHARMACIST, hours=24) if row.dose.uid == fourth.uid)
        assert row.not_before == fourth.planned_at - 20 * HOUR
    with time_machine.travel(fourth.planned_at - 20 * HOUR, tick=False):
        assert prepare(actor=PHARMACIST, dose_uid=fourth.uid).ready_at == fourth.planned_at - 2 * HOUR


def test_a_document_holds_no_time_of_the_pharmacy(trial: None) -> None:
    """Printed ten minutes later, opened an hour later: the same bytes but for the packaging code."""
    dose = first_doses()["IV"]
    preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    first = sheet_of([preparation])
    preparation.opened_at = preparation.opened_at + HOUR
    assert sheet_of([preparation]) == first
    preparation.planned_at = preparation.planned_at + HOUR
    assert sheet_of([preparation]) != first


def test_handed_over_it_is_shown_once_and_on_record(trial: None) -> None:
    dose = first_doses()["IV"]
    preparation = play.prepare_and_release(dose, SITE)
    hand_over_now(actor=PHARMACIST, uid=preparation.uid, reason="surgery")
    assert state_of(dose) == "ready"
    with pytest.raises(Refused) as refusal:
        hand_over_now(actor=PHARMACIST, uid=preparation.uid, reason="surgery")
    assert refusal.value.code == "not_waiting"
    with time_machine.travel(preparation.ready_at + MINUTE, tick=False):
        play.pass_hatch()
    assert Packaging.objects.filter(dose=dose).count() == 1
    assert not Event.objects.using("blinded").filter(action="inbox.refused").exists()
