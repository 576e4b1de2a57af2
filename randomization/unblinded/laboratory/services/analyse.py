"""Receipt of a sample, its values, its class; the verdict goes down through the hatch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from randomization.audit.record import record
from randomization.blinded.allocation.for_unblinded import allocation_by_uid
from randomization.blinded.screening.for_unblinded import may_be_judged
from randomization.blinded.sites.for_unblinded import protocol_in_force
from randomization.hatch.messages import LaboratoryVerdict, SampleReceived
from randomization.hatch.send import send
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.shared.verdict import Verdict
from randomization.unblinded.laboratory.immune_class import ImmuneClass, classify, verdict_of
from randomization.unblinded.laboratory.models import (
    Analyte,
    Classification,
    Receipt,
    Result,
    WaitingOutcome,
    WaitingResult,
)
from randomization.unblinded.laboratory.second_entry import check_second, check_unit, is_repeated, let_wait, settle
from randomization.unblinded.laboratory.selectors import SampleRow, sample_for
from randomization.unblinded.laboratory.services.decide_class import open_case
from randomization.unblinded.laboratory.values import Reported, parse_reported
from randomization.unblinded.lists.selectors import stratum_for


@service
def receive_sample(*, actor: Actor, sample_uid: UUID, received_at: datetime) -> Receipt:
    """Record that a sample arrived (aware time). Raises NotFound outside the country, Refused when done."""
    row = sample_for(actor, sample_uid)
    if row.receipt is not None:
        raise Refused(_("This sample is already received."), code="received")
    shipped = row.sample.shipped_at
    if received_at > clock.now() or (shipped is not None and received_at < shipped):
        raise InvalidInput(_("A sample is received after it was shipped, and not in the future."), field="received_at")
    participant = row.sample.participant
    receipt = Receipt.objects.create(
        sample_uid=sample_uid,
        site_code=participant.site_id,
        participant_number=participant.number,
        received_at=received_at,
        received_by=actor.user_name,
    )
    record(
        actor=actor,
        action="sample.receive",
        subject=participant.number,
        stream=participant.site_id,
        data={"uid": str(sample_uid), "received_at": clock.stamp(received_at)},
    )
    send(SampleReceived(sample_uid=sample_uid, received_at=received_at))
    return receipt


def _bounded(result: Result | None) -> Decimal | None:
    return Reported(result.qualifier, result.value).bounded() if result else None


def _release(actor: Actor, row: SampleRow, receipt: Receipt, results: dict[str, Result]) -> Classification:
    """Classify; the verdict goes down unless the participant is randomised, or it would tell the ward the class."""
    participant = row.sample.participant
    rules = protocol_in_force(participant.site_id).immune_rules
    immune_class = classify(
        ferritin_ng_ml=_bounded(results.get(Analyte.FERRITIN)),
        hla_dr_per_monocyte=_bounded(results.get(Analyte.HLA_DR)),
        rules=rules,
    )
    if immune_class is ImmuneClass.PENDING:
        immune_class = ImmuneClass.UNCLASSIFIED
    verdict = verdict_of(immune_class, covid19=row.sample.covid19, rules=rules)
    classification = Classification.objects.create(
        uid=new_uid(),
        receipt=receipt,
        immune_class=immune_class,
        covid19=row.sample.covid19,
        verdict=verdict.value,
        released_at=clock.now(),
        released_by=actor.user_name,
    )
    record(
        actor=actor,
        action="sample.classify",
        subject=participant.number,
        stream=participant.site_id,
        data={"uid": str(classification.uid), "class": str(immune_class), "verdict": verdict.value},
    )
    allocation = allocation_by_uid(participant.uid)
    if allocation is not None:
        open_case(actor, classification, allocation, row)
        return classification
    if not may_be_judged(row.sample):
        return classification
    send(
        LaboratoryVerdict(
            sample_uid=row.sample.uid,
            verdict_uid=classification.uid,
            verdict=verdict.value,
            covid19=row.sample.covid19,
            stratum_uid=stratum_for(participant.site_id, immune_class) if verdict is Verdict.ELIGIBLE else None,
        )
    )
    return classification


def _received(actor: Actor, sample_uid: UUID) -> tuple[SampleRow, Receipt]:
    """The sample with its receipt under lock: two people who enter at once come one after the other."""
    list(Receipt.objects.select_for_update().filter(sample_uid=sample_uid).values_list("sample_uid"))
    row = sample_for(actor, sample_uid)
    if row.receipt is None:
        raise Refused(_("Record the receipt of the sample first."), code="not_received")
    return row, row.receipt


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a value: it counts, or it waits for a second person. Exactly one of the two."""

    result: Result | None = None
    waiting: WaitingResult | None = None

    @property
    def waits(self) -> bool:
        """Whether it counts nowhere yet."""
        return self.waiting is not None


def _text(value: Result | WaitingResult | None) -> str | None:
    return f"{value.qualifier}{value.value}" if value else None


