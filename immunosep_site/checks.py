"""Checks that stop the start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error

from immunosep_site.settings import read
from randomization.hatch.verify import read_public_key
from randomization.shared.errors import ConfigurationError
from randomization.shared.service import Side, process_side

SUFFIXES: Final = (".key", ".pem", ".passphrase")
UNBLINDED_WORDS: Final = ("BLINDED_DATABASE_URL", "KEY_DIRECTORY")


def keys_named() -> list[Path]:
    """The folder of keys that the environment names, where it should name none."""
    try:
        folder = read.ENVIRONMENT.str("KEY_DIRECTORY", "")
    except ValueError:  # from KEY_DIRECTORY_FILE, which the blinded process may not read
        return []
    return [Path(folder)] if folder else []


def no_private_key_below(**_kwargs: Any) -> list[CheckMessage]:
    """The blinded process has no private key of any kind, and no address of the other side.

    Looked at: the embedded run's key folder, the folder KEY_DIRECTORY names, that of the hatch's public key, and the
    environment.
    """
    if process_side() is not Side.BLINDED:
        return []
    check_messages: list[CheckMessage] = []
    if not settings.DEMONSTRATION:
        check_messages += [
            Error(f"{word} is set for the blinded process: remove it from its environment.", id="blinding.E002")
            for word in UNBLINDED_WORDS
            if read.is_set(word)
        ]
    folders = {Path(settings.VAR) / "keys", Path(settings.HATCH_PUBLIC_KEY_FILE).parent, *keys_named()}
    for folder in sorted(folders):
        if settings.DEMONSTRATION or not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            if path.suffix in SUFFIXES and os.access(path, os.R_OK):
                check_messages.append(
                    Error(
                        f"A private key is readable by the blinded process: {path}",
                        hint="Give the blinded process a user of its own, without access to the keys.",
                        id="blinding.E001",
                    )
                )
    return check_messages


def hatch_key_below(**_kwargs: Any) -> list[CheckMessage]:
    """The blinded process verifies what comes down; the embedded run makes its keys after the start."""
    if process_side() is not Side.BLINDED or settings.EMBEDDED:
        return []
    try:
        read_public_key(Path(settings.HATCH_PUBLIC_KEY_FILE))
    except ConfigurationError as error:
        return [Error(error.sentence, id="blinding.E003")]
    return []
