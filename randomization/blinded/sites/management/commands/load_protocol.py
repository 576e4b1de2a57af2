"""`load_protocol FILE`: keep a version and put it in force at every site that is there."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.blinded.sites.selectors import sites_for
from randomization.blinded.sites.services.register_protocol import approve_protocol, register_protocol
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.shared.tomlfile import read_text


class Command(BaseCommand):
    help = "Keep a new version of the protocol and put it in force at every site (blinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = register_protocol(actor=SYSTEM, text=read_text(options["file"]))
            codes = [site.code for site in sites_for(SYSTEM)]
            approve_protocol(actor=SYSTEM, version=version.version, site_codes=codes)
        except TrialError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"Protocol {version} is kept; in force at {len(codes)} sites.")
