"""The ward corrects what it recorded of doses, on both routes: a volume, and that one was not given after all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from immunosep_site.demonstration import cast, play
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Administration
from randomization.blinded.bedside.services.correct_dose import DoseTruth, correct_dose
from randomization.shared.service import Side, on_side

SITE = "GR01"
VOLUMES = {"IV": Decimal("12.345"), "SC": Decimal("0.4")}


def recorded() -> list[Administration]:
    """What was given at the site and is in force, by patient, route and number."""
    found = Administration.objects.select_related("dose").exclude(outcome="missed").filter(corrected=None)
    found = found.filter(dose__course__participant__site_id=SITE, dose__course__stopped_at=None)
    return list(found.order_by("dose__course__participant__number", "dose__route", "dose__number"))


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


def acts() -> Iterator[tuple[str, Callable[[], object], int]]:
    """Name, act, and the minutes before it."""
    yield "correct volumes", _volumes, 5
    yield "correct doses", _not_given, 5
    yield "after corrections", play.pass_hatch, 30
