"""Ed25519 (RFC 8032) over canonical JSON (RFC 8785): checkpoints of the trails, and messages through the hatch.

A checkpoint kept outside of both databases shows a tail that was cut and a backup that is older than it says.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from randomization.shared.entropy import random_bytes


def new_signing_key() -> tuple[str, str]:
    """A private and its public key, hex, 32 bytes each."""
    private = Ed25519PrivateKey.from_private_bytes(random_bytes(32))
    return private.private_bytes_raw().hex(), private.public_key().public_bytes_raw().hex()


def sign_json(body: Mapping[str, Any], private_hex: str) -> str:
    """The signature (hex) over the canonical JSON of `body`."""
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_hex))
    return private.sign(rfc8785.dumps(dict(body))).hex()


def is_signed(body: Mapping[str, Any], signature: str, public_hex: str) -> bool:
    """Whether the signature is of this key over this body."""
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_hex))
    try:
        public.verify(bytes.fromhex(signature), rfc8785.dumps(dict(body)))
    except (InvalidSignature, ValueError):
        return False
    return True
