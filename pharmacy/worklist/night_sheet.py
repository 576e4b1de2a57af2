"""The night sheet: what the coming day asks for, on paper. It holds no content: nothing is opened for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from pharmacy.worklist.models import NightSheet
from pharmacy.worklist.selectors import PatientDoses, WorklistRow, by_patient, worklist
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.for_unblinded import sites_with_open_doses
from randomization.blinded.sites.for_unblinded import Site, on_duty, site, sites_for
from randomization.documents.pdf import render
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import NotFound
from randomization.shared.ids import dose_name, show_code

TEMPLATE: Final = Path(__file__).parent / "typst" / "night_sheet.typ"
HOURS: Final = 24
AT: Final = time(16)
"""When the sheet of the coming night is made, local time."""


def night_sheet(actor: Actor) -> bytes:
    """The doses of the coming 24 hours at the actor's site as PDF, in local time with the offset.

    Equal byte for byte within a quarter of an hour where nothing changed. Raises NotPermitted for others.
    """
    check_can(actor, Permission.PREPARATION_MAKE)
    return sheet_of(site(actor, actor.site_code), worklist(actor, hours=HOURS))


def due_now() -> list[Site]:
    """Sites where it is past 16:00 and today's sheet is not kept yet, if somebody is on treatment there."""
    now = clock.now()
    open_there = set(sites_with_open_doses())
    due_sites = []
    for place in sites_for(SYSTEM):
        local = clock.site_moment(now, place.time_zone)
        if place.code in open_there and local.time() >= AT and not kept(place.code, local.date()):
            due_sites.append(place)
    return due_sites


def kept(site_code: str, day: date) -> bool:
    """Whether the sheet of a day is kept."""
    return NightSheet.objects.filter(site_code=site_code, day=day).exists()


def newest(actor: Actor) -> NightSheet | None:
    """The sheet kept last at the actor's site."""
    check_can(actor, Permission.PREPARATION_MAKE)
    return NightSheet.objects.filter(site_code=actor.site_code).order_by("-day").first()


def kept_sheet(actor: Actor, day: date) -> bytes:
    """The sheet of a day at the actor's site; raises NotFound where none is kept."""
    check_can(actor, Permission.PREPARATION_MAKE)
    sheet = NightSheet.objects.filter(site_code=actor.site_code, day=day).first()
    if sheet is None:
        raise NotFound()
    return bytes(sheet.content)


def sheet_of(place: Site, rows: Sequence[WorklistRow]) -> bytes:
    """The sheet of some rows of one site."""
    now = clock.quarter_at_or_before(clock.now())

    def local(moment: datetime) -> str:
        return f"{clock.site_moment(moment, place.time_zone):%a %d %b %H:%M %z}"

    duty = on_duty(place)
    data = {
        "site": place.code,
        "period": f"{local(now)} to {local(now + timedelta(hours=HOURS))}",
        "duty": f"{duty.preparer}, {duty.checker}, telephone {duty.telephone}" if duty else "nobody in the duty table",
        "patients": [_patient(group, local) for group in by_patient(rows)],
    }
    return render(TEMPLATE, data, at=now)


def _patient(group: PatientDoses, local: Callable[[datetime], str]) -> dict[str, Any]:
    in_force = group.rows[0].clearance
    if in_force is None:
        clearance = "No creatinine clearance yet: ask the ward before you prepare."
    else:
        level = "reduced dose" if in_force.reduced else "full dose"
        clearance = f"Creatinine clearance sampled {local(in_force.value.sampled_at)}: {level}."
        clearance += " Older than 36 h: ask for a new one." if in_force.old else ""
    return {
        "kit": show_code(group.kit_code),
        "number": group.number,
        "clearance": clearance,
        "doses": [
            {
                "planned": local(row.dose.planned_at),
                "dose": dose_name(row.dose.route, row.dose.number),
                "state": _state(row, local),
            }
            for row in group.rows
        ],
    }


def _state(row: WorklistRow, local: Callable[[datetime], str]) -> str:
    if row.preparation is not None:
        return str(row.preparation.state)
    words = ["overdue"] if row.is_overdue else []
    words += ["changed: prepare again"] if row.is_changed else []
    words += [f"from {local(row.not_before)}"] if row.not_before else []
    return ", ".join(words) or "to prepare"
