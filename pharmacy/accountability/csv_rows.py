"""The report as rows of a CSV file.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pharmacy.accountability.report import CartonLine, RemovalLine, Report
from randomization.shared.ids import dose_name

CSV_HEAD: Final = (
    "site",
    "kind",
    "product or participant",
    "lot or kit",
    "expiry or dose",
    "packaging code",
    "received or lots",
    "used or made by",
    "wasted or checked by",
    "returned or way",
    "destroyed",
    "counted",
    "balance or fate",
    "unexplained or time",
)


def _stamp(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _removal_row(site_code: str, removal: RemovalLine) -> Sequence[Any]:
    """Who took units out in the column of who made a syringe, who decided in that of who checked it."""
    return (
        site_code,
        removal.kind,
        removal.product,
        removal.number,
        "",
        "",
        removal.units,
        f"{removal.recorded_by} {_stamp(removal.recorded_at)}",
        f"{removal.decided_by} {_stamp(removal.decided_at)}".strip(),
        "",
        "",
        "",
        removal.state,
        removal.units if removal.is_open else 0,
    )


def _carton_row(site_code: str, carton: CartonLine) -> Sequence[Any]:
    """Who opened it in the column of who made a syringe, who closed it in that of who checked it."""
    return (
        site_code,
        "carton",
        carton.product,
        carton.lot,
        carton.expires_on.isoformat(),
        carton.number,
        carton.taken,
        f"{carton.opened_by} {_stamp(carton.opened_at)}",
        f"{carton.ended_by} {_stamp(carton.ended_at)}".strip(),
        carton.read,
        "",
        "",
        carton.state,
        0,
    )


def rows(report: Report) -> list[Sequence[Any]]:
    """The report as rows for a CSV file under `CSV_HEAD`: lots first, removals, cartons, then syringes."""
    found: list[Sequence[Any]] = []
    for lot in report.lots:
        found.append(
            (
                report.site_code,
                "lot",
                lot.product,
                lot.number,
                lot.expires_on.isoformat(),
                "",
                *lot.figures,
            )
        )
    found += [_removal_row(report.site_code, removal) for removal in report.removals]
    found += [_carton_row(report.site_code, carton) for carton in report.cartons]
    for dose in report.doses:
        found.append(
            (
                report.site_code,
                "syringe",
                dose.participant,
                dose.kit_code,
                dose_name(dose.route, dose.number),
                dose.pack_code,
                "; ".join(dose.lots),
                dose.made_by,
                f"{dose.checked_by} {dose.check_mode}".strip(),
                "from an envelope" if dose.from_envelope else "online",
                "",
                "",
                dose.fate,
                _stamp(dose.at),
            )
        )
    return found
