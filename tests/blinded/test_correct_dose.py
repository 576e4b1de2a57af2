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

from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.correcting import Consequences
from randomization.blinded.bedside.for_unblinded import outcomes_by_packaging
from randomization.blinded.bedside.models import Administration, Course, Dose, Packaging
from randomization.blinded.bedside.selectors import first_given, last_given_before
from randomization.blinded.bedside.services.administer import administer, miss_dose
from randomization.blinded.bedside.services.correct_dose import DoseTruth, correct_dose
from randomization.blinded.screening.models import Deviation
from randomization.delivery.differences import in_words
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from tests.blinded.world import MANAGER, NUMBER, at, ready
from tests.conftest import tampering
from tests.permissions import client_of

COORDINATOR, NURSE = at(Role.COORDINATOR), at(Role.NURSE)
OTHER = at(Role.NURSE, "GR02")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def dose(route: str = "IV", number: int = 1) -> Dose:
    return Dose.objects.select_related("course").get(course__participant__number=NUMBER, route=route, number=number)


def give(route: str = "IV", number: int = 1, *, late: timedelta = timedelta(0), volume: str | None = None) -> str:
    """Give a dose `late` after its planned time, as the ward does; the code of its syringe."""
    found = dose(route, number)
    with time_machine.travel(found.planned_at + late - 2 * MINUTE, tick=False):
        label = ready(found)
    with time_machine.travel(found.planned_at + late, tick=False):
        administer(
            actor=NURSE,
            participant_number=NUMBER,
            barcode=label,
            at=clock.now(),
            volume_ml=Decimal(volume) if volume else None,
        )
    return label.rsplit(".", 1)[1]


def correct(found: Dose, truth: DoseTruth, reason: str = "read from the chart", **more: Any) -> Consequences:
    return correct_dose(actor=NURSE, dose_uid=found.uid, truth=truth, reason=reason, **more)


def open_deviations() -> set[tuple[str, str]]:
    return set(Deviation.objects.filter(participant__number=NUMBER, lifted_at=None).values_list("kind", "about"))


def later(number: int = 1, hours: float = 1) -> Any:
    return time_machine.travel(dose(number=number).planned_at + timedelta(hours=hours), tick=False)


def planned() -> dict[tuple[str, int], datetime]:
    found = Dose.objects.filter(course__participant__number=NUMBER)
    return {(one.route, one.number): one.planned_at for one in found}


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
        assert (("dose outside its window", "IV 2") in open_deviations()) == outside
        correct(second, DoseTruth(True, at=second.planned_at + MINUTE))
        assert not open_deviations(), "lifted by a further correction"
        if outside:
            assert Deviation.objects.get(about="IV 2").lifted_at is not None
            page = client_of(COORDINATOR).get("/deviations/?all=1").content.decode()
            assert "none after a correction" in page
            assert "IV 2" not in client_of(COORDINATOR).get("/deviations/").content.decode()


def test_the_interval_of_the_dose_after_it_is_judged_again(trial: None) -> None:
    give()
    give(number=2, late=2 * HOUR)
    give(number=3, late=-2 * HOUR)
    with later(3):
        assert not open_deviations(), "exactly the least interval"
        moved = correct(dose(number=2), DoseTruth(True, at=dose(number=2).planned_at + 2 * HOUR + MINUTE))
        assert set(moved.arising) == {"dose outside its window, IV 2", "dose too soon after the one before, IV 3"}
        back = correct(dose(number=2), DoseTruth(True, at=dose(number=2).planned_at + 2 * HOUR))
        assert set(back.lifted) == set(moved.arising)
        assert not open_deviations()


