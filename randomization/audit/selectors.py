"""Reads of the trail: events for people, and the whole for a check or an export."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from randomization.audit.chain import Fault, first_fault, text_hash
from randomization.audit.models import Event, FreeText, Stream
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.ids import TRIAL_STREAM
from randomization.shared.reach import within
from randomization.shared.service import current_alias, snapshot


def as_dict(event: Event) -> dict[str, Any]:
    """One event with exactly the keys of audit chain v1, `previous` and `hash`."""
    return {
        "v": 1,
        "stream": event.stream,
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "role": event.role,
        "action": event.action,
        "subject": event.subject,
        "data": json.loads(event.data),
        "previous": event.previous,
        "hash": event.hash,
    }


def events_for(
    reader: Actor,
    *,
    subject: str = "",
    action: str = "",
    stream: str = "",
    actor: str = "",
    since: str = "",
    until: str = "",
) -> QuerySet[Event]:
    """Events within the reader's reach, newest first; the trial's own stream needs reach everywhere.

    actor: a user name. since, until: days (UTC, `2026-03-01`), both included; moments are kept as text that sorts.
    """
    events = within(Event.objects.using(current_alias()).order_by("-id"), reader, "stream")
    if not reader.reaches(TRIAL_STREAM):
        events = events.exclude(stream=TRIAL_STREAM)  # a country's code may begin as its name does
    if since:
        events = events.filter(at__gte=since)
    if until:
        events = events.filter(at__lt=f"{until}U")
    for name, value in {"subject": subject, "action": action, "stream": stream, "actor": actor}.items():
        if value:
            events = events.filter(**{name: value})
    return events


def texts_of(events: list[Event]) -> dict[tuple[str, int], dict[str, str]]:
    """The free texts of some events, by stream and seq; a redacted one reads `[redacted]`."""
    texts: dict[tuple[str, int], dict[str, str]] = {}
    wanted = FreeText.objects.using(current_alias()).filter(
        stream__in={event.stream for event in events}, seq__in={event.seq for event in events}
    )
    for text in wanted:
        texts.setdefault((text.stream, text.seq), {})[text.key] = text.text or "[redacted]"
    return texts


def moments_of(*, subject: str, actions: Sequence[str], since: datetime) -> list[tuple[str, datetime]]:
    """Action and moment (UTC) of the events of some kinds on a subject since a moment, oldest first."""
    events = Event.objects.using(current_alias()).filter(
        subject=subject, action__in=actions, at__gte=clock.stamp(since)
    )
    return [(action, clock.parse_stamp(at)) for action, at in events.order_by("id").values_list("action", "at")]


def texts_by_subject(actor: Actor, action: str, subjects: Iterable[str], key: str = "reason") -> dict[str, str]:
    """The texts of one action by subject, newest first and joined where there are several; three statements at most."""
    events = list(events_for(actor, action=action).filter(subject__in=list(subjects)))
    texts = texts_of(events)
    by_subject: dict[str, str] = {}
    for event in events:
        text = texts.get((event.stream, event.seq), {}).get(key, "")
        if text:
            by_subject[event.subject] = f"{by_subject[event.subject]}; {text}" if event.subject in by_subject else text
    return by_subject


def texts_by_value(actor: Actor, action: str, name: str, values: Iterable[str], key: str = "reason") -> dict[str, str]:
    """The text of the one event of an action whose data has `name` with this value, by value; three statements."""
    events = {json.loads(event.data).get(name): event for event in events_for(actor, action=action)}
    events_by_value = {value: events[value] for value in values if value in events}
    texts = texts_of(list(events_by_value.values()))
    return {value: texts.get((event.stream, event.seq), {}).get(key, "") for value, event in events_by_value.items()}


def first_text(*, action: str, subject: str, key: str, since: datetime) -> str:
    """A text of the first event of an action on a subject at or after a moment; empty where there is none."""
    events = Event.objects.using(current_alias()).filter(action=action, subject=subject, at__gte=clock.stamp(since))
    event = events.order_by("id").first()
    return texts_of([event]).get((event.stream, event.seq), {}).get(key, "") if event else ""


def first_event(*, action: str, subject: str) -> dict[str, Any] | None:
    """The data of the first event of an action on a subject; None where there is none."""
    events = Event.objects.using(current_alias()).filter(action=action, subject=subject).order_by("id")
    data = events.values_list("data", flat=True).first()
    return None if data is None else json.loads(data)


def history_of(*, subject: str, actions: Sequence[str]) -> list[tuple[str, datetime, dict[str, Any]]]:
    """Action, moment (UTC) and data of the events of some kinds on a subject, oldest first."""
    events = Event.objects.using(current_alias()).filter(subject=subject, action__in=actions).order_by("id")
    rows = events.values_list("action", "at", "data")
    return [(action, clock.parse_stamp(at), json.loads(data)) for action, at, data in rows]


def events_since(*, action: str, since: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Subject and data of the events of an action since a moment, oldest first."""
    events = Event.objects.using(current_alias()).filter(action=action, at__gte=clock.stamp(since)).order_by("id")
    return [(subject, json.loads(data)) for subject, data in events.values_list("subject", "data")]


