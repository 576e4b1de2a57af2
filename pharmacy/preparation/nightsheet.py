"""The night sheet: what the coming day asks for, on paper. It holds no content: nothing is opened for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pharmacy.preparation.selectors import PatientDoses, WorklistRow, by_patient, worklist
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.sites.selectors import on_duty, site
from randomization.documents.pdf import render
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.ids import show_code

TEMPLATE: Final = Path(__file__).parent / "typst" / "nightsheet.typ"
HOURS: Final = 24


def night_sheet(actor: Actor) -> bytes:
    """The doses of the coming 24 hours at the actor's site as PDF, in local time with the offset.

    Equal byte for byte within a quarter of an hour where nothing changed. Raises NotPermitted for others.
    """
    check_can(actor, Permission.PREPARATION_MAKE)
    rows = worklist(actor, hours=HOURS)
    place = site(actor, actor.site_code)
    now = clock.quarter_at_or_before(clock.now())

    def local(moment: datetime) -> str:
        return f"{clock.site_moment(moment, place.time_zone):%a %d %b %H:%M %z}"

    duty = on_duty(place)
    data = {
        "site": place.code, "period": f"{local(now)} to {local(now + timedelta(hours=HOURS))}",
        "duty": f"{duty.preparer}, {duty.checker}, telephone {duty.telephone}" if duty else "nobody in the duty table",
        "patients": [_patient(group, local) for group in by_patient(rows)],
    }  # fmt: skip
    return render(TEMPLATE, data, at=now)


def _patient(group: PatientDoses, local: Callable[[datetime], str]) -> dict[str, Any]:
    found = group.rows[0].clearance
    if found is None:
        clearance = "No creatinine clearance yet: ask the ward before you prepare."
    else:
        level = "reduced dose" if found.reduced else "full dose"
        clearance = f"Creatinine clearance sampled {local(found.value.sampled_at)}: {level}."
        clearance += " Older than 36 h: ask for a new one." if found.old else ""
    return {
        "kit": show_code(group.kit_code), "number": group.number, "clearance": clearance,
        "doses": [
            {"planned": local(row.dose.planned_at), "dose": f"{row.dose.route} {row.dose.number:02d}",
             "state": _state(row, local)}
            for row in group.rows
        ],
    }  # fmt: skip


def _state(row: WorklistRow, local: Callable[[datetime], str]) -> str:
    if row.preparation is not None:
        return str(row.preparation.state)
    words = ["overdue"] if row.is_overdue else []
    words += ["changed: prepare again"] if row.is_changed else []
    words += [f"from {local(row.not_before)}"] if row.not_before else []
    return ", ".join(words) or "to prepare"
