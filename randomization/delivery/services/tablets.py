"""Tablets of a site, and the badge and PIN with which a nurse logs in on one."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import make_password

from randomization.accounts.own_account import own_person
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.delivery.models import Tablet
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import digest_of, random_bytes
from randomization.shared.errors import InvalidInput, NotFound
from randomization.shared.ids import new_kit_code
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service

PIN: Final = re.compile(r"[0-9]{6}")
BADGE_CODES: Final = 3
"""A badge holds three codes of seven characters drawn by chance and one to check each: 104 bits."""


@service
def enrol_tablet(*, actor: Actor, name: str) -> tuple[Tablet, str]:
    """Enrol the device at hand for the actor's site; returns it and the secret of its cookie, which is not kept."""
    check_can(actor, Permission.TABLET_ENROL)
    if not name.strip():
        raise InvalidInput(_("Name it, so that it can be found: like ward 3, first bay."), field="name")
    secret = random_bytes(32).hex()
    tablet = Tablet.objects.using(current_scope().alias).create(
        site_code=actor.site_code,
        name=name.strip()[:64],
        digest=digest_of(secret),
        enrolled_by=actor.user_name,
        enrolled_at=clock.now(),
    )
    record(
        actor=actor,
        action="tablet.enrol",
        subject=str(tablet.id)[:16],
        stream=actor.site_code,
        data={"name": tablet.name, "id": str(tablet.id)},
    )
    return tablet, secret


@service
def end_tablet(*, actor: Actor, tablet_id: UUID, reason: str) -> None:
    """End a tablet: nobody logs in on it any more, and who is logged in there is not. Raises NotFound elsewhere."""
    check_can(actor, Permission.TABLET_ENROL)
    tablet = Tablet.objects.using(current_scope().alias).select_for_update().filter(id=tablet_id, ended_at=None).first()
    if tablet is None or not actor.reaches(tablet.site_code):
        raise NotFound()
    if not reason.strip():
        raise InvalidInput(_("Say why: lost, replaced, given back."), field="reason")
    tablet.ended_at = clock.now()
    tablet.save(update_fields=["ended_at"])
    record(
        actor=actor,
        action="tablet.end",
        subject=str(tablet.id)[:16],
        stream=tablet.site_code,
        data={"name": tablet.name, "id": str(tablet.id)},
        texts={"reason": reason},
    )


@service
def set_pin(*, actor: Actor, pin: str, password: str) -> None:
    """Set one's own PIN for tablets: six digits, not all alike nor in a row. Raises SignatureRefused, InvalidInput."""
    check_can(actor, Permission.TABLET_USE)
    account = own_person(actor, password)
    rows = ("01234567890", "09876543210")
    if not PIN.fullmatch(pin) or len(set(pin)) == 1 or any(pin in row for row in rows):
        raise InvalidInput(_("A PIN has six digits, not all alike and not in a row."), field="pin")
    account.pin = make_password(pin)
    account.save(update_fields=["pin"])
    record(actor=actor, action="pin.set", subject=actor.user_name)


@service
def issue_badge(*, actor: Actor, password: str) -> str:
    """A new badge of one's own; the one before ends. The code is shown once, to be printed; its digest is kept."""
    check_can(actor, Permission.TABLET_USE)
    account = own_person(actor, password)
    code = "".join(new_kit_code() for _turn in range(BADGE_CODES))
    account.badge_sha256 = digest_of(code)
    account.save(update_fields=["badge_sha256"])
    record(actor=actor, action="badge.issue", subject=actor.user_name)
    return code
