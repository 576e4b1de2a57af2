"""What an event says, in words: each value that changed as old and new, everything else by its key.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NOTHING = "nothing"


def _plain(value: Any) -> str:
    if value in (None, "", [], {}):
        return NOTHING
    match value:
        case True:
            return "yes"
        case False:
            return "no"
        case list():
            return ", ".join(_plain(item) for item in value)
        case dict():
            return "; ".join(f"{_words(key)} {_plain(item)}" for key, item in value.items())
    return str(value)


def _words(key: str) -> str:
    return key.replace("_", " ")


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key in [*new, *(key for key in old if key not in new)]:
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        name = f"{before}{_words(key)}"
        if isinstance(was, dict) and isinstance(now, dict):
            yield from _changes(was, now, f"{name}: ")
        else:
            yield name, f"{_plain(was)} → {_plain(now)}" if was is not None else _plain(now)


def in_words(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and words of each fact of an event; what did not change and hashes of texts are left out."""
    facts: list[tuple[str, str]] = []
    old, new = data.get("old"), data.get("new")
    if isinstance(new, dict) and (old is None or isinstance(old, dict)):
        facts += _changes(old or {}, new)
    elif "new" in data:
        facts.append(("value", f"{_plain(old)} → {_plain(new)}"))
    for key, value in data.items():
        if key in {"old", "new"} or (isinstance(value, dict) and "text_sha256" in value):
            continue
        facts.append((_words(key), _plain(value)))
    return facts
