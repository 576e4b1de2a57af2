"""The blinded process does not start without the hatch's public key, nor with a private key beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from immunosep_site.checks import hatch_key_below, no_private_key_below
from tests.signed import Hand

pytestmark = pytest.mark.once


def errors(settings: Any, folder: Path) -> list[str]:
    """What stops the start of a blinded process out of the embedded run, whose key lies in `folder`."""
    settings.EMBEDDED, settings.DEMONSTRATION = False, False
    settings.VAR = str(folder / "var")
    settings.HATCH_PUBLIC_KEY_FILE = str(folder / "hatch.pub")
    return [str(error.id) for error in (*hatch_key_below(), *no_private_key_below())]


def test_without_the_public_key_it_does_not_start(settings: Any, tmp_path: Path) -> None:
    assert errors(settings, tmp_path) == ["blinding.E003"]
    (tmp_path / "hatch.pub").write_text("something else")
    assert errors(settings, tmp_path) == ["blinding.E003"]
    Hand.new().publish()
    assert errors(settings, tmp_path) == []


@pytest.mark.parametrize("name", ["hatch.key", "checkpoint.key", "service.passphrase"])
def test_a_private_key_beside_it_stops_the_start(settings: Any, tmp_path: Path, name: str) -> None:
    errors(settings, tmp_path)
    Hand.new().publish()
    (tmp_path / name).write_text("00" * 32)
    assert errors(settings, tmp_path) == ["blinding.E001"]


def test_a_private_key_in_its_place_stops_the_start(settings: Any, tmp_path: Path) -> None:
    errors(settings, tmp_path)
    (tmp_path / "hatch.pub").write_text("00" * 32)
    assert errors(settings, tmp_path) == ["blinding.E003"]


def test_the_embedded_run_makes_its_keys_after_the_start(settings: Any, tmp_path: Path) -> None:
    errors(settings, tmp_path)
    settings.EMBEDDED = True
    assert hatch_key_below() == []
