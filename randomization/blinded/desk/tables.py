"""The desk's figures as files."""

from __future__ import annotations

from randomization.blinded.desk.flow import Flow
from randomization.blinded.desk.recruitment import Progress
from randomization.shared.csv_file import write_csv


def recruitment_csv(progress: Progress) -> str:
    """One line a month, a country and a site."""
    months = [
        ("month", f"{row.month:%Y-%m}", row.randomised, row.total, round(row.planned, 1)) for row in progress.months
    ]
    places = [
        ("country" if len(row.code) == 2 else "site", row.code, row.randomised, row.randomised, round(row.expected, 1))
        for row in (*progress.countries, *progress.sites)
    ]
    return write_csv(("by", "value", "randomised", "total", "planned_total"), [*months, *places])


def flow_rows(flow: Flow) -> list[tuple[str, str]]:
    """The numbers of the CONSORT figure in its order: words and count."""
    rows = [
        ("screened", str(flow.screened)),
        ("in screening", str(flow.in_screening)),
        ("withdrew consent before randomisation", str(flow.withdrew_before)),
        ("not eligible", str(flow.not_eligible)),
        *((f"not eligible: {part.words}", part.count) for part in flow.reasons),
        ("randomised", str(flow.randomised)),
        ("first dose given", str(flow.treated)),
        ("on treatment", str(flow.on_treatment)),
        ("treatment stopped early", str(flow.stopped)),
        *((f"stopped: {part.words}", part.count) for part in flow.causes),
        *((f"of those randomised: {part.words}", part.count) for part in flow.misallocated),
        ("reached the last day", str(flow.completed)),
        *((f"withdrew from {part.words}", part.count) for part in flow.withdrew),
    ]
    if flow.hours:
        rows += [
            ("hours from sepsis to first dose, lower quartile", f"{flow.hours.lower:.1f}"),
            ("hours from sepsis to first dose, median", f"{flow.hours.median:.1f}"),
            ("hours from sepsis to first dose, upper quartile", f"{flow.hours.upper:.1f}"),
        ]
    return rows


def flow_csv(flow: Flow) -> str:
    """The same as a file."""
    return write_csv(("what", "participants"), flow_rows(flow))
