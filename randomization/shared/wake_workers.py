"""Ask the broker for a task right after a commit, without anybody waiting for it (docs/decisions/0049).

A request that asks goes on at once: a thread of its own talks to the broker. It ends when nothing is asked any more,
so that an idle process has none, and a fork inherits none. What cannot be asked for is noted and forgotten: every
task that is asked for here runs on a schedule too.
"""

from __future__ import annotations

from threading import Lock, Thread
from typing import Final

import structlog
from celery import current_app

log = structlog.get_logger(__name__)


class Waker:
    """One thread at most; who asks while it works adds a name, and the same name twice is one task."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: set[str] = set()
        self._thread: Thread | None = None

    def ask(self, task: str) -> None:
        """Ask for `task`; returns at once, and raises nothing because of the broker."""
        with self._lock:
            self._asked.add(task)
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work, name="waker")
                self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is asked any more, `seconds` at most; whether that is so. For tests."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    self._thread = None
                    return
                task = self._asked.pop()
            try:
                current_app.send_task(task, ignore_result=True, retry=False)
            except Exception as error:  # noqa: BLE001 (whatever it is: the sweep does later what was not asked for now)
                log.warning("wake.failed", task=task, error=type(error).__name__)


waker: Final = Waker()
