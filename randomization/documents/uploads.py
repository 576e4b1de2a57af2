"""Text files that people send."""

from __future__ import annotations

from typing import Any, Final

from randomization.shared.errors import InvalidInput

MOST_BYTES: Final = 5_000_000


def read_upload(file: Any) -> str:
    """The text of a file that was sent; raises InvalidInput (field `file`) where it is too large or no UTF-8."""
    if file.size > MOST_BYTES:
        raise InvalidInput("The file is larger than 5 MB: divide it.", field="file")
    try:
        return str(file.read().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInput("Save the file as CSV in UTF-8.", field="file") from error
