"""Break one patient's code, at once, recorded; or rehearse it on a made-up patient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import ClassVar, Final
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.hatch.messages import CodeBroken, DrillDone
from randomization.hatch.send import send
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import ParticipantCommand, SignedCommand
from randomization.signatures.services.sign import use_signature
from randomization.unblinded.codebreak.categories import Category, Way
from randomization.unblinded.codebreak.models import CodeBreak
from randomization.unblinded.codebreak.patients import Patient, patient_for_break
from randomization.unblinded.codebreak.revealed import Revealed, Syringe
from randomization.unblinded.codebreak.selectors import breakers_without_drill, zone_of
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.laboratory.immune_class import ImmuneClass
from randomization.unblinded.laboratory.selectors import possible_classes
from randomization.unblinded.lists.assignment_access import Assignment, open_assignment
from randomization.unblinded.lists.selectors import drill_kits

MEANING: Final = "break the code"
EITHER: Final = " or "
SHOWN: Final = "treatment arm; substance and amount of each syringe; time of the last dose of each route"


@dataclass(frozen=True, slots=True)
class BreakCode(ParticipantCommand):
    """Whose code is broken, by participant number, and why."""

    meaning: ClassVar[str] = MEANING
    category: str
    reason: str

    def content(self) -> dict[str, str]:
        return {"subject": self.subject, "category": self.category, "reason": self.reason.strip()}


@dataclass(frozen=True, slots=True)
class Rehearse(SignedCommand):
    """At which site a code break is rehearsed, and why."""

    meaning: ClassVar[str] = MEANING
    site_code: str
    reason: str

    @property
    def subject(self) -> str:
        return self.site_code

    def content(self) -> dict[str, str]:
        return {"subject": self.site_code, "category": Category.DRILL, "reason": self.reason.strip()}


def _need_reason(reason: str, category: str) -> None:
    if category not in Category.values:
        raise InvalidInput(_("Choose a category."), field="category")
    if not reason.strip():
        raise InvalidInput(_("Say in a few words why: it is recorded and does not delay the answer."), field="reason")


def syringes(
    assignment: Assignment,
    classes_of: Callable[[str, int], tuple[ImmuneClass, ...]],
    level: Level,
    last: dict[str, tuple[int, datetime]],
) -> tuple[Syringe, ...]:
    """Each route's syringe by the class that held for the dose last given, or holds for the first.

    Where the class is not known, everything that the syringe may hold.
    """
    plan = assignment.plan
    patient_syringes = []
    for route in plan.routes:
        number, at = last.get(route, (1, None))
        contents = [
            plan.content(arm=assignment.arm, immune_class=immune_class, route=route, level=level)
            for immune_class in classes_of(route, number)
        ]
        held = dict.fromkeys((plan.products[content.product].name, content.amount) for content in contents)
        products, amounts = (EITHER.join(words) for words in zip(*held, strict=True))
        patient_syringes.append(Syringe(route, products, amounts, at))
    return tuple(patient_syringes)


def check_why(actor: Actor, category: str, reason: str) -> None:
    """Raise InvalidInput without category or reason, Refused for a regulator's report by anybody but the safety
    function (E6 3.15.2(d)(iii))."""
    _need_reason(reason, category)
    if category == Category.DRILL:
        raise InvalidInput(_("A rehearsal uses a made-up patient: choose another category."), field="category")
    if category == Category.SAFETY_REPORT and actor.role != Role.SAFETY_OFFICER:
        raise Refused(
            _("A report to a regulator is the safety officer's: call there. For treatment, choose emergency."),
            code="safety_function",
        )


def tell_safety(site_code: str, number: str) -> None:
    """Inside the running service: the safety officer learns that a code was broken, and assesses what it means."""
    queue(
        channel=Channel.PEOPLE,
        kind="code_broken",
        site_code=site_code,
        roles=[Role.SAFETY_OFFICER],
        payload={"participant": number},
    )


def assignment_of(
    actor: Actor, patient: Patient, *, purpose: str, reference: str
) -> tuple[Assignment, tuple[Syringe, ...]]:
    """Inside the running service: open one patient's assignment; with what each syringe holds now."""
    assignment = open_assignment(
        actor=actor, slot_uid=patient.slot_uid, kit_code=patient.kit_code, purpose=purpose, reference=reference
    )
    level = Level.REDUCED if patient.reduced else Level.FULL
    classes_of = partial(possible_classes, patient.uid, patient.verdict_uid)
    return assignment, syringes(assignment, classes_of, level, patient.last_given)


