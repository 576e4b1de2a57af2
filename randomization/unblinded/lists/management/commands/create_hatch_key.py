"""`create_hatch_key`: the key that signs messages through the hatch, where the custodians' keys are there already."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.unblinded.lists.services.create_keys import create_hatch_key


class Command(BaseCommand):
    help = "Make the hatch's key, once (unblinded side); create_custodian_keys makes it with the others."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = create_hatch_key(actor=SYSTEM)
        except TrialError as error:
            raise CommandError(error.sentence) from error
        for path in written:
            self.stdout.write(f"{path} (mode 0600)")
        self.stdout.write("Copy hatch.pub to the blinded side and name it there in HATCH_PUBLIC_KEY_FILE.")
