"""The grant of a signature: for one meaning and one record, used once within minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import SignatureRefused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service
from randomization.signatures.command import SignedCommand
from randomization.signatures.models import Signature

LIFETIME: Final = timedelta(minutes=5)


@service
def give_grant(*, actor: Actor, command: SignedCommand, trained_for: str = "") -> UUID:
    """Keep the grant of a person whose secret was just checked; `sign` is the way here."""
    now = clock.now()
    signature = Signature.objects.using(current_scope().alias).create(
        user_name=actor.user_name,
        role=actor.role,
        meaning=command.meaning,
        subject=command.subject,
        content_hash=command.content_hash(),
        trained_for=trained_for,
        given_at=now,
        expires_at=now + LIFETIME,
    )
    record(
        actor=actor,
        action="signature.give",
        subject=command.subject,
        data={"meaning": command.meaning, "id": str(signature.id)},
    )
    return signature.id


def use_signature(*, actor: Actor, grant: UUID, command: SignedCommand, training: str = "") -> Signature:
    """Take a grant inside the service that needs it, once.

    training: the protocol version the person must be trained for; empty: none is asked.

    Raises SignatureRefused where it is unknown, someone else's, for another meaning, record or content than the
    command's, too old, or used.
    """
    alias = current_scope().alias
    signature = Signature.objects.using(alias).select_for_update().filter(id=grant, user_name=actor.user_name).first()
    now = clock.now()
    if signature is None or (signature.meaning, signature.subject) != (command.meaning, command.subject):
        raise SignatureRefused(_("This needs a signature of its own: sign again."))
    if signature.used_at is not None:
        raise SignatureRefused(_("This signature was used already: sign again."), code="signature_used")
    if now >= signature.expires_at:
        raise SignatureRefused(_("This signature is too old: sign again."), code="signature_expired")
    if signature.content_hash != command.content_hash():
        raise SignatureRefused(_("What was signed has changed since: read it and sign again."), code="signed_changed")
    if training and training not in [version.strip() for version in signature.trained_for.split(",")]:
        raise SignatureRefused(
            _(
                "You are not on record as trained for protocol version %(training)s: ask the trial manager.",
                training=training,
            ),
            code="not_trained",
        )
    signature.used_at = now
    signature.save(update_fields=["used_at"])
    return signature
