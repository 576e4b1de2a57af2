"""Where private keys come from: files and passphrase files named in the settings, unlocked once a process."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

from randomization.shared.errors import ConfigurationError
from randomization.unblinded.vault import keyring
from randomization.unblinded.vault.keyring import PrivateKey

_lock: Final = threading.Lock()


def key_path(custodian: str) -> Path:
    """The custodian's key file."""
    return Path(settings.KEY_DIRECTORY) / f"{custodian}.key"


def passphrase_path(custodian: str) -> Path:
    """The custodian's passphrase file; the statistician's and escrow's stay off production hosts."""
    return Path(settings.KEY_DIRECTORY) / f"{custodian}.passphrase"


def signing_key_path() -> Path:
    """The key that signs checkpoints; its public half lies beside it as `.pub` and belongs outside as well."""
    return Path(settings.KEY_DIRECTORY) / "checkpoint.key"


def hatch_key_path() -> Path:
    """The key that signs messages through the hatch; it stays on the hosts of this side."""
    return Path(settings.KEY_DIRECTORY) / "hatch.key"


def hatch_public_path() -> Path:
    """Its public half with the installation's id: the blinded side gets a copy."""
    return hatch_key_path().with_suffix(".pub")


def hatch_key() -> str:
    """The Ed25519 key of the hatch, hex. Raises ConfigurationError where it is not there."""
    return _read(hatch_key_path()).decode().strip()


def signing_key() -> str:
    """The Ed25519 key, hex. Raises ConfigurationError where it is not there."""
    return _read(signing_key_path()).decode().strip()


def verifying_key() -> str:
    """Its public half, hex."""
    return _read(signing_key_path().with_suffix(".pub")).decode().strip()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{path.name} cannot be read: {error.strerror}. Run create_custodian_keys, or mount the key there."
        ) from error


def private_key(custodian: str, passphrase: str | None = None) -> PrivateKey:
    """The custodian's key, unlocked with `passphrase` or its passphrase file (0.3 s the first time).

    Raises ConfigurationError where file or passphrase is missing or wrong.
    """
    with _lock:
        secret = passphrase or _read(passphrase_path(custodian)).decode().strip()
        return _unlocked(_read(key_path(custodian)), secret)


@lru_cache(maxsize=8)
def _unlocked(content: bytes, passphrase: str) -> PrivateKey:
    return keyring.unlock(content, passphrase)
