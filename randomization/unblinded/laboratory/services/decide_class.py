"""A class corrected after allocation: a case, and the decision of two roles from which dose on another class holds.

The allocation and its class stay as they were; nothing of this goes down through the hatch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.blinded.allocation.for_unblinded import Allocation
from randomization.blinded.bedside.for_unblinded import doses_begun
from randomization.blinded.sites.for_unblinded import protocol_in_force
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.foreseen import Accepted, check_accepted, in_the_pharmacy
from randomization.shared.ids import dose_number
from randomization.shared.protocol import CLASSES
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand, SignedCommand
from randomization.signatures.services.sign import use_signature
from randomization.unblinded.laboratory.models import ClassCase, ClassDecision, Classification, DecidedFrom
from randomization.unblinded.laboratory.prepared_classes import voided_by
from randomization.unblinded.laboratory.selectors import SampleRow, newest_case_of, reason_of, routes_of

MEANING: Final = "class decided after a correction"


@dataclass(frozen=True, slots=True)
class DecideClass(ParticipantCommand):
    """What the first of the two signs: the class of a participant, and from which dose of each route on it holds."""

    meaning: ClassVar[str] = MEANING
    case_uid: UUID
    immune_class: str
    starts: Mapping[str, int]
    reason: str

    def content(self) -> dict[str, Any]:
        return {"class": self.immune_class, "from": dict(sorted(self.starts.items())), "reason": self.reason.strip()}


@dataclass(frozen=True, slots=True)
class ConfirmClass(SignedCommand):
    """What the second signs: the decision as it stands, with the reason that the first gave."""

    meaning: ClassVar[str] = MEANING
    case: ClassCase
    decision: ClassDecision | None

    @property
    def subject(self) -> str:
        return self.case.participant_number

    def content(self) -> dict[str, Any]:
        if self.decision is None:
            return {}
        starts = {start.route: start.number for start in self.decision.starts.all()}
        return {
            "reason": reason_of(self.decision),
            "class": self.decision.immune_class,
            "from": dict(sorted(starts.items())),
            "by": self.decision.signed_by,
        }


def open_case(actor: Actor, classification: Classification, allocation: Allocation, row: SampleRow) -> None:
    """Inside the running service: a case, where the sample is that of the allocation and its class changed.

    An allocation without an eligible verdict rests on no sample, and its treatment is over: there is nothing to decide.
    """
    before = row.classification
    if allocation.verdict_uid is None:
        return
    frozen = Classification.objects.filter(uid=allocation.verdict_uid).first()
    if before is None or frozen is None or frozen.receipt_id != classification.receipt_id:
        return
    if before.immune_class == classification.immune_class:
        return
    participant = row.sample.participant
    ClassCase.objects.create(
        classification=classification,
        participant_uid=participant.uid,
        participant_number=participant.number,
        site_code=participant.site_id,
        opened_at=clock.now(),
    )
    record(
        actor=actor,
        action="class.case",
        subject=participant.number,
        stream=participant.site_id,
        data={"old": {"class": before.immune_class}, "new": {"class": classification.immune_class}},
    )
    queue(
        channel=Channel.PEOPLE,
        kind="class_case",
        site_code=participant.site_id,
        roles=[Role.PHARMACIST, Role.SAFETY_OFFICER],
        payload={"participant": participant.number},
    )


def _case(actor: Actor, uid: UUID) -> ClassCase:
    class_case = ClassCase.objects.select_related("decision").filter(pk=uid).first()
    if class_case is None:
        raise NotFound()
    check_can(actor, Permission.CLASS_DECIDE, site_code=class_case.site_code)
    if newest_case_of(class_case.participant_uid) != class_case:
        raise Refused(_("The class was corrected again since: decide on the newest case."), code="superseded")
    return class_case


def _check_starts(case: ClassCase, starts: Mapping[str, int]) -> None:
    """Each route starts at a dose that nobody has begun with."""
    routes = routes_of(case.site_code)
    if set(starts) != set(routes):
        raise InvalidInput(_("Name the first dose for %(routes)s.", routes=" and ".join(routes)), field="from")
    begun, regimen = doses_begun(case.participant_uid), protocol_in_force(case.site_code).regimen
    for route, number in starts.items():
        last, most = begun.get(route, 0), regimen.route(route).doses
        if not 1 <= number <= most:
            raise InvalidInput(_("%(route)s has doses 1 to %(most)s.", route=route, most=most), field=f"from_{route}")
        if number <= last:
            raise InvalidInput(
                _(
                    "%(route)s %(last)s is ready or given already: choose a later dose.",
                    route=route,
                    last=dose_number(last),
                ),
                field=f"from_{route}",
            )


@service
def decide_class(*, actor: Actor, command: DecideClass, grant: UUID) -> ClassDecision:
    """First of two signatures: the class, and from which dose of each route on it holds.

    Raises NotFound outside reach, InvalidInput naming the field, Refused where it was decided or corrected again.
    """
    immune_class, starts = command.immune_class, command.starts
    case = _case(actor, command.case_uid)
    if immune_class not in CLASSES:
        raise InvalidInput(_("Choose one of the treated classes."), field="immune_class")
    if not command.reason.strip():
        raise InvalidInput(_("Say on what the decision rests."), field="reason", code="reason_missing")
    _check_starts(case, starts)
    if ClassDecision.objects.filter(case=case).exists():
        raise Refused(_("This case is decided: the second signature is missing, or it is in force."), code="decided")
    use_signature(actor=actor, grant=grant, command=replace(command, number=case.participant_number))
    decision = ClassDecision.objects.create(
        case=case, immune_class=immune_class, signed_by=actor.user_name, signed_role=actor.role, signed_at=clock.now()
    )
    DecidedFrom.objects.bulk_create(
        [DecidedFrom(decision=decision, route=route, number=number) for route, number in sorted(starts.items())]
    )
    record(
        actor=actor,
        action="class.decide",
        subject=case.participant_number,
        stream=case.site_code,
        data={"class": immune_class, "from": dict(sorted(starts.items())), "signature": str(grant)},
        texts={"reason": command.reason},
    )
    return decision


@service
def confirm_class(*, actor: Actor, case_uid: UUID, grant: UUID, accepted: Accepted | None = None) -> ClassDecision:
    """Second signature, by the other of the two roles: from now on the decision holds for what is prepared.

    accepted: what may become void; None: nobody is asked. Raises Refused same_role for the role that signed first, and
    where a dose was begun with meanwhile; VoidsNotAccepted.
    """
    case = _case(actor, case_uid)
    decision = ClassDecision.objects.select_for_update().filter(case=case).first()
    if decision is None or decision.confirmed_at is not None:
        raise Refused(_("Nothing waits for a second signature here."), code="decided")
    if actor.role == decision.signed_role:
        raise Refused(
            _("The other role signs second: pharmacist and safety officer decide together."), code="same_role"
        )
    _check_starts(case, {start.route: start.number for start in decision.starts.all()})
    check_accepted(voided_by(decision), accepted, in_the_pharmacy)
    use_signature(actor=actor, grant=grant, command=ConfirmClass(case, decision))
    decision.confirmed_by, decision.confirmed_role, decision.confirmed_at = actor.user_name, actor.role, clock.now()
    decision.save(update_fields=["confirmed_by", "confirmed_role", "confirmed_at"])
    record(
        actor=actor,
        action="class.confirm",
        subject=case.participant_number,
        stream=case.site_code,
        data={"class": decision.immune_class, "signature": str(grant)},
    )
    return decision
