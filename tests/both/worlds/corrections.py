"""The ward corrects what it recorded of doses, on both routes: a volume, that one was not given after all, and that
one was never missed: that one is prepared again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

from immunosep_site.demonstration import cast, play
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Administration, Dose
from randomization.blinded.bedside.selectors import window_of
from randomization.blinded.bedside.services.administer import miss_dose
from randomization.blinded.bedside.services.correct_dose import DoseTruth, correct_dose
from randomization.blinded.sites.selectors import protocol_of
from randomization.shared import clock
from randomization.shared.service import Side, on_side
from tests.both.worlds import dry
from tests.both.worlds.pharmacist import Pharmacist

SITE = "GR01"
VOLUMES = {"IV": Decimal("12.345"), "SC": Decimal("0.4")}


def recorded() -> list[Administration]:
    """What was given at the site and is in force, by patient, route and number."""
    administrations = Administration.objects.select_related("dose").exclude(outcome="missed").filter(corrected=None)
    administrations = administrations.filter(dose__course__participant__site_id=SITE, dose__course__stopped_at=None)
    return list(administrations.order_by("dose__course__participant__number", "dose__route", "dose__number"))


def _correct(row: Administration, truth: DoseTruth) -> None:
    nurse = cast.at_site(Role.NURSE, SITE)
    with on_side(Side.BLINDED):
        seen = correct_dose(actor=nurse, dose_uid=row.dose_id, truth=truth, reason="read again", preview=True)
        done = correct_dose(actor=nurse, dose_uid=row.dose_id, truth=truth, reason="read again")
    assert seen == done


def _volumes() -> None:
    rows = recorded()
    assert {row.dose.route for row in rows} == {"IV", "SC"}
    for row in rows:
        _correct(row, DoseTruth(True, volume_ml=VOLUMES[row.dose.route]))


def _not_given() -> None:
    """The first record of each route was none: syringes go back, and the timetable follows what was given."""
    rows = recorded()
    for route in ("IV", "SC"):
        _correct(next(row for row in rows if row.dose.route == route), DoseTruth(False))


def _in_window(state: tuple[str, ...]) -> list[Dose]:
    """Doses of the site that may be given now, the first of each route, by route."""
    now = clock.now()
    first: dict[str, Dose] = {}
    doses = Dose.objects.select_related("course__participant__site").filter(
        course__participant__site_id=SITE, course__stopped_at=None, course__held_at=None, state__in=state
    )
    for dose in doses.order_by("planned_at", "course__participant__number"):
        earliest, latest = window_of(dose, protocol_of(dose.course.participant.site).regimen)
        if earliest <= now <= latest - timedelta(hours=1):
            first.setdefault(dose.route, dose)
    return [first[route] for route in sorted(first)]


def _missed_by_mistake() -> None:
    """Whatever the pharmacy had done for them by then."""
    doses = _in_window(("planned", "ready"))
    with on_side(Side.BLINDED):
        for dose in doses:
            miss_dose(actor=cast.at_site(Role.NURSE, SITE), dose_uid=dose.uid, reason="wrong line")


def _planned_again() -> None:
    for dose in _in_window(("missed",)):
        row = dose.administration
        assert row is not None
        _correct(row, DoseTruth(False, planned_again=True))


def _prepare_again(pharmacist: Pharmacist, turn: str) -> None:
    """A delivery comes first: after the dry nights less lies there than counts as there; a drug would be missing."""
    dry.deliver(12, number=f"AGAIN{turn}", note=f"note of turn {turn}")
    for row in Administration.objects.filter(outcome="not_recorded", corrected=None).order_by("dose__route", "pk"):
        pharmacist.ask_for(row.dose)


def _both_routes() -> None:
    """Each route had a dose in its window in one of the turns, or equal worlds would prove little."""
    rows = Administration.objects.filter(outcome="not_recorded").values_list("dose__route", flat=True)
    assert set(rows) == {"IV", "SC"}, sorted(rows)


def acts(pharmacist: Pharmacist) -> Iterator[tuple[str, Callable[[], object], int]]:
    """Name, act, and the minutes before it."""
    yield "correct volumes", _volumes, 5
    yield "correct doses", _not_given, 5
    yield "after corrections", play.pass_hatch, 30
    for turn, minutes in (("once", 20 * 60), ("twice", 70)):  # SC 2 is over; SC 3 may be given from the next morning on
        yield f"missed by mistake {turn}", _missed_by_mistake, 5
        yield f"the pharmacy sees it missed {turn}", play.pass_hatch, 5
        yield f"planned again {turn}", _planned_again, 5
        yield f"prepare again {turn}", partial(_prepare_again, pharmacist, turn), 5
        yield f"prepared again {turn}", play.pass_hatch, minutes
    yield "both routes", _both_routes, 5
