"""Appoint a person: on the blinded side by the trial manager, on the unblinded side by two people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError

from randomization.accounts.models import Account, Membership, Proposal, UserName
from randomization.accounts.passwords import hashed
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Reach, Role, reach_of, side_of
from randomization.accounts.second_person import waiting_for_second
from randomization.accounts.selectors import name_is_taken, open_proposals
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import COUNTRY_LENGTH, SITE_LENGTH, SYSTEM, Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word
from randomization.shared.service import Side, current_scope, savepoint, service

APPOINTED_FOR = timedelta(days=3653)
"""How far ahead a membership may end [choice]: farther, the year was typed wrongly."""
USER_NAME = re.compile(r"[a-z0-9._-]{1,64}")
_on_new_account: list[Callable[[Account], None]] = []


def on_new_account(act: Callable[[Account], None]) -> None:
    """Register at start-up what happens in the transaction of every new account, however it is made."""
    if act not in _on_new_account:
        _on_new_account.append(act)


@dataclass(frozen=True, slots=True)
class Delegation:
    """Who gets which role, where and how long; the delegation and the training it rests on."""

    user_name: str
    email: str
    role: Role
    reach: str
    delegated_by: str = ""
    trained_for: str = ""
    ends_at: datetime | None = None


def _check_texts(delegation: Delegation) -> None:
    """What a person is called and reached by; a file or program may send anything."""
    if not USER_NAME.fullmatch(delegation.user_name.lower()):
        raise InvalidInput(_("A user name has letters, digits, points and dashes alone, up to 64."), field="user_name")
    try:
        validate_email(delegation.email)
    except ValidationError as error:
        raise InvalidInput(_("%(email)s is no e-mail address.", email=repr(delegation.email)), field="email") from error
    for field, most in (("delegated_by", 64), ("trained_for", 32)):
        if len(getattr(delegation, field)) > most:
            raise InvalidInput(_("Write at most %(most)s characters.", most=most), field=field)


def _check(delegation: Delegation) -> None:
    _check_texts(delegation)
    if side_of(delegation.role) is not current_scope().side:
        raise Refused(_("This role belongs to the other side of the blinding line."), code="other_side")
    length = {Reach.SITE: SITE_LENGTH, Reach.COUNTRY: COUNTRY_LENGTH, Reach.EVERYWHERE: 0}[reach_of(delegation.role)]
    if len(delegation.reach) != length:
        kinds = {
            SITE_LENGTH: _("a site, like GR01"),
            COUNTRY_LENGTH: _("a country, like GR"),
            0: _("nothing: it reaches everywhere"),
        }
        raise InvalidInput(
            _("The role %(role)s takes %(kinds)s.", role=word(delegation.role), kinds=kinds[length]), field="reach"
        )
    if delegation.ends_at is not None and delegation.ends_at <= clock.now():
        raise InvalidInput(_("The end lies in the past: check the day."), field="ends_at")
    if delegation.ends_at is not None and delegation.ends_at - clock.now() > APPOINTED_FOR:
        raise InvalidInput(_("The end lies more than ten years ahead: check the year."), field="ends_at")


def email_hash(email: str) -> str:
    """What of an e-mail goes down to be reserved: SHA-256 (hex) of its lower case."""
    return sha256(email.strip().lower().encode()).hexdigest()


def _new_person(delegation: Delegation, password_hash: str, *, exists_below: bool) -> Account:
    alias = current_scope().alias
    try:
        with savepoint():
            UserName.objects.using(alias).create(
                name=delegation.user_name.lower(), email_sha256=email_hash(delegation.email), reserved=False
            )
            account = Account.objects.using(alias).create(
                user_name=delegation.user_name.lower(),
                email=delegation.email.lower(),
                password=password_hash,
                exists_below=exists_below,
            )
    except IntegrityError as error:
        raise Refused(
            _("This user name or e-mail was used before, here or on the other side: choose another."), code="name_taken"
        ) from error
    for act in _on_new_account:
        act(account)
    return account


def _appoint(actor: Actor, delegation: Delegation, password_hash: str, *, exists_below: bool) -> Membership:
    _check(delegation)
    alias = current_scope().alias
    account = Account.objects.using(alias).filter(user_name=delegation.user_name.lower()).first()
    if account is None:
        account = _new_person(delegation, password_hash, exists_below=exists_below)
    elif account.email != delegation.email.lower():
        raise Refused(_("This user name is somebody's with another e-mail: check both."), code="other_email")
    elif account.exists_below != exists_below:
        raise Refused(
            _("Nobody holds a blinded and an unblinded role: this person is on the other side."), code="both_sides"
        )
    membership = Membership.objects.using(alias).create(
        account=account,
        side=current_scope().side,
        role=delegation.role,
        reach=delegation.reach,
        starts_at=clock.now(),
        ends_at=delegation.ends_at,
        delegated_by=delegation.delegated_by,
        trained_for=delegation.trained_for,
        exists_below=exists_below,
    )
    record(
        actor=actor,
        action="person.appoint",
        subject=account.user_name,
        data={
            "role": str(delegation.role),
            "reach": delegation.reach,
            "delegated_by": delegation.delegated_by,
            "trained_for": delegation.trained_for,
        },
    )
    return membership


@service
def appoint(*, actor: Actor, delegation: Delegation, password: str) -> Membership:
    """Appoint a blinded person (trial manager), or the very first people of a side (the system, at set-up).

    Raises Refused for a name used before or a role of the other side, InvalidInput for a wrong reach.
    """
    check_can(actor, Permission.PEOPLE_APPOINT)
    if actor != SYSTEM and current_scope().side is Side.UNBLINDED:
        raise Refused(_("Unblinded people are appointed by two: propose the appointment."), code="two_people")
    return _appoint(actor, delegation, hashed(password), exists_below=False)


@service
def propose_delegation(*, actor: Actor, delegation: Delegation, password: str, known_below: bool) -> Proposal:
    """First of two on the unblinded side.

    known_below: whether the user name or e-mail exists on the blinded side, as the caller read there. Such a
    person may hold the code break and nothing else; the code break is for such people alone.
    """
    check_can(actor, Permission.PEOPLE_APPOINT)
    _check(delegation)
    if known_below != (delegation.role is Role.CODE_BREAKER):
        raise Refused(
            _(
                "A person with an account on the blinded side can hold the code break and nothing "
                "else here, and nobody else can hold it."
            ),
            code="both_sides",
        )
    if not known_below and name_is_taken(delegation.user_name):
        raise Refused(_("This user name was used before: choose another."), code="name_taken")
    proposal = Proposal.objects.using(current_scope().alias).create(
        user_name=delegation.user_name.lower(),
        email=delegation.email.lower(),
        password=hashed(password),
        role=delegation.role,
        reach=delegation.reach,
        ends_at=delegation.ends_at,
        delegated_by=delegation.delegated_by,
        trained_for=delegation.trained_for,
        proposed_by=actor.user_name,
        proposed_at=clock.now(),
    )
    record(
        actor=actor,
        action="person.propose",
        subject=proposal.user_name,
        data={"role": proposal.role, "reach": proposal.reach},
    )
    return proposal


def _waiting(actor: Actor, proposal_id: str) -> Proposal:
    return waiting_for_second(actor, open_proposals(), proposal_id, asked_by="proposed_by")


@service
def refuse_delegation(*, actor: Actor, proposal_id: str) -> None:
    """A person who appoints people may say no, also who proposed it. Raises NotFound where nothing waits."""
    proposal = _waiting(actor, proposal_id)
    record(
        actor=actor,
        action="person.propose.refuse",
        subject=proposal.user_name,
        data={"role": proposal.role, "reach": proposal.reach, "proposed_by": proposal.proposed_by},
    )
    proposal.delete()


@service
def confirm_delegation(*, actor: Actor, proposal_id: str) -> Membership:
    """Second of two. Raises Refused for the person who proposed it, NotFound where nothing waits."""
    proposal = _waiting(actor, proposal_id)
    if proposal.proposed_by == actor.user_name:
        raise Refused(_("A second person must confirm the appointment."), code="second_person")
    proposal.confirmed_by = actor.user_name
    proposal.save(update_fields=["confirmed_by"])
    delegation = Delegation(
        user_name=proposal.user_name,
        email=proposal.email,
        role=Role(proposal.role),
        reach=proposal.reach,
        delegated_by=proposal.delegated_by,
        trained_for=proposal.trained_for,
        ends_at=proposal.ends_at,
    )
    below = delegation.role is Role.CODE_BREAKER
    return _appoint(actor, delegation, proposal.password, exists_below=below)


@service
def end_membership(*, actor: Actor, membership_id: str, reason: str) -> None:
    """End a membership now; the row stays. Raises InvalidInput without a reason."""
    check_can(actor, Permission.PEOPLE_APPOINT)
    if not reason.strip():
        raise InvalidInput(_("Say why the membership ends."), field="reason")
    membership = (
        Membership.objects.using(current_scope().alias).select_related("account").filter(id=membership_id).first()
    )
    if membership is None:
        raise NotFound()
    membership.ends_at = clock.now()
    membership.save(update_fields=["ends_at"])
    record(
        actor=actor,
        action="person.end",
        subject=membership.account.user_name,
        data={"role": membership.role, "reach": membership.reach},
        texts={"reason": reason},
    )


@service
def reserve_user_name(*, actor: Actor, user_name: str, email_sha256: str) -> None:
    """Reserve a name and e-mail used above the line. Raises Refused where a person below has one of them."""
    try:
        with savepoint():
            UserName.objects.using(current_scope().alias).create(
                name=user_name.lower(), email_sha256=email_sha256, reserved=True
            )
    except IntegrityError as error:
        raise Refused(_("This user name or e-mail is already taken here."), code="name_taken") from error
    record(actor=actor, action="person.reserve", subject=user_name.lower())
