"""A file of SOFA scores: CSV with one line a participant and day. Pure."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Final

from randomization.blinded.bedside.states import ORGANS
from randomization.shared.errors import InvalidInput

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

    Raises InvalidInput naming the line and column that cannot be read.
    """
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";" if ";" in first else ",")
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    if set(columns) != set(HEAD):
        raise InvalidInput(f"The first line names the columns: {', '.join(HEAD)}.", field="file")
    reader.fieldnames = columns
    rows = []
    for order, found in enumerate(reader, 2):
        values = {key: (found.get(key) or "").strip() for key in HEAD}
        wrong = [key for key in HEAD[1:] if not values[key].isdigit()]
        if wrong or not values["participant"] or len(found) != len(HEAD):
            raise InvalidInput(f"Line {order}: {', '.join(wrong) or 'the line'} cannot be read.", field="file")
        numbers = {key: int(values[key]) for key in HEAD[1:]}
        rows.append(SofaRow(order, values["participant"].upper(), numbers.pop("day"), numbers))
    return rows
