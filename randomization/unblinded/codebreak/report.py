"""The report of unblindings as rows for a file: who, when, why; never what was seen (ICH E6(R3) 3.16.1(g))."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from randomization.shared import clock
from randomization.shared.csv_file import write_csv
from randomization.unblinded.codebreak.selectors import Unblinding

HEAD: Final = (
    "participant",
    "site",
    "broken_at_utc",
    "asked_by",
    "role",
    "seen_by",
    "way",
    "category",
    "reason",
    "needed",
    "spread",
    "effect",
    "measures",
    "assessed_by",
    "assessed_at_utc",
    "later_records_by_who_has_seen",
    "without_second_factor",
)


def as_csv(rows: Sequence[Unblinding]) -> str:
    """One line for each unblinding."""
    return write_csv(HEAD, [_cells(row) for row in rows])


def _cells(row: Unblinding) -> tuple[object, ...]:
    code_break, last = row.code_break, row.assessment
    assessed: tuple[str, ...] = ("", "", "", "", "", "")
    if last is not None:
        assessed = (
            last.necessity,
            last.spread,
            last.effect,
            last.measures,
            last.assessed_by,
            clock.stamp(last.assessed_at),
        )
    later = "unknown" if row.later is None else len(row.later)
    return (
        code_break.participant_number,
        code_break.site_code,
        clock.stamp(code_break.broken_at),
        code_break.broken_by,
        code_break.role,
        code_break.seen_by,
        code_break.way,
        code_break.category,
        code_break.reason,
        *assessed,
        later,
        "yes" if row.without_factor else "no",
    )
