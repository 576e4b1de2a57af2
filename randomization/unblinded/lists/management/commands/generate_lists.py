"""`generate_lists [--site CODE | --all] --length N`: seal lists, with a reserve for each."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.blinded.sites.for_unblinded import sites_for
from randomization.hatch.send import carry_down
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.shared.ids import as_site_code
from randomization.unblinded.lists.services.generate_lists import FALLBACK_LENGTH, generate_fallback, generate_lists


class Command(BaseCommand):
    help = "Generate, seal and commit to lists (unblinded side). Nothing of a list is printed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--site", metavar="CODE", type=as_site_code)
        where.add_argument("--all", action="store_true")
        parser.add_argument("--length", type=int, metavar="N", help="needed unless --fallback, whose default is 6")
        parser.add_argument(
            "--plan", type=int, metavar="VERSION", help="else that of the site's newest list, or the newest"
        )
        parser.add_argument("--fallback", action="store_true", help="the envelopes for an outage, never used online")

    def handle(self, *args: Any, **options: Any) -> None:
        known = [site.code for site in sites_for(SYSTEM)]
        codes = known if options["all"] else [options["site"]]
        if not codes or not set(codes) <= set(known):
            raise CommandError("No such site is registered: load the sites on the blinded side first.")
        try:
            if options["fallback"]:
                length = options["length"] or FALLBACK_LENGTH
                sealed = generate_fallback(actor=SYSTEM, site_codes=codes, length=length, plan=options["plan"])
            elif options["length"] is None:
                raise CommandError("Give --length N, the number of patients the list must reach for.")
            else:
                sealed = generate_lists(actor=SYSTEM, site_codes=codes, length=options["length"], plan=options["plan"])
            carry_down()
        except TrialError as error:
            raise CommandError(error.sentence) from error
        for entry in sealed:
            self.stdout.write(f"{entry.uid}  {entry.context}  root {entry.root}")
        self.stdout.write(f"{len(sealed)} lists are sealed.")
