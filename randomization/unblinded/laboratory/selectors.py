"""Reads of the laboratory: samples on their way and at hand, and the class an allocation rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import first_text
from randomization.blinded.allocation.for_unblinded import allocation_by_uid
from randomization.blinded.screening.for_unblinded import Sample, is_randomised, samples_to_judge
from randomization.blinded.sites.for_unblinded import protocol_in_force
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound, Refused, TamperingFound
from randomization.shared.protocol import CLASSES
from randomization.shared.reach import within
from randomization.shared.read_once import read_once
from randomization.shared.sentences import sentence as _
from randomization.unblinded.laboratory.immune_class import ImmuneClass
from randomization.unblinded.laboratory.models import (
    Analyte,
    ClassCase,
    ClassDecision,
    Classification,
    ClassOnPaper,
    DecidedFrom,
    Receipt,
    Result,
    WaitingResult,
)


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample for the laboratory: what the ward recorded, and what is known here."""

    sample: Sample
    receipt: Receipt | None
    results: dict[str, Result]
    classification: Classification | None
    waiting: dict[str, WaitingResult]

    @property
    def needs_release(self) -> bool:
        """Whether the ward still waits for a verdict that the results allow."""
        complete = self.receipt is not None and len(self.results) == 2 and not self.waiting
        return complete and self.sample.verdict_uid is None and not self.is_settled

    @property
    def is_settled(self) -> bool:
        """Whether it was classified after the participant was randomised without a verdict: none goes down."""
        return self.classification is not None and is_randomised(self.sample.participant)

    def may_settle(self, user_name: str) -> bool:
        """Whether this person is a second one for a value that waits."""
        return any(value.entered_by != user_name for value in self.waiting.values())


def _rows(samples: list[Sample]) -> list[SampleRow]:
    uids = [sample.uid for sample in samples]
    receipts = {receipt.sample_uid: receipt for receipt in Receipt.objects.filter(sample_uid__in=uids)}
    results: dict[UUID, dict[str, Result]] = {}
    for result in Result.objects.filter(receipt_id__in=uids).order_by("id"):
        results.setdefault(result.receipt_id, {})[result.analyte] = result
    waiting: dict[UUID, dict[str, WaitingResult]] = {}
    for value in WaitingResult.objects.filter(receipt_id__in=uids, outcome="").order_by("id"):
        waiting.setdefault(value.receipt_id, {})[value.analyte] = value
    classes: dict[UUID, Classification] = {}
    for classification in Classification.objects.filter(receipt_id__in=uids).order_by("released_at"):
        classes[classification.receipt_id] = classification
    return [
        SampleRow(
            sample,
            receipts.get(sample.uid),
            results.get(sample.uid, {}),
            classes.get(sample.uid),
            waiting.get(sample.uid, {}),
        )
        for sample in samples
    ]


def samples_for(actor: Actor, *, open_only: bool = True, most: int = 200) -> list[SampleRow]:
    """Shipped samples of the actor's country, oldest first; by default those without a verdict or with a value that
    waits for a second person.
    """
    check_can(actor, Permission.SAMPLE_ANALYSE)
    samples = Sample.objects.select_related("participant__site").filter(shipped_at__isnull=False)
    samples = within(samples, actor, "participant__site__code")
    if open_only:
        waits = list(WaitingResult.objects.filter(outcome="").values_list("receipt_id", flat=True))
        samples = samples.filter(Q(verdict_uid=None, unusable_at=None) | Q(uid__in=waits))
    rows = _rows(list(samples.order_by("shipped_at", "uid")[:most]))
    return [row for row in rows if row.waiting or not (open_only and row.is_settled)]


@read_once
def sample_for(actor: Actor, uid: UUID) -> SampleRow:
    """One sample; raises NotFound outside the actor's country or before it was shipped."""
    sample = Sample.objects.select_related("participant__site").filter(uid=uid, shipped_at__isnull=False).first()
    if sample is None:
        raise NotFound()
    check_can(actor, Permission.SAMPLE_ANALYSE, site_code=sample.participant.site_id)
    return _rows([sample])[0]


def units_for(actor: Actor, uid: UUID) -> dict[str, str]:
    """The units in which the values of a sample are reported, by analyte, by the protocol of its site."""
    protocol = protocol_in_force(sample_for(actor, uid).sample.participant.site_id)
    return {key: protocol.analytes[key].unit for key in Analyte.values}


def judged_with_another_answer() -> list[UUID]:
    """Samples whose verdict was reached with a COVID-19 answer that was corrected since; at most two statements."""
    waiting = {sample.uid: sample for sample in samples_to_judge()}
    if not waiting:
        return []
    classifications = Classification.objects.filter(receipt_id__in=list(waiting)).order_by("released_at")
    last = dict(classifications.values_list("receipt_id", "covid19"))
    return [uid for uid, sample in waiting.items() if last.get(uid, sample.covid19) != sample.covid19]


