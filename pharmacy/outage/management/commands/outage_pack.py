"""`outage_pack --site CODE [--position N] --out DIR`: print the envelopes of a site for an outage."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pharmacy.outage.services.print_envelope import print_envelopes
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.shared.files import write_private
from randomization.shared.ids import as_site_code


class Command(BaseCommand):
    help = (
        "Print cover, instructions and labels of each envelope of a site (unblinded side). Every opening is recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, metavar="CODE", type=as_site_code)
        parser.add_argument("--position", type=int, metavar="N")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            options["out"].mkdir(mode=0o700, parents=True, exist_ok=True)
            printed = print_envelopes(actor=SYSTEM, site_code=options["site"], position=options["position"])
            for envelope in printed:
                stem = options["out"] / f"{options['site']}-envelope-{envelope.position}"
                write_private(stem.with_suffix(".pdf"), envelope.instructions)
                write_private(stem.with_name(stem.name + "-labels.pdf"), envelope.labels)
        except TrialError as error:
            raise CommandError(error.sentence) from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{len(printed)} envelopes of {options['site']} are in {options['out']}: seal them.")
