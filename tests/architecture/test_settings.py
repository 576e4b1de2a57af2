"""Settings: one reader for the environment, every variable also from a file, and the broker among them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.once
ROOT: Final = Path(__file__).parent.parent.parent
READER: Final = ROOT / "immunosep_site" / "settings" / "read.py"
NOT_SECRET: Final = {"IMMUNOSEP_SIDE", "DJANGO_SETTINGS_MODULE"}
"""Which side and which settings: read before there are settings."""
VARIABLES: Final = {
    "DATABASE_URL": "postgresql://runner:x@127.0.0.1:5432/below",
    "REDIS_URL": "redis://side:x@127.0.0.1:6390/0",
    "SECRET_KEY": "s" * 50,
    "ALLOWED_HOSTS": "trial.example.org",
    "EMAIL_URL": "smtp://a:b@mail.example.org:587",
    "MAIL_FROM": "trial@example.org",
    "SITE_ADDRESS": "https://trial.example.org",
}
ABOVE: Final = {
    "BLINDED_DATABASE_URL": "postgresql://runner:x@127.0.0.1:5432/above",
    "KEY_DIRECTORY": "/nowhere/keys",
    "CHECKPOINT_DIRECTORY": "/nowhere/checkpoints",
}
BELOW: Final = {"HATCH_PUBLIC_KEY": "{}"}
"""A variable that is always a file."""
ASK: Final = (
    "import django; django.setup()\n"
    "from immunosep_site.celery import app\n"
    "import threading\n"
    "from celery import current_app\n"
    "seen = []\n"
    "thread = threading.Thread(target=lambda: seen.append(current_app.conf.broker_url))\n"
    "thread.start(); thread.join()\n"
    "print(app.conf.broker_url, seen[0], app.conf.task_default_queue, len(app.conf.beat_schedule))\n"
)


def run(side: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    base = {"PATH": "/usr/bin:/bin", "IMMUNOSEP_VAR": str(folder), "PYTHONPATH": str(ROOT), "IMMUNOSEP_SIDE": side}
    return subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env={**base, **environment}, capture_output=True, text=True
    )


def from_files(side: str, folder: Path) -> dict[str, str]:
    """Every variable of a side as a file, as secrets are mounted."""
    files = {}
    for name, value in {**VARIABLES, **(ABOVE if side == "unblinded" else BELOW)}.items():
        path = folder / name.lower()
        path.write_text(value + "\n")
        files[f"{name}_FILE"] = str(path)
    return files


@pytest.mark.parametrize("side", ["blinded", "unblinded"])
def test_every_variable_comes_from_a_file_for_celery_too(tmp_path: Path, side: str) -> None:
    environment = {**from_files(side, tmp_path), "DJANGO_SETTINGS_MODULE": f"immunosep_site.settings.{side}"}
    done = run(side, tmp_path, **environment)
    assert done.returncode == 0, done.stderr
    here, in_a_thread, queue, tasks = done.stdout.split()
    assert here == in_a_thread == VARIABLES["REDIS_URL"]
    assert queue == side
    assert int(tasks) >= 3


@pytest.mark.parametrize("written", ["", "amqp://guest@localhost//", "localhost:6379", "http://127.0.0.1/"])
def test_what_is_no_redis_stops_the_start(tmp_path: Path, written: str) -> None:
    files = from_files("blinded", tmp_path)
    (tmp_path / "redis_url").write_text(written)
    done = run("blinded", tmp_path, DJANGO_SETTINGS_MODULE="immunosep_site.settings.blinded", **files)
    assert done.returncode != 0
    assert "REDIS_URL is not redis://" in done.stderr


def test_the_embedded_run_looks_for_no_broker(tmp_path: Path) -> None:
    done = run("blinded", tmp_path, DJANGO_SETTINGS_MODULE="immunosep_site.settings.blinded", IMMUNOSEP_EMBEDDED="1")
    assert done.stdout.split()[:2] == ["memory://", "memory://"], done.stderr


def environment_read_in(tree: ast.AST) -> set[str]:
    """The names of variables that a module reads, `?` for a computed one."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call | ast.Subscript):
            continue
        source = ast.unparse(node.func if isinstance(node, ast.Call) else node.value)
        if source not in {"os.environ", "os.environ.get", "os.environ.setdefault", "os.getenv"}:
            continue
        wanted = (node.args[0] if node.args else None) if isinstance(node, ast.Call) else node.slice
        names.add(str(wanted.value) if isinstance(wanted, ast.Constant) else "?")
    return names


def test_nobody_but_the_reader_reads_the_environment() -> None:
    """`checks.py` asks whether variables of the other side are there, and never for what they say."""
    others = {ROOT / "immunosep_site" / "checks.py": {"?"}}
    for package in ("immunosep_site", "randomization", "pharmacy"):
        for file in (ROOT / package).rglob("*.py"):
            names = environment_read_in(ast.parse(file.read_text(encoding="utf-8"))) - NOT_SECRET
            if file != READER:
                assert names <= others.get(file, set()), (file, names)


def test_a_planted_reader_is_seen() -> None:
    assert environment_read_in(ast.parse("import os\nx = os.environ.get('REDIS_URL')")) == {"REDIS_URL"}
    assert environment_read_in(ast.parse("import os\nx = os.environ['SECRET_KEY'] + os.getenv(name)")) == {
        "SECRET_KEY",
        "?",
    }