@service
def enter_result(
    *, actor: Actor, sample_uid: UUID, analyte: str, value: str, reason: str = "", unit: str = ""
) -> Entered:
    """Keep one value as reported (`1200`, `>40000`); with both values in, the verdict goes down.

    A value outside the plausible range of the protocol waits until a second person enters it again with its `unit`;
    while one waits, no verdict goes down. A value that was entered before is corrected with a reason and stays on
    record. Raises InvalidInput for a text that is no value or leaves the class open and for another unit, Refused
    second_person for the person who entered it first.
    """
    row, receipt = _received(actor, sample_uid)
    protocol = protocol_in_force(row.sample.participant.site_id)
    if analyte not in Analyte.values:
        raise InvalidInput(_("Choose ferritin or HLA-DR."), field="analyte")
    rules, measured = protocol.immune_rules, protocol.analytes[analyte]
    mals_ferritin_above_ng_ml = (
        rules.mals_ferritin_above_ng_ml if analyte == Analyte.FERRITIN else rules.sip_hla_dr_below_per_monocyte
    )
    check_unit(unit, measured)
    reported = parse_reported(value, cutoff=mals_ferritin_above_ng_ml, decimals=measured.decimals)
    before, waiting = row.results.get(analyte), row.waiting.get(analyte)
    repeated = waiting is not None and is_repeated(waiting, reported)
    if (before is not None or waiting is not None) and not repeated and not reason.strip():
        raise InvalidInput(_("This replaces a value entered before: say why."), field="reason", code="reason_missing")
    if waiting is not None:
        if repeated:
            check_second(actor, waiting, unit, measured)
        settle(actor, waiting, WaitingOutcome.CONFIRMED if repeated else WaitingOutcome.REPLACED)
    if not measured.is_plausible(reported.value) and not repeated:
        kept = let_wait(actor, receipt, analyte, reported)
        _record_value(
            actor, row, "sample.result_waits", analyte, old=_text(waiting or before), new=_text(kept), reason=reason
        )
        return Entered(waiting=kept)
    result = Result.objects.create(
        receipt=receipt,
        analyte=analyte,
        qualifier=reported.qualifier,
        value=reported.value,
        entered_by=actor.user_name,
        entered_at=clock.now(),
    )
    first = {"first": waiting.entered_by, "unit": unit.strip()} if waiting and repeated else {}
    _record_value(actor, row, "sample.result", analyte, old=_text(before), new=_text(result), reason=reason, more=first)
    _release_if_complete(actor, sample_uid)
    return Entered(result=result)


def _record_value(
    actor: Actor,
    row: SampleRow,
    action: str,
    analyte: str,
    *,
    old: str | None,
    new: str | None,
    reason: str,
    more: Mapping[str, str] | None = None,
) -> None:
    participant = row.sample.participant
    record(
        actor=actor,
        action=action,
        subject=participant.number,
        stream=participant.site_id,
        data={"analyte": analyte, "old": old, "new": new, **(more or {})},
        texts={"reason": reason},
    )


def _release_if_complete(actor: Actor, sample_uid: UUID) -> None:
    """Release where both values count and none waits for a second person."""
    row, receipt = _received(actor, sample_uid)
    if len(row.results) == len(Analyte.values) and not row.waiting:
        _release(actor, row, receipt, row.results)


@service
def withdraw_result(*, actor: Actor, sample_uid: UUID, analyte: str, reason: str) -> None:
    """Withdraw a value that waits for a second person: it was none. What counted before counts on.

    Raises Refused where none waits, InvalidInput without a reason.
    """
    row, _receipt = _received(actor, sample_uid)
    waiting = row.waiting.get(analyte)
    if waiting is None:
        raise Refused(_("No value of this measurement waits for a second person."), code="nothing_waits")
    if not reason.strip():
        raise InvalidInput(_("Say why the value is withdrawn."), field="reason", code="reason_missing")
    settle(actor, waiting, WaitingOutcome.WITHDRAWN)
    _record_value(actor, row, "sample.result_withdrawn", analyte, old=_text(waiting), new=None, reason=reason)
    if row.sample.verdict_uid is None:
        _release_if_complete(actor, sample_uid)


@service
def close_sample(*, actor: Actor, sample_uid: UUID, reason: str, ward_knows: bool = False) -> Classification:
    """Release the verdict with what is there, where a value will not come; without ferritin it is unclassified.

    ward_knows: whether the ward learned which value is missing; it is kept in the trail above, since an eligible
    participant without HLA-DR is in one class alone (docs/decisions/0044).
    Also releases again after the ward corrected the COVID-19 flag. Raises InvalidInput without a reason, Refused while
    a value waits for a second person.
    """
    row, receipt = _received(actor, sample_uid)
    if not reason.strip():
        raise InvalidInput(_("Say why the sample is closed."), field="reason", code="reason_missing")
    if row.waiting:
        raise Refused(
            _("A value waits for a second person: let it be entered again, or withdraw it first."), code="waits"
        )
    participant = row.sample.participant
    missing = sorted(set(Analyte.values) - set(row.results))
    record(
        actor=actor,
        action="sample.close",
        subject=participant.number,
        stream=participant.site_id,
        data={"uid": str(sample_uid), "missing": missing, "ward_knows": ward_knows},
        texts={"reason": reason},
    )
    return _release(actor, row, receipt, row.results)


@service
def judge_again(*, actor: Actor, sample_uid: UUID) -> Classification | None:
    """Reach the verdict over a sample again, by its class as it stands, after the ward corrected the COVID-19 answer.

    None where the last verdict was reached with the answer that stands now.
    """
    row = sample_for(actor, sample_uid)
    last = row.classification
    if row.receipt is None or last is None or last.covid19 == row.sample.covid19 or row.sample.verdict_uid is not None:
        return None
    return _release(actor, row, row.receipt, row.results)