def test_given_was_not_given(trial: None) -> None:
    """The only dose given: the timetable stays until one is given, and the syringe goes back."""
    code = give()
    with later():
        done = correct(dose(), DoseTruth(False), reason="the line was blocked")
        assert (done.voided, done.arising) == ((code,), ("dose missed, IV 1",))
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
        assert open_deviations() == {("dose missed", "IV 1")}
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
        assert done.lifted == ("dose missed, IV 1",)
        assert not open_deviations()
        assert dose().state == "given"
        late = correct(dose(), DoseTruth(True, at=dose().planned_at + 45 * MINUTE))
        assert "given from a void syringe, IV 1" in late.arising
    assert set(outcomes_by_packaging("GR01")) == {label.rsplit(".", 1)[1]}


def test_what_cannot_be_is_refused_and_nothing_is_recorded(trial: None) -> None:
    with pytest.raises(Refused) as early:
        correct(dose(), DoseTruth(False))
    assert early.value.code == "not_recorded"
    give()
    found = dose()
    table: list[tuple[DoseTruth, str, str]] = [
        (DoseTruth(True), "x", "unchanged"),
        (DoseTruth(True, volume_ml=Decimal(20)), "x", "unchanged"),
        (DoseTruth(False), " ", "reason_missing"),
        (DoseTruth(True, volume_ml=Decimal("20.1")), "x", "invalid_input"),
        (DoseTruth(True, volume_ml=Decimal("19.9999999")), "x", "too_exact"),
        (DoseTruth(True, at=found.planned_at + 5 * HOUR), "x", "invalid_input"),
        (DoseTruth(True, at=found.planned_at - 5 * HOUR), "x", "invalid_input"),
        (DoseTruth(True, given_by="nobody"), "x", "invalid_input"),
    ]
    with later():
        for truth, reason, code in table:
            with pytest.raises(InvalidInput) as refusal:
                correct(found, truth, reason=reason)
            assert refusal.value.code == code, truth
        truth = DoseTruth(False)
        with pytest.raises(NotFound):
            correct_dose(actor=OTHER, dose_uid=found.uid, truth=truth, reason="x")
        with pytest.raises(NotPermitted):
            correct_dose(actor=MANAGER, dose_uid=found.uid, truth=truth, reason="x")
    assert Administration.objects.filter(dose=found).count() == 1
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
    found = dose()
    address = f"/doses/{found.uid}/correct/"
    with later():
        client = client_of(NURSE)
        assert address in client.get(f"/participants/{NUMBER}/doses/").content.decode()
        local = clock.site_moment(found.planned_at + 30 * MINUTE, "Europe/Athens")
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
        assert Administration.objects.filter(dose=found).count() == 1
        seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
        assert seen is not None
        other = client.post(address, {**form, "outcome": "missed", "seen": seen[1]})
        assert "becomes void" in other.content.decode(), "what was seen is another correction"
        assert Administration.objects.filter(dose=found).count() == 1
        done = client.post(address, {**form, "seen": seen[1]}, follow=True).content.decode()
        assert "IV 01 is corrected" in done
        assert "corrected by nurse.gr01" in done
    assert Administration.objects.filter(dose=found).count() == 2


def test_the_same_over_the_api(trial: None) -> None:
    give()
    found = dose()
    address = f"/api/v1/doses/{found.uid}/administration/corrections/"
    with later():
        client = client_of(NURSE)

        def post(**body: Any) -> Any:
            return client.post(address, json.dumps({"reason": "chart", **body}), "application/json")

        seen = post(outcome="missed", preview=True)
        assert (seen.status_code, seen.json()["arising"]) == (200, ["dose missed, IV 1"])
        assert len(client.get(address).json()) == 1
        asked = post(outcome="missed")
        assert (asked.status_code, asked.json()["code"]) == (409, "voids_not_accepted")
        assert len(client.get(address).json()) == 1
        done = post(outcome="missed", accept_voids=asked.json()["accept_voids"])
        assert (done.status_code, done.json()) == (201, seen.json())
        assert [row["outcome"] for row in client.get(address).json()] == ["given", "missed"]
        assert post(outcome="missed").json()["code"] == "unchanged"
        assert client_of(OTHER).get(address).status_code == 404
    assert Packaging.objects.filter(dose=found, voided_at=None).count() == 0
