"""Break one patient's code, at once, recorded; or rehearse it on a made-up patient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from randomization.accounts.models import Signature
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.accounts.services.sign import use_signature
from randomization.audit.record import record
from randomization.blinded.allocation.models import Allocation
from randomization.blinded.bedside.models import Administration
from randomization.blinded.bedside.selectors import clearance_in_force
from randomization.blinded.inbox.hatch import send
from randomization.blinded.inbox.messages import CodeBroken, DrillDone
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.service import service
from randomization.unblinded.codebreak.categories import Category
from randomization.unblinded.codebreak.models import CodeBreak
from randomization.unblinded.codebreak.selectors import allocation_for_break
from randomization.unblinded.laboratory.immune_class import ImmuneClass
from randomization.unblinded.laboratory.selectors import class_for_dose
from randomization.unblinded.lists.openings import Assignment, open_assignment
from randomization.unblinded.lists.plan import Level
from randomization.unblinded.lists.selectors import drill_kits

MEANING = "break the code"
SHOWN = "treatment arm; substance and amount of each syringe; time of the last dose of each route"


@dataclass(frozen=True, slots=True)
class Syringe:
    """What one route's syringe holds; `last_given`: when it was given last (UTC), None if never."""

    route: str
    product: str
    amount: str
    last_given: datetime | None


@dataclass(frozen=True, slots=True)
class Revealed:
    """One patient's treatment, shown once."""

    uid: UUID
    subject: str
    kit_code: str
    arm: str
    syringes: tuple[Syringe, ...]
    is_drill: bool


def signed_content(subject: str, category: str, reason: str) -> dict[str, str]:
    """What the person signs."""
    return {"subject": subject, "category": category, "reason": reason.strip()}


def _need_reason(reason: str, category: str) -> None:
    if category not in Category.values:
        raise InvalidInput("Choose a category.", field="category")
    if not reason.strip():
        raise InvalidInput("Say in a few words why: it is recorded and does not delay the answer.", field="reason")


def syringes(
    assignment: Assignment, class_of: Callable[[str, int], ImmuneClass], level: Level,
    last: dict[str, tuple[int, datetime]],
) -> tuple[Syringe, ...]:  # fmt: skip
    """Each route's syringe by the class that held for the dose last given, or holds for the first."""
    plan = assignment.plan
    found = []
    for route in plan.routes:
        number, at = last.get(route, (1, None))
        content = plan.content(arm=assignment.arm, immune_class=class_of(route, number), route=route, level=level)
        found.append(Syringe(route, plan.products[content.product].name, content.amount, at))
    return tuple(found)


def _last_given(participant_uid: UUID) -> dict[str, tuple[int, datetime]]:
    given = Administration.objects.filter(dose__course__participant_id=participant_uid).exclude(outcome="missed")
    found = given.order_by("at").values_list("dose__route", "dose__number", "at")
    return {route: (number, at) for route, number, at in found}


def assignment_of(
    actor: Actor, allocation: Allocation, *, purpose: str, reference: str
) -> tuple[Assignment, Level, dict[str, tuple[int, datetime]]]:
    """Inside the running service: open one patient's assignment; with the level in force and what was given last."""
    person = allocation.participant
    assignment = open_assignment(
        actor=actor, slot_uid=allocation.slot_id, kit_code=allocation.kit_code, purpose=purpose, reference=reference
    )
    clearance = clearance_in_force(person.uid, protocol_in_force(person.site_id).renal_rule, clock.now())
    level = Level.REDUCED if clearance and clearance.reduced else Level.FULL
    return assignment, level, _last_given(person.uid)


@service
def break_code(
    *, actor: Actor, number: str, category: str, reason: str, grant: UUID, request: UUID | None = None
) -> Revealed:
    """Show one patient's treatment, at any hour, with nobody's approval as a gate (E6 3.15.2(d)(ii)).

    number: participant number or kit code. grant: a signature for `MEANING` over `signed_content`.
    request: an id of the request, so that the same one sent again (a page reloaded) breaks nothing. The blinded
    side learns that it happened and nothing else. Raises NotFound outside reach, InvalidInput
    without a reason.
    """
    allocation = allocation_for_break(actor, number)
    person = allocation.participant
    _need_reason(reason, category)
    if category == Category.DRILL:
        raise InvalidInput("A rehearsal uses a made-up patient: choose another category.", field="category")
    content = signed_content(person.number, category, reason)
    signature = use_signature(actor=actor, grant=grant, meaning=MEANING, subject=person.number, content=content)
    now, uid = clock.now(), request or new_uid()
    if CodeBreak.objects.filter(uid=uid).exists():
        raise Refused("This answer was shown already: break the code anew if it must be seen again.", code="shown")
    CodeBreak.objects.create(
        uid=uid, participant_uid=person.uid, participant_number=person.number, site_code=person.site_id,
        slot_uid=allocation.slot_id, kit_code=allocation.kit_code, category=category, reason=reason.strip(),
        shown=SHOWN, broken_by=actor.user_name, role=actor.role, broken_at=now, signature=signature.id,
    )  # fmt: skip
    record(
        actor=actor, action="code.break", subject=person.number, stream=person.site_id,
        data={"uid": str(uid), "category": category, "shown": SHOWN, "signature": str(signature.id)},
        texts={"reason": reason},
    )  # fmt: skip
    assignment, level, last = assignment_of(actor, allocation, purpose="code break", reference=str(uid))
    send(CodeBroken(participant_uid=person.uid, at=now))
    return Revealed(
        uid, person.number, allocation.kit_code, assignment.arm,
        syringes(assignment, partial(class_for_dose, person.uid, allocation.verdict_uid), level, last), is_drill=False,
    )  # fmt: skip


@service
def rehearse(*, actor: Actor, site_code: str, reason: str, grant: UUID) -> Revealed:
    """Rehearse the code break on the next made-up patient of the site's drill list; it opens the site's gate.

    Raises Refused where the site has no drill list, or all its made-up patients were used.
    """
    check_can(actor, Permission.CODE_REHEARSE, site_code=site_code)
    _need_reason(reason, Category.DRILL)
    used = set(
        CodeBreak.objects.filter(site_code=site_code, category=Category.DRILL).values_list("slot_uid", flat=True)
    )
    left = [(uid, kit) for uid, kit in drill_kits(site_code) if uid not in used]
    if not left:
        raise Refused("There is no made-up patient left to rehearse on: call the statistician.", code="no_drill_list")
    slot_uid, kit_code = left[0]
    content = signed_content(site_code, Category.DRILL, reason)
    signature: Signature = use_signature(actor=actor, grant=grant, meaning=MEANING, subject=site_code, content=content)
    uid = new_uid()
    CodeBreak.objects.create(
        uid=uid, site_code=site_code, slot_uid=slot_uid, kit_code=kit_code, category=Category.DRILL,
        reason=reason.strip(), shown=SHOWN, broken_by=actor.user_name, role=actor.role, broken_at=clock.now(),
        signature=signature.id,
    )  # fmt: skip
    record(
        actor=actor, action="code.rehearse", subject=site_code, stream=site_code,
        data={"uid": str(uid), "signature": str(signature.id)}, texts={"reason": reason},
    )  # fmt: skip
    assignment = open_assignment(actor=actor, slot_uid=slot_uid, kit_code=kit_code, purpose="drill", reference=str(uid))
    send(DrillDone(site_code=site_code))
    return Revealed(
        uid, f"{site_code} made-up patient", kit_code, assignment.arm,
        syringes(assignment, lambda _route, _number: ImmuneClass.SIP, Level.FULL, {}), is_drill=True,
    )  # fmt: skip
