"""What is waiting to be told, and what was told to a person's role and site."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from randomization.notices.models import Alarm, AlarmKind, Channel, Entry, Head, Numbered
from randomization.notices.words import words_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.reach import within
from randomization.shared.service import current_alias


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing told to people: in words, at which site, when, and the facts."""

    kind: str
    words: str
    site_code: str
    at: datetime
    facts: dict[str, Any]


def is_due(channel: Channel) -> bool:
    """Whether an entry is due and has no number yet; a read, so that an idle sweep takes no lock."""
    due = Entry.objects.using(current_alias()).filter(channel=channel, deliver_at__lte=clock.now(), numbered=None)
    return due.exists()


def numbered_after(channel: Channel, number: int) -> Iterator[Numbered]:
    """Numbers of the channel above `number` with their entries, in order."""
    later = Numbered.objects.using(current_alias()).select_related("entry").filter(channel=channel, number__gt=number)
    yield from later.order_by("number")


def signed_after(channel: Channel, number: int) -> dict[int, tuple[UUID, str]]:
    """UID and signature by number, of the entries numbered above `number`."""
    later = Numbered.objects.using(current_alias()).filter(channel=channel, number__gt=number)
    columns = later.order_by("number").values_list("number", "entry__uid", "signature")
    return {number: (uid, signature) for number, uid, signature in columns}


def known_signatures(channel: Channel, signatures: Collection[str]) -> set[str]:
    """Those of some signatures that were given on this side."""
    known = Numbered.objects.using(current_alias()).filter(channel=channel, signature__in=list(signatures))
    return set(known.values_list("signature", flat=True)) if signatures else set()


def alarms(*kinds: str) -> list[Alarm]:
    """What is wrong with the machinery of this side now, of some kinds or of all, oldest first."""
    present = Alarm.objects.using(current_alias()).filter(over_at=None)
    if kinds:
        present = present.filter(kind__in=kinds)
    return list(present.order_by("raised_at", "id"))


def trouble_between_sides() -> list[str]:
    """In few words, sorted: why messages do not go on, and that the two sides differ; empty where all is well."""
    present = alarms(AlarmKind.HATCH_STOPPED, AlarmKind.SIDES_DIFFER)
    words = {alarm.about if alarm.kind == AlarmKind.HATCH_STOPPED else "the two sides differ" for alarm in present}
    return sorted(words)


def to_mail(*, most: int = 100) -> list[Entry]:
    """Entries for people that are due and not sent by e-mail yet, oldest first."""
    due = Entry.objects.using(current_alias()).filter(channel=Channel.PEOPLE, deliver_at__lte=clock.now(), mailed=None)
    return list(due.order_by("deliver_at", "id")[:most])


def stuck_since(moment: datetime) -> datetime | None:
    """Since when (UTC) the oldest entry for people waits that was due at `moment` already; None where none does."""
    due = Entry.objects.using(current_alias()).filter(channel=Channel.PEOPLE, deliver_at__lte=moment, mailed=None)
    return due.order_by("deliver_at").values_list("deliver_at", flat=True).first()


def payload_of(entry: Entry) -> dict[str, Any]:
    """The facts of an entry."""
    return dict(json.loads(entry.payload))


def payloads_of(channel: Channel, kind: str) -> list[dict[str, Any]]:
    """The content of every entry of a kind, oldest first; for one look back, it reads them all."""
    entries = Entry.objects.using(current_alias()).filter(channel=channel, kind=kind).order_by("id")
    return [json.loads(payload) for payload in entries.values_list("payload", flat=True)]


def last_number(channel: Channel) -> int:
    """The last number given out in the channel."""
    return Head.objects.using(current_alias()).filter(name=channel).values_list("last", flat=True).first() or 0


def notices_for(actor: Actor, *, most: int = 20) -> list[Notice]:
    """The newest notices to the actor's role, within reach."""
    entries = Entry.objects.using(current_alias()).filter(
        channel=Channel.PEOPLE, roles__contains=actor.role, deliver_at__lte=clock.now()
    )
    return [
        Notice(entry.kind, words_for(entry.kind), entry.site_code, entry.deliver_at, payload_of(entry))
        for entry in within(entries, actor, "site_code").order_by("-id")[:most]
        if actor.role in entry.roles.split(",")
    ]
