"""The two faces every document uses; they hold Greek, and Romanian s and t with comma below."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final

import font_source_sans_pro

_FACES: Final = ("SourceSansPro-Regular.ttf", "SourceSansPro-Bold.ttf")


def face_files() -> list[Path]:
    """Where the packaged faces lie."""
    folder = Path(str(font_source_sans_pro.__file__)).parent / "files"
    return [folder / face for face in _FACES]


@lru_cache(maxsize=1)
def font_folder() -> str:
    """A folder with those two faces alone: the engine takes folders, and more faces cost time."""
    folder = tempfile.mkdtemp(prefix="faces-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for face in face_files():
        shutil.copy(face, folder)
    return folder
