"""Keep on this side what a code break needs to know, so that it works while nothing answers below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import service
from randomization.unblinded.codebreak.models import CopyCheck, KnownPatient
from randomization.unblinded.codebreak.patients import Patient, as_text


def _is_of_another(patient: Patient) -> bool:
    same = KnownPatient.objects.filter(Q(number=patient.number) | Q(kit_code=patient.kit_code))
    return same.exclude(participant_uid=patient.uid).exists()


@service
def copy_patients(*, actor: Actor, patients: Sequence[Patient], compared_at: datetime) -> None:
    """Write or renew these patients in the copy, one event a site, and when (UTC) it was compared.

    Neither arm nor class is in it. None changed: that it was compared alone, every quarter of an hour. Who has a number
    or kit that is known as somebody else's stays out: the blinded side is an older copy, and the first one got the
    syringes.
    """
    now = clock.now()
    patients = [patient for patient in patients if not _is_of_another(patient)]
    CopyCheck.objects.update_or_create(id=1, defaults={"at": compared_at})
    for patient in patients:
        KnownPatient.objects.update_or_create(
            participant_uid=patient.uid,
            defaults={
                "number": patient.number,
                "site_code": patient.site_code,
                "slot_uid": patient.slot_uid,
                "kit_code": patient.kit_code,
                "verdict_uid": patient.verdict_uid,
                "allocated_at": patient.allocated_at,
                "reduced": patient.reduced,
                "last_given": as_text(patient.last_given),
                "administration_id": patient.administration_id,
                "clearance_id": patient.clearance_id,
                "read_at": now,
            },
        )
    for site_code in sorted({patient.site_code for patient in patients}):
        numbers = [patient.number for patient in patients if patient.site_code == site_code]
        record(actor=actor, action="code.copy", subject=site_code, stream=site_code, data={"patients": numbers})
    if not patients:
        record(actor=actor, action="code.copy", subject="compared", data={"at": clock.stamp(compared_at)})
