"""Key files of the custodians: a JSON header, then the two private halves under a passphrase.

ML-KEM-768 (64-byte seed) and X25519 (32 bytes), post-quantum hybrid; scrypt n 2^17, r 8, p 1 (about
0.3 s), AES-256-GCM with the header as associated data. Passphrases are the caller's business.

Pure: no Django.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from randomization.shared.entropy import random_bytes
from randomization.shared.errors import ConfigurationError

SERVICE: Final = "service"
STATISTICIAN: Final = "statistician"
ESCROW: Final = "escrow"
CUSTODIANS: Final = (SERVICE, STATISTICIAN, ESCROW)
SEED_CUSTODIANS: Final = (STATISTICIAN, ESCROW)
KEM_NAME: Final = "MLKEM768_X25519"
_MLKEM_SEED, _MLKEM_PUBLIC, _X25519 = 64, 1184, 32
_BOUNDS: Final = {"n": (2**14, 2**20), "r": (8, 16), "p": (1, 4)}
_SEPARATOR: Final = b"\n"
_HOLDER: Final = re.compile(r"holder-[A-Z]{2}[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Custodian:
    """A custodian's public half: 1,184 bytes of ML-KEM and 32 of X25519."""

    name: str
    public_bytes: bytes

    @property
    def public_key(self) -> MLKEM768X25519PublicKey:
        """The key to seal to."""
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.public_bytes[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(self.public_bytes[_MLKEM_PUBLIC:]),
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, hex."""
        return sha256(self.public_bytes).hexdigest()


class PrivateKey:
    """A custodian's private half; nothing of it is shown or logged."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _MLKEM_SEED + _X25519:
            raise ValueError("a private key has 64 + 32 bytes")
        self._secret = secret
        self._kem = MLKEM768PrivateKey.from_seed_bytes(secret[:_MLKEM_SEED])
        self._dh = X25519PrivateKey.from_private_bytes(secret[_MLKEM_SEED:])

    @classmethod
    def generate(cls) -> PrivateKey:
        """A fresh key."""
        return cls(random_bytes(_MLKEM_SEED + _X25519))

    @property
    def hpke(self) -> MLKEM768X25519PrivateKey:
        """The key in the form HPKE takes."""
        return MLKEM768X25519PrivateKey(self._kem, self._dh)

    def custodian(self, name: str) -> Custodian:
        """The public half under a custodian's name."""
        return Custodian(name, self._kem.public_key().public_bytes_raw() + self._dh.public_key().public_bytes_raw())

    def sealed(self, name: str, passphrase: str) -> bytes:
        """The key file's bytes: header line, then the encrypted halves."""
        salt, nonce = random_bytes(16), random_bytes(12)
        header = {
            "version": 1,
            "custodian": name,
            "kem": KEM_NAME,
            "n": 2**17,
            "r": 8,
            "p": 1,
            "salt": b64encode(salt).decode(),
            "nonce": b64encode(nonce).decode(),
            "public_sha256": self.custodian(name).fingerprint,
        }
        line = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
        return line + _SEPARATOR + AESGCM(_derive(header, passphrase)).encrypt(nonce, self._secret, line)


def holder_name(site_code: str) -> str:
    """The custodian name of a site's key holder, `holder-GR01`. Raises ConfigurationError for no site code."""
    name = f"holder-{site_code}"
    if not _HOLDER.fullmatch(name):
        raise ConfigurationError(f"{site_code!r} is no site code: write it like GR01.")
    return name


def _is_custodian(name: Any) -> bool:
    return name in CUSTODIANS or bool(_HOLDER.fullmatch(str(name)))


def _derive(header: dict[str, Any], passphrase: str) -> bytes:
    for name, (least, most) in _BOUNDS.items():
        if type(header.get(name)) is not int or not least <= header[name] <= most:
            raise ConfigurationError(f"The key file's {name} is outside {least} to {most}: it is not one of ours.")
    scrypt = Scrypt(salt=b64decode(header["salt"]), length=32, n=header["n"], r=header["r"], p=header["p"])
    return scrypt.derive(passphrase.encode())


def read_header(content: bytes) -> dict[str, Any]:
    """The header of a key file; raises ConfigurationError where it is not one of ours."""
    try:
        header = json.loads(content.split(_SEPARATOR, 1)[0])
        good = header["version"] == 1 and header["kem"] == KEM_NAME and _is_custodian(header["custodian"])
    except (ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise ConfigurationError("This is not a custodian's key file, version 1: give the right file.")
    return dict(header)


def unlock(content: bytes, passphrase: str) -> PrivateKey:
    """Open a key file's bytes; raises ConfigurationError for a wrong passphrase or a changed file."""
    header = read_header(content)
    line, _separator, sealed = content.partition(_SEPARATOR)
    try:
        private = PrivateKey(AESGCM(_derive(header, passphrase)).decrypt(b64decode(header["nonce"]), sealed, line))
    except (InvalidTag, KeyError, ValueError) as error:
        raise ConfigurationError("The key file does not open: wrong passphrase, or the file was changed.") from error
    if private.custodian(header["custodian"]).fingerprint != header["public_sha256"]:
        raise ConfigurationError("The key file holds another key than its header says: restore it from its backup.")
    return private