def reveal(
    actor: Actor,
    patient: Patient,
    *,
    uid: UUID,
    category: str,
    reason: str,
    signature: UUID,
    way: Way,
    seen_by: str,
    asked_by: Actor,
) -> Revealed:
    """Inside the running service: note the code break, open the assignment, tell below that it happened."""
    now = clock.now()
    CodeBreak.objects.create(
        uid=uid,
        participant_uid=patient.uid,
        participant_number=patient.number,
        site_code=patient.site_code,
        slot_uid=patient.slot_uid,
        kit_code=patient.kit_code,
        category=category,
        reason=reason.strip(),
        shown=SHOWN,
        way=way,
        broken_by=asked_by.user_name,
        seen_by=seen_by,
        role=asked_by.role,
        broken_at=now,
        signature=signature,
    )
    record(
        actor=actor,
        action="code.break",
        subject=patient.number,
        stream=patient.site_code,
        data={
            "uid": str(uid),
            "category": category,
            "shown": SHOWN,
            "way": str(way),
            "asked_by": asked_by.user_name,
            "signature": str(signature),
            "from_copy": patient.copied_at is not None,
        },
        texts={"reason": reason, "seen_by": seen_by},
    )
    assignment, held = assignment_of(actor, patient, purpose="code break", reference=str(uid))
    send(CodeBroken(participant_uid=patient.uid, at=now))
    tell_safety(patient.site_code, patient.number)
    return Revealed(
        uid,
        patient.number,
        patient.kit_code,
        assignment.arm,
        held,
        is_drill=False,
        copied_at=patient.copied_at,
        zone=zone_of(patient.site_code),
    )


@service
def break_code(*, actor: Actor, command: BreakCode, grant: UUID, request: UUID | None = None) -> Revealed:
    """Show one patient's treatment, at any hour, with nobody's approval as a gate (E6 3.15.2(d)(ii)).

    request: an id of the request, so that the same one sent again (a page reloaded) breaks nothing. The blinded
    side learns that it happened and nothing else. Raises NotFound outside reach, InvalidInput
    without a reason.
    """
    patient = patient_for_break(actor, command.number)
    check_why(actor, command.category, command.reason)
    signature = use_signature(actor=actor, grant=grant, command=replace(command, number=patient.number))
    uid = request or new_uid()
    if CodeBreak.objects.filter(uid=uid).exists():
        raise Refused(_("This answer was shown already: break the code anew if it must be seen again."), code="shown")
    return reveal(
        actor,
        patient,
        uid=uid,
        category=command.category,
        reason=command.reason,
        signature=signature.id,
        way=Way.SCREEN,
        seen_by=actor.user_name,
        asked_by=actor,
    )


@service
def rehearse(*, actor: Actor, command: Rehearse, grant: UUID) -> Revealed:
    """Rehearse the code break on the next made-up patient of the site's drill list.

    Once everybody who may break codes at the site has done so, the site's gate opens.
    Raises Refused where the site has no drill list, or all its made-up patients were used.
    """
    site_code, reason = command.site_code, command.reason
    check_can(actor, Permission.CODE_REHEARSE, site_code=site_code)
    _need_reason(reason, Category.DRILL)
    used = set(
        CodeBreak.objects.filter(site_code=site_code, category=Category.DRILL).values_list("slot_uid", flat=True)
    )
    left = [(uid, kit) for uid, kit in drill_kits(site_code) if uid not in used]
    if not left:
        raise Refused(
            _("There is no made-up patient left to rehearse on: call the statistician."), code="no_drill_list"
        )
    slot_uid, kit_code = left[0]
    signature = use_signature(actor=actor, grant=grant, command=command)
    uid = new_uid()
    CodeBreak.objects.create(
        uid=uid,
        site_code=site_code,
        slot_uid=slot_uid,
        kit_code=kit_code,
        category=Category.DRILL,
        reason=reason.strip(),
        shown=SHOWN,
        broken_by=actor.user_name,
        seen_by=actor.user_name,
        role=actor.role,
        broken_at=clock.now(),
        signature=signature.id,
    )
    record(
        actor=actor,
        action="code.rehearse",
        subject=site_code,
        stream=site_code,
        data={"uid": str(uid), "signature": str(signature.id)},
        texts={"reason": reason},
    )
    assignment = open_assignment(actor=actor, slot_uid=slot_uid, kit_code=kit_code, purpose="drill", reference=str(uid))
    if not breakers_without_drill(site_code):
        send(DrillDone(site_code=site_code))
    return Revealed(
        uid,
        _("made-up patient of %(site)s", site=site_code),
        kit_code,
        assignment.arm,
        syringes(assignment, lambda _route, _number: (ImmuneClass.SIP,), Level.FULL, {}),
        is_drill=True,
    )


@service
def open_gates(*, actor: Actor, site_codes: Sequence[str]) -> None:
    """Tell below that these sites have rehearsed: who had not is no code breaker any more. Part of the sweep.

    Told anew after a while as long as it is not known below; a message that repeats changes nothing there.
    """
    for site_code in site_codes:
        record(actor=actor, action="code.gate", subject=site_code, stream=site_code)
        send(DrillDone(site_code=site_code))
