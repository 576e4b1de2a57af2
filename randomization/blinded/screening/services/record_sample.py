"""The sample as the ward handles it: drawn, shipped, corrected, unusable."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from randomization.accounts.roles import Permission
from randomization.blinded.screening.deviations import note_deviation
from randomization.blinded.screening.eligibility import tells_the_class
from randomization.blinded.screening.file_changes import need_reason, open_for_change, record_change
from randomization.blinded.screening.models import DeviationKind, Participant, Sample
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import protocol_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.plausible import check_not_before
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


def _as_data(sample: Sample) -> dict[str, Any]:
    return {
        "uid": str(sample.uid),
        "covid19": sample.covid19,
        "drawn_at": clock.stamp(sample.drawn_at),
        "shipped_at": clock.stamp(sample.shipped_at) if sample.shipped_at else None,
    }


def _check_times(participant: Participant, drawn_at: datetime, shipped_at: datetime | None) -> None:
    now = clock.now()
    check_not_before(
        drawn_at,
        participant.sepsis_at - protocol_for(participant).moments.before_sepsis,
        field="drawn_at",
        sentence=_("The sample lies long before sepsis was identified: check day, month and year."),
    )
    if drawn_at > now or (shipped_at is not None and shipped_at > now):
        raise InvalidInput(_("The time lies in the future: check day and hour."), field="drawn_at")
    if shipped_at is not None and shipped_at < drawn_at:
        raise InvalidInput(_("A sample is shipped after it was drawn: check both times."), field="shipped_at")


def _check_flag(participant: Participant, covid19: bool, *, but: UUID | None = None) -> None:
    """One answer for all samples of a participant: two verdicts over two answers would tell the class.

    but: the sample that is corrected; its own answer stands from its verdict on.
    """
    fixed = Q(verdict_uid__isnull=False) | (Q(shipped_at__isnull=False) & ~Q(uid=but))
    if participant.samples.filter(fixed, unusable_at=None).exclude(covid19=covid19).exists():
        raise Refused(
            _(
                "A sample with the other COVID-19 answer was shipped or judged. If that answer is wrong, an "
                "investigator corrects it first: Correct the COVID-19 answer, on the participant's page."
            ),
            code="flag_frozen",
        )
    if tells_the_class(covid19=covid19, was_judged_with_covid19=identity_of(participant).was_judged_with_covid19):
        raise Refused(
            _(
                "A verdict was given with the COVID-19 answer yes: one with the answer no would tell the immune class. "
                "The participant cannot enter; an investigator signs that."
            ),
            code="class_would_show",
        )


def _note_deviations(actor: Actor, participant: Participant, sample: Sample) -> None:
    """Drawn before consent, or shipped later than the protocol allows: each is a deviation, not refused here."""
    if participant.consent is not None and sample.drawn_at < participant.consent.given_at:
        note_deviation(actor, participant, DeviationKind.SAMPLE_BEFORE_CONSENT, str(sample.uid))
    late = protocol_for(participant).eligibility.shipping
    if sample.shipped_at is not None and sample.shipped_at - sample.drawn_at > late:
        note_deviation(actor, participant, DeviationKind.SAMPLE_LATE, str(sample.uid))


def _last(participant: Participant) -> Sample:
    if participant.sample is None:
        raise NotFound(_("No sample of this participant is recorded yet."))
    return participant.sample


@service
def draw_sample(*, actor: Actor, number: str, drawn_at: datetime, covid19: bool, reason: str = "") -> Sample:
    """Record a sample drawn (aware time), with the COVID-19 answer of its request form.

    A further one counts from now on in place of the one before (the last valid sample before the signature decides).
    reason: why another one is drawn. Raises Refused for another answer than that of a sample that was shipped or
    judged, and for one whose verdict would tell the class; InvalidInput without a reason for a further sample.
    """
    participant = open_for_change(actor, number, Permission.SAMPLE_RECORD)
    before = participant.sample
    if before is not None and not reason.strip():
        raise InvalidInput(
            _("A sample is recorded already: say why another one is drawn."), field="reason", code="reason_missing"
        )
    _check_flag(participant, covid19)
    _check_times(participant, drawn_at, None)
    sample = Sample.objects.create(uid=new_uid(), participant=participant, covid19=covid19, drawn_at=drawn_at)
    participant.sample = sample
    old = {"uid": str(before.uid)} if before else None
    record_change(actor, participant, "sample.draw", old=old, new=_as_data(sample), reason=reason)
    _note_deviations(actor, participant, sample)
    return sample


@service
def ship_sample(*, actor: Actor, number: str, shipped_at: datetime) -> Sample:
    """Record that the last sample was shipped. Later than 6 h after drawing is a deviation, not refused."""
    participant = open_for_change(actor, number, Permission.SAMPLE_RECORD)
    sample = _last(participant)
    if sample.shipped_at is not None:
        raise Refused(
            _("This sample is already shipped: correct it, with a reason, if the time is wrong."), code="shipped"
        )
    _check_times(participant, sample.drawn_at, shipped_at)
    old = _as_data(sample)
    sample.shipped_at = shipped_at
    sample.save(update_fields=["shipped_at"])
    record_change(actor, participant, "sample.ship", old=old, new=_as_data(sample))
    _note_deviations(actor, participant, sample)
    return sample


@service
def correct_sample(
    *, actor: Actor, number: str, drawn_at: datetime, shipped_at: datetime | None, covid19: bool, reason: str
) -> Sample:
    """Correct times or flag of the last sample.

    Raises Refused for a changed flag once a verdict is there: two verdicts over two flags would tell the class.
    """
    participant = open_for_change(actor, number, Permission.SAMPLE_RECORD)
    need_reason(is_correction=True, reason=reason)
    sample = _last(participant)
    _check_times(participant, drawn_at, shipped_at)
    old = _as_data(sample)
    _check_flag(participant, covid19, but=sample.uid)
    sample.drawn_at, sample.shipped_at, sample.covid19 = drawn_at, shipped_at, covid19
    sample.save()
    record_change(actor, participant, "sample.correct", old=old, new=_as_data(sample), reason=reason)
    _note_deviations(actor, participant, sample)
    return sample


@service
def discard_sample(*, actor: Actor, number: str, reason: str) -> Sample | None:
    """Record that the last sample cannot be judged: lost, haemolysed, mixed up. The one before counts again.

    Returns that one, or None where another has to be drawn. Raises Refused once it was judged: then a further sample
    is drawn instead.
    """
    participant = open_for_change(actor, number, Permission.SAMPLE_RECORD)
    sample = _last(participant)
    if not reason.strip():
        raise InvalidInput(_("Say why the sample cannot be used."), field="reason", code="reason_missing")
    if sample.verdict_uid is not None:
        raise Refused(_("The laboratory has judged this sample: draw another one, with a reason."), code="judged")
    sample.unusable_at = clock.now()
    sample.save(update_fields=["unusable_at"])
    participant.sample = participant.samples.filter(unusable_at=None).order_by("drawn_at", "shipped_at").last()
    new = {"counts": str(participant.sample.uid) if participant.sample else None}
    record_change(actor, participant, "sample.discard", old=_as_data(sample), new=new, reason=reason)
    return participant.sample
