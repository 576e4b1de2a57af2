"""Read a configuration file strictly: every error names the key and what to do, and all of them are told at once.

A table collects what is wrong with its keys and goes on with a value in its place; `done()`, before anything is made of
the values, raises what was collected. `part` and `each` do the same for tables below, so that one bad entry hides no
other.

Pure: no Django.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from randomization.shared.errors import ConfigurationError
from randomization.shared.exact import fits

P = ParamSpec("P")
R = TypeVar("R")


class SeveralErrors(ConfigurationError):
    """All that is wrong with a file, or with a part of it, in the order of the file."""

    def __init__(self, errors: Sequence[ConfigurationError]) -> None:
        sentences = list(dict.fromkeys(error.sentence for error in errors))
        listed = "".join(f"\n- {sentence}" for sentence in sentences)
        text = (
            sentences[0] if len(sentences) == 1 else f"{len(sentences)} things are wrong; nothing was loaded:{listed}"
        )
        super().__init__(text, field=errors[0].field)
        self.errors = tuple(errors)


def _all_of(error: ConfigurationError) -> tuple[ConfigurationError, ...]:
    return error.errors if isinstance(error, SeveralErrors) else (error,)


def _collected(
    instead: Any,
) -> Callable[[Callable[Concatenate[Table, P], R]], Callable[Concatenate[Table, P], R]]:
    """A reading of one key: what is wrong is collected, and `instead` read, which never leaves the parser."""

    def around(reading: Callable[Concatenate[Table, P], R]) -> Callable[Concatenate[Table, P], R]:
        @functools.wraps(reading)
        def read(table: Table, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return reading(table, *args, **kwargs)
            except ConfigurationError as error:
                table.collect(error)
                return cast("R", instead)

        return cast("Callable[Concatenate[Table, P], R]", read)

    return around


class Table:
    """One table of the file; what was not asked for when `done()` is called is an unknown key."""

    def __init__(self, data: Mapping[str, Any], place: str) -> None:
        self._data = dict(data)
        self._place = place
        self._asked: set[str] = set()
        self._errors: list[ConfigurationError] = []

    @classmethod
    def parsed(cls, text: str, name: str, parse: Callable[[Table], R]) -> R:
        """What `parse` makes of `text` (`name`: of the file, for messages); raises all that is wrong as one error."""
        try:
            table = cls(tomllib.loads(text), name)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{name} is not valid TOML: {error}. Correct that line.") from error
        return table._whole(parse)

    def _whole(self, parse: Callable[[Table], R]) -> R:
        """What `parse` makes of this table; what it collected is raised together with what stopped it."""
        try:
            return parse(self)
        except ConfigurationError as error:
            self.collect(error)
            raise SeveralErrors(self._errors) from error

    def collect(self, error: ConfigurationError) -> None:
        """Keep what is wrong until `done()`, once."""
        self._errors += [
            configuration_error for configuration_error in _all_of(error) if configuration_error not in self._errors
        ]

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

    @_collected("")
    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, f"is {value!r}: write a text in quotes.")
        return value

    @_collected(False)
    def flag(self, key: str) -> bool:
        """true or false."""
        value = self._take(key)
        if not isinstance(value, bool):
            raise self.refuse(key, f"is {value!r}: write true or false.")
        return value

    @_collected(1)
    def integer(self, key: str, *, least: int = 1, most: int = 10**6) -> int:
        """A whole number from `least` to `most`."""
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.refuse(key, f"is {value!r}: write a whole number from {least} to {most}.")
        return value

    @_collected(Decimal(1))
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
            comparison = "of at least" if or_equal else "above"
            raise self.refuse(key, f'is {value!r}: write a number {comparison} {above} in quotes, like "1.34".')
        if places is not None and not fits(number, digits=12 + places, places=places):
            raise self.refuse(key, f"is {value!r}: write at most {places} decimals, it would be rounded.")
        return number

    @_collected(())
    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none twice."""
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.refuse(key, f"is {value!r}: write a list of texts.")
        if len(set(value)) != len(value):
            raise self.refuse(key, "names something twice: name each once.")
        return tuple(value)

    @_collected(())
    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, at least one."""
        value = self._take(key)
        if not isinstance(value, list) or not value or not all(type(item) is int for item in value):
            raise self.refuse(key, f"is {value!r}: write a list of whole numbers, like [4, 6].")
        return tuple(value)

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        """One of the texts in `allowed`."""
        wrong, value = len(self._errors), self.text(key)
        if value not in allowed:
            if len(self._errors) == wrong:
                self.collect(self.refuse(key, f"is {value!r}: choose one of {', '.join(allowed)}."))
            return allowed[0] if allowed else ""
        return value

    def some_of(self, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """A list of texts out of `allowed`, at least one."""
        errors, values = len(self._errors), self.texts(key)
        wrong = [value for value in values if value not in allowed]
        if wrong or not values:
            if len(self._errors) == errors:
                self.collect(self.refuse(key, f"is {list(values)!r}: choose from {', '.join(allowed)}."))
            return tuple(allowed)
        return values

    def part(self, key: str, parse: Callable[[Table], R]) -> R:
        """What `parse` makes of the table below this one; what is wrong in it is collected."""
        try:
            value = self._take(key)
            if not isinstance(value, dict):
                raise self.refuse(key, "must be a table: write it under a [heading].")
            return Table(value, f"{self._place}: {key}")._whole(parse)
        except ConfigurationError as error:
            self.collect(error)
            return cast("R", None)

    def each(self, key: str, parse: Callable[[Table], R]) -> tuple[R, ...]:
        """What `parse` makes of each of the tables `[[key]]`, at least one; what is wrong with any is collected."""
        parsed = []
        try:
            value = self._take(key)
            if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
                raise self.refuse(key, f"must be a list of tables: write [[{key}]] once for each.")
        except ConfigurationError as error:
            self.collect(error)
            return ()
        for order, item in enumerate(value, 1):
            try:
                parsed.append(Table(item, f"{self._place}: {key}[{order}]")._whole(parse))
            except ConfigurationError as error:
                self.collect(error)
        return tuple(parsed)

    def named(self, key: str, field: str) -> list[str]:
        """What the tables `[[key]]` have as `field`, also of one that is wrong otherwise: what refers to it is not."""
        value = self._data.get(key)
        tables = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        return [str(item[field]) for item in tables if field in item]

    def keys(self) -> tuple[str, ...]:
        """All keys, for tables whose keys are names."""
        return tuple(self._data)

    def done(self) -> None:
        """Raise all that was collected, and the keys that nothing asked for."""
        for key in self._data:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.collect(self.refuse(key, f"is not known here: remove it or correct its name. Known: {known}."))
        self.check()

    def check(self) -> None:
        """Raise all that was collected until now: from here on the values are those of the file."""
        if self._errors:
            raise SeveralErrors(self._errors)


def read_text(path: str | Path) -> str:
    """The file's text; raises ConfigurationError with the path where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}. Give the path of a UTF-8 TOML file.") from error
