"""The report on paper and as CSV."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from pharmacy.accountability.csv_rows import CSV_HEAD, rows
from pharmacy.accountability.report import Report
from pharmacy.accountability.selectors import sign_offs
from randomization.blinded.sites.for_unblinded import site
from randomization.documents.pdf import render
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.csv_file import write_csv
from randomization.shared.ids import dose_name, show_code

TEMPLATE: Final = Path(__file__).parent / "typst" / "accountability.typ"


def report_csv(*reports: Report) -> str:
    """Reports as CSV (RFC 4180, UTF-8): for each site a line for each lot, removal, carton and syringe; UTC."""
    return write_csv(CSV_HEAD, [row for report in reports for row in rows(report)])


def report_pdf(actor: Actor, report: Report) -> bytes:
    """The report as PDF, with the hash that a signature is bound to and who signed it."""
    place, now = site(actor, report.site_code), clock.quarter_at_or_before(clock.now())
    signed = [
        f"{item.signed_by}, {clock.site_moment(item.signed_at, place.time_zone):%d %b %Y %H:%M %z}"
        for item in sign_offs(actor, report.site_code)
        if item.sha256 == report.sha256
    ]
    return render(TEMPLATE, _data(report, place.time_zone, signed), at=now)


def _by(name: str, at: datetime | None, zone: str) -> str:
    """Who did something, and when."""
    return f"{name}, {clock.site_moment(at, zone):%d %b %H:%M %z}" if at else name


def _data(report: Report, zone: str, signed: list[str]) -> dict[str, object]:
    return {
        "site": report.site_code,
        "sha256": report.sha256,
        "unexplained": report.unexplained,
        "signed": signed,
        "fates": [[fate, str(count)] for fate, count in report.fates],
        "lots": [
            [
                lot.product,
                lot.number,
                f"{lot.expires_on:%d %b %Y}",
                *(str(units) for units in lot.figures),
            ]
            for lot in report.lots
        ],
        "removals": [
            [
                removal.product,
                removal.number,
                f"{removal.kind}, {removal.units}",
                _by(removal.recorded_by, removal.recorded_at, zone),
                removal.state,
                _by(removal.decided_by, removal.decided_at, zone),
            ]
            for removal in report.removals
        ],
        "cartons": [
            [
                str(carton.number),
                carton.product,
                carton.lot,
                _by(carton.opened_by, carton.opened_at, zone),
                str(carton.taken),
                carton.state,
                _by(carton.ended_by, carton.ended_at, zone),
            ]
            for carton in report.cartons
        ],
        "doses": [
            [
                dose.participant,
                show_code(dose.kit_code),
                dose_name(dose.route, dose.number),
                show_code(dose.pack_code),
                ", ".join(dose.lots),
                f"{dose.made_by} / {dose.checked_by} {dose.check_mode}".strip(" /"),
                ", ".join(
                    [
                        dose.fate,
                        *(["from an envelope"] if dose.from_envelope else []),
                        *([f"{clock.site_moment(dose.at, zone):%d %b %H:%M %z}"] if dose.at else []),
                    ]
                ),
            ]
            for dose in report.doses
        ],
    }
