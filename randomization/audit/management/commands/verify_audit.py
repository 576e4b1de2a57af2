"""`verify_audit [--export FILE] [--heads FILE]`: check the trail of a database or of an export."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from randomization.audit.chain import Fault, first_fault, split_streams
from randomization.audit.heads import read_heads
from randomization.audit.selectors import hash_at, streams, verify_trail
from randomization.audit.triggers import missing
from randomization.shared import clock

Export = Mapping[str, list[Mapping[str, Any]]]


def read_export(path: Path) -> Export:
    """Events of a file of JSON lines by chain, in order. Raises ValueError or KeyError where it is none."""
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {name: sorted(chain, key=lambda event: int(event["seq"])) for name, chain in split_streams(events)}


def faults_of(export: Export) -> list[Fault]:
    """The first fault of each chain of an export, from its first event on."""
    checked = [first_fault(name, events, head=None) for name, events in export.items()]
    return [fault for fault in checked if fault]


def _of_export(path: Path) -> tuple[str, list[Fault], dict[tuple[str, int], str]]:
    export = read_export(path)
    events = sum(len(chain) for chain in export.values())
    hashes = {(name, int(event["seq"])): str(event["hash"]) for name, chain in export.items() for event in chain}
    covered = (
        f"{path.name}: {events} events of {len(export)} chains verified, each from its first event; texts are not in it"
    )
    return covered, faults_of(export), hashes


class Command(BaseCommand):
    help = (
        "Check the hash chains of this side's audit trail, or of an export; names the first bad event. Says what was "
        "covered, and against which heads."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--export", type=Path, metavar="FILE", help="check a file of JSON lines instead")
        parser.add_argument(
            "--heads", type=Path, metavar="FILE", help="compare with the heads in a file of checkpoints, too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        export: Path | None = options["export"]
        try:
            covered, against, faults = self._check(export, options["heads"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(
                f"The file cannot be read: {error}. Give a file of JSON lines, one event or checkpoint each."
            ) from error
        for fault in faults:
            self.stderr.write(f"{fault.stream} event {fault.seq}: {fault.why}")
        unprotected = [] if export else missing(connections["default"])
        for table in unprotected:
            self.stderr.write(f"{table}: its append-only triggers are missing; run migrate")
        if faults or unprotected:
            raise CommandError("The audit trail does not verify.")
        self.stdout.write(f"{covered}. {against}")

    def _check(self, export: Path | None, heads: Path | None) -> tuple[str, str, list[Fault]]:
        """What was covered, against which heads, and the faults."""
        if export:
            covered, faults, hashes = _of_export(export)
            names = {stream for stream, _sequence in hashes}
            kept_here = ""
        else:
            verified = verify_trail()
            faults, names = list(verified.faults), {stream.name for stream in streams()}
            counted = f"{verified.events} events of {verified.chains} chains with their texts"
            covered = f"{settings.SIDE}: {counted} verified as of {clock.stamp(verified.at)}"
            kept_here = "Each chain ends with the head that this database keeps for it. "
        if heads is None:
            return covered, kept_here + _without(is_export=export is not None), faults
        kept = read_heads(heads, settings.SIDE)
        compared, differing = kept.compare(
            (lambda stream, seq: hashes.get((stream, seq))) if export else hash_at, names
        )
        against = (
            f"{compared} heads of {kept.checkpoints} checkpoints in {heads.name}, the last of {kept.last_at}, agree; "
            f"their signatures are checked by checkpoint --compare on the unblinded side."
        )
        return covered, kept_here + against, [*faults, *differing]


def _without(*, is_export: bool) -> str:
    if is_export:
        return "Compared with no head: events that are missing at the end of a chain do not show; give --heads."
    return (
        "Not compared with any head outside: an older copy, or a tail that was cut together with its head, does not "
        "show; give --heads, or run checkpoint --compare on the unblinded side."
    )
