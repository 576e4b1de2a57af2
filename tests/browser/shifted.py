"""The product behind a clock that a test can move on: seconds after now stand in a file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import time_machine

from immunosep_site.wsgi import application as product

one_by_one: Final = threading.Lock()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request after the other at the moved time: the moved clock is that of the whole process."""
    later = timedelta(seconds=float(Path(os.environ["SHIFT_FILE"]).read_text()))
    with one_by_one, time_machine.travel(datetime.now(UTC) + later, tick=True):
        return list(product(environ, start_response))
