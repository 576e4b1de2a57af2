"""Hatch message v1: what is signed above and verified below.

Canonical JSON (RFC 8785) of {v, installation, epoch, number, uid, kind, payload, previous}; previous = SHA-256 (hex) of
the canonical JSON of the message before, without its signature, 64 zeros at first. The signature is Ed25519 (RFC 8032).

Pure: no Django.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import rfc8785

VERSION: Final = 1
EPOCH: Final = 1
FIRST_PREVIOUS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class SignedContent:
    """All that a signature covers. `payload` is JSON text: two texts of the same value are the same content."""

    installation: UUID
    epoch: int
    number: int
    uid: UUID
    kind: str
    payload: str
    previous: str

    def body(self) -> dict[str, Any]:
        """As it is signed. Raises ValueError where the payload is no JSON."""
        return {
            "v": VERSION,
            "installation": str(self.installation),
            "epoch": self.epoch,
            "number": self.number,
            "uid": str(self.uid),
            "kind": self.kind,
            "payload": json.loads(self.payload),
            "previous": self.previous,
        }

    def canonical(self) -> bytes:
        """The bytes that are signed. Raises ValueError where JSON cannot hold the payload exactly."""
        return rfc8785.dumps(self.body())

    def digest(self) -> str:
        """SHA-256 (hex) of the bytes that are signed: `previous` of the next message."""
        return sha256(self.canonical()).hexdigest()
