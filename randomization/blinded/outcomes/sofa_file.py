"""A file of SOFA scores: CSV with one line a participant and day.

Pure: no Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from randomization.blinded.outcomes.states import ORGANS
from randomization.shared.csv_file import read_csv
from randomization.shared.errors import InvalidInput
from randomization.shared.ids import as_participant_number
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _

HEAD: Final = ("participant", "day", *ORGANS)


@dataclass(frozen=True, slots=True)
class SofaRow:
    """One line of a file: participant, day, scores by organ."""

    line: int
    number: str
    day: int
    scores: dict[str, int]


def read_sofa(text: str) -> list[SofaRow]:
    """Read a CSV file (comma or semicolon) with the columns of `HEAD`, in any order.

    Raises InvalidInput naming every line and column that cannot be read.
    """
    rows, refused = [], []
    for line, values in read_csv(text, needed=HEAD):
        wrong = [key for key in HEAD[1:] if not values[key].isdigit()]
        if wrong or not values["participant"]:
            named = ", ".join(wrong) or _("the line")
            refused.append(_("Line %(line)s: %(wrong)s cannot be read.", line=line, wrong=named))
            continue
        numbers = {key: int(values[key]) for key in HEAD[1:]}
        rows.append(SofaRow(line, as_participant_number(values["participant"]), numbers.pop("day"), numbers))
    if refused:
        raise InvalidInput(joined(refused), field="file")
    return rows
