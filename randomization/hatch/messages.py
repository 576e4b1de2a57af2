"""Everything that ever comes down through the blinding line: frozen values without arm or class.

A new message type needs a decision page.
"""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from randomization.shared import clock
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.ids import parse_kit_code


@dataclass(frozen=True, slots=True)
class SlotsSealed:
    """A list was sealed: kit codes in order of position, and the root of its commitment (hex).

    fallback: the envelopes of a site for an outage; never used online (docs/decisions/0017).
    """

    list_uid: UUID
    site_code: str
    stratum_uid: UUID
    version: int
    root: str
    slots: tuple[tuple[UUID, str], ...]
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class SampleReceived:
    """The laboratory has the sample."""

    sample_uid: UUID
    received_at: datetime


@dataclass(frozen=True, slots=True)
class LaboratoryVerdict:
    """pending, eligible or not eligible; `stratum_uid` is opaque, None unless stratified by class."""

    sample_uid: UUID
    verdict_uid: UUID
    verdict: str
    covid19: bool
    stratum_uid: UUID | None


@dataclass(frozen=True, slots=True)
class DoseReady:
    """A packaging is ready for the ward from `ready_at`, usable before `use_before`.

    site_code: the site that prepared it. Both times are fixed by rule: neither says when anything was done.
    """

    dose_uid: UUID
    site_code: str
    pack_code: str
    ready_at: datetime
    use_before: datetime


@dataclass(frozen=True, slots=True)
class DoseVoided:
    """A packaging is void."""

    dose_uid: UUID
    pack_code: str


@dataclass(frozen=True, slots=True)
class CodeBroken:
    """That a code was broken: neither what was seen nor why."""

    participant_uid: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class SiteSupply:
    """Whether a site may allocate."""

    site_code: str
    may_supply: bool


@dataclass(frozen=True, slots=True)
class UserNameReserved:
    """A user name and (hashed) e-mail used above, not to be given below."""

    user_name: str
    email_sha256: str


@dataclass(frozen=True, slots=True)
class DrillDone:
    """The code break was rehearsed at a site."""

    site_code: str


Message = (
    SlotsSealed
    | SampleReceived
    | LaboratoryVerdict
    | DoseReady
    | DoseVoided
    | CodeBroken
    | SiteSupply
    | UserNameReserved
    | DrillDone
)
KINDS: Final[dict[str, type[Any]]] = {kind.__name__: kind for kind in Message.__args__}


# What a text may be: nothing that comes down has room for a word more.
_TEXTS: Final = {
    "site_code": re.compile(r"[A-Z]{2}[0-9]{2}"),
    "root": re.compile(r"[0-9a-f]{64}"),
    "verdict": re.compile(r"eligible|not eligible"),
    "pack_code": re.compile(r"[2-9A-Z]{8}"),
    "user_name": re.compile(r"[a-z0-9._-]{1,64}"),
    "email_sha256": re.compile(r"[0-9a-f]{64}"),
}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return clock.stamp(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def to_payload(message: Message) -> dict[str, Any]:
    """The message as JSON values."""
    return {key: _plain(value) for key, value in asdict(message).items()}


def _read(field: str, annotation: str, value: Any) -> Any:
    match annotation:
        case "UUID":
            return UUID(value)
        case "UUID | None":
            return None if value is None else UUID(value)
        case "datetime":
            return clock.parse_stamp(value)
        case "bool" if isinstance(value, bool):
            return value
        case "int" if type(value) is int:
            return value
        case "str" if isinstance(value, str) and _TEXTS[field].fullmatch(value):
            return value
        case "tuple[tuple[UUID, str], ...]":
            return tuple((UUID(uid), parse_kit_code(code)) for uid, code in value)
    raise ValueError(f"{field}: {annotation}")


def from_payload(kind: str, payload: str) -> Message:
    """Read a message; raises Refused for an unknown kind, a key too few or too many, or a wrong type."""
    cls = KINDS.get(kind)
    if cls is None:
        raise Refused(f"A message of unknown kind {kind!r} came down.", code="unknown_message")
    try:
        data = json.loads(payload)
        needed = {field.name for field in fields(cls) if field.default is MISSING}
        if not needed <= set(data) <= {field.name for field in fields(cls)}:
            raise ValueError("keys")
        message: Message = cls(
            **{
                field.name: _read(field.name, str(field.type), data[field.name])
                for field in fields(cls)
                if field.name in data
            }
        )
    except (ValueError, TypeError, KeyError, InvalidInput) as error:
        raise Refused(f"A message of kind {kind} is malformed.", code="bad_message") from error
    return message
