"""`open_assignment`: the one way in which an arm is ever read from a slot.

Called by code break, closed reports and pharmacy's `prepare` alone; every call is recorded first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound, TamperingFound
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope
from randomization.unblinded.lists.custody import private_key
from randomization.unblinded.lists.models import AssignmentAccess, SealedSlot, WrappedSecret
from randomization.unblinded.lists.plan import Plan, plan_of
from randomization.unblinded.vault.arm import arm_at
from randomization.unblinded.vault.envelope import SlotCipher, SlotContext, list_key_info, unwrap
from randomization.unblinded.vault.keyring import SERVICE


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a position means: the arm, and the plan that says what it holds."""

    arm: str
    plan: Plan


@lru_cache(maxsize=256)
def _cipher(list_uid: str, wrapped: bytes) -> SlotCipher:
    return SlotCipher(unwrap(wrapped, private_key(SERVICE).hpke, list_key_info(list_uid, SERVICE)))


def open_assignment(*, actor: Actor, slot_uid: UUID, kit_code: str, purpose: str, reference: str) -> Assignment:
    """Open one slot inside the running service, with a row and an event before the arm is known.

    kit_code: as allocated. purpose: `preparation`, `code break`, `drill`. reference: what it was opened for.
    Raises NotFound for an unknown slot, TamperingFound where it does not open or carries another kit code than
    the patient's.
    """
    current_scope()
    slot = SealedSlot.objects.select_related("list__plan", "list__stratum").filter(uid=slot_uid).first()
    if slot is None:
        raise NotFound()
    if slot.kit_code != kit_code:
        raise TamperingFound(
            _(
                "Kit %(kit_code)s does not stand at the slot it was allocated from: open nothing, call.",
                kit_code=kit_code,
            )
        )
    AssignmentAccess.objects.create(
        slot=slot, purpose=purpose, reference=reference, actor=actor.user_name, role=actor.role, opened_at=clock.now()
    )
    record(
        actor=actor,
        action="assignment.open",
        subject=slot.kit_code,
        stream=slot.list.stratum.site_code,
        data={"slot": str(slot.uid), "purpose": purpose, "reference": reference},
    )
    list_uid = str(slot.list_id)
    wrapped = WrappedSecret.objects.get(list_id=slot.list_id, custodian=SERVICE, kind="key")
    plan = plan_of(slot.list.plan.text)
    context = SlotContext(list_uid, slot.position, slot.kit_code, plan.plan_hash)
    opened = _cipher(list_uid, bytes(wrapped.wrapped)).open(bytes(slot.sealed), context)
    return Assignment(arm_at(plan.arm_names, opened.arm_index), plan)
