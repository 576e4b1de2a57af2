"""A server that may not start does not: a key beside the blinded side, a production run that lacks a setting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.both.databases import ROOT


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    script = (
        "import immunosep_site.wsgi; from django.conf import settings; print(settings.EMBEDDED, settings.DEMONSTRATION)"
    )
    base = {"PATH": "/usr/bin:/bin", "IMMUNOSEP_VAR": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**base, **environment}, capture_output=True, text=True
    )


@pytest.mark.once
def test_a_server_of_the_blinded_side_does_not_start_beside_a_key(tmp_path: Path) -> None:
    below = {"IMMUNOSEP_SIDE": "blinded", "IMMUNOSEP_EMBEDDED": "1", "IMMUNOSEP_DEMONSTRATION": "0"}
    assert start(tmp_path, **below).returncode == 0
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "service.key").write_text("x")
    refused = start(tmp_path, **below)
    assert refused.returncode != 0
    assert "private key" in refused.stderr


@pytest.mark.once
def test_an_address_from_a_file_is_a_production_run_on_any_checkout(tmp_path: Path) -> None:
    (tmp_path / "embedded").touch()
    address = tmp_path / "url"
    address.write_text(f"sqlite:////{tmp_path}/x.sqlite3")
    refused = start(tmp_path, IMMUNOSEP_SIDE="blinded", DATABASE_URL_FILE=str(address))
    assert refused.returncode != 0
    assert "Set REDIS_URL" in refused.stderr
    assert os.access(address, os.R_OK)
