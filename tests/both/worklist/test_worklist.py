"""The worklist by patient, the night sheet, and the call of the person on duty until somebody answers."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time, timedelta

import pypdf
import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.services.prepare import prepare
from pharmacy.worklist.models import Acknowledgement, Call
from pharmacy.worklist.next_call import PATIENCE, next_call
from pharmacy.worklist.night_sheet import newest, night_sheet
from pharmacy.worklist.selectors import by_patient, worklist
from pharmacy.worklist.services.call_duty import acknowledge, call_duty
from pharmacy.worklist.sweeps import call_who_is_on_duty
from pharmacy.worklist.tasks import keep_night_sheets_task
from pharmacy.worklist.unanswered_kits import unanswered
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose
from randomization.blinded.sites.models import Duty
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import NotFound, NotPermitted
from randomization.shared.ids import show_code
from randomization.shared.service import Side, on_side
from randomization.unblinded.lists.models import AssignmentAccess
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, OTHER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PHARMACIST, "GR02")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("on_duty", "called", "minutes", "expected"),
    [
        (("one", "two"), 0, None, "one"),
        (("one", "two"), 1, 14.9, None),
        (("one", "two"), 1, 15, "two"),
        (("one", "two"), 2, 15, "one"),
        ((), 0, None, None),
        (("one",), 5, 16, "one"),
    ],
)
def test_who_is_called_next(on_duty: tuple[str, ...], called: int, minutes: float | None, expected: str | None) -> None:
    last = None if minutes is None else NOON - timedelta(minutes=minutes)
    assert next_call(on_duty=on_duty, called=called, last_at=last, now=NOON) == expected


def calls_of(kit_code: str) -> list[str]:
    return list(Call.objects.filter(kit_code=kit_code).order_by("order").values_list("user_name", flat=True))


def test_a_new_allocation_calls_the_one_on_duty_then_the_next_until_it_is_acknowledged(trial: None) -> None:
    kit = play.enrol(Case(SITE)).kit_code
    with on_side(Side.UNBLINDED):
        call_who_is_on_duty()
        call_who_is_on_duty()
        assert calls_of(kit) == ["pharmacist.gr01"]
        with time_machine.travel(clock.now() + PATIENCE, tick=False):
            call_who_is_on_duty()
        assert calls_of(kit) == ["pharmacist.gr01", "preparer.gr01"]
        entries = Entry.objects.filter(kind="prepare", payload__contains=kit)
        assert {(entry.site_code, entry.roles) for entry in entries} == {(SITE, "pharmacist,preparer")}
        assert {entry.payload for entry in entries} == {
            f'{{"kit_code": "{kit}", "user_name": "{name}"}}' for name in calls_of(kit)
        }
        with pytest.raises(NotFound):
            acknowledge(actor=OTHER, kit_code=kit)
        with pytest.raises(NotPermitted):
            acknowledge(actor=cast.at_site(Role.CODE_BREAKER, SITE), kit_code=kit)
        with pytest.raises(NotFound):
            acknowledge(actor=PHARMACIST, kit_code="7F2QXK9S")
        acknowledge(actor=PHARMACIST, kit_code=kit)
        second = acknowledge(actor=cast.at_site(Role.PREPARER, SITE), kit_code=kit)
        assert second.user_name == "pharmacist.gr01"
        assert Event.objects.filter(action="duty.acknowledge", subject=kit).count() == 1
        with time_machine.travel(clock.now() + 4 * PATIENCE, tick=False):
            call_who_is_on_duty()
        assert len(calls_of(kit)) == 2
        assert not [new for new in unanswered(PHARMACIST) if new.kit_code == kit]


def test_who_begins_to_prepare_has_answered(trial: None) -> None:
    allocation = play.enrol(Case(SITE))
    dose = Dose.objects.get(course__participant__number=allocation.participant, route="IV", number=1)
    prepare(actor=PHARMACIST, dose_uid=dose.uid)
    with on_side(Side.UNBLINDED):
        call_who_is_on_duty()
    assert not calls_of(allocation.kit_code)
    assert not Acknowledgement.objects.filter(kit_code=allocation.kit_code).exists()


def test_a_hole_in_the_duty_table_is_shown_and_calls_nobody(trial: None) -> None:
    kit = play.enrol(Case(SITE)).kit_code
    with tampering():
        Duty.objects.filter(site_id=SITE).delete()
    with on_side(Side.UNBLINDED):
        assert call_duty(actor=SYSTEM) == 0
    new = next(new for new in unanswered(PHARMACIST) if new.kit_code == kit)
    assert (new.on_duty, new.calls) == ((), 0)
    assert not [new for new in unanswered(OTHER) if new.kit_code == kit]


def test_the_worklist_is_grouped_by_patient_and_a_new_one_is_on_it(trial: None) -> None:
    numbers = [play.enrol(Case(SITE)).participant for _turn in range(2)]
    groups = [group for group in by_patient(worklist(PHARMACIST, hours=24)) if group.number in numbers]
    assert sorted(group.number for group in groups) == numbers
    for group in groups:
        assert [(row.dose.route, row.dose.number) for row in group.rows] == [("IV", 1), ("SC", 1), ("IV", 2), ("IV", 3)]
    firsts = [group.rows[0].dose.planned_at for group in by_patient(worklist(PHARMACIST, hours=24))]
    assert firsts == sorted(firsts)


def test_who_has_something_to_prepare_comes_before_who_is_done(trial: None) -> None:
    done, new = (play.enrol(Case(SITE)).participant for _turn in range(2))

    def order() -> list[tuple[str, bool, bool]]:
        groups = by_patient(worklist(PHARMACIST, hours=8))
        return [(group.number, group.can_start, group.is_done) for group in groups if group.number in {done, new}]

    assert sorted(order()) == [(done, True, False), (new, True, False)]  # of one time: by kit code
    for dose in Dose.objects.filter(course__participant__number=done, number=1):
        play.prepare_and_release(dose, SITE)
    assert order() == [(new, True, False), (done, False, True)]
    page = client_of(PHARMACIST).get("/pharmacy/?hours=8").content.decode()
    kits = {group.number: group.kit_code for group in by_patient(worklist(PHARMACIST, hours=8))}
    assert f'id="day-{kits[new]}"' in page
    assert f'id="day-{kits[done]}"' not in page
    assert f'href="#kit-{kits[new]}"' in page, "a new kit is a link to its doses"


def test_the_night_sheet_holds_doses_and_times_and_opens_nothing(trial: None) -> None:
    allocation = play.enrol(Case(SITE, clearance_ml_min="20"))
    before = AssignmentAccess.objects.count(), Event.objects.count()
    with time_machine.travel(clock.now().replace(minute=1), tick=False):
        content = night_sheet(PHARMACIST)
    assert (AssignmentAccess.objects.count(), Event.objects.count()) == before
    shown = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    for text in (
        show_code(allocation.kit_code),
        allocation.participant,
        "IV 01",
        "SC 01",
        "IV 03",
        "reduced dose",
        "pharmacist.gr01",
    ):
        assert text in shown
    assert "IV 04" not in shown
    for word in ("anakinra", "interferon", "sodium", "PRECISION", "CONTROL", "MALS", "SIP"):
        assert word.lower() not in shown.lower()


def test_the_sheet_of_the_night_is_kept_at_16_once_and_the_pharmacy_is_told(trial: None) -> None:
    play.enrol(Case(SITE))
    today = clock.site_moment(clock.now(), "Europe/Athens").date()
    before, after = (datetime.combine(today + timedelta(days=1), moment, UTC) for moment in (time(13, 59), time(14, 1)))
    if clock.site_moment(before, "Europe/Athens").hour == 16:  # summer time there
        before, after = before - timedelta(hours=1), after - timedelta(hours=1)
    with time_machine.travel(before, tick=False):
        keep_night_sheets_task()
        assert newest(PHARMACIST) is None
    with time_machine.travel(after, tick=False):
        keep_night_sheets_task()
        keep_night_sheets_task()
        kept = newest(PHARMACIST)
        assert kept is not None
        assert (kept.site_code, kept.day) == (SITE, today + timedelta(days=1))
        assert newest(OTHER) is None, "nobody is on treatment there"
        client = client_of(PHARMACIST)
        assert b"16:00" in client.get("/pharmacy/").content
        assert client.get(f"/pharmacy/night-sheets/{kept.day}/").content.startswith(b"%PDF")
        assert client_of(OTHER).get(f"/pharmacy/night-sheets/{kept.day}/").status_code == 404
        assert client.get("/pharmacy/night-sheets/2026-13-45/").status_code == 404
    assert Entry.objects.filter(kind="night_sheet").count() == 1
    assert Event.objects.filter(action="night_sheet.keep").count() == 1


def test_the_sweeps_cost_the_same_with_many_patients(trial: None) -> None:
    counts = []
    for _turn in range(2):
        for _turn in range(3):
            play.enrol(Case(SITE))
        with (
            on_side(Side.UNBLINDED),
            CaptureQueriesContext(connections["default"]) as above,
            CaptureQueriesContext(connections["blinded"]) as below,
        ):
            unanswered()
        counts.append(len(above) + len(below))
    assert counts[0] == counts[1] <= 6


def test_a_failing_call_never_stops_the_hatch_and_the_next_sweep_tries_again(
    trial: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = play.enrol(Case(SITE)).kit_code

    def fails(**_kwargs: object) -> int:
        raise RuntimeError("the duty table cannot be read")

    with on_side(Side.UNBLINDED):
        with monkeypatch.context() as patched:
            patched.setattr("pharmacy.worklist.sweeps.call_duty", fails)
            call_who_is_on_duty()
        assert not calls_of(kit)
        call_who_is_on_duty()
    assert calls_of(kit) == ["pharmacist.gr01"]
