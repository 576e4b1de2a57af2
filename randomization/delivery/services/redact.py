"""Blank a free text that holds personal data by mistake: two people, a reason, the chain stays valid."""

from __future__ import annotations

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.models import FreeText, Redaction
from randomization.audit.record import record
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service


def _text(stream: str, seq: int, key: str) -> FreeText:
    text = FreeText.objects.using(current_scope().alias).filter(stream=stream, seq=seq, key=key).first()
    if text is None:
        raise NotFound()
    return text


@service
def request_redaction(*, actor: Actor, stream: str, seq: int, key: str, reason: str) -> None:
    """Ask that one text be blanked. Raises InvalidInput without a reason, Refused when already asked."""
    check_can(actor, Permission.AUDIT_REDACT)
    if not reason.strip():
        raise InvalidInput(_("Say why the text must go."), field="reason")
    text = _text(stream, seq, key)
    if Redaction.objects.using(current_scope().alias).filter(text=text).exists():
        raise Refused(_("The redaction of this text was already asked for."), code="already_requested")
    Redaction.objects.using(current_scope().alias).create(text=text, requested_by=actor.user_name)
    record(
        actor=actor,
        action="redaction.request",
        subject=f"{stream}:{seq}",
        stream=stream,
        data={"key": key},
        texts={"reason": reason},
    )


@service
def confirm_redaction(*, actor: Actor, stream: str, seq: int, key: str) -> None:
    """Blank the text. Raises Refused where nobody asked, or the same person did."""
    check_can(actor, Permission.AUDIT_REDACT)
    text = _text(stream, seq, key)
    redaction = (
        Redaction.objects.using(current_scope().alias).select_for_update().filter(text=text, confirmed_by="").first()
    )
    if redaction is None:
        raise Refused(_("Nobody has asked for this redaction: ask first."), code="not_requested")
    if redaction.requested_by == actor.user_name:
        raise Refused(_("A second person must confirm the redaction."), code="second_person")
    redaction.confirmed_by = actor.user_name
    redaction.save(update_fields=["confirmed_by"])
    text.text = ""
    text.save(update_fields=["text"])
    record(actor=actor, action="redaction.confirm", subject=f"{stream}:{seq}", stream=stream, data={"key": key})
