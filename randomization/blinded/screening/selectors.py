"""Reads of participants, limited to the actor's reach."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import QuerySet

from randomization.blinded.screening.eligibility import (
    Facts,
    Reason,
    reasons_against,
    reasons_of_answers,
)
from randomization.blinded.screening.identity import Identity, obstacle
from randomization.blinded.screening.models import Answer, Deviation, Draft, Participant, Scope, Transfer
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.sites.selectors import protocol_of
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.compiled_reads import Prepared
from randomization.shared.errors import NotFound
from randomization.shared.ids import as_participant_number
from randomization.shared.protocol import Protocol
from randomization.shared.reach import within
from randomization.shared.read_once import read_once
from randomization.shared.sentences import sentence as _
from randomization.shared.service import Side, alias_of
from randomization.shared.verdict import Verdict

COUNTED = ("year_of_birth", "neutrophils_per_mm3")
NUMBER = re.compile(r"[0-9]{1,6}")
FILE = ("site", "consent", "assessment", "sample", "confirmation")

File: TypeAlias = Participant
"""A participant read with the whole file, as pages hand it on: they import no models."""

FILE_BY_NUMBER = Prepared(lambda number: Participant.objects.select_related(*FILE).filter(number=number))


def participants_for(actor: Actor) -> QuerySet[Participant]:
    """The participants within reach, each with the whole file, by number: treated there, or screened there."""
    participants = Participant.objects.select_related(*FILE).order_by("number")
    return within(participants, actor, "site__code", "home__code")


def treated_by(actor: Actor) -> QuerySet[Participant]:
    """As `participants_for`, but for those whom another site treats now."""
    return within(participants_for(actor), actor, "site__code")


@read_once
def find_participant(actor: Actor, number: str) -> Participant:
    """One participant; raises NotFound where there is none within reach."""
    participant = FILE_BY_NUMBER.get(alias_of(Side.BLINDED), as_participant_number(number))
    if participant is None or not (actor.reaches(participant.site_id) or actor.reaches(participant.home_id)):
        raise NotFound()
    return participant


def protocol_for(participant: Participant) -> Protocol:
    """The protocol in force at the participant's site, which is read along with the participant."""
    return protocol_of(participant.site)


def answers_of(participant: Participant) -> dict[str, bool] | None:
    """The answers of the eligibility form by key of criterion."""
    return json.loads(participant.assessment.answers) if participant.assessment else None


def asked(participant: Participant, protocol: Protocol) -> list[tuple[str, str]]:
    """Every question with its answer in words, as a physician signs them."""
    answers, words = answers_of(participant) or {}, {True: _("yes"), False: _("no"), None: _("not answered")}
    return [(criterion.text, words[answers.get(criterion.key)]) for criterion in protocol.eligibility.criteria]


def recorded_consent(participant: Participant) -> dict[str, Any]:
    """What the consent form shows at first."""
    consent = participant.consent
    keys = ("given_by", "relation", "form_version", "given_at")
    return {key: getattr(consent, key) for key in keys} if consent else {}


def recorded_answers(participant: Participant) -> dict[str, Any]:
    """What the eligibility form shows at first."""
    assessment = participant.assessment
    if assessment is None:
        return {}
    answers = {key: "yes" if value else "no" for key, value in (answers_of(participant) or {}).items()}
    keys = ("sex", "year_of_birth", "neutrophils_per_mm3")
    return {**answers, **{key: getattr(assessment, key) for key in keys}}


@read_once
def drafted_answers(participant: Participant) -> dict[str, Any]:
    """What was typed into the eligibility form and not recorded yet."""
    draft = Draft.objects.filter(participant=participant).values_list("answers", flat=True).first()
    return json.loads(draft) if draft else {}


def answers_so_far(participant: Participant, typed: Mapping[str, str], protocol: Protocol) -> tuple[Reason, ...]:
    """What answers as typed mean so far; what cannot be read counts as not answered."""
    rules = protocol.eligibility
    answers = {item.key: typed[item.key] == "yes" for item in rules.criteria if typed.get(item.key) in {"yes", "no"}}
    year, count = (int(typed[key]) if NUMBER.fullmatch(typed.get(key, "")) else None for key in COUNTED)
    facts = replace(facts_of(participant, Identity()), answers=answers, year_of_birth=year, neutrophils_per_mm3=count)
    return reasons_of_answers(facts, rules, clock.now())


def recorded_sample(participant: Participant) -> dict[str, Any]:
    """What the form that corrects a sample shows at first."""
    sample = participant.sample
    if sample is None:
        return {}
    covid19 = "yes" if sample.covid19 else "no"
    return {"drawn_at": sample.drawn_at, "shipped_at": sample.shipped_at, "covid19": covid19}


def facts_of(participant: Participant, identity: Identity) -> Facts:
    """What decides about eligibility; `identity`: what is known of who the person is."""
    consent, assessment, sample = participant.consent, participant.assessment, participant.sample
    return Facts(
        sepsis_at=participant.sepsis_at,
        consent_at=consent.given_at if consent else None,
        answers=answers_of(participant),
        year_of_birth=assessment.year_of_birth if assessment else None,
        neutrophils_per_mm3=assessment.neutrophils_per_mm3 if assessment else None,
        drawn_at=sample.drawn_at if sample else None,
        verdict=Verdict(sample.verdict) if sample else None,
        covid19=sample.covid19 if sample else None,
        was_judged_with_covid19=identity.was_judged_with_covid19,
    )


def open_reasons(participant: Participant, protocol: Protocol, identity: Identity | None = None) -> tuple[Reason, ...]:
    """The reasons against entering now, also who the person is known to be; `identity`: where it was read already."""
    known = identity or identity_of(participant)
    reasons = reasons_against(facts_of(participant, known), protocol.eligibility, clock.now())
    against = obstacle(known) if known.bars else None
    return (*reasons, Reason(against.code, against.sentence, final=True)) if against else reasons


def deviations_for(actor: Actor, *, open_only: bool = True, most: int = 200) -> list[Deviation]:
    """Departures from the protocol within reach, unexplained ones first, then the newest."""
    deviations = Deviation.objects.select_related("participant__site")
    deviations = within(deviations, actor, "participant__site__code")
    if open_only:
        deviations = deviations.filter(explained_at=None, lifted_at=None)
    return sorted(deviations.order_by("-arose_at", "-id")[:most], key=lambda item: item.explained_at is not None)


def deviation(actor: Actor, deviation_id: int) -> Deviation:
    """One deviation; raises NotFound outside reach."""
    reachable_deviation = Deviation.objects.select_related("participant__site").filter(pk=deviation_id).first()
    if reachable_deviation is None or not actor.reaches(reachable_deviation.participant.site_id):
        raise NotFound()
    return reachable_deviation


def transfers_of(participant: Participant) -> list[Transfer]:
    """The transfers of one participant, oldest first."""
    return list(Transfer.objects.filter(participant=participant).order_by("id"))


def site_treating_at(participant: Participant, at: datetime) -> str:
    """The code of the site that treated a participant at a moment (UTC)."""
    later = Transfer.objects.filter(participant=participant, at__gt=at).order_by("at", "id")
    return later.values_list("from_site_id", flat=True).first() or participant.site_id


def transferred() -> list[UUID]:
    """Everybody who was ever transferred; for the code break's reads from above."""
    return list(Transfer.objects.order_by("id").values_list("participant_id", flat=True))


def answer_named(name: str) -> Answer:
    """What a patient said, by its name; ValueError for another."""
    return Answer(name)


def scope_named(name: str) -> Scope:
    """From what somebody withdraws, by its name; ValueError for another."""
    return Scope(name)
