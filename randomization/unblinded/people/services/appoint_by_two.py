"""Appoint an unblinded person: proposed by one, confirmed by another, the name reserved below."""

from __future__ import annotations

from django.db.models import Q

from randomization.accounts.models import Membership, Person, Proposal
from randomization.accounts.services import appoint
from randomization.accounts.services.appoint import Appointment
from randomization.blinded.inbox.hatch import send
from randomization.blinded.inbox.messages import UserNameReserved
from randomization.shared.actor import Actor
from randomization.shared.service import Side, alias_of, service


def exists_below(appointment: Appointment) -> bool:
    """Whether user name or e-mail belongs to a person of the blinded side: two columns, nothing else, are read."""
    found = Person.objects.using(alias_of(Side.BLINDED)).only("user_name", "email")
    wanted = Q(user_name=appointment.user_name.lower()) | Q(email=appointment.email.lower())
    return found.filter(wanted).values_list("user_name", flat=True).first() is not None


@service
def propose(*, actor: Actor, appointment: Appointment, password: str) -> Proposal:
    """First of two. Whoever has an account below can hold the code break and nothing else: Refused otherwise."""
    return appoint.propose_appointment(
        actor=actor, appointment=appointment, password=password, known_below=exists_below(appointment)
    )


@service
def confirm(*, actor: Actor, proposal_id: str) -> Membership:
    """Second of two; the name is reserved below, but for a code breaker, who is a person there."""
    membership = appoint.confirm_appointment(actor=actor, proposal_id=proposal_id)
    if not membership.exists_below:
        send(UserNameReserved(user_name=membership.person.user_name))
    return membership
