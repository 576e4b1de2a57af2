"""Implausible values and moments: refused, or asked about by name.

What is asked about comes back with `confirmed`: the field and the value, so that another value is asked about again.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.exact import plain
from randomization.shared.sentences import sentence as _


class Implausible(InvalidInput):
    """A value or moment that may be right and rarely is: `confirm` is sent along by a person who means it."""

    code = "implausible"

    def __init__(self, sentence: str, *, field: str, confirm: str) -> None:
        super().__init__(sentence, field=field)
        self.confirm = confirm


def confirmation(field: str, value: Decimal | datetime | int) -> str:
    """`field=value`: what confirms this value of this field and no other."""
    match value:
        case datetime():
            return f"{field}={clock.stamp(value)}"
        case Decimal():
            return f"{field}={plain(value)}"
        case _:
            return f"{field}={value}"


def ask(confirmed: Sequence[str], field: str, value: Decimal | datetime | int, sentence: str) -> None:
    """Raise Implausible with `sentence` unless this value of this field was confirmed."""
    confirm = confirmation(field, value)
    if confirm not in confirmed:
        raise Implausible(sentence, field=field, confirm=confirm)


YEARS: Final = (1900, 2200)
"""Of any moment or day: outside, nothing computes with it."""


def check_year(year: int, *, field: str | None = None) -> None:
    """Raise InvalidInput, code `implausible_time`, for a year like 26 or 9999."""
    if not YEARS[0] <= year <= YEARS[1]:
        raise InvalidInput(
            _("The year %(year)s cannot be: write four digits.", year=year), field=field, code="implausible_time"
        )


def check_not_before(moment: datetime, earliest: datetime, *, field: str, sentence: str) -> None:
    """Raise InvalidInput, code `implausible_time`, with `sentence` for a moment before `earliest`."""
    if moment < earliest:
        raise InvalidInput(sentence, field=field, code="implausible_time")


def check_recent(moment: datetime, within: timedelta, *, field: str, since: datetime | None = None) -> None:
    """Raise InvalidInput, code `implausible_time`, for a moment in the future or longer ago than `within`.

    since: counted from this moment (UTC) instead of now.
    """
    now = clock.now()
    if moment > now:
        raise InvalidInput(_("The time lies in the future: check day and hour."), field=field)
    check_not_before(
        moment,
        (since or now) - within,
        field=field,
        sentence=_(
            "The time lies more than %(days)s days back: check day, month and year.", days=within // timedelta(days=1)
        ),
    )


def check_expiry(day: date, today: date, within: timedelta, *, field: str) -> None:
    """Raise InvalidInput, code `implausible_time`, for a last day of use farther away than `within`."""
    if day - today > within:
        raise InvalidInput(
            _(
                "An expiry on %(day)s lies too far ahead: read it from the pack again.",
                day=f"{day:%d %b} {day.year:04d}",
            ),
            field=field,
            code="implausible_time",
        )
