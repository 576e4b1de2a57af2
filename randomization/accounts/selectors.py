"""Who a person is, now."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import check_password
from django.db.models import QuerySet

from randomization.accounts.models import (
    Account,
    AccountRecovery,
    ApiToken,
    Membership,
    Proposal,
    SecondFactor,
    UserName,
)
from randomization.accounts.roles import Permission, Role
from randomization.shared import clock
from randomization.shared.actor import EVERYWHERE, Actor
from randomization.shared.entropy import digest_of
from randomization.shared.identifiers import canonical
from randomization.shared.service import current_alias

NO_ROLE: Final = "nobody"
WAITS_FOR_A_SECOND: Final = timedelta(days=7)
"""An appointment that nobody confirms in this time is proposed anew [choice]."""


def current_memberships(account: Account, at: datetime | None = None) -> list[Membership]:
    """The memberships that hold now, or held at another moment (UTC), in a stable order."""
    now = at or clock.now()
    memberships = Membership.objects.using(current_alias()).select_related("account").filter(account_id=account.pk)
    return [membership for membership in memberships.order_by("starts_at", "id") if membership.is_current(now)]


def actor_of(membership: Membership) -> Actor:
    """The value that services take."""
    return Actor(membership.account.user_name, membership.role, membership.reach)


def membership_of_token(token: str) -> Membership | None:
    """The membership an API token stands for, where token, person and membership still hold."""
    now = clock.now()
    api_token = (
        ApiToken.objects.using(current_alias())
        .select_related("membership__account")
        .filter(digest=digest_of(token), expires_at__gt=now, membership__account__is_active=True)
        .first()
    )
    return api_token.membership if api_token and api_token.membership.is_current(now) else None


def membership_for(actor: Actor) -> Membership | None:
    """The membership behind an actor, where it holds now."""
    now = clock.now()
    memberships = (
        Membership.objects.using(current_alias())
        .select_related("account")
        .filter(account__user_name=actor.user_name, account__is_active=True, role=actor.role, reach=actor.site_code)
    )
    return next((membership for membership in memberships if membership.is_current(now)), None)


def name_is_taken(user_name: str) -> bool:
    """Whether the name was ever given or reserved on this side."""
    return UserName.objects.using(current_alias()).filter(name=user_name.lower()).exists()


def all_current() -> list[Membership]:
    """Every membership of this side that holds now, by person: the access review."""
    now = clock.now()
    memberships = (
        Membership.objects.using(current_alias()).select_related("account").order_by("account__user_name", "starts_at")
    )
    return [membership for membership in memberships if membership.is_current(now)]


def open_proposals() -> QuerySet[Proposal]:
    """Appointments that wait for a second person; after `WAITS_FOR_A_SECOND` they must be proposed anew."""
    proposals = Proposal.objects.using(current_alias()).filter(confirmed_by="").order_by("user_name")
    return proposals.filter(proposed_at__gt=clock.now() - WAITS_FOR_A_SECOND)


def normal_name(user_name: str) -> str:
    """One name for all spellings: the log-in form reads other forms of the same letters (NFKC) as the same name."""
    return unicodedata.normalize("NFKC", user_name).strip().lower()[:64]


def known_actor(user_name: str) -> Actor | None:
    """The first current role of a person by user name, or none of them; None for a name that is nobody's."""
    account = Account.objects.using(current_alias()).filter(user_name=user_name).first()
    if account is None:
        return None
    memberships = current_memberships(account)
    return actor_of(memberships[0]) if memberships else Actor(account.user_name, NO_ROLE, EVERYWHERE)


def actors_for_name(user_name: str) -> list[Actor]:
    """Every current role of a person by user name; none for a name that is nobody's."""
    account = Account.objects.using(current_alias()).filter(user_name=user_name, is_active=True).first()
    return [actor_of(membership) for membership in current_memberships(account)] if account else []


def actors_then(user_name: str, at: datetime) -> list[Actor]:
    """As `actors_for_name`, of the roles that the person held at a moment (UTC), whatever became of the account."""
    account = Account.objects.using(current_alias()).filter(user_name=user_name).first()
    return [actor_of(membership) for membership in current_memberships(account, at)] if account else []


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who gets an e-mail, and in which language."""

    email: str
    language: str


def addressees(roles: Sequence[str], site_code: str, *, only: str | None = None) -> list[Addressee]:
    """Active people of this side who hold one of these roles now and reach the site; `only`: this user name.

    With no role at all the notice is the person's own: it goes to `only`, whatever they may do now.
    """
    now = clock.now()
    if only and not any(roles):
        own = Account.objects.using(current_alias()).filter(user_name=only)
        return [Addressee(account.email, account.language) for account in own]
    memberships = (
        Membership.objects.using(current_alias())
        .select_related("account")
        .filter(role__in=roles, account__is_active=True)
    )
    if only:
        memberships = memberships.filter(account__user_name=only)
    people = {
        item.account.email: Addressee(item.account.email, item.account.language)
        for item in memberships.order_by("account__email")
        if item.is_current(now) and (not site_code or actor_of(item).reaches(site_code))
    }
    return list(people.values())


def person_by_badge(code: str) -> Account | None:
    """Whose badge this is."""
    digest = digest_of(canonical(code))
    return Account.objects.using(current_alias()).filter(badge_sha256=digest, is_active=True).first()


def person_by_pin(user_name: str, pin: str) -> Account | None:
    """The person of that name, where the PIN is right; who has set none has none that is right."""
    account = Account.objects.using(current_alias()).filter(user_name=user_name, is_active=True).first()
    return account if account and account.pin and check_password(pin, account.pin) else None


def has_pin_at(user_name: str, site_code: str) -> bool:
    """Whether the name is of somebody who has a PIN and may use a tablet of the site: no other name is ever locked."""
    account = Account.objects.using(current_alias()).filter(user_name=user_name, is_active=True).exclude(pin="").first()
    return account is not None and nurse_at(account, site_code) is not None


def nurse_at(account: Account, site_code: str) -> Membership | None:
    """The membership by which somebody may use a tablet of a site."""
    return next(
        (
            item
            for item in current_memberships(account)
            if item.allows(Permission.TABLET_USE) and item.reach == site_code
        ),
        None,
    )


def last_end_of(role: Role, reach: str) -> datetime | None:
    """When (UTC) a membership of this role and reach ended last; None where none has."""
    memberships = Membership.objects.using(current_alias()).filter(role=role, reach=reach, ends_at__lte=clock.now())
    return memberships.order_by("-ends_at").values_list("ends_at", flat=True).first()


def person_by_key(key: str) -> Account | None:
    """An active person by the key in a session."""
    return Account.objects.using(current_alias()).filter(id=key, is_active=True).first()


def open_recoveries() -> QuerySet[AccountRecovery]:
    """What waits for the second person, oldest first; after a day it must be asked for anew."""
    recoveries = AccountRecovery.objects.using(current_alias()).select_related("account").order_by("asked_at")
    return recoveries.filter(confirmed_by="", asked_at__gt=clock.now() - timedelta(days=1))


def has_factor(account: Account) -> bool:
    """Whether log-in asks this person for a second factor."""
    factors = SecondFactor.objects.using(current_alias()).filter(account_id=account.pk)
    return factors.exclude(confirmed_at=None).exists()


def factor_of(actor: Actor) -> SecondFactor | None:
    """The second factor of the acting person, confirmed or begun."""
    return SecondFactor.objects.using(current_alias()).filter(account__user_name=actor.user_name).first()
