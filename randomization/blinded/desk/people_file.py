"""A file of people to appoint: CSV, one line a membership.

Pure: no Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from randomization.shared import clock
from randomization.shared.csv_file import read_csv
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _

HEAD: Final = ("user_name", "email", "role", "reach", "delegated_by", "trained_for")
OPTIONAL: Final = ("ends_at",)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line: who, which role, where, on which delegation and training, until when (UTC)."""

    line: int
    user_name: str
    email: str
    role: str
    reach: str
    delegated_by: str
    trained_for: str
    ends_at: datetime | None


def read_people(text: str) -> list[PersonRow]:
    """Read the file; raises InvalidInput naming every line that cannot be read."""
    rows: list[PersonRow] = []
    refused: list[str] = []
    for line, cells in read_csv(text, needed=HEAD, optional=OPTIONAL):
        missing = [key for key in ("user_name", "email", "role") if not cells[key]]
        if missing:
            refused.append(_("Line %(line)s: %(missing)s is empty.", line=line, missing=", ".join(missing)))
        try:
            ends_at = clock.parse_stamp(cells["ends_at"]) if cells.get("ends_at") else None
        except InvalidInput as error:
            refused.append(_("Line %(line)s: %(sentence)s", line=line, sentence=error.sentence))
        else:
            rows.append(PersonRow(line=line, ends_at=ends_at, **{key: cells[key] for key in HEAD}))
    if refused:
        raise InvalidInput(joined(refused), field="file")
    return rows
