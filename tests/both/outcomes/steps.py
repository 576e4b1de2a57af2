"""A transfer to another site."""

from __future__ import annotations

from immunosep_site.demonstration import cast
from randomization.accounts.roles import Role
from randomization.blinded.outcomes.services.transfer import TransferParticipant, transfer
from randomization.blinded.screening.models import Transfer
from randomization.shared.actor import Actor
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign

INVESTIGATOR = cast.at_site(Role.INVESTIGATOR, "GR01")


def move(number: str, to_site: str = "GR02", *, actor: Actor = INVESTIGATOR, reason: str = "nearer home") -> Transfer:
    with on_side(Side.BLINDED):
        command = TransferParticipant(number, to_site)
        grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
        return transfer(actor=actor, command=command, reason=reason, grant=grant)
