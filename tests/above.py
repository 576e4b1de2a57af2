"""What code above the line reads below lies within its fence, in every test on SQLite.

Tests play both sides in one process, so the fence itself is down. Each statement that code above sends to the blinded
database is explained once with the fence up: `manage.py grants` lists the same tables and columns.
"""

from __future__ import annotations

import sqlite3
import sys
from typing import Any, Final

from immunosep_site.fence import authorize
from randomization.shared.service import Side, running_side

ABOVE: Final = (
    "randomization.unblinded.",
    "pharmacy.",
    "randomization.hatch.send",
    "randomization.hatch.comparison",
    "django.core.handlers.",
)
"""Where a statement from above comes from; a request to this process, too, since it serves no blinded page."""
PLAYING: Final = ("tests.", "immunosep_site.demonstration.")
FENCES: Final = ("tests.above", "tests.conftest")
_explained: set[str] = set()


def is_from_above() -> bool:
    """Whether the statement that runs now comes from above: no blinded service runs, and the nearest caller lies there.

    What a test or the demonstration calls below by itself does not, though code above may have called the test.
    """
    if running_side() is Side.BLINDED:
        return False
    frame = sys._getframe(1)
    while frame.f_back is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(ABOVE):
            return True
        if name.startswith(PLAYING) and name not in FENCES:
            return False
        frame = frame.f_back
    return False


def check_readable(connection: Any, sql: str, params: Any) -> None:
    """Raise AssertionError where a statement from above reads what `immunosep_site/readable.py` does not list."""
    if sql in _explained or not is_from_above():
        return
    _explained.add(sql)
    if sql.lstrip().upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
        return
    names = dict.fromkeys(params, "?") if isinstance(params, dict) else ("?",) * len(params or ())
    statement = sql % names if params else sql
    raw: sqlite3.Connection = connection.connection
    raw.set_authorizer(authorize)
    try:
        raw.execute(f"EXPLAIN {statement}", (None,) * statement.count("?"))
    except sqlite3.DatabaseError as error:
        raise AssertionError(f"Not readable from above, see docs/decisions/0036: {error}\n{sql}") from error
    finally:
        raw.set_authorizer(None)
