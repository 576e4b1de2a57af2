"""CSV as people and spreadsheets write it, read and written in one way.

Pure: no Django.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _

MOST_BYTES: Final = 5_000_000
FORMULA: Final = re.compile(r"^(?=[\t\r])|(?:^|[;,\t\r\n])\s*(?=[=+\-@])")
"""Where a cell may begin with a formula: most spreadsheets of the trial's countries part cells at the semicolon too."""


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, whatever it parts cells at; numbers stay what they are."""
    text = "" if value is None else str(value)
    return FORMULA.sub(r"\g<0>'", text) if isinstance(value, str) else text


def write_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV (RFC 4180, comma, UTF-8) with a line that names the columns."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _lines(reader: csv.DictReader[str]) -> Iterator[dict[str, Any]]:
    try:
        yield from reader
    except csv.Error as error:
        raise InvalidInput(
            _("Line %(line_num)s cannot be read: %(error)s.", line_num=reader.line_num, error=error), field="file"
        ) from error


def read_csv(text: str, *, needed: Sequence[str], optional: Sequence[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """Number of the line and its cells by column, trimmed; comma or semicolon, columns in any order.

    Raises InvalidInput (field `file`) for a column missing or unknown, and for lines with another number of cells.
    """
    text = text.lstrip("\ufeff")
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.split("\n", 1)[0] else ",")
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    if not set(needed) <= set(columns) <= {*needed, *optional} or len(set(columns)) != len(columns):
        further = _("; these may follow: %(columns)s", columns=", ".join(optional)) if optional else ""
        raise InvalidInput(
            _("The first line names the columns: %(needed)s%(further)s.", needed=", ".join(needed), further=further),
            field="file",
        )
    reader.fieldnames = columns
    rows, refused = [], []
    for cells in _lines(reader):
        if None in cells or None in cells.values():
            line_num = reader.line_num
            refused.append(_("Line %(line_num)s: it has another number of cells than the first.", line_num=line_num))
            continue
        rows.append((reader.line_num, {key: (cells[key] or "").strip() for key in columns}))
    if refused:
        raise InvalidInput(joined(refused), field="file")
    return rows


def read_upload(file: Any) -> str:
    """The text of a file that was sent; raises InvalidInput (field `file`) where it is too large or no UTF-8."""
    if file.size > MOST_BYTES:
        raise InvalidInput(_("The file is larger than 5 MB: divide it."), field="file")
    try:
        return str(file.read().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInput(_("Save the file as CSV in UTF-8."), field="file") from error
