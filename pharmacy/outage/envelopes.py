"""What became of the envelopes of a site: printed, opened for whom, entered with how many syringes."""

from __future__ import annotations

from dataclasses import dataclass

from pharmacy.preparation.models import EnvelopeLabel, Preparation
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.allocation.for_unblinded import allocations_by_kit
from randomization.shared.actor import Actor
from randomization.shared.sentences import sentence as _
from randomization.unblinded.lists.selectors import every_envelope


@dataclass(frozen=True, slots=True)
class EnvelopeRow:
    """One envelope; participant: for whom it was entered, empty while it was for nobody."""

    list_version: int
    position: int
    kit_code: str
    is_printed: bool
    participant: str
    syringes: int

    @property
    def state(self) -> str:
        """Where it stands, in a word."""
        if self.participant:
            return _("opened, syringes entered") if self.syringes else _("opened, no syringe entered yet")
        return _("sealed") if self.is_printed else _("not printed")


def envelopes_of(actor: Actor, site_code: str) -> list[EnvelopeRow]:
    """Every envelope of a site, in order; four statements. Nothing is opened by looking."""
    check_can(actor, Permission.ACCOUNTABILITY_READ, site_code=site_code)
    envelopes = every_envelope(site_code)
    kits = [kit_code for _version, _position, kit_code in envelopes]
    printed = set(EnvelopeLabel.objects.filter(kit_code__in=kits).values_list("kit_code", flat=True))
    entered: dict[str, int] = {}
    for kit_code in Preparation.objects.filter(kit_code__in=kits, from_envelope=True).values_list(
        "kit_code", flat=True
    ):
        entered[kit_code] = entered.get(kit_code, 0) + 1
    numbers_by_kit = {allocation.kit_code: allocation.participant.number for allocation in allocations_by_kit(kits)}
    return [
        EnvelopeRow(version, position, kit, kit in printed, numbers_by_kit.get(kit, ""), entered.get(kit, 0))
        for version, position, kit in envelopes
    ]
