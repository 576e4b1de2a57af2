"""`load_protocol FILE`: keep a version; sites that have none start with it, and nothing changes at the others."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.blinded.sites.selectors import sites_with_another_version
from randomization.blinded.sites.services.load_file import load_protocol_file
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.shared.toml_file import read_text


class Command(BaseCommand):
    help = "Keep a version of the protocol; it is the first one of sites that have none (blinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file = options["file"]
            version, started = load_protocol_file(actor=SYSTEM, text=read_text(file), name=Path(file).name)
        except TrialError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"Protocol {version} is kept.")
        self.stdout.write(f"It is the first version of: {', '.join(started) or 'no site'}.")
        others = sites_with_another_version(version)
        if others:
            named = " ".join(f"--site {code}" for code in others[:1])
            self.stdout.write(
                f"Nothing changed at {', '.join(others)}: another version is in force there. "
                f"To replace it: approve_protocol {version.version} {named}"
            )
