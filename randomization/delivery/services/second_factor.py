"""The second factor of a person: set up, used at log-in, ended; and who gets in without it, flagged."""

from __future__ import annotations

from randomization.accounts.models import SecondFactor
from randomization.accounts.own_account import own_person
from randomization.accounts.roles import Role
from randomization.audit.record import record
from randomization.delivery import totp
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused, SignatureRefused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service

WRONG = _("The code is not right: wait for the next one, and check the clock of your telephone.")


@service
def begin_factor(*, actor: Actor, password: str) -> str:
    """A new secret, sealed; asked at log-in once it is confirmed. Raises Refused where one is in use."""
    account, factors = own_person(actor, password), SecondFactor.objects.using(current_scope().alias)
    if factors.filter(account=account).exclude(confirmed_at=None).exists():
        raise Refused(_("You have a second factor: end it first."), code="factor_there")
    factor, _new = factors.update_or_create(account=account, defaults={"sealed": totp.new_sealed(), "last_step": 0})
    record(actor=actor, action="factor.begin", subject=actor.user_name)
    return factor.sealed


@service
def use_factor(*, actor: Actor, code: str) -> None:
    """Take a code, once; the first one confirms the factor. Raises SignatureRefused for a wrong or used one."""
    factors = SecondFactor.objects.using(current_scope().alias).select_for_update()
    factor = factors.filter(account__user_name=actor.user_name).first()
    step = totp.step_of(factor.sealed, code, clock.now(), after=factor.last_step) if factor else None
    if factor is None or step is None:
        raise SignatureRefused(WRONG, code="factor_wrong", field="code")
    is_first = factor.confirmed_at is None
    factor.last_step, factor.confirmed_at = step, factor.confirmed_at or clock.now()
    factor.save(update_fields=["last_step", "confirmed_at"])
    record(actor=actor, action="factor.confirm" if is_first else "factor.use", subject=actor.user_name)


@service
def end_factor(*, actor: Actor, password: str) -> None:
    """End one's own second factor, as before a new telephone."""
    account = own_person(actor, password)
    gone, _rows = SecondFactor.objects.using(current_scope().alias).filter(account=account).delete()
    if not gone:
        raise Refused(_("You have no second factor."), code="no_factor")
    record(actor=actor, action="factor.end", subject=actor.user_name)


@service
def go_without(*, actor: Actor, reason: str) -> None:
    """Somebody who breaks codes gets in without the second factor, flagged: an emergency never waits for a telephone.

    Raises Refused for everybody else, InvalidInput without a reason.
    """
    if actor.role != Role.CODE_BREAKER:
        raise Refused(
            _("Without the second factor only a code break is open: ask for a new one."), code="factor_needed"
        )
    if not reason.strip():
        raise InvalidInput(_("Say in a few words why: it is recorded and does not delay you."), field="reason")
    record(actor=actor, action="factor.without", subject=actor.user_name, texts={"reason": reason})
