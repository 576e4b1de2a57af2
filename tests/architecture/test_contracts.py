"""Every fence of the house, and a breach of each planted and seen caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.contracts import docstring, is_pure

pytestmark = pytest.mark.once
ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("immunosep_site", "randomization", "pharmacy")
BIN = Path(sys.executable).parent
TOP = {
    ".pre-commit-config.yaml",
    "CONTRIBUTING.md",
    "manage.py",
    "pyproject.toml",
    "README.md",
    "immunosep_site",
    "randomization",
    "pharmacy",
    "tests",
    "fixtures",
    "Makefile",
    "docs",
    "deploy",
    "benchmarks",
    ".ci",
    "CHANGELOG.md",
    "LICENSE",
    ".gitignore",
    "requirements.in",
    "requirements.txt",
    "requirements-dev.in",
    "requirements-dev.txt",
}


def copy_of_the_house(folder: Path) -> Path:
    """The source, without tests but with our own contracts, to plant breaches in."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    rules = folder / "tests" / "architecture"
    rules.mkdir(parents=True)
    for file in (rules.parent / "__init__.py", rules / "__init__.py"):
        file.touch()
    shutil.copy(ROOT / "tests" / "architecture" / "contracts.py", rules)
    return folder


def contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PYTHONPATH": str(folder)})


def test_the_contracts_hold() -> None:
    assert contracts(ROOT).returncode == 0


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("randomization/blinded/bedside/selectors.py", "import randomization.unblinded.lists.plan", "blinding line"),
        (
            "randomization/blinded/sites/selectors.py",
            "def f() -> None:\n    from pharmacy.labels import text",
            "blinding line",
        ),
        (
            "randomization/hatch/send.py",
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from randomization.unblinded.lists.plan import Plan",
            "blinding line",
        ),
        ("randomization/shared/ids.py", "import pharmacy.stock.selectors", "blinding line"),
        (
            "randomization/blinded/screening/eligibility.py",
            "import randomization.blinded.bedside.schedule",
            "floor|rooms",
        ),
        ("randomization/blinded/allocation/selectors.py", "import cryptography", "cryptography"),
        ("randomization/blinded/inbox/receiving.py", "import cryptography", "cryptography"),
        ("randomization/hatch/verify.py", "import randomization.unblinded.vault.signing", "blinding line"),
        ("randomization/hatch/verify.py", "import django", "Pure"),
        ("pharmacy/preparation/selectors.py", "import randomization.unblinded.vault.envelope", "vault"),
        (
            "pharmacy/labels/sheet.py",
            "from randomization.unblinded.lists.assignment_access import open_assignment",
            "assignment",
        ),
        (
            "randomization/unblinded/laboratory/selectors.py",
            "from randomization.unblinded.lists.assignment_access import open_assignment",
            "assignment",
        ),
        ("randomization/unblinded/vault/sequence.py", "import django", "Pure"),
        (
            "randomization/blinded/screening/web/file.py",
            "from randomization.blinded.screening.models import Participant",
            "Delivery",
        ),
        (
            "randomization/unblinded/people/api.py",
            "from randomization.accounts.models import AccountRecovery",
            "Delivery",
        ),
        (
            "randomization/blinded/bedside/api/course.py",
            "def f() -> None:\n    from randomization.blinded.bedside.models import Course",
            "Delivery",
        ),
        ("pharmacy/stock/web/cartons.py", "import pharmacy.stock.models.lots", "Delivery"),
        ("immunosep_site/home.py", "from randomization.accounts.models import Person", "an address leads to"),
        ("pharmacy/stock/ledger.py", "from rest_framework import serializers", "Pure"),
        ("pharmacy/stock/ledger.py", "import pharmacy.stock.selectors", "Pure"),
        ("randomization/blinded/bedside/schedule.py", "def f() -> None:\n    import django", "Pure"),
        ("randomization/accounts/selectors.py", "import cryptography", "cryptography"),
        ("pharmacy/preparation/selectors.py", "from cryptography.fernet import Fernet", "cryptography"),
        ("pharmacy/stock/selectors.py", "import immunosep_site.router", "Composition"),
        ("randomization/accounts/locked_names.py", "import randomization.accounts.wrong_secrets", "No circle"),
        ("pharmacy/preparation/states.py", "import pharmacy.preparation.outdated", "No circle"),
        ("randomization/blinded/desk/panel.py", "import randomization.hatch.send", "upper end"),
        ("pharmacy/stock/selectors.py", "import randomization.blinded.screening.models", "for_unblinded"),
        (
            "randomization/unblinded/codebreak/patients.py",
            "def f() -> None:\n    from randomization.blinded.bedside.selectors import due_doses",
            "for_unblinded",
        ),
    ],
)
def test_a_planted_import_is_caught(tmp_path: Path, file: str, line: str, broken: str) -> None:
    house = copy_of_the_house(tmp_path)
    path = house / file
    path.write_text(path.read_text() + "\n" + line + "\n")
    result = contracts(house)
    assert result.returncode != 0
    lines = [text for text in result.stdout.splitlines() if "BROKEN" in text]
    assert any(word in text for text in lines for word in broken.split("|")), result.stdout


