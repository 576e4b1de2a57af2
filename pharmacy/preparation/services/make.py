"""The syringe is made: which lots went into it, signed by who made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

from pharmacy.preparation.models import Preparation
from pharmacy.preparation.second_check import covering_sites
from pharmacy.preparation.selectors import preparation_for
from pharmacy.preparation.states import PreparationState, check_transition
from pharmacy.preparation.units_taken import Bench, TypedLot, lots_in_words, take_lots
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature


@dataclass(frozen=True, slots=True)
class MakeSyringes(SignedCommand):
    """Which preparations of a kit were made, and from where the units of each product were taken.

    lots: by product, the opened cartons that the units were taken from, or the code of a unit.
    """

    meaning: ClassVar[str] = "prepared as instructed"
    kit_code: str
    uids: Sequence[UUID]
    lots: Mapping[str, TypedLot]

    @property
    def subject(self) -> str:
        return self.kit_code

    def content(self) -> dict[str, Any]:
        return {
            "preparations": sorted(str(uid) for uid in self.uids),
            "lots": {code: lot.signed() for code, lot in sorted(self.lots.items())},
        }


def locked(actor: Actor, uids: Sequence[UUID], new: PreparationState) -> list[Preparation]:
    """The preparations of one kit that may go on to `new`, locked in order. Raises NotFound at another site."""
    if not uids:
        raise InvalidInput(_("Choose what to go on with."), field="preparations")
    for uid in uids:
        preparation_for(actor, uid)
    preparations = list(Preparation.objects.select_for_update().filter(uid__in=uids).order_by("planned_at", "route"))
    if len({preparation.kit_code for preparation in preparations}) != 1:
        raise InvalidInput(_("One patient at a time."), field="preparations")
    for preparation in preparations:
        check_transition(PreparationState(preparation.state), new)
    return preparations


@service
def make(*, actor: Actor, command: MakeSyringes, grant: UUID) -> list[Preparation]:
    """Sign that one syringe, or a patient's day, was made as instructed; what it took leaves the stock.

    No lot is chosen by itself. Raises Refused (with the reason, and nothing booked) for another product, a lot that is
    expired, on hold, not here or not enough, InvalidInput where nobody read a lot, or typed one without a reason.
    """
    preparations = locked(actor, command.uids, PreparationState.MADE)
    check_can(actor, Permission.PREPARATION_MAKE, site_code=preparations[0].site_code)
    use_signature(actor=actor, grant=grant, command=replace(command, kit_code=preparations[0].kit_code))
    bench = Bench(preparations[0].site_code, command.lots)
    for preparation in preparations:
        taken = take_lots(actor, preparation, bench)
        preparation.state, preparation.made_at, preparation.made_by = (
            PreparationState.MADE,
            clock.now(),
            actor.user_name,
        )
        preparation.save(update_fields=["state", "made_at", "made_by"])
        record(
            actor=actor,
            action="preparation.make",
            subject=str(preparation.uid),
            stream=preparation.site_code,
            data={"lots": lots_in_words(taken), "read": bench.read(), "signature": str(grant)},
            texts={"reason": bench.reasons()},
        )
    _ask_covers(preparations)
    return preparations


def _ask_covers(preparations: Sequence[Preparation]) -> None:
    """Tell the sites that check here that something waits for them; the kit alone is named."""
    for site_code in covering_sites(preparations[0].site_code):
        queue(
            channel=Channel.PEOPLE,
            kind="check_wanted",
            site_code=site_code,
            roles=[Role.PHARMACIST, Role.PREPARER],
            payload={"kit_code": preparations[0].kit_code},
        )
