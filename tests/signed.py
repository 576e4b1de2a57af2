"""Rows of the inbox as the other side signs them, and as somebody without its key would forge them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from randomization.blinded.inbox.receiving import position
from randomization.hatch.messages import Message, to_payload
from randomization.hatch.models import InboxMessage
from randomization.hatch.signed_content import EPOCH, SignedContent
from randomization.hatch.verify import PublicKey


class Hand:
    """A hand that signs: the key of an installation, or a foreign one."""

    def __init__(self, private: Ed25519PrivateKey, installation: UUID, epoch: int = EPOCH) -> None:
        self.private, self.installation, self.epoch = private, installation, epoch

    @classmethod
    def new(cls) -> Hand:
        """A key that nobody knows."""
        return cls(Ed25519PrivateKey.generate(), uuid4())

    @classmethod
    def of_the_trial(cls) -> Hand:
        """The key of the running trial, from its files."""
        public = json.loads(Path(settings.HATCH_PUBLIC_KEY_FILE).read_text())
        private = bytes.fromhex((Path(settings.KEY_DIRECTORY) / "hatch.key").read_text())
        return cls(Ed25519PrivateKey.from_private_bytes(private), UUID(public["installation"]), public["epoch"])

    def publish(self) -> None:
        """Let the blinded side verify with this key."""
        public = PublicKey(self.installation, self.epoch, self.private.public_key().public_bytes_raw().hex())
        path = Path(settings.HATCH_PUBLIC_KEY_FILE)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(public.as_file())

    def row(self, message: Message | None = None, **changed: Any) -> InboxMessage:
        """The row of a message under the next number, or of what `changed` says; not saved."""
        last = position()
        values: dict[str, Any] = {
            "number": last.last + 1,
            "uid": uuid4(),
            "kind": type(message).__name__ if message else "Secret",
            "payload": json.dumps(to_payload(message)) if message else "{}",
            "installation": self.installation,
            "epoch": self.epoch,
            "previous": last.digest,
            **changed,
        }
        signature = values.pop("signature", None)
        if signature is None:
            signature = self.private.sign(SignedContent(**values).canonical()).hex()
        return InboxMessage(**values, signature=signature)


def insert(row: InboxMessage) -> InboxMessage:
    """As anybody who may insert into the inbox."""
    row.save(force_insert=True)
    return row
