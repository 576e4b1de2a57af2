"""Audit chain v1: each event carries the hash of the one before it.

hash = SHA-256 of the RFC 8785 JSON of {v, stream, seq, at, actor, role, action, subject, data,
previous}, strings in NFC, no floats (decimals are strings).

Pure: no Django.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import rfc8785

GENESIS: Final = "0" * 64
KEYS: Final = ("v", "stream", "seq", "at", "actor", "role", "action", "subject", "data")


def normal(value: Any) -> Any:
    """`value` with every string in NFC; raises ValueError for a float or any other type."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return unicodedata.normalize("NFC", value)
        case Mapping():
            return {normal(key): normal(item) for key, item in value.items()}
        case list() | tuple():
            return [normal(item) for item in value]
    raise ValueError(f"{type(value).__name__} cannot be recorded: write decimals and times as strings")


def link(previous: str, event: Mapping[str, Any]) -> str:
    """The hash (hex) of `event` following `previous`.

    event: exactly the keys of audit chain v1 but `previous` (which may be there). Raises ValueError
    for a key too few or too many, or a value that JSON cannot hold exactly.
    """
    body = {key: value for key, value in event.items() if key != "previous"}
    if set(body) != set(KEYS):
        raise ValueError(f"an event has exactly the keys {', '.join(KEYS)}")
    return sha256(rfc8785.dumps({**normal(body), "previous": previous})).hexdigest()


def text_hash(salt: str, text: str) -> str:
    """What stands in the event for a free text: SHA-256 of salt (hex, 32 bytes) and text, hex."""
    return sha256(bytes.fromhex(salt) + unicodedata.normalize("NFC", text).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Fault:
    """The first bad event of a stream."""

    stream: str
    seq: int
    why: str


def first_fault(stream: str, events: Iterable[Mapping[str, Any]], *, head: tuple[int, str] | None) -> Fault | None:
    """Check one stream in order of seq; each event has its keys, `previous` and `hash`.

    head: (seq, hash) that the stream should end with, or None where it is not known (an export).
    """
    previous, seq = GENESIS, 0
    for event in events:
        seq += 1
        if event["seq"] != seq or event["stream"] != stream:
            return Fault(stream, seq, "an event is missing or out of order")
        if event["previous"] != previous:
            return Fault(stream, seq, "it does not follow the event before it")
        body = {key: event[key] for key in KEYS}
        if link(previous, body) != event["hash"]:
            return Fault(stream, seq, "its content was changed")
        previous = event["hash"]
    if head is not None and head != (seq, previous):
        return Fault(stream, seq + 1, f"the stream ends at {seq}, its head says {head[0]}")
    return None


def split_streams(events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Events of an export, one stream after the other."""
    streams: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        streams.setdefault(str(event["stream"]), []).append(event)
    yield from streams.items()
