"""`create_custodian_keys`: keys of service, statistician and escrow."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.unblinded.lists.services.create_keys import create_custodian_keys


class Command(BaseCommand):
    help = "Make the custodians' keys, once (unblinded side). Move statistician's and escrow's off the host."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = create_custodian_keys(actor=SYSTEM)
        except TrialError as error:
            raise CommandError(error.sentence) from error
        for path in written:
            self.stdout.write(f"{path} (mode 0600)")
        self.stdout.write("Move the files of statistician and escrow to their custodians; only service stays here.")
        self.stdout.write("Copy hatch.pub to the blinded side and name it there in HATCH_PUBLIC_KEY_FILE.")
