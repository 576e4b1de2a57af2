"""`open_code_break_pack FILE --key FILE.key --passphrase-file FILE --patient NUMBER`: read one patient, offline."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.shared.errors import TrialError
from randomization.shared.identifiers import canonical
from randomization.unblinded.codebreak.pack import open_pack
from randomization.unblinded.vault.keyring import unlock


class Command(BaseCommand):
    help = "Read one patient's treatment from a code-break pack. Needs no database; enter the code break afterwards."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pack", type=Path, metavar="FILE")
        parser.add_argument("--key", required=True, type=Path, metavar="FILE.key")
        parser.add_argument("--passphrase-file", required=True, type=Path, metavar="FILE")
        parser.add_argument("--patient", required=True, metavar="NUMBER", help="participant number or kit code")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            passphrase = options["passphrase_file"].read_text(encoding="utf-8").strip()
            key = unlock(options["key"].read_bytes(), passphrase)
            header, patients = open_pack(options["pack"].read_bytes(), key.hpke)
        except TrialError as error:
            raise CommandError(error.sentence) from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        asked = canonical(options["patient"])
        for patient in patients:
            if asked in {canonical(patient["participant"]), patient["kit_code"]}:
                self.stdout.write(f"{patient['participant']}, kit {patient['kit_code']}: {patient['arm']}")
                for syringe in patient["syringes"]:
                    last = syringe["last_given"] or "never"
                    self.stdout.write(f"  {syringe['route']}: {syringe['product']}, {syringe['amount']}; last {last}")
                self.stdout.write(f"As of {header['made_at']}. Enter this code break as soon as the system is back.")
                return
        raise CommandError(f"This patient is not in the pack of {header['site']} as of {header['made_at']}.")
