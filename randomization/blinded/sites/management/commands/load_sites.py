"""`load_sites FILE`: add sites, change particulars, open those that say so."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.blinded.sites.services.load_file import load_site_file
from randomization.blinded.sites.site_file import load_sites
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError


class Command(BaseCommand):
    help = "Add sites from a file, or change their particulars (blinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            entries = load_sites(options["file"])
            version, started = load_site_file(actor=SYSTEM, entries=entries)
        except TrialError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"{len(entries)} sites are registered.")
        if started:
            self.stdout.write(f"Protocol {version} is the first version of: {', '.join(started)}.")
