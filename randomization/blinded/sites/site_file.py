"""The sites file as frozen values: code, zone, label language, contact, duty table.

Pure: no Django.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from randomization.shared.ids import SITE_CODE
from randomization.shared.protocol import LANGUAGES
from randomization.shared.toml_file import Table, read_text

_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")

LONGEST: Final = {"name": 128, "time_zone": 64, "contact": 200, "contact_full": 200, "investigator": 64}
"""Characters of each text that are kept."""


@dataclass(frozen=True, slots=True)
class DutyEntry:
    """One line of the duty table; days from 0 (Monday), hours local."""

    days: tuple[int, ...]
    starts: str
    ends: str
    investigator: str
    preparer: str
    checker: str
    telephone: str


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """One site as the file gives it; `opens`: open it at once.

    contact: for the syringe, short; contact_full: with the address, for the outer bag.
    """

    code: str
    name: str
    time_zone: str
    label_language: str
    contact: str
    contact_full: str
    investigator: str
    opens: bool
    duties: tuple[DutyEntry, ...]


def _duty(table: Table) -> DutyEntry:
    days = table.integers("days")
    if any(not 0 <= day <= 6 for day in days):
        table.collect(table.refuse("days", "days run from 0 (Monday) to 6 (Sunday)."))
    hours = {key: table.text(key) for key in ("from", "to")}
    for key, hour in hours.items():
        if hour and not _HOUR.fullmatch(hour):
            table.collect(table.refuse(key, f"is {hour!r}: write an hour like 08:00, or 24:00."))
    duty = DutyEntry(
        days,
        hours["from"],
        hours["to"],
        table.text("investigator"),
        table.text("preparer"),
        table.text("checker"),
        table.text("telephone"),
    )
    table.done()
    return duty


def _site(table: Table) -> SiteEntry:
    entry = SiteEntry(
        code=table.text("code"),
        name=table.text("name"),
        time_zone=table.text("time_zone"),
        label_language=table.one_of("label_language", LANGUAGES),
        contact=table.text("contact"),
        contact_full=table.text("contact_full"),
        investigator=table.text("investigator"),
        opens=table.flag("opens"),
        duties=table.each("duty", _duty),
    )
    for key, most in LONGEST.items():
        if len(getattr(entry, key)) > most:
            table.collect(table.refuse(key, f"has {len(getattr(entry, key))} characters: at most {most}."))
    if entry.code and not SITE_CODE.fullmatch(entry.code):
        table.collect(table.refuse("code", f"is {entry.code!r}: write the country and two digits, like GR01."))
    _check_zone(table, entry.time_zone)
    if entry.duties:
        _check_answered(table, entry)
    table.done()
    return entry


def _check_zone(table: Table, name: str) -> None:
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        table.collect(table.refuse("time_zone", f"{name!r} is unknown: write one like Europe/Athens."))


def _digits(text: str) -> str:
    return re.sub(r"[^0-9+]", "", text)


def _check_answered(table: Table, entry: SiteEntry) -> None:
    """Refuse a contact that nobody on duty answers: a call from the label reaches the investigator on call."""
    telephones = {duty.telephone for duty in entry.duties}
    for key in ("contact", "contact_full"):
        text = _digits(getattr(entry, key))
        if getattr(entry, key) and not any(_digits(telephone) in text for telephone in telephones):
            numbers = " or ".join(sorted(telephones))
            sentence = f"has no telephone of the duty table: name {numbers}, which the investigator on call answers."
            table.collect(table.refuse(key, sentence))


def _sites(top: Table) -> tuple[SiteEntry, ...]:
    entries = top.each("site", _site)
    codes = [entry.code for entry in entries]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        top.collect(top.refuse("site", f"the code {code} stands twice: remove one."))
    top.done()
    return entries


def load_sites(path: str | Path) -> tuple[SiteEntry, ...]:
    """Read a sites file; raises ConfigurationError naming every bad site, its keys and what to do."""
    return Table.parsed(read_text(path), Path(path).name, _sites)
