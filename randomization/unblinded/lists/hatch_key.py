"""The hand that signs messages through the hatch: registered at start-up of the unblinded process."""

from __future__ import annotations

from randomization.hatch.send import Signer
from randomization.hatch.verify import read_public_key
from randomization.unblinded.lists.custody import hatch_key, hatch_public_path
from randomization.unblinded.vault.signing import sign_json


def read_signer() -> Signer:
    """The signer with the keys as they are now. Raises ConfigurationError where a file is missing."""
    private, public = hatch_key(), read_public_key(hatch_public_path())
    return Signer(public, lambda body: sign_json(body, private))
