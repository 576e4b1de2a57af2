"""One engine for every PDF: a Typst template and data, never text formatted into the source.

The same data and time give the same bytes. A glyph the fonts lack, a warning of the engine, or text that
does not fit (the template panics) is an error: nothing is ever cut or left blank.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst

from randomization.documents.fonts import font_folder
from randomization.shared.errors import InvalidInput, TrialError
from randomization.shared.sentences import sentence as _

_lock = threading.Lock()
_ALLOWED_CONTROL = {"\n"}
DRAWN: Final = "symbol"
"""The key of a barcode: an SVG drawn here from a checked text, not a text itself."""


class DocumentError(TrialError):
    """The document cannot be made as it should be; the sentence says what does not fit."""

    code = "document"


def check_text(text: str) -> None:
    """Raise InvalidInput for control and bidirectional characters, which could hide or reorder text."""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"} and character not in _ALLOWED_CONTROL:
            raise InvalidInput(
                _("A text holds the invisible character %(code)s: remove it.", code=f"U+{ord(character):04X}")
            )


def _check_all(value: Any) -> None:
    match value:
        case str():
            check_text(value)
        case Mapping():
            for key, item in value.items():
                if key != DRAWN:
                    _check_all(item)
        case list() | tuple():
            for item in value:
                _check_all(item)


@lru_cache(maxsize=16)
def _compiler(template: Path) -> typst.Compiler:
    return typst.Compiler(
        input=str(template), root=str(template.parent), font_paths=[font_folder()], ignore_system_fonts=True
    )


def _compiled(template: Path, data: Mapping[str, Any], **options: Any) -> list[bytes]:
    _check_all(data)
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        with _lock:
            result, warnings = _compiler(template).compile_with_warnings(sys_inputs=inputs, **options)
    except typst.TypstError as error:
        raise DocumentError(_sentence(str(error))) from error
    if warnings:
        raise DocumentError(f"The document cannot be set: {warnings[0]}")
    return list(result) if isinstance(result, list) else [bytes(result or b"")]


def render(template: Path, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """Compile `template` with `data` (JSON values, read there from `sys.inputs.data`) to a PDF/A-2u.

    at: the time in the document's metadata (UTC), part of the record it is printed from. Raises InvalidInput
    for invisible characters, DocumentError for text that does not fit or a glyph that is missing.
    """
    options = {"format": "pdf", "timestamp": int(at.timestamp()), "pdf_standards": ["a-2u"]}
    return b"".join(_compiled(template, data, **options))


def render_pages(template: Path, data: Mapping[str, Any], *, dpi: int) -> list[bytes]:
    """The pages of the same document as PNG at `dpi` dots per inch, for printers that take pictures.

    Render the PDF first: a missing glyph is found there alone.
    """
    return _compiled(template, data, format="png", ppi=float(dpi))


def _sentence(message: str) -> str:
    panic = re.search(r"panicked with: (.*)", message, re.DOTALL)
    if panic:
        return panic.group(1).strip('"')
    if ("text" in message and "font" in message) or "glyph" in message:
        return "A character is missing in the label font: replace it. Nothing was printed."
    return f"The document cannot be set: {message}"
