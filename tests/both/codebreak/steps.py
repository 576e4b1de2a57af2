"""Breaking a code, a third party, the pack entered later, and a blinded side that does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connections

from immunosep_site.demonstration import cast
from randomization.accounts.models import Membership
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import Delegation, appoint
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.codebreak.models import CodeBreak
from randomization.unblinded.codebreak.revealed import Revealed
from randomization.unblinded.codebreak.services.break_code import BreakCode, break_code
from randomization.unblinded.codebreak.services.enter_offline import EnterOffline, enter_offline
from randomization.unblinded.codebreak.services.tell_third_party import (
    THIRD_PARTY,
    InviteThirdParty,
    invite_third_party,
    tell_third_party,
)
from randomization.unblinded.people.services.appoint_by_two import confirm, propose

BREAKER = cast.at_site(Role.CODE_BREAKER, "GR01")
SAFETY = cast.SAFETY_OFFICER
NOBODY = Actor("third.party", THIRD_PARTY, "")
WHO = {"name": "A. B.", "function": "physician on duty", "telephone": "+30 210 1"}


def reveal(number: str, *, actor: Actor = BREAKER, category: str = "emergency", reason: str = "shock") -> Revealed:
    command = BreakCode(number, category, reason)
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    return break_code(actor=actor, command=command, grant=grant)


def invite(number: str, *, actor: Actor = BREAKER, category: str = "emergency") -> str:
    command = InviteThirdParty(number, category, "shock")
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    return invite_third_party(actor=actor, command=command, grant=grant).code


def tell(code: str, **changed: str) -> Any:
    return tell_third_party(actor=NOBODY, code=code, **{**WHO, **changed})


def enter(number: str, *, minutes: int = 20, **changed: Any) -> CodeBreak:
    values = {
        "broken_at": clock.now() - timedelta(minutes=minutes),
        "seen_by": "investigator.gr01",
        "category": "emergency",
        "reason": "outage",
        **changed,
    }
    command = EnterOffline(number, **values)
    grant = sign(actor=BREAKER, secret=cast.PASSWORD, command=command)
    return enter_offline(actor=BREAKER, command=command, grant=grant)


@contextmanager
def nothing_answers_below() -> Iterator[None]:
    """The blinded database cannot be reached."""

    def dead(*_args: Any) -> None:
        raise OperationalError("could not connect to server")

    with connections["blinded"].execute_wrapper(dead):
        yield


def second_breaker() -> Membership:
    """One more investigator of GR02 who may break codes and has not rehearsed; the membership below."""
    second = Delegation("second.gr02", "second.gr02@example.org", Role.INVESTIGATOR, "GR02", "log", "1")
    with on_side(Side.BLINDED):
        below = appoint(actor=cast.MANAGER, delegation=second, password=cast.PASSWORD)
    above = replace(second, role=Role.CODE_BREAKER)
    proposal = propose(actor=cast.STATISTICIAN, delegation=above, password=cast.PASSWORD)
    confirm(actor=cast.SECOND_STATISTICIAN, proposal_id=str(proposal.id))
    return below
