"""Checkpoint v1: the heads of all chains of a side at a moment, signed with Ed25519 (RFC 8032).

Kept outside of both databases, it shows a tail that was cut and a backup that is older than it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def new_signing_key() -> tuple[str, str]:
    """A private and its public key, hex, 32 bytes each."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw().hex(), private.public_key().public_bytes_raw().hex()


def sign_checkpoint(body: Mapping[str, Any], private_hex: str) -> str:
    """The signature (hex) over the canonical JSON (RFC 8785) of the checkpoint's body."""
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
