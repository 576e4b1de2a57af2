"""What takes much out of a lot is a removal, inside the running service: signed, and told to those who decide on it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Sum

from pharmacy.stock.ledger import WRITE_OFF, Kind
from pharmacy.stock.models import Movement, Removal
from pharmacy.stock.removals import most_in_a_syringe
from pharmacy.stock.removing import TOGETHER_WITHIN, needs_two
from randomization.accounts.roles import Role
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared.actor import Actor
from randomization.shared.errors import SignatureRefused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature


def _left_shortly_before(movement: Movement) -> int:
    """Units that left the lot in the time before, which no other person is asked about."""
    earlier = Movement.objects.filter(
        lot=movement.lot,
        kind__in=[*WRITE_OFF, Kind.COUNT],
        quantity__lt=0,
        sequence__lt=movement.sequence,
        at__gt=movement.at - TOGETHER_WITHIN,
        removal=None,
    )
    return -int(earlier.aggregate(n=Sum("quantity"))["n"] or 0)


def note_removal(
    actor: Actor, movement: Movement, command: SignedCommand, *, grant: UUID | None, whole_lot: bool = False
) -> Removal | None:
    """The removal that a movement is, if it takes that much; the lot is locked by the movement.

    grant: the signature of the command; it is used where there is one. Raises SignatureRefused, code
    `signature_needed`, where there is none and one is needed.
    """
    current_scope()
    lot, units = movement.lot, -movement.quantity
    if grant is not None:
        use_signature(actor=actor, grant=grant, command=command)
    if not needs_two(
        units,
        left=movement.balance,
        in_a_syringe=most_in_a_syringe(lot.site_code, lot.product),
        before=_left_shortly_before(movement) if units > 0 else 0,
        whole_lot=whole_lot,
    ):
        return None
    if grant is None:
        raise SignatureRefused(
            _(
                "More than one preparation takes has left lot %(number)s in the last 24 hours, or nothing is left in "
                "it: sign with your password. Another person confirms it afterwards.",
                number=lot.number,
            ),
            code="signature_needed",
            field="secret",
        )
    removal = Removal.objects.create(
        movement=movement, site_code=lot.site_code, recorded_by=actor.user_name, signature=grant
    )
    tell(removal)
    return removal


def tell(removal: Removal) -> None:
    """The site's pharmacy and its unblinded monitor learn that a removal waits, or is disputed."""
    queue(
        channel=Channel.PEOPLE,
        kind="removal",
        site_code=removal.site_code,
        payload={"about": f"removal {removal.pk}"},
        roles=[Role.PHARMACIST, Role.PREPARER, Role.UNBLINDED_MONITOR],
    )
