"""What both ends know of a row of the hatch: what its signature covers, and why messages stop."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from randomization.hatch.models import InboxMessage
from randomization.hatch.signed_content import SignedContent

HALT_NUMBER: Final = 0
"""No message has it: a row under it, signed, is how the other side stops this one while it cannot number messages."""


class Stop(StrEnum):
    """Why nothing more is applied, or carried."""

    FOREIGN = "foreign"
    MISSING = "missing"
    NO_KEY = "no_key"
    OLDER_COPY = "older_copy"
    UNREADABLE = "unreadable"


def content_of(row: InboxMessage) -> SignedContent:
    """What the signature of a row must cover. Raises TypeError for a number that is none, as SQLite would keep it."""
    if type(row.number) is not int or type(row.epoch) is not int:
        raise TypeError("number and epoch are whole numbers")
    return SignedContent(row.installation, row.epoch, row.number, row.uid, row.kind, row.payload, row.previous)
