"""`approve_protocol VERSION --site CODE ...`: put a kept version in force at the sites named, from now.

Where syringes that are ready on a ward become void by it (another renal bound, other windows), it says how many at
which sites, and goes on when that was accepted: at the prompt, or with their number.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.blinded.sites.services.register_protocol import approve_protocol
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.shared.foreseen import Accepted, VoidsNotAccepted, digest
from randomization.shared.ids import as_site_code


class Command(BaseCommand):
    help = "Put a kept version of the protocol in force at the sites named (blinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", metavar="VERSION")
        parser.add_argument("--site", metavar="CODE", action="append", required=True, dest="sites")
        parser.add_argument("--trial", default="", help="where several trials are kept under this version")
        parser.add_argument(
            "--accept-voids",
            type=int,
            default=0,
            metavar="COUNT",
            help="so many syringes that are ready on the wards become void",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        version, codes = options["version"], sorted({as_site_code(code) for code in options["sites"]})
        wanted = {"actor": SYSTEM, "version": version, "site_codes": codes, "trial": options["trial"]}
        try:
            changed = self._approve(wanted, Accepted(count=options["accept_voids"]))
        except TrialError as error:
            raise CommandError(error.sentence) from error
        same = [code for code in codes if code not in changed]
        if changed:
            self.stdout.write(f"Version {version} is in force from now at: {', '.join(changed)}.")
        if same:
            self.stdout.write(f"Nothing changed at {', '.join(same)}: version {version} is in force there already.")

    def _approve(self, wanted: dict[str, Any], accepted: Accepted) -> list[str]:
        """Put it in force; where syringes become void that were not accepted, ask, and again if they changed since."""
        while True:
            try:
                return approve_protocol(accepted=accepted, **wanted)
            except VoidsNotAccepted as refusal:
                if not sys.stdin.isatty():
                    count = len(refusal.voids)
                    raise CommandError(f"{refusal.sentence} To go on, add --accept-voids {count}.") from refusal
                for sentence in refusal.sentences:
                    self.stdout.write(sentence)
                if input("Put it in force all the same? Type yes: ").strip().lower() != "yes":
                    raise CommandError("Nothing was changed.") from refusal
                accepted = Accepted(read=digest(refusal.voids))
