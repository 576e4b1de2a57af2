"""Fresh pairs of databases for processes of their own: SQLite files, or PostgreSQL databases."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
POSTGRESQL: Final = os.environ.get("DATABASE_URL", "").startswith("postgresql")


@dataclass(frozen=True)
class Pair:
    """A folder with keys, and the two databases."""

    folder: Path
    name: str

    def url(self, side: str) -> str:
        """The database of a side."""
        if POSTGRESQL:
            base = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
            return f"{base}/{self.name}_{side}"
        return f"sqlite:////{self.folder}/{side}.sqlite3"

    def environment(self, side: str) -> dict[str, str]:
        """What a process of a side gets; the blinded one has no address of the other."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("IMMUNOSEP_", "DJANGO_"))}
        variables = {
            **kept,
            "IMMUNOSEP_SIDE": side,
            "IMMUNOSEP_EMBEDDED": "1",
            "IMMUNOSEP_DEMONSTRATION": "1",
            "IMMUNOSEP_VAR": str(self.folder),
            "DATABASE_URL": self.url(side),
            "PYTHONHASHSEED": "0",
            "DJANGO_SETTINGS_MODULE": f"immunosep_site.settings.{side}",
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": "",
        }
        variables.pop("BLINDED_DATABASE_URL", None)
        if side == "unblinded":
            variables["BLINDED_DATABASE_URL"] = self.url("blinded")
        return variables

    def run(self, side: str, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run Python on a side; its output on failure is the error."""
        done = subprocess.run(
            [sys.executable, *command], env={**self.environment(side), **more}, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, f"it ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done


def _create(pair: Pair, template: Pair | None) -> None:
    for side in ("blinded", "unblinded"):
        if POSTGRESQL:
            _psql(f'DROP DATABASE IF EXISTS "{pair.name}_{side}"')
            source = f' TEMPLATE "{template.name}_{side}"' if template else ""
            _psql(f'CREATE DATABASE "{pair.name}_{side}"{source}')
        elif template:
            shutil.copy(template.folder / f"{side}.sqlite3", pair.folder / f"{side}.sqlite3")


def _psql(statement: str) -> None:
    base = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    subprocess.run(["psql", f"{base}/postgres", "-qc", statement], check=True, capture_output=True)


@contextmanager
def fresh_pair(folder: Path, name: str, *, template: Pair | None = None) -> Iterator[Pair]:
    """Two migrated databases, or copies of a template's; dropped afterwards."""
    (folder / "static").mkdir(parents=True, exist_ok=True)
    pair = Pair(folder, f"immunosep_{name}_{os.getpid()}")
    _create(pair, template)
    try:
        if template is None:
            for side in ("blinded", "unblinded"):
                pair.run(side, "manage.py", "migrate", "-v0")
        yield pair
    finally:
        if POSTGRESQL:
            for side in ("blinded", "unblinded"):
                _psql(f'DROP DATABASE IF EXISTS "{pair.name}_{side}" WITH (FORCE)')