def last_moments(*, actions: Sequence[str]) -> dict[str, datetime]:
    """When (UTC) each actor did one of these actions last."""
    latest = Event.objects.using(current_alias()).filter(action__in=actions).values("actor").annotate(last=Max("at"))
    return {row["actor"]: clock.parse_stamp(row["last"]) for row in latest.order_by("actor")}


def hash_at(stream: str, seq: int) -> str | None:
    """The hash of one event; None where there is none."""
    events = Event.objects.using(current_alias()).filter(stream=stream, seq=seq)
    return events.values_list("hash", flat=True).first()


def streams() -> list[Stream]:
    """The heads of all chains of this side."""
    return list(Stream.objects.using(current_alias()).order_by("name"))


def stream_events(name: str) -> Iterator[dict[str, Any]]:
    """One chain in order, with flat memory."""
    for event in Event.objects.using(current_alias()).filter(stream=name).order_by("seq").iterator(chunk_size=2000):
        yield as_dict(event)


def _redacted() -> set[tuple[str, str]]:
    """Which texts two people redacted: (stream:seq, key)."""
    events = Event.objects.using(current_alias()).filter(action="redaction.confirm")
    return {(event.subject, json.loads(event.data)["key"]) for event in events}


def _text_fault(name: str) -> Fault | None:
    """Every hash in an event has its text beside it, unless two people redacted it."""
    texts = {(text.seq, text.key): text for text in FreeText.objects.using(current_alias()).filter(stream=name)}
    redacted = _redacted()
    for event in stream_events(name):
        for key, value in event["data"].items():
            if not isinstance(value, dict) or "text_sha256" not in value:
                continue
            text = texts.pop((event["seq"], key), None)
            if text is None:
                return Fault(name, event["seq"], f"its text {key!r} is gone")
            if text.text == "" and (f"{name}:{event['seq']}", key) in redacted:
                continue
            if text_hash(text.salt, text.text) != value["text_sha256"]:
                return Fault(name, event["seq"], f"its text {key!r} was changed")
    return Fault(name, min(texts)[0], "a text stands beside an event that has none") if texts else None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of this side's trail covered: events, chains, the moment (UTC) it is of; and each chain's fault."""

    events: int
    chains: int
    at: datetime
    faults: tuple[Fault, ...]


def verify_trail() -> Verified:
    """Check every chain of this side, from its first event to the head that this database keeps for it.

    Heads and events are read as of one moment: what is appended meanwhile is neither missed nor a fault.
    """
    with snapshot():
        faults, count, at = [], 0, clock.now()
        known = {stream.name: stream for stream in streams()}
        names = list(
            Event.objects.using(current_alias()).order_by("stream").values_list("stream", flat=True).distinct()
        )
        for name in names:
            head = known.pop(name, None)
            expected = (head.seq, head.head) if head else (0, "")
            count += expected[0]
            fault = first_fault(name, stream_events(name), head=expected) or _text_fault(name)
            if fault:
                faults.append(fault)
        faults += [Fault(name, 1, "the chain is empty, its head is not") for name, head in known.items() if head.seq]
    return Verified(count, len(names), at, tuple(faults))


def verify_all() -> tuple[int, list[Fault]]:
    """As `verify_trail`: number of events, and the first fault of each chain."""
    verified = verify_trail()
    return verified.events, list(verified.faults)


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person recorded of a subject, at a moment (UTC)."""

    subject: str
    actor: str
    action: str
    at: datetime


def acts_on(*, subjects: Iterable[str], actors: Iterable[str], action: str = "") -> list[Act]:
    """What these people recorded of these subjects, oldest first; of one action or all."""
    events = Event.objects.using(current_alias()).filter(subject__in=list(subjects), actor__in=list(actors))
    if action:
        events = events.filter(action=action)
    columns = ("subject", "actor", "action", "at")
    return [
        Act(subject, actor, action, clock.parse_stamp(at))
        for subject, actor, action, at in events.order_by("id").values_list(*columns)
    ]
