"""`make help` is drawn from the Makefile: a target without a comment would be missing there."""

from __future__ import annotations

import re
import subprocess
from typing import Final

import pytest

from tests.both.databases import ROOT

MAKEFILE: Final = (ROOT / "Makefile").read_text(encoding="utf-8")

pytestmark = pytest.mark.once


def test_help_names_every_target() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in shown.splitlines()} == set(phony[1].split())


def test_hooks_before_a_commit_are_local() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (.*)", hooks) == ["local"]
    assert "://" not in hooks
