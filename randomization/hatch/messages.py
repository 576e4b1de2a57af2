"""Everything that ever comes down through the blinding line: frozen values without arm or class.

Each field says what it may hold, and no text has room for a word more. Both ends hold a message to that: above when it
is made, below when it is read (docs/decisions/0057). A new message type needs a decision page.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
)
from pydantic.dataclasses import dataclass

from randomization.shared import clock
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.ids import parse_kit_code

STRICT: Final = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)
"""No key too many, nothing is turned into another type, and what is refused is not repeated below."""


def _moment(value: object) -> object:
    return clock.parse_stamp(value) if isinstance(value, str) else value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment), PlainSerializer(clock.stamp, when_used="json")]
SiteCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}$")]
KitCode = Annotated[str, AfterValidator(parse_kit_code)]
PackCode = Annotated[str, StringConstraints(pattern=r"^[2-9A-Z]{8}$")]
Verdict = Annotated[str, StringConstraints(pattern=r"^(eligible|not eligible)$")]
UserName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{1,64}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, hex."""


@dataclass(frozen=True, slots=True, config=STRICT)
class SlotsSealed:
    """A list was sealed: kit codes in order of position, and the root of its commitment (hex).

    fallback: the envelopes of a site for an outage; never used online (docs/decisions/0017).
    """

    list_uid: UUID
    site_code: SiteCode
    stratum_uid: UUID
    version: int
    root: Digest
    slots: tuple[tuple[UUID, KitCode], ...]
    fallback: bool = False


@dataclass(frozen=True, slots=True, config=STRICT)
class SampleReceived:
    """The laboratory has the sample."""

    sample_uid: UUID
    received_at: Moment


@dataclass(frozen=True, slots=True, config=STRICT)
class LaboratoryVerdict:
    """pending, eligible or not eligible; `stratum_uid` is opaque, None unless stratified by class."""

    sample_uid: UUID
    verdict_uid: UUID
    verdict: Verdict
    covid19: bool
    stratum_uid: UUID | None


@dataclass(frozen=True, slots=True, config=STRICT)
class DoseReady:
    """A packaging is ready for the ward from `ready_at`, usable before `use_before`.

    site_code: the site that prepared it. Both times are fixed by rule: neither says when anything was done.
    """

    dose_uid: UUID
    site_code: SiteCode
    pack_code: PackCode
    ready_at: Moment
    use_before: Moment


@dataclass(frozen=True, slots=True, config=STRICT)
class DoseVoided:
    """A packaging is void."""

    dose_uid: UUID
    pack_code: PackCode


@dataclass(frozen=True, slots=True, config=STRICT)
class CodeBroken:
    """That a code was broken: neither what was seen nor why."""

    participant_uid: UUID
    at: Moment


@dataclass(frozen=True, slots=True, config=STRICT)
class SiteSupply:
    """Whether a site may allocate."""

    site_code: SiteCode
    may_supply: bool


@dataclass(frozen=True, slots=True, config=STRICT)
class UserNameReserved:
    """A user name and (hashed) e-mail used above, not to be given below."""

    user_name: UserName
    email_sha256: Digest


@dataclass(frozen=True, slots=True, config=STRICT)
class DrillDone:
    """The code break was rehearsed at a site."""

    site_code: SiteCode


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
_ADAPTERS: Final[dict[str, TypeAdapter[Message]]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


def to_payload(message: Message) -> dict[str, Any]:
    """The message as JSON values."""
    payload: dict[str, Any] = _ADAPTERS[type(message).__name__].dump_python(message, mode="json")
    return payload


def from_payload(kind: str, payload: str) -> Message:
    """Read a message; raises Refused for an unknown kind, a key too few or too many, or a wrong type."""
    adapter = _ADAPTERS.get(kind)
    if adapter is None:
        raise Refused(f"A message of unknown kind {kind!r} came down.", code="unknown_message")
    try:
        return adapter.validate_json(payload)
    except (ValueError, InvalidInput) as error:
        raise Refused(f"A message of kind {kind} is malformed.", code="bad_message") from error
