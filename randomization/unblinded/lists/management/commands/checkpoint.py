"""`checkpoint` signs the heads of both trails; `checkpoint --compare` checks the trails against what was signed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.shared.errors import TrialError
from randomization.shared.service import Side
from randomization.unblinded.lists.checkpoints import checkpoint_file, compare, not_covered, take_checkpoint


class Command(BaseCommand):
    help = "Sign the heads of both audit trails, or compare the trails with all that was signed (unblinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--compare", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for side in Side:
                if not options["compare"]:
                    self.stdout.write(f"{side}: {len(take_checkpoint(side)['heads'])} heads signed.")
                    continue
                count, faults = compare(side, checkpoint_file(side))
                if faults:
                    raise CommandError(f"{side}: {faults[0]}.")
                last_at, later = not_covered(side, checkpoint_file(side))
                self.stdout.write(
                    f"{side}: the trail holds every head of {count} signed checkpoints, the last of {last_at}. The "
                    f"{later} events after it, and the content of events, are not compared: verify_audit checks that."
                )
        except TrialError as error:
            raise CommandError(error.sentence) from error
