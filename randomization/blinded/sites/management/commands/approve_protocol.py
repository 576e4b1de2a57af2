"""`approve_protocol VERSION --site CODE ...`: put a kept version in force at the sites named, from now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.blinded.sites.services.register_protocol import approve_protocol
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.shared.ids import as_site_code


class Command(BaseCommand):
    help = "Put a kept version of the protocol in force at the sites named (blinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", metavar="VERSION")
        parser.add_argument("--site", metavar="CODE", action="append", required=True, dest="sites")
        parser.add_argument("--trial", default="", help="where several trials are kept under this version")

    def handle(self, *args: Any, **options: Any) -> None:
        version, codes = options["version"], sorted({as_site_code(code) for code in options["sites"]})
        try:
            changed = approve_protocol(actor=SYSTEM, version=version, site_codes=codes, trial=options["trial"])
        except TrialError as error:
            raise CommandError(error.sentence) from error
        same = [code for code in codes if code not in changed]
        if changed:
            self.stdout.write(f"Version {version} is in force from now at: {', '.join(changed)}.")
        if same:
            self.stdout.write(f"Nothing changed at {', '.join(same)}: version {version} is in force there already.")
