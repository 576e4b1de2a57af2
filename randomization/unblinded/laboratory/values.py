"""Laboratory values as people report them: `1200`, `1200,5`, `>40000`, `< 500`.

Pure: no Django.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from randomization.shared.errors import InvalidInput
from randomization.shared.exact import check_fits
from randomization.shared.sentences import sentence as _

_FORM: Final = re.compile(r"\s*([<>]?)\s*([0-9]{1,9})(?:[.,]([0-9]{1,2}))?\s*")
_LEAST_STEP: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Reported:
    """A value with its qualifier."""

    qualifier: str
    value: Decimal

    def bounded(self) -> Decimal:
        """The value nearest to the reported one that it can be: just above `>`, just below `<`."""
        match self.qualifier:
            case ">":
                return self.value + _LEAST_STEP
            case "<":
                return max(Decimal(0), self.value - _LEAST_STEP)
            case _:
                return self.value

    def decides(self, cutoff: Decimal) -> bool:
        """Whether the value lies on a known side of `cutoff`."""
        match self.qualifier:
            case ">":
                return self.value >= cutoff
            case "<":
                return self.value <= cutoff
            case _:
                return True


def parse_reported(text: str, *, cutoff: Decimal, decimals: int = 2) -> Reported:
    """Read a value with at most `decimals` decimals; nothing is rounded.

    Raises InvalidInput where it is none, or leaves open on which side of `cutoff` it lies.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise InvalidInput(
            _("%(text)s is not a value: write digits, like 1200 or >40000.", text=repr(text)), field="value"
        )
    qualifier, whole, part = match.groups()
    reported = Reported(qualifier or "=", Decimal(f"{whole}.{part or 0}"))
    check_fits(reported.value, field="value", places=decimals)
    if not reported.decides(cutoff):
        raise InvalidInput(
            _(
                "%(text)s leaves open on which side of %(bound)s the value lies: dilute and measure again.",
                text=text.strip(),
                bound=cutoff,
            ),
            field="value",
            code="undecided_value",
        )
    return reported
