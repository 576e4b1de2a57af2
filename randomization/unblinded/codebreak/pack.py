"""The emergency code-break pack of a site: what everybody on treatment gets, sealed to the site's key holder.

It is read without network, database or server: a file, a key file and its passphrase are enough.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from randomization.shared.errors import ConfigurationError
from randomization.unblinded.vault import envelope
from randomization.unblinded.vault.keyring import Custodian

VERSION: Final = "immunosep code break pack v1"
PATIENT_BYTES: Final = 2048


def info(site_code: str, made_at: str) -> bytes:
    """What a pack is bound to."""
    return f"{VERSION}|{site_code}|{made_at}".encode()


def seal_pack(site_code: str, made_at: str, patients: list[Any], holder: Custodian) -> bytes:
    """A header line (JSON), then the patients' treatments (JSON) under HPKE to the holder's public key.

    Each is filled up with blanks to one length: the size of a pack tells how many are in it and nothing else.
    """
    header = {"pack": VERSION, "site": site_code, "made_at": made_at, "key": holder.fingerprint}
    every = [json.dumps(asdict(patient), sort_keys=True, default=str).encode() for patient in patients]
    if any(len(entry) > PATIENT_BYTES for entry in every):
        raise ConfigurationError("A patient's treatment is longer than a pack has room for: shorten names in the plan.")
    content = b"[" + b",".join(entry.ljust(PATIENT_BYTES) for entry in every) + b"]"
    sealed = envelope.wrap(content, holder.public_key, info(site_code, made_at))
    return json.dumps(header, sort_keys=True).encode() + b"\n" + sealed


def open_pack(content: bytes, key: MLKEM768X25519PrivateKey) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Header and patients. Raises ConfigurationError for a file that is no pack, TamperingFound for another key."""
    line, _separator, sealed = content.partition(b"\n")
    try:
        header = json.loads(line)
        hpke_info = info(header["site"], header["made_at"])
        if header["pack"] != VERSION:
            raise KeyError
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError("This is not a code-break pack, version 1: give the right file.") from error
    return header, json.loads(envelope.unwrap(sealed, key, hpke_info))
