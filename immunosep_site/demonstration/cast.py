"""The people of the demonstration: roles, not human beings, all with the demonstration's password."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from immunosep_site.demonstration.password import PASSWORD
from randomization.accounts.roles import Role, side_of
from randomization.accounts.services.appoint import Delegation, appoint
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.service import Side, on_side
from randomization.unblinded.people.services.appoint_by_two import confirm, propose

MANAGER: Final = Actor("manager", Role.TRIAL_MANAGER, "")
AUDITOR: Final = Actor("auditor", Role.AUDITOR, "")
STATISTICIAN: Final = Actor("statistician", Role.STATISTICIAN, "")
SECOND_STATISTICIAN: Final = Actor("statistician.second", Role.STATISTICIAN, "")
SAFETY_OFFICER: Final = Actor("safety.officer", Role.SAFETY_OFFICER, "")
BLINDED_AT_SITE: Final = (Role.COORDINATOR, Role.INVESTIGATOR, Role.NURSE)
UNBLINDED_AT_SITE: Final = (Role.PHARMACIST, Role.PREPARER, Role.UNBLINDED_MONITOR, Role.CODE_BREAKER)


def at_site(role: Role, site_code: str) -> Actor:
    """`coordinator.gr01`; the code breaker is the investigator, by the same name."""
    word = "investigator" if role is Role.CODE_BREAKER else role.value
    return Actor(f"{word}.{site_code.lower()}", role, site_code)


def laboratory(country: str) -> Actor:
    """The central laboratory of a country."""
    return Actor(f"laboratory.{country.lower()}", Role.LABORATORY, country)


def second_laboratory(country: str) -> Actor:
    """A second person of the laboratory: enters an implausible value again."""
    return Actor(f"laboratory.{country.lower()}.second", Role.LABORATORY, country)


def _delegation(actor: Actor) -> Delegation:
    return Delegation(
        user_name=actor.user_name,
        email=f"{actor.user_name}@example.org",
        role=Role(actor.role),
        reach=actor.site_code,
        delegated_by="site delegation log",
        trained_for="1, 2",
    )


def _above(actor: Actor) -> None:
    proposal = propose(actor=STATISTICIAN, delegation=_delegation(actor), password=PASSWORD)
    confirm(actor=SECOND_STATISTICIAN, proposal_id=str(proposal.id))


def appoint_trial_people() -> None:
    """Manager and auditor below; two statisticians (by the system, at set-up) and the safety officer above."""
    with on_side(Side.BLINDED):
        for actor in (MANAGER, AUDITOR):
            appoint(actor=SYSTEM, delegation=_delegation(actor), password=PASSWORD)
    with on_side(Side.UNBLINDED):
        for actor in (STATISTICIAN, SECOND_STATISTICIAN):
            appoint(actor=SYSTEM, delegation=_delegation(actor), password=PASSWORD)
        _above(SAFETY_OFFICER)


def appoint_site_people(site_codes: Iterable[str]) -> None:
    """Everybody of some sites, and the laboratories of their countries."""
    codes = list(site_codes)
    for country in sorted({code[:2] for code in codes}):
        with on_side(Side.UNBLINDED):
            _above(laboratory(country))
            _above(second_laboratory(country))
    for code in codes:
        for role in (*BLINDED_AT_SITE, *UNBLINDED_AT_SITE):
            with on_side(side_of(role)):
                if side_of(role) is Side.BLINDED:
                    appoint(actor=MANAGER, delegation=_delegation(at_site(role, code)), password=PASSWORD)
                else:
                    _above(at_site(role, code))
