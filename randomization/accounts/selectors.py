"""Who a person is, now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from randomization.accounts.models import ApiToken, Membership, Person, Proposal, UserName
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import current_alias


def current_memberships(person: Person) -> list[Membership]:
    """The memberships that hold now, in a stable order."""
    now = clock.now()
    found = Membership.objects.using(current_alias()).select_related("person").filter(person_id=person.pk)
    return [membership for membership in found.order_by("starts_at", "id") if membership.is_current(now)]


def actor_of(membership: Membership) -> Actor:
    """The value that services take."""
    return Actor(membership.person.user_name, membership.role, membership.reach)


def membership_of_token(token: str) -> Membership | None:
    """The membership an API token stands for, where token, person and membership still hold."""
    now = clock.now()
    found = (
        ApiToken.objects.using(current_alias())
        .select_related("membership__person")
        .filter(digest=sha256(token.encode()).hexdigest(), expires_at__gt=now, membership__person__is_active=True)
        .first()
    )
    return found.membership if found and found.membership.is_current(now) else None


def membership_for(actor: Actor) -> Membership | None:
    """The membership behind an actor, where it holds now."""
    now = clock.now()
    found = (
        Membership.objects.using(current_alias())
        .select_related("person")
        .filter(person__user_name=actor.user_name, person__is_active=True, role=actor.role, reach=actor.site_code)
    )
    return next((membership for membership in found if membership.is_current(now)), None)


def name_is_taken(user_name: str) -> bool:
    """Whether the name was ever given or reserved on this side."""
    return UserName.objects.using(current_alias()).filter(name=user_name.lower()).exists()


def all_current() -> list[Membership]:
    """Every membership of this side that holds now, by person: the access review."""
    now = clock.now()
    found = (
        Membership.objects.using(current_alias()).select_related("person").order_by("person__user_name", "starts_at")
    )
    return [membership for membership in found if membership.is_current(now)]


def open_proposals() -> list[Proposal]:
    """Appointments that wait for a second person."""
    return list(Proposal.objects.using(current_alias()).filter(confirmed_by="").order_by("user_name"))


def actor_for_name(user_name: str) -> Actor | None:
    """The first current role of a person by user name; None for a name that is nobody's."""
    person = Person.objects.using(current_alias()).filter(user_name=user_name).first()
    memberships = current_memberships(person) if person else []
    return actor_of(memberships[0]) if memberships else None


def actors_for_name(user_name: str) -> list[Actor]:
    """Every current role of a person by user name; none for a name that is nobody's."""
    person = Person.objects.using(current_alias()).filter(user_name=user_name, is_active=True).first()
    return [actor_of(membership) for membership in current_memberships(person)] if person else []


def roles_of(actor: Actor) -> list[Membership]:
    """All current memberships of the acting person."""
    person = Person.objects.using(current_alias()).filter(user_name=actor.user_name).first()
    return current_memberships(person) if person else []


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who gets an e-mail, and in which language."""

    email: str
    language: str


def addressees(roles: Sequence[str], site_code: str, *, only: str | None = None) -> list[Addressee]:
    """Active people of this side who hold one of these roles now and reach the site; `only`: this user name."""
    now = clock.now()
    found = (
        Membership.objects.using(current_alias())
        .select_related("person")
        .filter(role__in=roles, person__is_active=True)
    )
    if only:
        found = found.filter(person__user_name=only)
    people = {
        item.person.email: Addressee(item.person.email, item.person.language)
        for item in found.order_by("person__email")
        if item.is_current(now) and (not site_code or actor_of(item).reaches(site_code))
    }
    return list(people.values())
