"""`create_holder_key --site CODE --out DIR --passphrase-file FILE`: the key of a site's unblinded key holder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.shared.errors import TrialError
from randomization.shared.files import write_private
from randomization.shared.ids import as_site_code
from randomization.unblinded.vault.keyring import PrivateKey, holder_name


class Command(BaseCommand):
    help = (
        "Make the key that opens a site's code-break packs: the .key file stays with its holder, the .pub comes here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, metavar="CODE", type=as_site_code)
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")
        parser.add_argument("--passphrase-file", required=True, type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            name = holder_name(options["site"])
            passphrase = options["passphrase_file"].read_text(encoding="utf-8").strip()
            key = PrivateKey.generate()
            write_private(options["out"] / f"{name}.key", key.sealed(name, passphrase))
            public = key.custodian(name)
            (options["out"] / f"{name}.pub").write_text(public.public_bytes.hex() + "\n", encoding="ascii")
        except TrialError as error:
            raise CommandError(error.sentence) from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read or written: {error.strerror}.") from error
        self.stdout.write(f"{name}: {public.fingerprint}")
