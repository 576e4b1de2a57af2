"""Generate, seal and commit to lists. The seed and the sequence live in this function's memory alone."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Max

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.hatch.messages import SlotsSealed
from randomization.hatch.send import send
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid, random_bytes, shuffled
from randomization.shared.errors import ConfigurationError, InvalidInput, Refused
from randomization.shared.ids import new_kit_code
from randomization.shared.service import service
from randomization.unblinded.lists.models import (
    Custodian,
    PlanVersion,
    SealedList,
    SealedSlot,
    Stratum,
    WrappedSecret,
)
from randomization.unblinded.lists.plan import Plan, plan_of
from randomization.unblinded.lists.plan_and_protocol import check_sites_agree
from randomization.unblinded.vault import envelope, keyring
from randomization.unblinded.vault.arm import arm_index
from randomization.unblinded.vault.commitment import leaf_v1, merkle_root
from randomization.unblinded.vault.envelope import OpenedSlot, SlotCipher, SlotContext
from randomization.unblinded.vault.sequence import permuted_blocks

DRILL_LENGTH = 12
FALLBACK_LENGTH = 6
MOST = 100_000
INSERT_BATCH = 2000


def _custodians() -> dict[str, keyring.Custodian]:
    newest = {entry.name: bytes(entry.public_key) for entry in Custodian.objects.order_by("id")}
    missing = [name for name in keyring.CUSTODIANS if name not in newest]
    if missing:
        raise ConfigurationError(f"No key of {', '.join(missing)}: run create_custodian_keys first.")
    return {name: keyring.Custodian(name, public) for name, public in newest.items()}


def _strata(plan: Plan, site_code: str) -> list[Stratum]:
    wanted = [(f"{site_code}:{stratum}" if stratum else site_code, stratum or "", False) for stratum in plan.strata()]
    wanted.append((f"{site_code}:DRILL", "", True))
    strata = []
    for scope, immune_class, is_drill in wanted:
        stratum, _created = Stratum.objects.get_or_create(
            scope=scope,
            defaults={"uid": new_uid(), "site_code": site_code, "immune_class": immune_class, "is_drill": is_drill},
        )
        strata.append(stratum)
    return strata


def _wrap_all(sealed: SealedList, key: bytes, seed: bytes, custodians: dict[str, keyring.Custodian]) -> None:
    uid = str(sealed.uid)
    secrets = [
        WrappedSecret(
            list=sealed,
            custodian=name,
            kind="key",
            wrapped=envelope.wrap(key, custodian.public_key, envelope.list_key_info(uid, name)),
        )
        for name, custodian in custodians.items()
    ]
    secrets += [
        WrappedSecret(
            list=sealed,
            custodian=name,
            kind="seed",
            wrapped=envelope.wrap(seed, custodians[name].public_key, envelope.seed_info(uid, name)),
        )
        for name in keyring.SEED_CUSTODIANS
    ]
    WrappedSecret.objects.bulk_create(secrets)


def _seal_slots(
    sealed_uid: UUID, sequence: list[str], plan: Plan, key: bytes, taken: set[str]
) -> tuple[list[SealedSlot], bytes]:
    """The sealed slots in order, and the root over their leaves."""
    cipher, uid, slots, leaves = SlotCipher(key), str(sealed_uid), [], []
    indexes = {name: arm_index(plan.arm_names, name) for name in plan.arm_names}
    for position, arm in enumerate(sequence, 1):
        kit_code = new_kit_code(taken)
        taken.add(kit_code)
        nonce = random_bytes(envelope.OPENING_NONCE_BYTES)
        context = SlotContext(uid, position, kit_code, plan.plan_hash)
        sealed = cipher.seal(OpenedSlot(indexes[arm], nonce), context)
        slots.append(SealedSlot(uid=new_uid(), list_id=sealed_uid, position=position, kit_code=kit_code, sealed=sealed))
        leaves.append(
            leaf_v1(list_uid=uid, position=position, kit_code=kit_code, arm=arm, nonce=nonce, plan_hash=plan.plan_hash)
        )
    return slots, merkle_root(leaves)


def _seal_one(
    actor: Actor,
    stratum: Stratum,
    version: PlanVersion,
    length: int,
    custodians: dict[str, keyring.Custodian],
    taken: set[str],
) -> SealedList:
    plan = plan_of(version.text)
    number = (SealedList.objects.filter(stratum=stratum).aggregate(last=Max("version"))["last"] or 0) + 1
    context = f"{plan.trial}/{stratum.scope}/{number}"
    seed, key, uid = random_bytes(32), envelope.new_key(), new_uid()
    sequence = permuted_blocks(
        seed=seed,
        context=context,
        arms=[(arm.name, arm.ratio) for arm in plan.arms],
        block_sizes=plan.block_sizes,
        length=length,
    )
    slots, root = _seal_slots(uid, sequence, plan, key, taken)
    sealed = SealedList.objects.create(
        uid=uid,
        stratum=stratum,
        plan=version,
        version=number,
        context=context,
        asked_length=length,
        length=len(slots),
        root=root.hex(),
        sealed_at=clock.now(),
        sealed_by=actor.user_name,
    )
    _wrap_all(sealed, key, seed, custodians)
    SealedSlot.objects.bulk_create(slots, batch_size=INSERT_BATCH)
    record(
        actor=actor,
        action="list.sealed",
        subject=str(uid),
        stream=stratum.site_code,
        data={"root": sealed.root, "context": context, "length": sealed.length, "plan_hash": plan.plan_hash},
    )
    if not stratum.is_drill:
        send(
            SlotsSealed(
                list_uid=uid,
                site_code=stratum.site_code,
                stratum_uid=stratum.uid,
                version=number,
                root=sealed.root,
                slots=tuple((slot.uid, slot.kit_code) for slot in slots),
                fallback=stratum.is_fallback,
            )
        )
    return sealed


def _plans(site_codes: list[str], plan: int | None) -> dict[str, PlanVersion]:
    """By site the plan to seal under: the one named, else that of the site's newest list, else the newest one kept.

    So a plan that was kept for other sites does not come in use at a site when its list is extended.
    """
    kept = {version.version: version for version in PlanVersion.objects.order_by("version")}
    if not kept:
        raise Refused("No plan is kept: load it first.", code="no_plan")
    if plan is not None:
        if plan not in kept:
            raise InvalidInput(f"Plan version {plan} is not kept: load it first.", field="plan")
        return dict.fromkeys(site_codes, kept[plan])
    sealed = SealedList.objects.filter(stratum__site_code__in=site_codes, stratum__is_drill=False)
    of_site = dict(sealed.order_by("sealed_at", "version").values_list("stratum__site_code", "plan__version"))
    newest = max(kept)
    return {site_code: kept[of_site.get(site_code, newest)] for site_code in site_codes}


def _ready(
    actor: Actor, length: int, site_codes: list[str], plan: int | None
) -> tuple[dict[str, PlanVersion], dict[str, keyring.Custodian], set[str]]:
    """The plan of each site, which agrees with its protocol, the custodians, and the kit codes that are taken."""
    check_can(actor, Permission.LIST_GENERATE)
    if not 1 <= length <= MOST:
        raise InvalidInput(f"A list has 1 to {MOST} positions.", field="length")
    versions = _plans(site_codes, plan)
    for site_code, version in versions.items():
        check_sites_agree(plan_of(version.text), [site_code])
    return versions, _custodians(), set(SealedSlot.objects.values_list("kit_code", flat=True))


@service
def generate_fallback(
    *, actor: Actor, site_codes: list[str], length: int = FALLBACK_LENGTH, plan: int | None = None
) -> list[SealedList]:
    """Seal a short list of envelopes for each site, for an outage: never used online, never live positions.

    A site whose envelopes were used up gets the next version. plan, and what is raised: as `generate_lists`.
    """
    versions, custodians, taken = _ready(actor, length, site_codes, plan)
    sealed = []
    for site_code in site_codes:
        stratum, _created = Stratum.objects.get_or_create(
            scope=f"{site_code}:FALLBACK", defaults={"uid": new_uid(), "site_code": site_code, "is_fallback": True}
        )
        sealed.append(_seal_one(actor, stratum, versions[site_code], length, custodians, taken))
    return sealed


@service
def generate_lists(
    *, actor: Actor, site_codes: list[str], length: int, reserves: int = 1, plan: int | None = None
) -> list[SealedList]:
    """Seal a list of at least `length` positions for each stratum of each site, and as many in reserve.

    The first call for a site also seals its drill list. plan: the version to seal under; by default a site keeps that
    of its newest list, and one without a list gets the newest version. Raises InvalidInput for a length outside 1 to
    100,000 or a plan that is not kept, Refused without a plan, ConfigurationError without keys or where plan
    and protocol disagree.
    """
    versions, custodians, taken = _ready(actor, length, site_codes, plan)
    sealed = []
    for site_code in site_codes:
        version = versions[site_code]
        # In random order: the order in which lists come down would name the classes of opaque strata.
        for stratum in shuffled(_strata(plan_of(version.text), site_code)):
            if stratum.is_drill and stratum.lists.exists():
                continue
            count, positions = (1, DRILL_LENGTH) if stratum.is_drill else (1 + reserves, length)
            for _turn in range(count):
                sealed.append(_seal_one(actor, stratum, version, positions, custodians, taken))
    return sealed
