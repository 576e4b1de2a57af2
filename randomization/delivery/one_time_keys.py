"""One-time keys: an act that is sent twice, by a double click or a client that heard no answer, is done once.

A form carries its key in a hidden field, a client of the API sends `Idempotency-Key`. What is compared is who sent it,
where, and what, without passwords.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.http import HttpRequest

from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _

FIELD: Final = "one_time_key"
HEADER: Final = "Idempotency-Key"
SECRET: Final = re.compile(r"secret|password|^pin$")
"""Names of values that are never kept, not even as part of a hash, from which they could be guessed."""
NOT_SENT: Final = frozenset({FIELD, "csrfmiddlewaretoken"})
_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{8,64}")


@dataclass(frozen=True, slots=True)
class Sent:
    """One act as it was sent: under which key, and the hash (SHA-256, hex) of who asks for what, where."""

    key: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: a status, and the address to go on to or the body of the API as JSON."""

    status: int
    body: str


Act = Callable[[], Answer | None]
"""What is done once; None where nothing was done yet, like a question before it."""


def _without_secrets(value: Any) -> Any:
    match value:
        case Mapping():
            return {
                key: _without_secrets(item)
                for key, item in value.items()
                if key not in NOT_SENT and not SECRET.search(str(key))
            }
        case list() | tuple():
            return [_without_secrets(item) for item in value]
        case _:
            return value


def _files(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, file in sorted(request.FILES.items()):
        content = file.read()  # type: ignore[union-attr]
        file.seek(0)  # type: ignore[union-attr]
        yield name, sha256(content).hexdigest()


def _sent(actor: Actor, key: str, request: HttpRequest, content: Any) -> Sent | None:
    if not key:
        return None
    if not _KEY.fullmatch(key):
        raise InvalidInput(
            _("A one-time key has 8 to 64 letters, digits, dots, colons, dashes or underscores."), code="key_malformed"
        )
    who = [actor.user_name, actor.role, actor.site_code]
    what = [who, request.method, request.get_full_path(), _without_secrets(content)]
    return Sent(key, sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest())


def sent_by_form(actor: Actor, request: HttpRequest) -> Sent | None:
    """What a form sends under its key; None for one without. Raises InvalidInput for a key that cannot be one."""
    content = {**{name: request.POST.getlist(name) for name in request.POST}, "files": list(_files(request))}
    return _sent(actor, request.POST.get(FIELD, ""), request, content)


def sent_by_client(actor: Actor, request: HttpRequest, body: Any) -> Sent | None:
    """What a client of the API sends under its `Idempotency-Key`, as `sent_by_form`; body: as parsed."""
    return _sent(actor, request.headers.get(HEADER, ""), request, body)
