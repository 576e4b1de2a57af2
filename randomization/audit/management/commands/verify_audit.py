"""`verify_audit [--export FILE]`: check the trail of a database or of an export."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from randomization.audit.chain import Fault, first_fault, split_streams
from randomization.audit.selectors import verify_all
from randomization.audit.triggers import missing


def check_export(path: Path) -> tuple[int, list[Fault]]:
    """Check a file of JSON lines, one event a line."""
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = [
        first_fault(name, sorted(entries, key=lambda entry: int(entry["seq"])), head=None)
        for name, entries in split_streams(events)
    ]
    return len(events), [fault for fault in found if fault]


class Command(BaseCommand):
    help = "Check the hash chains of this side's audit trail, or of an export; names the first bad event."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--export", type=Path, metavar="FILE", help="check a file of JSON lines instead")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["export"]
        try:
            count, faults = check_export(path) if path else verify_all()
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(
                f"The export cannot be read: {error}. Give a file of JSON lines, one event each."
            ) from error
        for fault in faults:
            self.stderr.write(f"{fault.stream} event {fault.seq}: {fault.why}")
        unprotected = [] if path else missing(connections["default"])
        for table in unprotected:
            self.stderr.write(f"{table}: its append-only triggers are missing; run migrate")
        if faults or unprotected:
            raise CommandError("The audit trail does not verify.")
        self.stdout.write(f"{settings.SIDE}: {count} events verified.")
