"""The sample as the ward handles it: drawn, shipped, corrected."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from randomization.accounts.roles import Permission
from randomization.blinded.screening.changing import need_reason, open_for_change, record_change
from randomization.blinded.screening.deviations import note_deviation
from randomization.blinded.screening.models import DeviationKind, Participant, Sample
from randomization.blinded.screening.selectors import protocol_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


def _as_data(sample: Sample) -> dict[str, Any]:
    return {
        "uid": str(sample.uid), "covid19": sample.covid19, "drawn_at": clock.stamp(sample.drawn_at),
        "shipped_at": clock.stamp(sample.shipped_at) if sample.shipped_at else None,
    }  # fmt: skip


def _check_times(drawn_at: datetime, shipped_at: datetime | None) -> None:
    now = clock.now()
    if drawn_at > now or (shipped_at is not None and shipped_at > now):
        raise InvalidInput(_("The time lies in the future: check day and hour."), field="drawn_at")
    if shipped_at is not None and shipped_at < drawn_at:
        raise InvalidInput(_("A sample is shipped after it was drawn: check both times."), field="shipped_at")


def _check_flag(found: Participant, covid19: bool, *, but: UUID | None = None) -> None:
    """One answer for all samples of a participant: two verdicts over two answers would tell the class.

    but: the sample that is corrected; its own answer stands from its verdict on.
    """
    fixed = Q(verdict_uid__isnull=False) | (Q(shipped_at__isnull=False) & ~Q(uid=but))
    if found.samples.filter(fixed).exclude(covid19=covid19).exists():
        raise Refused(
            _("The COVID-19 answer stands since a sample with it was shipped or judged: call the safety officer."),
            code="flag_frozen",
        )


def _note_deviations(actor: Actor, found: Participant, sample: Sample) -> None:
    """Drawn before consent, or shipped later than the protocol allows: each is a deviation, not refused here."""
    if found.consent is not None and sample.drawn_at < found.consent.given_at:
        note_deviation(actor, found, DeviationKind.SAMPLE_BEFORE_CONSENT, str(sample.uid))
    late = protocol_for(found).eligibility.shipping
    if sample.shipped_at is not None and sample.shipped_at - sample.drawn_at > late:
        note_deviation(actor, found, DeviationKind.SAMPLE_LATE, str(sample.uid))


def _last(found: Participant) -> Sample:
    if found.sample is None:
        raise NotFound(_("No sample of this participant is recorded yet."))
    return found.sample


@service
def draw_sample(*, actor: Actor, number: str, drawn_at: datetime, covid19: bool) -> Sample:
    """Record a sample drawn (aware time), with the COVID-19 flag of its request form.

    Raises Refused for another flag than that of a sample that was shipped or judged.
    """
    found = open_for_change(actor, number, Permission.SAMPLE_RECORD)
    _check_flag(found, covid19)
    _check_times(drawn_at, None)
    sample = Sample.objects.create(uid=new_uid(), participant=found, covid19=covid19, drawn_at=drawn_at)
    found.sample = sample
    record_change(actor, found, "sample.draw", old=None, new=_as_data(sample))
    _note_deviations(actor, found, sample)
    return sample


@service
def ship_sample(*, actor: Actor, number: str, shipped_at: datetime) -> Sample:
    """Record that the last sample was shipped. Later than 6 h after drawing is a deviation, not refused."""
    found = open_for_change(actor, number, Permission.SAMPLE_RECORD)
    sample = _last(found)
    if sample.shipped_at is not None:
        raise Refused(
            _("This sample is already shipped: correct it, with a reason, if the time is wrong."), code="shipped"
        )
    _check_times(sample.drawn_at, shipped_at)
    old = _as_data(sample)
    sample.shipped_at = shipped_at
    sample.save(update_fields=["shipped_at"])
    record_change(actor, found, "sample.ship", old=old, new=_as_data(sample))
    _note_deviations(actor, found, sample)
    return sample


@service
def correct_sample(
    *, actor: Actor, number: str, drawn_at: datetime, shipped_at: datetime | None, covid19: bool, reason: str
) -> Sample:
    """Correct times or flag of the last sample.

    Raises Refused for a changed flag once a verdict is there: two verdicts over two flags would tell the class.
    """
    found = open_for_change(actor, number, Permission.SAMPLE_RECORD)
    need_reason(is_correction=True, reason=reason)
    sample = _last(found)
    _check_times(drawn_at, shipped_at)
    old = _as_data(sample)
    _check_flag(found, covid19, but=sample.uid)
    sample.drawn_at, sample.shipped_at, sample.covid19 = drawn_at, shipped_at, covid19
    sample.save()
    record_change(actor, found, "sample.correct", old=old, new=_as_data(sample), reason=reason)
    _note_deviations(actor, found, sample)
    return sample
