"""Settings: one reader for the environment, every variable also from a file, and the broker among them."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.once
ROOT: Final = Path(__file__).parent.parent.parent
SETTINGS: Final = ROOT / "immunosep_site" / "settings"
READER: Final = SETTINGS / "read.py"
OTHERS: Final = {
    SETTINGS / "parse.py": {"environs"},
    SETTINGS / "side.py": {"DJANGO_SETTINGS_MODULE"},
    ROOT / "immunosep_site" / "checks.py": {"KEY_DIRECTORY"},
}
"""What else touches the environment: `side.py` tells Django its settings, `checks.py` looks for keys below."""
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


ASK_VARIABLES: Final = (
    "import json, dataclasses, os, sys\n"
    "sys.path.insert(0, os.getcwd())\n"
    "from django.conf import settings\n"
    "from django.core.exceptions import ImproperlyConfigured\n"
    "try: settings.SIDE; fault = ''\n"
    "except ImproperlyConfigured as error: fault = str(error)\n"
    "from immunosep_site.settings.read import variables\n"
    "print(json.dumps([fault, {name: dataclasses.asdict(row) for name, row in variables.described.items()}]))\n"
)


def ask_variables(side: str, **environment: str) -> tuple[list[str], dict[str, dict[str, object]]]:
    """The sentences that stop the start of a side, and what it says of its variables."""
    module = f"immunosep_site.settings.{side}"
    done = subprocess.run(
        [sys.executable, "-c", ASK_VARIABLES],
        cwd=ROOT,
        env={"IMMUNOSEP_SIDE": side, "DJANGO_SETTINGS_MODULE": module, **environment},
        capture_output=True,
        text=True,
    )
    fault, described = json.loads(done.stdout)
    return fault.splitlines(), described


@pytest.mark.parametrize("side", ["blinded", "unblinded"])
def test_all_that_is_missing_is_named_at_once(tmp_path: Path, side: str) -> None:
    faults, described = ask_variables(side, IMMUNOSEP_VAR=str(tmp_path))
    required = [name for name, row in described.items() if row["required"]]
    assert len(required) >= 7
    assert [re.findall(r"^Set ([A-Z_]+)", fault) for fault in faults] == [[name] for name in required]
    assert all(fault.endswith(", and start again.") for fault in faults)


def test_all_that_is_wrong_is_named_at_once_without_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_bytes(b"\xff")
    faults, _described = ask_variables(
        "blinded",
        IMMUNOSEP_VAR=str(tmp_path),
        IMMUNOSEP_EMBEDDED="1",
        IMMUNOSEP_DEMONSTRATION="yes",
        DATABASE_URL="mysql://runner:hidden@127.0.0.1/below",
        REDIS_URL="amqp://side:hidden@127.0.0.1",
        EMAIL_URL="smtp://a:hidden@mail.example.org:none",
        MAIL_FROM_FILE=str(tmp_path / "absent"),
        SECRET_KEY_FILE=str(tmp_path / "secret_key"),
    )
    assert faults == [
        "IMMUNOSEP_DEMONSTRATION is 'yes': write 1 or 0.",
        "REDIS_URL is not redis://user:password@host:port/0: correct it.",
        "EMAIL_URL is not smtp://user:password@host:port: correct it.",
        f"MAIL_FROM_FILE: {tmp_path / 'absent'} cannot be read: No such file or directory.",
        "DATABASE_URL is neither sqlite:///FILE nor postgresql://...: correct it.",
        f"SECRET_KEY_FILE: {tmp_path / 'secret_key'} cannot be read: it is no text in UTF-8.",
    ]


def test_a_side_that_does_not_exist_is_refused() -> None:
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env={"IMMUNOSEP_SIDE": "upper"}, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr.strip() == "IMMUNOSEP_SIDE is 'upper': write blinded or unblinded."


@pytest.mark.parametrize("side", ["blinded", "unblinded"])
def test_the_table_for_production_names_what_is_read_and_nothing_else(tmp_path: Path, side: str) -> None:
    _faults, described = ask_variables(side, IMMUNOSEP_VAR=str(tmp_path))
    assert all(row["help"] and row["form"] for row in described.values())
    shown = set()
    for line in (ROOT / "docs" / "production.md").read_text(encoding="utf-8").splitlines():
        match [cell.strip() for cell in line.split("|")]:
            case ["", name, blinded, unblinded, _words, ""] if name.startswith("`"):
                if (blinded if side == "blinded" else unblinded) not in {"-", "never"}:
                    shown.add(name.strip("`"))
    assert shown == set(described) - {"IMMUNOSEP_EMBEDDED", "IMMUNOSEP_DEMONSTRATION"}


def test_the_address_of_a_database_may_have_options() -> None:
    from immunosep_site.settings import parse

    config = parse.database("postgresql://runner:a%40b@db.example.org:5433/below?sslmode=verify-full&connect_timeout=9")
    assert (config["USER"], config["PASSWORD"], config["HOST"], config["NAME"]) == (
        "runner",
        "a@b",
        "db.example.org",
        "below",
    )
    assert config["OPTIONS"]["sslmode"] == "verify-full"
    assert config["OPTIONS"]["connect_timeout"] == 9
    assert config["OPTIONS"]["tcp_user_timeout"] == 5000
    assert config["CONN_MAX_AGE"] is None


READS: Final = {"os.environ", "os.environ.get", "os.environ.setdefault", "os.getenv"}


def environment_read_in(tree: ast.AST) -> set[str]:
    """The names of variables that a module reads, `?` for a computed one; `environs` where it imports the library."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            modules = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            names |= {"environs", "dotenv"} & set(modules)
        if not isinstance(node, ast.Call | ast.Subscript):
            continue
        source = ast.unparse(node.func if isinstance(node, ast.Call) else node.value)
        if source not in READS and not source.startswith("read.ENVIRONMENT."):
            continue
        wanted = (node.args[0] if node.args else None) if isinstance(node, ast.Call) else node.slice
        names.add(str(wanted.value) if isinstance(wanted, ast.Constant) else "?")
    return names


def test_nobody_but_the_reader_reads_the_environment() -> None:
    for package in ("immunosep_site", "randomization", "pharmacy"):
        for file in (ROOT / package).rglob("*.py"):
            names = environment_read_in(ast.parse(file.read_text(encoding="utf-8")))
            if file != READER:
                assert names <= OTHERS.get(file, set()), (file, names)


def test_a_planted_reader_is_seen() -> None:
    assert environment_read_in(ast.parse("import os\nx = os.environ.get('REDIS_URL')")) == {"REDIS_URL"}
    assert environment_read_in(ast.parse("import os\nx = os.environ['SECRET_KEY'] + os.getenv(name)")) == {
        "SECRET_KEY",
        "?",
    }
    assert environment_read_in(ast.parse("from environs import env\nread.ENVIRONMENT.str('A')")) == {"environs", "A"}
