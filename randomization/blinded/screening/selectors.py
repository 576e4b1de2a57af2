"""Reads of participants, limited to the actor's reach."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from randomization.blinded.screening.eligibility import Facts, Reason, reasons_against
from randomization.blinded.screening.models import Assessment, Confirmation, Consent, Participant, Sample
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.shared import clock
from randomization.shared.actor import EVERYWHERE, Actor
from randomization.shared.errors import NotFound
from randomization.shared.protocol import Protocol


def participants_for(actor: Actor) -> QuerySet[Participant]:
    """The participants within reach, by number."""
    found = Participant.objects.select_related("site").order_by("number")
    return found if actor.site_code == EVERYWHERE else found.filter(site__code__startswith=actor.site_code)


def participant(actor: Actor, number: str) -> Participant:
    """One participant; raises NotFound where there is none within reach."""
    found = participants_for(actor).filter(number=number.upper()).first()
    if found is None:
        raise NotFound()
    return found


def participant_by_uid(uid: UUID) -> Participant:
    """One participant by UID, for the other side's reads and for messages."""
    found = Participant.objects.select_related("site").filter(uid=uid).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class File:
    """Everything recorded of one participant before allocation; the last row of each kind counts."""

    participant: Participant
    consent: Consent | None
    assessment: Assessment | None
    sample: Sample | None
    confirmation: Confirmation | None

    @property
    def answers(self) -> dict[str, bool] | None:
        """The answers by key of criterion."""
        return json.loads(self.assessment.answers) if self.assessment else None

    def facts(self) -> Facts:
        """What decides about eligibility."""
        return Facts(
            sepsis_at=self.participant.sepsis_at,
            consent_at=self.consent.given_at if self.consent else None,
            answers=self.answers,
            year_of_birth=self.assessment.year_of_birth if self.assessment else None,
            neutrophils_per_mm3=self.assessment.neutrophils_per_mm3 if self.assessment else None,
            drawn_at=self.sample.drawn_at if self.sample else None,
            verdict=self.sample.verdict if self.sample else None,
        )

    def signed_content(self) -> dict[str, Any]:
        """All answers and times a physician signs; any change of them voids the signature."""
        consent, assessment, sample = self.consent, self.assessment, self.sample
        return {
            "participant": self.participant.number,
            "sepsis_at": clock.stamp(self.participant.sepsis_at),
            "consent": [consent.pk, clock.stamp(consent.given_at)] if consent else None,
            "assessment": [assessment.pk, self.answers, assessment.sex, assessment.year_of_birth,
                           assessment.neutrophils_per_mm3] if assessment else None,
            "sample": [str(sample.uid), sample.covid19, clock.stamp(sample.drawn_at),
                       clock.stamp(sample.shipped_at) if sample.shipped_at else None, sample.verdict,
                       str(sample.verdict_uid)] if sample else None,
        }  # fmt: skip


def file_of(found: Participant) -> File:
    """The participant's file: four reads."""
    return File(
        found,
        Consent.objects.filter(participant=found).order_by("-id").first(),
        Assessment.objects.filter(participant=found).order_by("-id").first(),
        Sample.objects.filter(participant=found).order_by("-drawn_at", "-uid").first(),
        Confirmation.objects.filter(participant=found).order_by("-id").first(),
    )


def open_reasons(file: File, protocol: Protocol) -> tuple[Reason, ...]:
    """The reasons against entering now."""
    return reasons_against(file.facts(), protocol.eligibility, clock.now())


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One participant on the site's board."""

    participant: Participant
    sample: Sample | None
    window_ends_at: datetime
    shipping_ends_at: datetime | None
    left: timedelta


def board(actor: Actor, *, state: str = "", most: int = 200) -> list[BoardRow]:
    """Who is where: the participants within reach, newest first, each with the 72 h and 6 h clocks."""
    found = participants_for(actor)
    if state:
        found = found.filter(state=state)
    people = list(found.order_by("-screened_at", "-number")[:most])
    samples: dict[UUID, Sample] = {}
    for sample in Sample.objects.filter(participant__in=people).order_by("drawn_at"):
        samples[sample.participant_id] = sample
    protocols = {code: protocol_in_force(code) for code in {person.site_id for person in people}}
    now, rows = clock.now(), []
    for person in people:
        rules, sample_now = protocols[person.site_id].eligibility, samples.get(person.uid)
        ends = person.sepsis_at + rules.window
        waiting = sample_now is not None and sample_now.shipped_at is None
        ship_by = sample_now.drawn_at + rules.shipping if sample_now is not None and waiting else None
        rows.append(BoardRow(person, sample_now, ends, ship_by, ends - now))
    return rows


def likely_same(found: Participant, *, sex: str, year_of_birth: int) -> list[str]:
    """Numbers of participants of this site, last 90 days, of equal sex and year of birth."""
    since = clock.now() - timedelta(days=90)
    same = Assessment.objects.filter(
        participant__site_id=found.site_id, participant__screened_at__gte=since, sex=sex, year_of_birth=year_of_birth
    ).exclude(participant=found)
    return sorted(set(same.values_list("participant__number", flat=True)))
