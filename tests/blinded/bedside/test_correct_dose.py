"""A recorded dose is corrected: the new record supersedes, and what follows is said first and computed again."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError

from immunosep_site.demonstration.password import PASSWORD
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.correcting import Consequences
from randomization.blinded.bedside.for_unblinded import outcomes_by_packaging
from randomization.blinded.bedside.models import Administration, Course, Dose, Packaging
from randomization.blinded.bedside.selectors import first_given, last_given_before
from randomization.blinded.bedside.services.administer import administer, miss_dose
from randomization.blinded.bedside.services.correct_dose import DoseTruth, correct_dose
from randomization.blinded.bedside.services.steer_course import (
    StopCourse,
    hold_course,
    resume_course,
    stop_course,
)
from randomization.blinded.bedside.states import StopCause
from randomization.blinded.screening.models import Deviation
from randomization.delivery.differences import in_words
from randomization.delivery.templatetags.trial import site_time
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from randomization.signatures.signing import sign
from tests.blinded.world import MANAGER, NUMBER, at, ready
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

COORDINATOR, NURSE = at(Role.COORDINATOR), at(Role.NURSE)
OTHER = at(Role.NURSE, "GR02")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def dose(route: str = "IV", number: int = 1) -> Dose:
    return Dose.objects.select_related("course").get(course__participant__number=NUMBER, route=route, number=number)


def give(route: str = "IV", number: int = 1, *, late: timedelta = timedelta(0), volume: str | None = None) -> str:
    """Give a dose `late` after its planned time, as the ward does; the code of its syringe."""
    this_dose = dose(route, number)
    with time_machine.travel(this_dose.planned_at + late - 2 * MINUTE, tick=False):
        label = ready(this_dose)
    with time_machine.travel(this_dose.planned_at + late, tick=False):
        administer(
            actor=NURSE,
            participant_number=NUMBER,
            barcode=label,
            at=clock.now(),
            volume_ml=Decimal(volume) if volume else None,
        )
    return label.rsplit(".", 1)[1]


def correct(this_dose: Dose, truth: DoseTruth, reason: str = "read from the chart", **more: Any) -> Consequences:
    return correct_dose(actor=NURSE, dose_uid=this_dose.uid, truth=truth, reason=reason, **more)


def open_deviations() -> set[tuple[str, str]]:
    return set(Deviation.objects.filter(participant__number=NUMBER, lifted_at=None).values_list("kind", "about"))


def later(number: int = 1, hours: float = 1) -> Any:
    return time_machine.travel(dose(number=number).planned_at + timedelta(hours=hours), tick=False)


def planned() -> dict[tuple[str, int], datetime]:
    doses = Dose.objects.filter(course__participant__number=NUMBER)
    return {(planned_dose.route, planned_dose.number): planned_dose.planned_at for planned_dose in doses}


@pytest.mark.requirement("R25", "R27", "R29")
def test_a_time_and_a_volume_are_corrected_and_the_old_record_stays(trial: None) -> None:
    give(volume="12.5")
    first = dose()
    with later():
        done = correct(first, DoseTruth(True, volume_ml=Decimal("17.5")))
        assert (done.moved, done.voided, done.arising, done.lifted) == (0, (), (), ())
        done = correct(first, DoseTruth(True, at=first.planned_at + 20 * MINUTE, volume_ml=Decimal(20)))
    rows = list(Administration.objects.filter(dose=first).order_by("sequence"))
    assert [(row.volume_ml, row.outcome) for row in rows] == [
        (Decimal("12.5"), "part_given"),
        (Decimal("17.5"), "part_given"),
        (Decimal(20), "given"),
    ]
    assert [row.corrects_id for row in rows] == [None, rows[0].pk, rows[1].pk]
    assert dose().state == "given"
    assert dose().administration == rows[2]
    event = Event.objects.filter(action="dose.correct").order_by("-id")[0]
    words = dict(in_words(json.loads(event.data)))
    assert words["volume ml"] == "17.5 → 20"
    assert "text_sha256" in event.data
    assert done.moved == 52, "the first dose given moves every dose that waits"


@pytest.mark.requirement("R08")
def test_the_anchor_moves_and_what_does_not_fit_any_more_becomes_void(trial: None) -> None:
    give()
    before, start = planned(), Course.objects.get(participant__number=NUMBER).first_dose_at
    second = dose(number=2)
    with time_machine.travel(second.planned_at - 3 * HOUR, tick=False):
        label = ready(second, use_before=second.planned_at + 2 * HOUR)
        assert dose(number=2).state == "ready"
        seen = correct(dose(), DoseTruth(True, at=start + 10 * MINUTE), preview=True)
        assert planned() == before, "a preview records nothing"
        assert not Administration.objects.filter(sequence=2).exists()
        assert not Event.objects.filter(action="dose.correct").exists()
        done = correct(dose(), DoseTruth(True, at=start + 10 * MINUTE))
    assert seen == done
    assert done.voided == (label.rsplit(".", 1)[1],)
    assert (done.anchor_before, done.anchor_after) == (start, start + 10 * MINUTE)
    after = planned()
    assert {after[key] - before[key] for key in before if key not in {("IV", 1)}} == {10 * MINUTE}
    assert after["IV", 1] == before["IV", 1], "a dose that was given keeps the time for which it was planned"
    assert dose(number=2).state == "planned"
    assert "begins" in done.sentences("Europe/Athens")[0]


def test_a_later_dose_corrected_moves_nothing(trial: None) -> None:
    give()
    give(number=2)
    before = planned()
    with later(2):
        done = correct(dose(number=2), DoseTruth(True, at=dose(number=2).planned_at + 30 * MINUTE))
    assert planned() == before
    assert done.sentences("Europe/Athens") == ["Nothing else changes: no dose moves, no syringe becomes void."]


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(("minutes", "outside"), [(5, False), (120, False), (121, True), (-120, False), (-119, False)])
def test_the_window_is_judged_again(trial: None, minutes: int, outside: bool) -> None:
    give()
    give(number=2)
    second = dose(number=2)
    with later(2, hours=3):
        correct(second, DoseTruth(True, at=second.planned_at + minutes * MINUTE))
        assert (("dose outside its window", "IV 02") in open_deviations()) == outside
        correct(second, DoseTruth(True, at=second.planned_at + MINUTE))
        assert not open_deviations(), "lifted by a further correction"
        if outside:
            assert Deviation.objects.get(about="IV 02").lifted_at is not None
            page = client_of(COORDINATOR).get("/deviations/?all=1").content.decode()
            assert "none after a correction" in page
            assert "IV 02" not in client_of(COORDINATOR).get("/deviations/").content.decode()


def test_the_interval_of_the_dose_after_it_is_judged_again(trial: None) -> None:
    give()
    give(number=2, late=2 * HOUR)
    give(number=3, late=-2 * HOUR)
    with later(3):
        assert not open_deviations(), "exactly the least interval"
        moved = correct(dose(number=2), DoseTruth(True, at=dose(number=2).planned_at + 2 * HOUR + MINUTE))
        assert set(moved.arising) == {"dose outside its window, IV 02", "dose too soon after the one before, IV 03"}
        back = correct(dose(number=2), DoseTruth(True, at=dose(number=2).planned_at + 2 * HOUR))
        assert set(back.lifted) == set(moved.arising)
        assert not open_deviations()


def test_given_was_not_given(trial: None) -> None:
    """The only dose given: the timetable stays until one is given, and the syringe goes back."""
    code = give()
    with later():
        done = correct(dose(), DoseTruth(False), reason="the line was blocked")
        assert (done.voided, done.arising) == ((code,), ("dose missed, IV 01",))
        assert dose().state == "missed"
        course = Course.objects.get(participant__number=NUMBER)
        assert course.anchored_at is None
        assert first_given(course.uid, "IV") is None
        assert outcomes_by_packaging("GR01") == {}
        assert last_given_before(dose(number=2), clock.now()) is None
    give("SC")
    assert Course.objects.get(participant__number=NUMBER).anchored_at is not None


def test_missed_was_given_after_all(trial: None) -> None:
    label = ready(dose())
    with later(hours=0.5):
        miss_dose(actor=NURSE, dose_uid=dose().uid, reason="asleep")
    with later():
        assert open_deviations() == {("dose missed", "IV 01")}
        with pytest.raises(InvalidInput) as no_time:
            correct(dose(), DoseTruth(True, barcode=label))
        assert no_time.value.field == "at"
        with pytest.raises(InvalidInput) as no_code:
            correct(dose(), DoseTruth(True, at=dose().planned_at))
        assert no_code.value.field == "barcode"
        other = ready(dose("SC"))
        with pytest.raises(InvalidInput):
            correct(dose(), DoseTruth(True, at=dose().planned_at, barcode=other))
        done = correct(dose(), DoseTruth(True, at=dose().planned_at, barcode=label, given_by="nurse.gr01"))
        assert done.lifted == ("dose missed, IV 01",)
        assert not open_deviations()
        assert dose().state == "given"
        late = correct(dose(), DoseTruth(True, at=dose().planned_at + 45 * MINUTE))
        assert "given from a void syringe, IV 01" in late.arising
    assert set(outcomes_by_packaging("GR01")) == {label.rsplit(".", 1)[1]}


def test_what_cannot_be_is_refused_and_nothing_is_recorded(trial: None) -> None:
    with pytest.raises(Refused) as early:
        correct(dose(), DoseTruth(False))
    assert early.value.code == "not_recorded"
    give()
    this_dose = dose()
    table: list[tuple[DoseTruth, str, str]] = [
        (DoseTruth(True), "x", "unchanged"),
        (DoseTruth(True, volume_ml=Decimal(20)), "x", "unchanged"),
        (DoseTruth(False), " ", "reason_missing"),
        (DoseTruth(True, volume_ml=Decimal("20.1")), "x", "invalid_input"),
        (DoseTruth(True, volume_ml=Decimal("19.9999999")), "x", "too_exact"),
        (DoseTruth(True, at=this_dose.planned_at + 5 * HOUR), "x", "invalid_input"),
        (DoseTruth(True, at=this_dose.planned_at - 5 * HOUR), "x", "invalid_input"),
        (DoseTruth(True, given_by="nobody"), "x", "invalid_input"),
    ]
    with later():
        for truth, reason, code in table:
            with pytest.raises(InvalidInput) as refusal:
                correct(this_dose, truth, reason=reason)
            assert refusal.value.code == code, truth
        truth = DoseTruth(False)
        with pytest.raises(NotFound):
            correct_dose(actor=OTHER, dose_uid=this_dose.uid, truth=truth, reason="x")
        with pytest.raises(NotPermitted):
            correct_dose(actor=MANAGER, dose_uid=this_dose.uid, truth=truth, reason="x")
    assert Administration.objects.filter(dose=this_dose).count() == 1
    assert dose().state == "given"


@pytest.mark.requirement("R26")
def test_the_database_keeps_one_chain_of_records(trial: None) -> None:
    give()
    row = Administration.objects.get(dose=dose())
    same = {"dose": row.dose, "outcome": "missed", "at": row.at, "given_by": "x", "recorded_at": row.recorded_at}
    with tampering():
        for wrong, name in (({"sequence": 2}, "corrects_the_one_before"), ({"sequence": 1}, "administration")):
            with pytest.raises((IntegrityError, DatabaseError), match=name):
                from django.db import transaction

                with transaction.atomic():
                    Administration.objects.create(**same, **wrong)


def test_the_page_says_what_follows_before_it_records(trial: None) -> None:
    give()
    this_dose = dose()
    address = f"/doses/{this_dose.uid}/correct/"
    with later():
        client = client_of(NURSE)
        assert address in client.get(f"/participants/{NUMBER}/doses/").content.decode()
        local = clock.site_moment(this_dose.planned_at + 30 * MINUTE, "Europe/Athens")
        form = {
            "outcome": "given",
            "at": f"{local:%Y-%m-%dT%H:%M}",
            "volume_ml": "",
            "given_by": "",
            "barcode": "",
            "reason": "the clock was wrong",
            "seen": "",
        }
        assert client.get(address).status_code == 200
        shown = client.post(address, form)
        page = shown.content.decode()
        assert "What follows" in page
        assert "doses not yet given move" in page
        assert Administration.objects.filter(dose=this_dose).count() == 1
        seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
        assert seen is not None
        other = client.post(address, {**form, "outcome": "missed", "seen": seen[1]})
        assert "becomes void" in other.content.decode(), "what was seen is another correction"
        assert Administration.objects.filter(dose=this_dose).count() == 1
        done = client.post(address, {**form, "seen": seen[1]}, follow=True).content.decode()
        assert "IV 01 is corrected" in done
        assert "corrected by nurse.gr01" in done
    assert Administration.objects.filter(dose=this_dose).count() == 2


def test_the_same_over_the_api(trial: None) -> None:
    give()
    this_dose = dose()
    address = f"/api/v1/doses/{this_dose.uid}/administration/corrections/"
    with later():
        client = client_of(NURSE)

        def post(**body: Any) -> Any:
            return client.post(address, json.dumps({"reason": "chart", **body}), "application/json")

        seen = post(outcome="missed", preview=True)
        assert (seen.status_code, seen.json()["arising"]) == (200, ["dose missed, IV 01"])
        assert len(client.get(address).json()) == 1
        asked = post(outcome="missed")
        assert (asked.status_code, asked.json()["code"]) == (409, "voids_not_accepted")
        assert len(client.get(address).json()) == 1
        done = post(outcome="missed", accept_voids=asked.json()["accept_voids"])
        assert (done.status_code, done.json()) == (201, seen.json())
        assert [row["outcome"] for row in client.get(address).json()] == ["given", "missed"]
        assert post(outcome="missed").json()["code"] == "unchanged"
        assert client_of(OTHER).get(address).status_code == 404
    assert Packaging.objects.filter(dose=this_dose, voided_at=None).count() == 0


def miss(route: str = "IV", number: int = 1) -> Dose:
    miss_dose(actor=NURSE, dose_uid=dose(route, number).uid, reason="wrong line")
    return dose(route, number)


AGAIN = DoseTruth(False, planned_again=True)


@pytest.mark.requirement("R08", "R25")
def test_missed_by_mistake_is_planned_again_and_can_be_given(trial: None) -> None:
    give()
    label = ""
    with later(2, hours=-0.5):
        label = ready(dose(number=2))
        wrong = miss(number=2)
        assert open_deviations() == {("dose missed", "IV 02")}
        seen = correct(wrong, AGAIN, preview=True)
        assert dose(number=2).state == "missed", "a preview records nothing"
        assert seen.as_data()["times"] == [
            {
                "dose": "IV 02",
                "planned_before": clock.stamp(wrong.planned_at),
                "planned_at": clock.stamp(wrong.planned_at),
                "window_from": clock.stamp(wrong.planned_at - 2 * HOUR),
                "window_until": clock.stamp(wrong.planned_at + 2 * HOUR),
            }
        ]
        assert (seen.lifted, seen.arising, seen.moved) == (("dose missed, IV 02",), (), 0)
        assert correct(wrong, AGAIN) == seen
        assert not open_deviations()
        this_dose = dose(number=2)
        assert (this_dose.state, this_dose.administration) == ("planned", None)
        with pytest.raises(Refused) as void:
            administer(actor=NURSE, participant_number=NUMBER, barcode=label, at=clock.now())
        assert void.value.code == "voided", "the syringe that went back is never given"
        with pytest.raises(Refused) as nothing:
            correct(this_dose, DoseTruth(True))
        assert nothing.value.code == "not_recorded"
    give(number=2, late=HOUR)
    rows = list(Administration.objects.filter(dose=wrong).order_by("sequence"))
    assert [row.outcome for row in rows] == ["missed", "not_recorded", "given"]
    assert [row.corrects_id for row in rows] == [None, rows[0].pk, rows[1].pk]
    assert [row.is_correction for row in rows] == [False, True, False]
    assert dose(number=2).administration == rows[2]
    event = Event.objects.filter(action="dose.correct").order_by("-id")[0]
    assert dict(in_words(json.loads(event.data)))["outcome"] == "missed → not_recorded"


def test_missed_twice_and_planned_again_twice(trial: None) -> None:
    with later(hours=0):
        for _turn in range(2):
            correct(miss(), AGAIN)
        miss()
    assert [row.outcome for row in Administration.objects.filter(dose=dose()).order_by("sequence")] == [
        *("missed", "not_recorded") * 2,
        "missed",
    ]
    assert open_deviations() == {("dose missed", "IV 01")}


def test_it_is_planned_for_the_time_that_the_timetable_says_now(trial: None) -> None:
    """The course moved after the wrong record: the dose moves with it, and its window with the dose."""
    wrong, start = dose(), dose().planned_at
    with later(hours=0):
        miss()
    give("SC", late=HOUR)
    with later(hours=1.5):
        done = correct(wrong, AGAIN)
    assert dose().planned_at == start + HOUR
    assert [(moved.planned_before, moved.planned_at) for moved in done.times] == [(start, start + HOUR)]


@pytest.mark.parametrize(("minutes", "is_open"), [(120, True), (121, False)])
def test_after_its_window_a_dose_was_missed_and_is_not_planned_again(trial: None, minutes: int, is_open: bool) -> None:
    give()
    with later(2, hours=0):
        wrong = miss(number=2)
    with later(2, hours=minutes / 60):
        if is_open:
            correct(wrong, AGAIN)
            return
        with pytest.raises(Refused) as over:
            correct(wrong, AGAIN)
        assert over.value.code == "window_over"
        assert dose(number=2).state == "missed"
        assert open_deviations() == {("dose missed", "IV 02")}


def test_only_what_was_missed_is_planned_again(trial: None) -> None:
    give()
    with later(), pytest.raises(Refused) as refusal:
        correct(dose(), AGAIN)
    assert refusal.value.code == "dose_state"


def _steer(what: Any, **said: Any) -> None:
    what(actor=at(Role.INVESTIGATOR), number=NUMBER, reason="because", **said)


def test_on_hold_it_waits_and_is_held_when_treatment_goes_on(trial: None) -> None:
    give()
    with later(2, hours=0):
        wrong = miss(number=2)
        _steer(hold_course)
    with later(2, hours=3):
        correct(wrong, AGAIN)
        assert dose(number=2).state == "planned"
        _steer(resume_course)
    assert dose(number=2).state == "held", "its window passed on hold, which is no deviation"
    assert not open_deviations()


@pytest.mark.parametrize(("stopped", "state"), [(-1.0, "dropped"), (0.5, "")])
def test_after_the_end_of_treatment_it_is_dropped_or_stays_missed(trial: None, stopped: float, state: str) -> None:
    give()
    with later(2, hours=-1):
        wrong = miss(number=2)
    with later(2, hours=stopped):
        command, investigator = StopCourse(NUMBER, StopCause.DISCHARGE, clock.now()), at(Role.INVESTIGATOR)
        grant = sign(actor=investigator, secret=PASSWORD, command=command)
        stop_course(actor=investigator, command=command, reason="because", grant=grant)
        if state:
            assert correct(wrong, AGAIN).dropped == ("IV 02",)
            assert (dose(number=2).state, open_deviations()) == (state, set())
            return
        with pytest.raises(Refused) as over:
            correct(wrong, AGAIN)
        assert over.value.code == "window_over"


@pytest.mark.requirement("R08")
def test_the_preview_names_every_new_time_window_and_deviation(trial: None) -> None:
    give()
    give(number=2)
    before, start = planned(), Course.objects.get(participant__number=NUMBER).first_dose_at
    with later(2, hours=1):
        seen = correct(dose(), DoseTruth(True, at=start + 130 * MINUTE), preview=True)
        address = f"/doses/{dose().uid}/correct/"
        local = clock.site_moment(start + 130 * MINUTE, "Europe/Athens")
        form = {"outcome": "given", "at": f"{local:%Y-%m-%dT%H:%M}", "reason": "x", "seen": ""}
        page = client_of(NURSE).post(address, form).content.decode()
        correct(dose(), DoseTruth(True, at=start + 130 * MINUTE))
    assert seen.arising == ("dose outside its window, IV 01",)
    waiting = [key for key in before if key not in {("IV", 1), ("IV", 2)}]
    times = {moved.dose: moved for moved in seen.times}
    assert set(times) == {f"{route} {number:02d}" for route, number in waiting}
    late = {"IV": timedelta(hours=2), "SC": timedelta(hours=12)}
    for (route, number), at_first in before.items():
        if (route, number) in waiting:
            moved, at_then = times[f"{route} {number:02d}"], dose(route, number).planned_at
            assert (moved.planned_before, moved.planned_at) == (at_first, at_then)
            assert (moved.window_from, moved.window_until) == (at_then - late[route], at_then + late[route])
            assert site_time(at_then, "Europe/Athens") in page
            assert site_time(at_then + late[route], "Europe/Athens") in page
    assert "dose outside its window" in page


def test_not_recorded_by_page_and_api(trial: None) -> None:
    with later(hours=0):
        wrong, client = miss(), client_of(NURSE)
        address = f"/api/v1/doses/{wrong.uid}/administration/corrections/"
        body = json.dumps({"outcome": "not_recorded", "reason": "wrong line", "preview": True})
        seen = client.post(address, body, "application/json").json()
        assert [moved["dose"] for moved in seen["times"]] == ["IV 01"]
        form = {"outcome": "not_recorded", "reason": "wrong line", "seen": ""}
        page = client.post(f"/doses/{wrong.uid}/correct/", form).content.decode()
        assert "IV 01 is planned again" in page
        digest = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
        assert digest is not None
        done = client.post(f"/doses/{wrong.uid}/correct/", {**form, "seen": digest[1]}, follow=True).content.decode()
        assert "corrected by nurse.gr01" in done
        assert dose().state == "planned"
        assert [row["outcome"] for row in client.get(address).json()] == ["missed", "not_recorded"]
