"""The second person's check; and what a site without a second person may do instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
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
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.services.sign import use_signature

MEANING: Final = "checked as second person"
ARRANGED: Final = "second check arranged"
ARRANGED_FOR: Final = timedelta(days=366)
"""How long an arrangement may hold [choice]: it is made again then."""


def signed_content(uids: Sequence[UUID], lots: Sequence[int]) -> dict[str, Any]:
    """What the second person signs: which preparations, and which lots were read on the units."""
    return {"preparations": sorted(str(uid) for uid in uids), "lots": sorted(lots)}


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
def check(
    *, actor: Actor, uids: Sequence[UUID], grant: UUID, lots: Sequence[int], waiver_reason: str = ""
) -> list[Preparation]:
    """Sign that what was made is what the instruction says: by another person than the one who made it.

    By a person of the site; from a site that covers it; or, where the sponsor waived the check for the site, by the
    preparer with a reason, recorded each time. lots: those whose number and expiry this person read on the units.
    Raises Refused same_person, lots_not_read, NotFound for anybody else.
    """
    for uid in uids:
        check_may_check(actor, uid)
    # The reach of a covering site was checked above; the lock is taken with the system's reach.
    found = locked(SYSTEM, uids, PreparationState.CHECKED)
    use_signature(
        actor=actor, grant=grant, meaning=MEANING, subject=found[0].kit_code, content=signed_content(uids, lots)
    )
    read = _check_read(found, lots)
    for made in found:
        mode = mode_for(actor, made)
        if mode is CheckMode.WAIVED and not waiver_reason.strip():
            raise InvalidInput(_("Say why nobody else could check."), field="waiver_reason", code="reason_missing")
        made.state, made.checked_at, made.checked_by = PreparationState.CHECKED, clock.now(), actor.user_name
        made.check_mode = mode
        made.save(update_fields=["state", "checked_at", "checked_by", "check_mode"])
        record(
            actor=actor,
            action="preparation.check",
            subject=str(made.uid),
            stream=made.site_code,
            data={
                "mode": str(mode),
                "made_by": made.made_by,
                "signature": str(grant),
                "lots": [f"{lot.product} {lot.number} {lot.expires_on.isoformat()}" for lot in read],
            },
            texts={"reason": waiver_reason if mode is CheckMode.WAIVED else ""},
        )
    return found


def arrangement_content(site_code: str, kind: str, by_site: str, ends_at: datetime, reason: str) -> dict[str, Any]:
    """What the sponsor signs."""
    return {"site": site_code, "kind": kind, "by_site": by_site, "ends_at": clock.stamp(ends_at), "reason": reason}


@service
def arrange_check(
    *, actor: Actor, site_code: str, kind: Arrangement, by_site: str, ends_at: datetime, reason: str, grant: UUID
) -> CheckArrangement:
    """Let another site's people check at a site, or waive the check there, until `ends_at`; signed by the sponsor."""
    check_can(actor, Permission.CHECK_ARRANGE)
    check_site_exists(site_code)
    if kind is Arrangement.COVER:
        check_site_exists(by_site)
    if (kind is Arrangement.COVER) != bool(by_site) or by_site == site_code or len(site_code) != len("GR01"):
        raise InvalidInput(_("A cover names another site; a waiver names none."), field="by_site")
    if ends_at <= clock.now():
        raise InvalidInput(_("The end lies in the past."), field="ends_at")
    if ends_at - clock.now() > ARRANGED_FOR:
        raise InvalidInput(_("The end lies more than a year ahead: check the year."), field="ends_at")
    if not reason.strip():
        raise InvalidInput(_("Say why the site needs it."), field="reason", code="reason_missing")
    content = arrangement_content(site_code, kind, by_site, ends_at, reason)
    use_signature(actor=actor, grant=grant, meaning=ARRANGED, subject=site_code, content=content)
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
        texts={"reason": reason},
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
