"""The patient whose code is broken, as a value: read below where that answers, else from the copy on this side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Max, Q

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.allocation.for_unblinded import Allocation
from randomization.blinded.bedside.for_unblinded import GIVEN, Administration, Clearance, clearances_in_force
from randomization.blinded.screening.for_unblinded import protocol_for, transferred
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.identifiers import canonical
from randomization.shared.ids import as_participant_number
from randomization.shared.sentences import sentence as _
from randomization.unblinded.codebreak.models import CopyCheck, KnownPatient

NOBODY: Final = _("No randomised participant of your site has this number or kit code.")
OVERLAP: Final = timedelta(minutes=10)
CHECKED_EVERY: Final = timedelta(minutes=15)
OVERLAP_ROWS: Final = 20
"""How far behind its last reading the copy looks again: a row may be committed after a later one."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A randomised patient. `last_given`: number and moment (UTC) of the last dose by route.

    `copied_at`: None where just read below; else when the copy was read, so that later doses are not in it.
    """

    uid: UUID
    number: str
    site_code: str
    slot_uid: UUID
    kit_code: str
    verdict_uid: UUID | None
    allocated_at: datetime
    reduced: bool
    last_given: dict[str, tuple[int, datetime]]
    administration_id: int
    clearance_id: int
    copied_at: datetime | None = None


def read_below(allocations: Iterable[Allocation]) -> list[Patient]:
    """These allocations as patients, three statements however many; for reads from above."""
    allocated = list(allocations)
    uids = [allocation.participant_id for allocation in allocated]
    rules = {allocation.participant_id: protocol_for(allocation.participant).renal_rule for allocation in allocated}
    levels = clearances_in_force(uids, rules, clock.now())
    last_given: dict[UUID, dict[str, tuple[int, datetime]]] = {}
    last: dict[UUID, int] = {}
    doses = Administration.objects.filter(dose__course__participant_id__in=uids, corrected=None)
    doses = doses.filter(outcome__in=GIVEN)
    columns = ("id", "dose__course__participant_id", "dose__route", "dose__number", "at")
    for key, uid, route, number, at in doses.order_by("at", "id").values_list(*columns):
        last_given.setdefault(uid, {})[route] = (number, at)
        last[uid] = max(last.get(uid, 0), key)
    patients = []
    for allocation in allocated:
        uid, level = allocation.participant_id, levels.get(allocation.participant_id)
        patients.append(
            Patient(
                uid,
                allocation.participant.number,
                allocation.participant.site_id,
                allocation.slot_id,
                allocation.kit_code,
                allocation.verdict_uid,
                allocation.allocated_at,
                level is not None and level.reduced,
                last_given.get(uid, {}),
                last.get(uid, 0),
                level.value.pk if level else 0,
            )
        )
    return patients


def last_compared() -> datetime | None:
    """When (UTC) the copy was last compared with what stands below."""
    return CopyCheck.objects.filter(id=1).values_list("at", flat=True).first()


def is_check_old() -> bool:
    """Whether it is time to note again that the copy holds."""
    last = last_compared()
    return last is None or clock.now() - last > CHECKED_EVERY


def _from_copy(known: KnownPatient) -> Patient:
    last_given = {
        route: (number, clock.parse_stamp(at)) for route, (number, at) in json.loads(known.last_given).items()
    }
    return Patient(
        known.participant_uid,
        known.number,
        known.site_code,
        known.slot_uid,
        known.kit_code,
        known.verdict_uid,
        known.allocated_at,
        known.reduced,
        last_given,
        known.administration_id,
        known.clearance_id,
        last_compared() or known.read_at,
    )


def as_text(last_given: dict[str, tuple[int, datetime]]) -> str:
    """The last doses as the copy keeps them."""
    return json.dumps({route: (number, clock.stamp(at)) for route, (number, at) in last_given.items()}, sort_keys=True)


def _below(text: str, kit_code: str) -> Patient | None:
    allocations = Allocation.objects.select_related("participant__site")
    allocation = allocations.filter(participant__number=text).first() or allocations.filter(kit_code=kit_code).first()
    return read_below([allocation])[0] if allocation else None


def patient_for_break(actor: Actor, number: str) -> Patient:
    """One participant by number or kit code; raises NotFound outside reach, NotPermitted for another role.

    Who may break codes may do so at any hour: state of site, course or consent is no gate (E6 3.15.2(d)), and that
    the blinded side does not answer, or is an older copy, is none either.
    """
    kit_code = canonical(number)
    text = as_participant_number(number)
    known = KnownPatient.objects.filter(Q(number=text) | Q(kit_code=kit_code)).first()
    try:
        patient = _below(text, kit_code)
    except DatabaseError:
        patient = None
    # Where the blinded side is an older copy, who was first known by this number or kit is who got the syringes.
    if known is not None and (patient is None or patient.uid != known.participant_uid):
        patient = _from_copy(known)
    if patient is None or not actor.reaches(patient.site_code):
        raise NotFound(NOBODY)
    check_can(actor, Permission.CODE_BREAK)
    return patient


def changed_below() -> Sequence[Patient]:
    """Patients of whom something was recorded below that the copy may lack; few reads where nothing was."""
    known = KnownPatient.objects.aggregate(
        allocated=Max("allocated_at"), dose=Max("administration_id"), clearance=Max("clearance_id")
    )
    uids: set[UUID] = set()
    allocations = Allocation.objects.all()
    if known["allocated"] is not None:
        allocations = allocations.filter(allocated_at__gt=known["allocated"] - OVERLAP)
        doses = Administration.objects.filter(id__gt=known["dose"] - OVERLAP_ROWS)
        uids |= set(doses.values_list("dose__course__participant_id", flat=True))
        clearances = Clearance.objects.filter(id__gt=known["clearance"] - OVERLAP_ROWS)
        uids |= set(clearances.values_list("participant_id", flat=True))
    uids |= set(transferred())
    uids |= set(allocations.values_list("participant_id", flat=True))
    if not uids:
        return ()
    wanted = Allocation.objects.select_related("participant__site").filter(participant_id__in=uids)
    columns = ("participant_uid", "site_code", "reduced", "last_given")
    copied = set(KnownPatient.objects.filter(participant_uid__in=uids).values_list(*columns))
    patients = read_below(wanted.order_by("participant__number"))
    return [
        patient
        for patient in patients
        if (patient.uid, patient.site_code, patient.reduced, as_text(patient.last_given)) not in copied
    ]
