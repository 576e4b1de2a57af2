"""Make the custodians' keys: private halves to files, public halves to the database."""

from __future__ import annotations

from pathlib import Path

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.hatch.signed_content import EPOCH
from randomization.hatch.verify import PublicKey
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid, random_bytes
from randomization.shared.errors import ConfigurationError
from randomization.shared.files import write_private
from randomization.shared.service import service
from randomization.unblinded.lists.custody import (
    hatch_key_path,
    hatch_public_path,
    key_path,
    passphrase_path,
    signing_key_path,
)
from randomization.unblinded.lists.models import Custodian
from randomization.unblinded.vault.keyring import CUSTODIANS, PrivateKey
from randomization.unblinded.vault.signing import new_signing_key


@service
def create_custodian_keys(*, actor: Actor) -> list[Path]:
    """Make a key for each custodian with a fresh passphrase beside it, the key that signs checkpoints of the trails,
    and the hatch's key; all mode 0600. Returns the files.

    The statistician's and escrow's files are to be moved off the host. Raises ConfigurationError where
    any of the files is there already: keys are never overwritten.
    """
    check_can(actor, Permission.LIST_GENERATE)
    taken = [path for name in CUSTODIANS for path in (key_path(name), passphrase_path(name)) if path.exists()]
    if taken:
        raise ConfigurationError(f"{taken[0].name} is already there: keys are never overwritten.")
    written: list[Path] = []
    for name in CUSTODIANS:
        key_path(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        private, passphrase = PrivateKey.generate(), random_bytes(24).hex()
        write_private(key_path(name), private.sealed(name, passphrase))
        write_private(passphrase_path(name), passphrase.encode())
        written += [key_path(name), passphrase_path(name)]
        public = private.custodian(name)
        Custodian.objects.create(name=name, public_key=public.public_bytes, added_at=clock.now())
        record(actor=actor, action="key.create", subject=name, data={"public_sha256": public.fingerprint})
    private_hex, public_hex = new_signing_key()
    for path, text in ((signing_key_path(), private_hex), (signing_key_path().with_suffix(".pub"), public_hex)):
        write_private(path, text.encode())
        written.append(path)
    record(actor=actor, action="key.create", subject="checkpoint", data={"public": public_hex})
    return [*written, *create_hatch_key(actor=actor)]


@service
def create_hatch_key(*, actor: Actor) -> list[Path]:
    """Make the key that signs messages through the hatch, and its public half with the id of this installation.

    Returns the files, mode 0600; the public one is copied to the blinded side. Raises ConfigurationError where one of
    them is there already.
    """
    check_can(actor, Permission.LIST_GENERATE)
    hatch_key_path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private_hex, public_hex = new_signing_key()
    public = PublicKey(new_uid(), EPOCH, public_hex)
    write_private(hatch_key_path(), private_hex.encode())
    write_private(hatch_public_path(), public.as_file())
    record(
        actor=actor,
        action="key.create",
        subject="hatch",
        data={"public": public_hex, "installation": str(public.installation), "epoch": EPOCH},
    )
    return [hatch_key_path(), hatch_public_path()]
