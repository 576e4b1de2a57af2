"""Reads of the laboratory: samples on their way and at hand, and the class an allocation rests on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.screening.models import Sample
from randomization.shared.actor import EVERYWHERE, Actor
from randomization.shared.errors import NotFound, TamperingFound
from randomization.unblinded.laboratory.immune_class import ImmuneClass
from randomization.unblinded.laboratory.models import Classification, Receipt, Result


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample for the laboratory: what the ward recorded, and what is known here."""

    sample: Sample
    receipt: Receipt | None
    results: dict[str, Result]
    classification: Classification | None

    @property
    def needs_release(self) -> bool:
        """Whether the ward still waits for a verdict that the results allow."""
        return self.receipt is not None and len(self.results) == 2 and self.sample.verdict_uid is None


def _rows(samples: list[Sample]) -> list[SampleRow]:
    uids = [sample.uid for sample in samples]
    receipts = {receipt.sample_uid: receipt for receipt in Receipt.objects.filter(sample_uid__in=uids)}
    results: dict[UUID, dict[str, Result]] = {}
    for result in Result.objects.filter(receipt_id__in=uids).order_by("id"):
        results.setdefault(result.receipt_id, {})[result.analyte] = result
    classes: dict[UUID, Classification] = {}
    for found in Classification.objects.filter(receipt_id__in=uids).order_by("released_at"):
        classes[found.receipt_id] = found
    return [
        SampleRow(sample, receipts.get(sample.uid), results.get(sample.uid, {}), classes.get(sample.uid))
        for sample in samples
    ]


def samples_for(actor: Actor, *, open_only: bool = True, most: int = 200) -> list[SampleRow]:
    """Shipped samples of the actor's country, oldest first; by default those without a verdict."""
    check_can(actor, Permission.SAMPLE_ANALYSE)
    found = Sample.objects.select_related("participant").filter(shipped_at__isnull=False)
    if actor.site_code != EVERYWHERE:
        found = found.filter(participant__site__code__startswith=actor.site_code)
    if open_only:
        found = found.filter(verdict_uid=None)
    return _rows(list(found.order_by("shipped_at", "uid")[:most]))


def sample_for(actor: Actor, uid: UUID) -> SampleRow:
    """One sample; raises NotFound outside the actor's country or before it was shipped."""
    found = Sample.objects.select_related("participant").filter(uid=uid, shipped_at__isnull=False).first()
    if found is None:
        raise NotFound()
    check_can(actor, Permission.SAMPLE_ANALYSE, site_code=found.participant.site_id)
    return _rows([found])[0]


def frozen_class(verdict_uid: UUID) -> ImmuneClass:
    """The class an allocation rests on, frozen with it; raises TamperingFound where it is gone."""
    found = Classification.objects.filter(uid=verdict_uid).first()
    if found is None:
        raise TamperingFound("The verdict this allocation rests on is not on record here.")
    return ImmuneClass(found.immune_class)
