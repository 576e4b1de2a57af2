"""Read a configuration file strictly: every error names the key and what to do.

Pure: no Django.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from randomization.shared.errors import ConfigurationError
from randomization.shared.exact import fits


class Table:
    """One table of the file; what was not asked for when `done()` is called is an unknown key."""

    def __init__(self, data: Mapping[str, Any], place: str) -> None:
        self._data = dict(data)
        self._place = place
        self._asked: set[str] = set()

    @classmethod
    def read(cls, text: str, name: str) -> Table:
        """Parse `text`; `name` is the file's name in messages."""
        try:
            return cls(tomllib.loads(text), name)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{name} is not valid TOML: {error}. Correct that line.") from error

    def refuse(self, key: str, why: str) -> ConfigurationError:
        """The error for `key`, to be raised by the caller."""
        return ConfigurationError(f"{self._place}: {key}: {why}", field=key)

    def _take(self, key: str) -> Any:
        self._asked.add(key)
        if key not in self._data:
            raise self.refuse(key, "is missing: add it.")
        return self._data[key]

    def has(self, key: str) -> bool:
        """Whether an optional key is there."""
        return key in self._data

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, f"is {value!r}: write a text in quotes.")
        return value

    def flag(self, key: str) -> bool:
        """true or false."""
        value = self._take(key)
        if not isinstance(value, bool):
            raise self.refuse(key, f"is {value!r}: write true or false.")
        return value

    def integer(self, key: str, *, least: int = 1, most: int = 10**6) -> int:
        """A whole number from `least` to `most`."""
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.refuse(key, f"is {value!r}: write a whole number from {least} to {most}.")
        return value

    def decimal(
        self, key: str, *, above: Decimal = Decimal(0), or_equal: bool = False, places: int | None = None
    ) -> Decimal:
        """An exact number above `above`, in quotes so that nothing is rounded, with at most `places` decimals."""
        value = self._take(key)
        try:
            if isinstance(value, bool | float):
                raise InvalidOperation
            number = Decimal(value)
            good = number.is_finite() and (number > above or (or_equal and number == above))
        except (InvalidOperation, TypeError, ValueError):
            good = False
        if not good:
            bound = "of at least" if or_equal else "above"
            raise self.refuse(key, f'is {value!r}: write a number {bound} {above} in quotes, like "1.34".')
        if places is not None and not fits(number, digits=12 + places, places=places):
            raise self.refuse(key, f"is {value!r}: write at most {places} decimals, it would be rounded.")
        return number

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none twice."""
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.refuse(key, f"is {value!r}: write a list of texts.")
        if len(set(value)) != len(value):
            raise self.refuse(key, "names something twice: name each once.")
        return tuple(value)

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, at least one."""
        value = self._take(key)
        if not isinstance(value, list) or not value or not all(type(item) is int for item in value):
            raise self.refuse(key, f"is {value!r}: write a list of whole numbers, like [4, 6].")
        return tuple(value)

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        """One of the texts in `allowed`."""
        value = self.text(key)
        if value not in allowed:
            raise self.refuse(key, f"is {value!r}: choose one of {', '.join(allowed)}.")
        return value

    def some_of(self, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """A list of texts out of `allowed`, at least one."""
        values = self.texts(key)
        wrong = [value for value in values if value not in allowed]
        if wrong or not values:
            raise self.refuse(key, f"is {list(values)!r}: choose from {', '.join(allowed)}.")
        return values

    def table(self, key: str) -> Table:
        """A table below this one."""
        value = self._take(key)
        if not isinstance(value, dict):
            raise self.refuse(key, "must be a table: write it under a [heading].")
        return Table(value, f"{self._place}: {key}")

    def tables(self, key: str) -> list[Table]:
        """A list of tables, `[[key]]`, at least one."""
        value = self._take(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            raise self.refuse(key, f"must be a list of tables: write [[{key}]] once for each.")
        return [Table(item, f"{self._place}: {key}[{order}]") for order, item in enumerate(value, 1)]

    def keys(self) -> tuple[str, ...]:
        """All keys, for tables whose keys are names."""
        return tuple(self._data)

    def done(self) -> None:
        """Raise for the first key that nothing asked for."""
        for key in self._data:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.refuse(key, f"is not known here: remove it or correct its name. Known: {known}.")


def read_text(path: str | Path) -> str:
    """The file's text; raises ConfigurationError with the path where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}. Give the path of a UTF-8 TOML file.") from error
