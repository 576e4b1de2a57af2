"""`load_sites FILE`: add sites, change particulars, open those that say so."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.blinded.sites.selectors import latest_protocol_version
from randomization.blinded.sites.services.register_protocol import approve_protocol
from randomization.blinded.sites.services.register_sites import register_sites
from randomization.blinded.sites.sitefile import load_sites
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError


class Command(BaseCommand):
    help = "Add sites from a file, or change their particulars (blinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            entries = load_sites(options["file"])
            register_sites(actor=SYSTEM, entries=entries)
            version = latest_protocol_version()
            if version is not None:
                codes = [entry.code for entry in entries]
                approve_protocol(actor=SYSTEM, version=version.version, site_codes=codes)
        except TrialError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"{len(entries)} sites are registered.")
