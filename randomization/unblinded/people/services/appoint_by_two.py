"""Appoint an unblinded person: proposed by one, confirmed by another, the name reserved below."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from randomization.accounts.models import Membership, Proposal
from randomization.accounts.roles import Role
from randomization.accounts.services import appoint
from randomization.accounts.services.appoint import Delegation
from randomization.blinded.sites.for_unblinded import check_site_exists
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import Side, alias_of, service
from randomization.unblinded.people.services.reserve_below import known_below


def current(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those that hold now."""
    now = clock.now()
    return memberships.filter(starts_at__lte=now).filter(Q(ends_at=None) | Q(ends_at__gt=now))


def former_breakers() -> list[Membership]:
    """Current code breakers who are no investigators of their site below any more; two statements.

    Read below: user names of people, role, reach and period of memberships, and nothing else.
    """
    above = Membership.objects.using(alias_of(Side.UNBLINDED)).select_related("account")
    breakers = list(current(above.filter(role=Role.CODE_BREAKER)))
    below = current(Membership.objects.using(alias_of(Side.BLINDED)).filter(role=Role.INVESTIGATOR))
    still = set(below.values_list("account__user_name", "reach"))
    return [item for item in breakers if (item.account.user_name, item.reach) not in still]


@service
def end_former_breakers(*, actor: Actor) -> int:
    """End the code break of everybody who is no investigator below any more; returns how many. Part of the sweep."""
    memberships = former_breakers()
    for membership in memberships:
        appoint.end_membership(
            actor=actor, membership_id=str(membership.id), reason="no investigator of this site any more"
        )
    return len(memberships)


def _check_below(user_name: str, email: str, role: Role, reach: str) -> bool:
    """Whether user name or e-mail belongs to a person of the blinded side.

    Read there: user name and e-mail of people, person, role, reach and period of memberships, and nothing else. Raises
    Refused where a code breaker is not an investigator of that site below, by the same name and e-mail.
    """
    below = alias_of(Side.BLINDED)
    if role is Role.CODE_BREAKER:
        roles = Membership.objects.using(below).filter(
            account__user_name=user_name.lower(), account__email=email.lower()
        )
        if not current(roles.filter(role=Role.INVESTIGATOR, reach=reach)).values_list("role", flat=True).exists():
            raise Refused(
                _("Only an investigator of this site, by the same name and e-mail, breaks codes."),
                code="not_an_investigator",
            )
    return known_below(user_name, email)


@service
def propose(*, actor: Actor, delegation: Delegation, password: str) -> Proposal:
    """First of two. A person with an account below can hold the code break and nothing else: Refused otherwise."""
    check_site_exists(delegation.reach)
    return appoint.propose_delegation(
        actor=actor,
        delegation=delegation,
        password=password,
        known_below=_check_below(delegation.user_name, delegation.email, delegation.role, delegation.reach),
    )


@service
def confirm(*, actor: Actor, proposal_id: str) -> Membership:
    """Second of two; name and e-mail of a new person are reserved below, as of every account that is made here.

    The blinded side is asked again: somebody may have been appointed there since.
    """
    membership = appoint.confirm_delegation(actor=actor, proposal_id=proposal_id)
    account = membership.account
    known = _check_below(account.user_name, account.email, Role(membership.role), membership.reach)
    if known != membership.exists_below:
        raise Refused(_("This person was appointed on the blinded side meanwhile."), code="both_sides")
    return membership
