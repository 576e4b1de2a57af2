"""The desk's figures as files."""

from __future__ import annotations

from randomization.blinded.desk.flow import Flow
from randomization.blinded.desk.recruitment import Progress
from randomization.shared.csv_file import write_csv


def recruitment_csv(found: Progress) -> str:
    """One line a month, a country and a site."""
    months = [("month", f"{row.month:%Y-%m}", row.randomised, row.total, round(row.planned, 1)) for row in found.months]
    places = [
        ("country" if len(row.code) == 2 else "site", row.code, row.randomised, row.randomised, round(row.expected, 1))
        for row in (*found.countries, *found.sites)
    ]
    return write_csv(("by", "value", "randomised", "total", "planned_total"), [*months, *places])


def flow_rows(found: Flow) -> list[tuple[str, str]]:
    """The numbers of the CONSORT figure in its order: words and count."""
    rows = [
        ("screened", str(found.screened)),
        ("in screening", str(found.in_screening)),
        ("withdrew consent before randomisation", str(found.withdrew_before)),
        ("not eligible", str(found.not_eligible)),
        *((f"not eligible: {part.words}", part.count) for part in found.reasons),
        ("randomised", str(found.randomised)),
        ("first dose given", str(found.treated)),
        ("on treatment", str(found.on_treatment)),
        ("treatment stopped early", str(found.stopped)),
        *((f"stopped: {part.words}", part.count) for part in found.causes),
        *((f"of those randomised: {part.words}", part.count) for part in found.misallocated),
        ("reached the last day", str(found.completed)),
        *((f"withdrew from {part.words}", part.count) for part in found.withdrew),
    ]
    if found.hours:
        rows += [
            ("hours from sepsis to first dose, lower quartile", f"{found.hours.lower:.1f}"),
            ("hours from sepsis to first dose, median", f"{found.hours.median:.1f}"),
            ("hours from sepsis to first dose, upper quartile", f"{found.hours.upper:.1f}"),
        ]
    return rows


def flow_csv(found: Flow) -> str:
    """The same as a file."""
    return write_csv(("what", "participants"), flow_rows(found))