def frozen_class(verdict_uid: UUID) -> ImmuneClass:
    """The class an allocation rests on, frozen with it; raises TamperingFound where it is gone."""
    classification = Classification.objects.filter(uid=verdict_uid).first()
    if classification is None:
        raise TamperingFound(_("The verdict this allocation rests on is not on record here."))
    return ImmuneClass(classification.immune_class)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in force: from `number` of a route on, a participant is treated as another class."""

    participant_uid: UUID
    route: str
    number: int
    immune_class: ImmuneClass


def decided_classes(participant_uids: Iterable[UUID]) -> list[Decided]:
    """The decisions in force for some participants, newest first; one statement."""
    decided_froms = DecidedFrom.objects.select_related("decision__case").filter(
        decision__case__participant_uid__in=list(participant_uids), decision__confirmed_at__isnull=False
    )
    return [
        Decided(
            start.decision.case.participant_uid, start.route, start.number, ImmuneClass(start.decision.immune_class)
        )
        for start in decided_froms.order_by("-decision__confirmed_at")
    ]


def decided_at(participant_number: str) -> datetime | None:
    """When the newest decision on the class of a participant came into force (UTC); None where there is none."""
    class_decisions = ClassDecision.objects.filter(
        case__participant_number=participant_number, confirmed_at__isnull=False
    )
    return class_decisions.order_by("-confirmed_at").values_list("confirmed_at", flat=True).first()


def decided_for(decisions: Iterable[Decided], participant_uid: UUID, route: str, number: int) -> ImmuneClass | None:
    """The class that was decided for a dose; None where the frozen one holds. Pure."""
    for decision in decisions:
        if (decision.participant_uid, decision.route) == (participant_uid, route) and decision.number <= number:
            return decision.immune_class
    return None


def class_for_dose(participant_uid: UUID, verdict_uid: UUID | None, route: str, number: int) -> ImmuneClass:
    """The class by which a dose is prepared: that of the newest decision in force from it on, or the frozen one.

    verdict_uid: None for an envelope without an eligible verdict: then by what the paper says of this dose. Raises
    Refused, code `no_class`, where it says nothing: no further dose is prepared for them.
    """
    if verdict_uid is None:
        on_paper = classes_on_paper(participant_uid).get((route, number))
        if on_paper is None:
            raise Refused(
                _("There is no eligible verdict, so no class to prepare by: call the safety officer."), code="no_class"
            )
        return on_paper
    decided = decided_for(decided_classes([participant_uid]), participant_uid, route, number)
    return decided or frozen_class(verdict_uid)


def classes_on_paper(participant_uid: UUID) -> dict[tuple[str, int], ImmuneClass]:
    """By which class the syringe of an envelope was prepared that was entered last, by route and number of the dose."""
    rows = ClassOnPaper.objects.filter(participant_uid=participant_uid).order_by("noted_at", "pack_code")
    return {(row.route, row.number): ImmuneClass(row.immune_class) for row in rows}


def possible_classes(
    participant_uid: UUID, verdict_uid: UUID | None, route: str, number: int
) -> tuple[ImmuneClass, ...]:
    """As `class_for_dose`, for a code break, which always answers.

    Without an eligible verdict: the class on the paper of that dose, else those on the paper of any other, else every
    class that the paper has an instruction for.
    """
    if verdict_uid is not None:
        return (class_for_dose(participant_uid, verdict_uid, route, number),)
    on_paper = classes_on_paper(participant_uid)
    of_dose = on_paper.get((route, number))
    known = {of_dose} if of_dose is not None else set(on_paper.values()) or {ImmuneClass(name) for name in CLASSES}
    return tuple(sorted(known))


def newest_case_of(participant_uid: UUID) -> ClassCase | None:
    """The case of the newest correction."""
    return ClassCase.objects.filter(participant_uid=participant_uid).order_by("-opened_at").first()


def routes_of(site_code: str) -> list[str]:
    """The routes of the regimen in force at a site."""
    return [route.code for route in protocol_in_force(site_code).regimen.routes]


def reason_of(decision: ClassDecision) -> str:
    """On what the first signature says the decision rests."""
    number = decision.case.participant_number
    return first_text(action="class.decide", subject=number, key="reason", since=decision.signed_at)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case: the class that the allocation rests on, the corrected one, the decision, and what waits."""

    case: ClassCase
    frozen: str
    corrected: str
    decision: ClassDecision | None
    starts: tuple[DecidedFrom, ...]
    superseded: bool


def cases_for(actor: Actor) -> list[CaseRow]:
    """The cases within reach, newest first."""
    check_can(actor, Permission.CLASS_DECIDE)
    class_cases = ClassCase.objects.select_related("classification__receipt", "decision").order_by("-opened_at")
    class_cases = within(class_cases, actor, "site_code").prefetch_related("decision__starts")
    rows, seen = [], set()
    for case in class_cases[:200]:
        allocation = allocation_by_uid(case.participant_uid)
        verdict_uid = allocation.verdict_uid if allocation else None
        frozen = frozen_class(verdict_uid) if verdict_uid else ""
        decision = getattr(case, "decision", None)
        starts = tuple(decision.starts.all()) if decision else ()
        superseded = case.participant_uid in seen
        seen.add(case.participant_uid)
        rows.append(CaseRow(case, str(frozen), case.classification.immune_class, decision, starts, superseded))
    return rows


@read_once
def case_for(actor: Actor, uid: UUID) -> CaseRow:
    """One case; raises NotFound outside reach."""
    for row in cases_for(actor):
        if row.case.pk == uid:
            return row
    raise NotFound()
