"""Check a list against its seed, plan and commitment: everything that could have been changed is named."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from randomization.blinded.allocation.for_unblinded import PublishedList
from randomization.shared.errors import NotFound, TamperingFound
from randomization.unblinded.lists.custody import private_key
from randomization.unblinded.lists.models import SealedList
from randomization.unblinded.lists.plan import plan_of
from randomization.unblinded.vault import envelope
from randomization.unblinded.vault.arm import arm_at
from randomization.unblinded.vault.commitment import leaf_v1, merkle_root
from randomization.unblinded.vault.envelope import SlotCipher, SlotContext
from randomization.unblinded.vault.keyring import STATISTICIAN
from randomization.unblinded.vault.sequence import permuted_blocks


@dataclass(frozen=True, slots=True)
class Verified:
    """A list that is the one that was sealed."""

    context: str
    length: int
    root: str


def _secret(sealed: SealedList, kind: str, custodian: str, passphrase: str | None) -> bytes:
    wrapped = sealed.secrets.filter(custodian=custodian, kind=kind).first()
    if wrapped is None:
        raise TamperingFound(f"The {kind} of {sealed.context} for {custodian} is gone.")
    info = (envelope.list_key_info if kind == "key" else envelope.seed_info)(str(sealed.uid), custodian)
    return envelope.unwrap(bytes(wrapped.wrapped), private_key(custodian, passphrase).hpke, info)


def verify_list(
    list_uid: UUID,
    *,
    published: PublishedList | None,
    custodian: str = STATISTICIAN,
    passphrase: str | None = None,
) -> Verified:
    """Rebuild the list from its seed and compare every slot and the root.

    published: the list as the blinded side has it; None for a drill list. Needs the custodian's key.
    Raises NotFound, or TamperingFound naming what was changed.
    """
    sealed = SealedList.objects.select_related("plan", "stratum").filter(uid=list_uid).first()
    if sealed is None:
        raise NotFound("There is no list with this UID.")
    plan = plan_of(sealed.plan.text)
    if plan.plan_hash != sealed.plan.plan_hash:
        raise TamperingFound(f"The plan of {sealed.context} was changed since it was sealed.")
    cipher = SlotCipher(_secret(sealed, "key", custodian, passphrase))
    sequence = permuted_blocks(
        seed=_secret(sealed, "seed", custodian, passphrase),
        context=sealed.context,
        arms=[(arm.name, arm.ratio) for arm in plan.arms],
        block_sizes=plan.block_sizes,
        length=sealed.asked_length,
    )
    slots = list(sealed.slots.order_by("position"))
    if [slot.position for slot in slots] != list(range(1, len(sequence) + 1)):
        raise TamperingFound(f"{sealed.context} has other positions than its seed gives.")
    leaves = []
    for slot, arm in zip(slots, sequence, strict=True):
        context = SlotContext(str(sealed.uid), slot.position, slot.kit_code, plan.plan_hash)
        opened = cipher.open(bytes(slot.sealed), context)
        if arm_at(plan.arm_names, opened.arm_index) != arm:
            raise TamperingFound(f"Position {slot.position} of {sealed.context} is not what its seed gives.")
        leaves.append(
            leaf_v1(
                list_uid=str(sealed.uid),
                position=slot.position,
                kit_code=slot.kit_code,
                arm=arm,
                nonce=opened.nonce,
                plan_hash=plan.plan_hash,
            )
        )
    root = merkle_root(leaves).hex()
    if published is None and not sealed.stratum.is_drill:
        raise TamperingFound(f"{sealed.context} is not on the blinded side: it has not arrived, or was removed there.")
    for name, other in {"stored": sealed.root, "published": published.root if published else root}.items():
        if other != root:
            raise TamperingFound(f"The {name} root of {sealed.context} is not the root of this list: it was replaced.")
    if published is not None and published.slots != tuple((slot.uid, slot.kit_code) for slot in slots):
        raise TamperingFound(f"The kit codes or slots of {sealed.context} differ on the blinded side.")
    return Verified(sealed.context, len(slots), root)
