"""`print_labels --dose UID [--format pdf|zpl]`: a dose's labels, to standard output or a file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from pharmacy.labels.media import Medium
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.selectors import live_preparation
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError

MEDIA = {"pdf": Medium.ROLL, "zpl": Medium.THERMAL}


class Command(BaseCommand):
    help = "Print the labels of a dose that is being prepared (unblinded side); the print is recorded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dose", required=True, type=UUID, metavar="UID")
        parser.add_argument("--format", choices=sorted(MEDIA), default="pdf")
        parser.add_argument("--reason", default="", help="why it is printed again")
        parser.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        preparation = live_preparation(options["dose"])
        if preparation is None:
            raise CommandError("This dose has no live preparation: start one on the worklist first.")
        try:
            content = print_labels(SYSTEM, preparation.uid, reason=options["reason"], medium=MEDIA[options["format"]])
        except TrialError as error:
            raise CommandError(error.sentence) from error
        if options["output"]:
            options["output"].write_bytes(content)
        else:
            sys.stdout.buffer.write(content)
