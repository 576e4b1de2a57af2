"""Codes of an authenticator app: TOTP (RFC 6238), six digits, SHA-1, 30 s, as every app makes them."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings

from randomization.shared.entropy import random_bytes
from randomization.shared.errors import TamperingFound
from randomization.shared.sentences import sentence as _

SECRET_BYTES: Final = 20
STEP_SECONDS: Final = 30
AROUND: Final = (0, -1, 1)
"""Clocks of telephones differ: the step before and after counts too."""


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, 6, SHA1(), STEP_SECONDS)  # noqa: S303 (the one that every app knows; RFC 6238)


def _sealer() -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"immunosep second factor v1").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def new_sealed() -> str:
    """A fresh secret of 160 bits, sealed with a key derived from this side's secret key."""
    return _sealer().encrypt(random_bytes(SECRET_BYTES)).decode()


def opened(sealed: str) -> bytes:
    """The secret; raises TamperingFound where it does not open under this side's key."""
    try:
        return _sealer().decrypt(sealed.encode())
    except InvalidToken as error:
        raise TamperingFound(_("A second factor does not open: the secret key of this side was changed.")) from error


def address_of(sealed: str, user_name: str, side: str) -> str:
    """What an authenticator app reads from the QR code."""
    return _totp(opened(sealed)).get_provisioning_uri(user_name, f"ImmunoSep {side}")


def step_of(sealed: str, code: str, now: datetime, *, after: int) -> int | None:
    """The step (of 30 s) a code belongs to, near `now` and later than step `after`; None for a wrong or used one."""
    totp, current = _totp(opened(sealed)), int(now.timestamp()) // STEP_SECONDS
    for offset in AROUND:
        step = current + offset
        if step > after and totp.generate(step * STEP_SECONDS).decode() == code.strip():
            return step
    return None
