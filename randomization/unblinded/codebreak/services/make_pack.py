"""Make the emergency code-break pack of a site; every assignment in it is opened and recorded."""

from __future__ import annotations

from dataclasses import dataclass

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.allocation.for_unblinded import on_treatment
from randomization.blinded.sites.for_unblinded import check_site_exists
from randomization.shared import clock
from randomization.shared.actor import SITE_LENGTH, Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.unblinded.codebreak.pack import seal_pack
from randomization.unblinded.codebreak.patients import read_below
from randomization.unblinded.codebreak.revealed import Syringe
from randomization.unblinded.codebreak.services.break_code import assignment_of
from randomization.unblinded.vault.keyring import Custodian


@dataclass(frozen=True, slots=True)
class Packed:
    """One patient on treatment, as the key holder reads it."""

    participant: str
    kit_code: str
    arm: str
    syringes: tuple[Syringe, ...]


@service
def make_pack(*, actor: Actor, site_code: str, holder: Custodian) -> bytes:
    """The treatments of everybody on treatment at a site, sealed to its key holder.

    Make a new one after each randomisation at the site, and by schedule. Raises InvalidInput for an unknown site.
    """
    check_can(actor, Permission.LIST_GENERATE)
    check_site_exists(site_code)
    if len(site_code) != SITE_LENGTH:
        raise InvalidInput(_("A pack is made for one site."), field="site")
    made_at = clock.stamp(clock.now())
    patients = []
    for patient in read_below(allocation for _participant, allocation in on_treatment(site_code)):
        assignment, held = assignment_of(actor, patient, purpose="code break pack", reference=made_at)
        patients.append(Packed(patient.number, patient.kit_code, assignment.arm, held))
    record(
        actor=actor,
        action="code.pack",
        subject=site_code,
        stream=site_code,
        data={"made_at": made_at, "patients": [packed.participant for packed in patients], "key": holder.fingerprint},
    )
    return seal_pack(site_code, made_at, patients, holder)
