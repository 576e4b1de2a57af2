"""`verify_list LIST_UID`: show that a list is the one that was sealed."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from randomization.blinded.allocation.for_unblinded import published_list
from randomization.shared.errors import TrialError
from randomization.unblinded.lists.custody import passphrase_path
from randomization.unblinded.lists.verify import verify_list
from randomization.unblinded.vault.keyring import SEED_CUSTODIANS, STATISTICIAN


class Command(BaseCommand):
    help = "Rebuild a list from its sealed seed and compare it with what is stored and published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list_uid", metavar="LIST_UID", type=UUID)
        parser.add_argument("--custodian", choices=SEED_CUSTODIANS, default=STATISTICIAN)

    def handle(self, *args: Any, **options: Any) -> None:
        custodian = options["custodian"]
        asked = None if passphrase_path(custodian).exists() else getpass.getpass(f"Passphrase of {custodian}: ")
        try:
            verified = verify_list(
                options["list_uid"],
                published=published_list(options["list_uid"]),
                custodian=custodian,
                passphrase=asked,
            )
        except TrialError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"{verified.context}: {verified.length} positions, root {verified.root}: as sealed.")
