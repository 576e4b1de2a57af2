"""Verify a message from above. The one place below the line where there is cryptography: a public key, nothing to hide.

The key file is made by `create_custodian_keys` beside the private key and copied to the blinded host. It is one line of
JSON: {"v": 1, "installation": UID, "epoch": 1, "public": Ed25519 public key, hex}.

Pure: no Django.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from randomization.hatch.signed_content import VERSION, SignedContent
from randomization.shared.errors import ConfigurationError


class Fault(StrEnum):
    """Why a row of the inbox is not a message of this trial's other side."""

    NOT_SIGNED = "not_signed"
    OTHER_INSTALLATION = "other_installation"
    OTHER_EPOCH = "other_epoch"
    OUT_OF_PLACE = "out_of_place"
    HALT = "halt"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Which installation signs, in which epoch, and the key (32 bytes, hex) that its signatures verify with."""

    installation: UUID
    epoch: int
    public: str

    def as_file(self) -> bytes:
        """The content of the key file."""
        content = {
            "v": VERSION,
            "installation": str(self.installation),
            "epoch": self.epoch,
            "public": self.public,
        }
        return json.dumps(content, sort_keys=True).encode() + b"\n"


def read_public_key(path: Path) -> PublicKey:
    """The key in a file. Raises ConfigurationError where it is missing, or something else than this key."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The hatch's public key cannot be read from {path}: copy hatch.pub there from the unblinded side's "
            f"KEY_DIRECTORY, and name it in HATCH_PUBLIC_KEY_FILE."
        ) from error
    try:
        if set(content) != {"v", "installation", "epoch", "public"} or content["v"] != VERSION:
            raise ValueError("keys")
        key = PublicKey(UUID(content["installation"]), int(content["epoch"]), str(content["public"]))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public))
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path} is not the public key of a hatch: copy hatch.pub there again.") from error
    return key


def fault_of(content: SignedContent, signature: str, key: PublicKey) -> Fault | None:
    """Why this content was not signed by the other side of this installation; None where it was."""
    if content.installation != key.installation:
        return Fault.OTHER_INSTALLATION
    if content.epoch != key.epoch:
        return Fault.OTHER_EPOCH
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public))
    try:
        public.verify(bytes.fromhex(signature), content.canonical())
    except (InvalidSignature, ValueError, RecursionError):
        return Fault.NOT_SIGNED
    return None
