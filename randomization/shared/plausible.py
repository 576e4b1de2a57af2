"""Implausible values and moments: refused, or asked about by name. Pure.

What is asked about comes back with `confirmed`: the field and the value, so that another value is asked about again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.exact import plain


class Implausible(InvalidInput):
    """A value or moment that may be right and rarely is: `confirm` is what whoever means it sends along."""

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
