"""The second person's check; and what a site without a second person may do instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from pharmacy.preparation.instruction import LotTaken, lots_taken
from pharmacy.preparation.models import CheckArrangement, Preparation
from pharmacy.preparation.second_check import check_may_check, mode_for
from pharmacy.preparation.services.make import locked
from pharmacy.preparation.states import Arrangement, CheckMode, PreparationState
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.sites.for_unblinded import check_site_exists
from randomization.shared import clock
from randomization.shared.actor import SITE_LENGTH, SYSTEM, Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature

ARRANGED_FOR: Final = timedelta(days=366)
"""How long an arrangement may hold [choice]: it is made again then."""


@dataclass(frozen=True, slots=True)
class CheckSyringes(SignedCommand):
    """Which preparations of a kit were checked, and of which lots number and expiry were read on the units."""

    meaning: ClassVar[str] = "checked as second person"
    kit_code: str
    uids: Sequence[UUID]
    lots: Sequence[int]

    @property
    def subject(self) -> str:
        return self.kit_code

    def content(self) -> dict[str, Any]:
        return {"preparations": sorted(str(uid) for uid in self.uids), "lots": sorted(self.lots)}


@dataclass(frozen=True, slots=True)
class ArrangeCheck(SignedCommand):
    """How a site without a second person checks until `ends_at` (UTC): by the people of another site, or not at all."""

    meaning: ClassVar[str] = "second check arranged"
    site_code: str
    kind: Arrangement
    by_site: str
    ends_at: datetime
    reason: str

    @property
    def subject(self) -> str:
        return self.site_code

    def content(self) -> dict[str, Any]:
        return {
            "site": self.site_code,
            "kind": self.kind,
            "by_site": self.by_site,
            "ends_at": clock.stamp(self.ends_at),
            "reason": self.reason,
        }


def _check_read(preparations: Sequence[Preparation], lots: Sequence[int]) -> list[LotTaken]:
    """Raise Refused unless the second person read number and expiry of every lot in these syringes, and no other."""
    taken = lots_taken(preparations)
    if {lot.pk for lot in taken} == set(lots):
        return taken
    raise Refused(
        _(
            "Read lot and expiry on every unit and confirm each of them: %(lots)s.",
            lots="; ".join(str(lot) for lot in taken),
        ),
        code="lots_not_read",
        field="lots",
    )


@service
def check(*, actor: Actor, command: CheckSyringes, grant: UUID, waiver_reason: str = "") -> list[Preparation]:
    """Sign that what was made is what the instruction says: by another person than the one who made it.

    By a person of the site; from a site that covers it; or, where the sponsor waived the check for the site, by the
    preparer with a reason, recorded each time. Raises Refused same_person, lots_not_read, NotFound for anybody else.
    """
    for uid in command.uids:
        check_may_check(actor, uid)
    # The reach of a covering site was checked above; the lock is taken with the system's reach.
    preparations = locked(SYSTEM, command.uids, PreparationState.CHECKED)
    use_signature(actor=actor, grant=grant, command=replace(command, kit_code=preparations[0].kit_code))
    read = _check_read(preparations, command.lots)
    for preparation in preparations:
        mode = mode_for(actor, preparation)
        if mode is CheckMode.WAIVED and not waiver_reason.strip():
            raise InvalidInput(_("Say why nobody else could check."), field="waiver_reason", code="reason_missing")
        preparation.state, preparation.checked_at, preparation.checked_by = (
            PreparationState.CHECKED,
            clock.now(),
            actor.user_name,
        )
        preparation.check_mode = mode
        preparation.save(update_fields=["state", "checked_at", "checked_by", "check_mode"])
        record(
            actor=actor,
            action="preparation.check",
            subject=str(preparation.uid),
            stream=preparation.site_code,
            data={
                "mode": str(mode),
                "made_by": preparation.made_by,
                "signature": str(grant),
                "lots": [f"{lot.product} {lot.number} {lot.expires_on.isoformat()}" for lot in read],
            },
            texts={"reason": waiver_reason if mode is CheckMode.WAIVED else ""},
        )
    return preparations


@service
def arrange_check(*, actor: Actor, command: ArrangeCheck, grant: UUID) -> CheckArrangement:
    """Let another site's people check at a site, or waive the check there, for a while; signed by the sponsor."""
    site_code, kind, by_site, ends_at = command.site_code, command.kind, command.by_site, command.ends_at
    check_can(actor, Permission.CHECK_ARRANGE)
    check_site_exists(site_code)
    if kind is Arrangement.COVER:
        check_site_exists(by_site)
    if (kind is Arrangement.COVER) != bool(by_site) or by_site == site_code or len(site_code) != SITE_LENGTH:
        raise InvalidInput(_("A cover names another site; a waiver names none."), field="by_site")
    if ends_at <= clock.now():
        raise InvalidInput(_("The end lies in the past."), field="ends_at")
    if ends_at - clock.now() > ARRANGED_FOR:
        raise InvalidInput(_("The end lies more than a year ahead: check the year."), field="ends_at")
    if not command.reason.strip():
        raise InvalidInput(_("Say why the site needs it."), field="reason", code="reason_missing")
    use_signature(actor=actor, grant=grant, command=command)
    arrangement = CheckArrangement.objects.create(
        site_code=site_code,
        kind=kind,
        by_site=by_site,
        starts_at=clock.now(),
        ends_at=ends_at,
        signed_by=actor.user_name,
    )
    record(
        actor=actor,
        action="check.arrange",
        subject=site_code,
        stream=site_code,
        data={"kind": str(kind), "by_site": by_site, "ends_at": clock.stamp(ends_at), "signature": str(grant)},
        texts={"reason": command.reason},
    )
    return arrangement


@service
def end_arrangement(*, actor: Actor, arrangement_id: int) -> CheckArrangement:
    """End an arrangement before its time."""
    check_can(actor, Permission.CHECK_ARRANGE)
    arrangement = (
        CheckArrangement.objects.select_for_update().filter(pk=arrangement_id, ends_at__gt=clock.now()).first()
    )
    if arrangement is None:
        raise NotFound()
    arrangement.ends_at, arrangement.ended_by = clock.now(), actor.user_name
    arrangement.save(update_fields=["ends_at", "ended_by"])
    record(
        actor=actor,
        action="check.end",
        subject=arrangement.site_code,
        stream=arrangement.site_code,
        data={"kind": arrangement.kind, "by_site": arrangement.by_site},
    )
    return arrangement