def test_an_indirect_import_is_caught(tmp_path: Path) -> None:
    """Two blinded rooms and one innocent module between them and the vault."""
    house = copy_of_the_house(tmp_path)
    (house / "randomization/documents/between.py").write_text("import randomization.unblinded.lists.plan\n")
    path = house / "randomization/blinded/bedside/selectors.py"
    path.write_text(path.read_text() + "\nimport randomization.documents.between\n")
    assert contracts(house).returncode != 0


def test_a_new_room_without_a_place_is_caught(tmp_path: Path) -> None:
    house = copy_of_the_house(tmp_path)
    (house / "randomization/blinded/extra").mkdir()
    (house / "randomization/blinded/extra/__init__.py").write_text("")
    assert contracts(house).returncode != 0


def test_a_new_view_by_any_name_is_caught(tmp_path: Path) -> None:
    house = copy_of_the_house(tmp_path)
    (house / "pharmacy/stock/shelves.py").write_text("from pharmacy.stock.models import Lot\n")
    (house / "pharmacy/stock/urls_extra.py").write_text("from pharmacy.stock import shelves\n")
    result = contracts(house)
    assert any("an address leads to BROKEN" in line for line in result.stdout.splitlines()), result.stdout


def test_a_module_that_claims_to_be_pure_without_the_marker_is_caught(tmp_path: Path) -> None:
    house = copy_of_the_house(tmp_path)
    (house / "pharmacy/stock/shelves.py").write_text('"""Shelves. Pure."""\n\nimport django\n')
    result = contracts(house)
    assert any("Pure" in line and "BROKEN" in line for line in result.stdout.splitlines()), result.stdout


def test_the_modules_that_the_design_calls_pure_carry_the_marker() -> None:
    named = [
        *(ROOT / "randomization/unblinded/vault").glob("*.py"),
        *(ROOT / "randomization/shared/protocol").glob("*.py"),
        ROOT / "randomization/blinded/bedside/schedule.py",
        ROOT / "randomization/unblinded/laboratory/immune_class.py",
        ROOT / "randomization/unblinded/lists/plan.py",
        ROOT / "randomization/audit/chain.py",
        ROOT / "pharmacy/labels/text.py",
        ROOT / "pharmacy/stock/ledger.py",
    ]
    assert len(named) > 14
    without = [path for path in named if not is_pure(docstring(module_name(path), ROOT))]
    assert not without


def test_pure_modules_load_where_there_is_no_django() -> None:
    """The contract reads imports; here they run, packages around the modules included."""
    pure = [
        name
        for package in PACKAGES
        for name in map(module_name, sorted((ROOT / package).rglob("*.py")))
        if is_pure(docstring(name, ROOT))
    ]
    assert len(pure) > 40
    code = "import sys; sys.modules.update(dict.fromkeys(('django', 'rest_framework', 'celery')))\n"
    loaded = subprocess.run(
        [sys.executable, "-c", code + "\n".join(f"import {name}" for name in pure)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert loaded.returncode == 0, loaded.stderr


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unknown_at_the_top(folder: Path) -> set[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=folder, capture_output=True, text=True, check=True).stdout
    return {line.split("/")[0] for line in listed.splitlines()} - TOP


def test_no_other_package_of_code_at_the_top(tmp_path: Path) -> None:
    assert unknown_at_the_top(ROOT) == set()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "leaky").mkdir()
    (tmp_path / "leaky" / "__init__.py").write_text("")
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    assert unknown_at_the_top(tmp_path) == {"leaky"}


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("from django.apps import apps\n\n\nx = apps.get_model('lists', 'SealedSlot')\n", "TID251"),
        ("import importlib\n\nx = importlib.import_module('pharmacy')\n", "TID251"),
        ("import random\n\nx = random.random()\n", "TID251"),
        ("from datetime import datetime\n\nx = datetime.now()\n", "TID251"),
        ("from django.db import transaction\n\n\ndef f():\n    with transaction.atomic():\n        pass\n", "TID251"),
        ("from django.forms.models import model_to_dict\n\nx = model_to_dict\n", "TID251"),
    ],
)
def test_a_banned_call_is_caught(tmp_path: Path, code: str, rule: str) -> None:
    file = tmp_path / "randomization" / "blinded" / "x.py"
    file.parent.mkdir(parents=True)
    file.write_text(code)
    command = [str(BIN / "ruff"), "check", "--config", str(ROOT / "pyproject.toml"), "--no-cache", str(file)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert rule in result.stdout
