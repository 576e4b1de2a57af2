"""Sealed slot v1 and list key v1: how an arm is locked away, and how its key is handed to custodians.

Every slot is 33 bytes of plaintext whatever the arm, with 32 random bytes in it: equal arms never
look alike. What is authenticated (list, position, kit code, plan) cannot be exchanged afterwards.

Pure: no Django.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from randomization.shared.entropy import random_bytes
from randomization.shared.errors import TamperingFound

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
OPENING_NONCE_BYTES: Final = 32
SEALED_SLOT_BYTES: Final = NONCE_BYTES + 1 + OPENING_NONCE_BYTES + 16
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SlotContext(NamedTuple):
    """What a sealed slot is bound to."""

    list_uid: str
    position: int
    kit_code: str
    plan_hash: str

    def associated_data(self) -> bytes:
        """`immunosep slot v1|LIST_UID|POSITION|KIT_CODE|PLAN_HASH`."""
        return f"immunosep slot v1|{self.list_uid}|{self.position}|{self.kit_code}|{self.plan_hash}".encode()


class OpenedSlot(NamedTuple):
    """The plaintext of a slot: index of the arm in the plan, and the opening nonce."""

    arm_index: int
    nonce: bytes


class SlotCipher:
    """Seals and opens the slots of one list under its key (32 bytes)."""

    def __init__(self, list_key: bytes) -> None:
        self._cipher = AESGCM(list_key)

    def seal(self, slot: OpenedSlot, context: SlotContext) -> bytes:
        """12 random bytes of nonce, ciphertext and tag: 61 bytes."""
        nonce = random_bytes(NONCE_BYTES)
        plaintext = bytes([slot.arm_index]) + slot.nonce
        return nonce + self._cipher.encrypt(nonce, plaintext, context.associated_data())

    def open(self, sealed: bytes, context: SlotContext) -> OpenedSlot:
        """Open one slot; raises TamperingFound where anything it is bound to was changed."""
        try:
            if len(sealed) != SEALED_SLOT_BYTES:
                raise InvalidTag
            plaintext = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.associated_data())
        except InvalidTag as error:
            raise TamperingFound(
                f"Position {context.position} of list {context.list_uid} does not open: the sealed slot, its place, "
                "its kit code or the plan was changed."
            ) from error
        return OpenedSlot(plaintext[0], plaintext[1:])


def new_key() -> bytes:
    """A list key or a seed: 32 random bytes."""
    return random_bytes(KEY_BYTES)


def list_key_info(list_uid: str, custodian: str) -> bytes:
    """What a wrapped list key is bound to."""
    return f"immunosep list key v1|{list_uid}|{custodian}".encode()


def seed_info(list_uid: str, custodian: str) -> bytes:
    """What a wrapped seed is bound to."""
    return f"immunosep seed v1|{list_uid}|{custodian}".encode()


def wrap(secret: bytes, public_key: MLKEM768X25519PublicKey, info: bytes) -> bytes:
    """HPKE (RFC 9180, base mode) of `secret` to a custodian; overhead 1,136 bytes."""
    return _SUITE.encrypt(secret, public_key, info=info)


def unwrap(wrapped: bytes, private_key: MLKEM768X25519PrivateKey, info: bytes) -> bytes:
    """Open a wrapped secret; raises TamperingFound for another key, purpose or byte."""
    try:
        return _SUITE.decrypt(wrapped, private_key, info=info)
    except (InvalidTag, ValueError) as error:
        raise TamperingFound(
            f"The wrapped key ({info.decode()}) does not open with this custodian's key: it was changed or replaced."
        ) from error
