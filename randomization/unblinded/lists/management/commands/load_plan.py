"""`load_plan FILE`: keep a version of the allocation plan."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.shared.toml_file import read_text
from randomization.unblinded.lists.services.register_plan import register_plan


class Command(BaseCommand):
    help = "Keep a version of the allocation plan (unblinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = register_plan(actor=SYSTEM, text=read_text(options["file"]), name=Path(options["file"]).name)
        except TrialError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"Plan version {version.version} is kept, hash {version.plan_hash}.")
