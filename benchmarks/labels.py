"""Labels: a sheet, those of a full trial, and against the bare engine."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any

import typst

from benchmarks.measure import Measure, milliseconds
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.trial import memory_mib
from pharmacy.labels.sheet import TEMPLATE, labels_pdf, sheet_data
from pharmacy.labels.text import LabelSite, LabelSubject
from randomization.blinded.sites.site_file import load_sites
from randomization.documents.fonts import font_folder
from randomization.shared.ids import new_kit_code
from randomization.shared.protocol import Protocol, load_protocol

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FULL_TRIAL = 281 * 53
"""Labels of a full trial: 14,893 syringes."""


def _place() -> tuple[LabelSite, Protocol]:
    entry = load_sites(FIXTURES / "sites.toml")[0]
    site = LabelSite(entry.code, entry.time_zone, entry.label_language, entry.contact, entry.investigator)
    return site, load_protocol(FIXTURES / "protocol.toml")


def _subjects(start: int, count: int) -> list[LabelSubject]:
    return [
        LabelSubject(f"GR01-{turn // 53:03d}", new_kit_code(), "IV", turn % 45 + 1, new_kit_code(), NOW, NOW, False)
        for turn in range(start, start + count)
    ]


def one_sheet() -> Iterator[Measure]:
    """One sheet of 24 labels, CPU time."""
    site, protocol = _place()

    def sheet(turn: int) -> float:
        subjects, started = _subjects(turn * 24, 24), time.process_time()
        labels_pdf(subjects, site, protocol, at=NOW, outer=False)
        return (time.process_time() - started) * 1000

    sheet(0)
    yield Measure(
        "labels: a sheet of 24, ms of CPU (bound: 50 ms)", median(sheet(turn) for turn in range(1, 8)), 0, "-"
    )


def full_trial() -> Iterator[Measure]:
    """The labels of a full trial, with flat memory; before anything that needs more, since a peak stays."""
    site, protocol = _place()
    done, memory, started = 0, [], time.perf_counter()
    while done < FULL_TRIAL:
        chunk = 53  # one patient's syringes
        labels_pdf(_subjects(done, chunk), site, protocol, at=NOW, outer=False)
        done += chunk
        memory.append(memory_mib())
        sys.stderr.write(f"\r  labels {done:>6}/{FULL_TRIAL} [{'#' * (done * 30 // FULL_TRIAL):30}]")
    sys.stderr.write("\n")
    yield Measure("labels: 14,893, a patient at a time, s", time.perf_counter() - started, 0, "-")
    yield Measure("labels: peak MiB after all (floor: after a third)", memory[-1], memory[len(memory) // 3], "1.1")


def against_engine() -> Iterator[Measure]:
    """Labels with DataMatrix, from subjects to PDF, against the bare engine on the same content."""
    site, protocol = _place()
    engine = typst.Compiler(
        input=str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=[font_folder()], ignore_system_fonts=True
    )

    def bare(data: dict[str, Any]) -> float:
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        return milliseconds(lambda: engine.compile(sys_inputs=inputs, format="pdf", pdf_standards=["a-2u"]))

    ours, floor = [], []
    for turn in range(9):
        mine = _subjects(turn * 500, 500)
        ours.append(milliseconds(lambda mine=mine: labels_pdf(mine, site, protocol, at=NOW, outer=False)))  # type: ignore[misc]
        floor.append(bare(sheet_data(_subjects(turn * 500 + 100_000, 500), site, protocol, outer=False)))
    yield Measure("labels: 500 with DataMatrix, ms (floor: bare engine)", median(ours), median(floor), "1.3")
