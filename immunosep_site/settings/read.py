"""The variables of the environment, read with environs; each says what it is for (docs/decisions/0057).

What is missing or wrong stops the start. All of it is named at once, each with what to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from django.core.exceptions import ImproperlyConfigured
from environs import EnvNotSetError, EnvValidationError, FileAwareEnv, validate

from immunosep_site.settings import parse

T = TypeVar("T")
ENVIRONMENT: Final = FileAwareEnv(strip_whitespace=True)
"""NAME, or the content of the file that NAME_FILE names; the file comes first."""
for _parser in (parse.database, parse.broker, parse.broker_or_none, parse.mail):
    ENVIRONMENT.add_parser(_parser.__name__, _parser)
DATABASE: Final = "postgresql://user:password@host:port/name"
BROKER: Final = "redis://user:password@host:port/0"
MAIL: Final = "smtp://user:password@host:port"


@dataclass(frozen=True, kw_only=True)
class Variable:
    """What is known of a variable before it is read: a row of a table for those who install the product."""

    name: str
    form: str
    help: str
    required: bool = True
    """In production. The embedded run of a checkout needs none."""


class Variables:
    """Reads variables one by one; `stop_at_faults` then names all that are missing or wrong.

    `default` holds everywhere, `embedded` in the embedded run alone. A variable without a default is required in
    production.
    """

    def __init__(self) -> None:
        self.embedded = False
        self.described: dict[str, Variable] = {}
        self._faults: dict[str, str] = {}
        """By name: Django asks for settings again where it had none, and reads the side's own a second time."""

    def text(self, name: str, *, help: str, embedded: str | None = None, default: str | None = None) -> str:
        """Whatever is written."""
        variable = Variable(name=name, form="text", help=help, required=default is None)
        return self._read(variable, ENVIRONMENT.str, default=self._default(default, embedded), instead="")

    def words(self, name: str, *, help: str, embedded: list[str]) -> list[str]:
        """Several, with commas between them."""
        variable = Variable(name=name, form="comma-separated", help=help)
        return self._read(variable, ENVIRONMENT.list, default=self._default(None, embedded), instead=[])

    def choice(self, name: str, choices: tuple[str, ...], *, help: str, default: str) -> str:
        """One of `choices`."""
        variable = Variable(name=name, form=" or ".join(choices), help=help, required=False)
        wrong = f"{name} is {{value!r}}: write {variable.form}."
        one_of = validate.OneOf(choices)
        return self._read(variable, ENVIRONMENT.str, default=default, instead=default, wrong=wrong, validate=one_of)

    def flag(self, name: str, *, help: str, default: bool) -> bool:
        """1 or 0."""
        variable = Variable(name=name, form="1 or 0", help=help, required=False)
        wrong = f"{name} is {{value!r}}: write 1 or 0."
        words: dict[str, Any] = {"truthy": {"1"}, "falsy": {"0"}}
        return self._read(variable, ENVIRONMENT.bool, default=default, instead=default, wrong=wrong, **words)

    def folder(self, name: str, *, help: str, default: Path) -> Path:
        """A folder."""
        variable = Variable(name=name, form="folder", help=help, required=False)
        return self._read(variable, ENVIRONMENT.path, default=default, instead=default)

    def file(self, name: str, *, help: str, embedded: str) -> str:
        """The path of a file that is read later."""
        variable = Variable(name=name, form="path of a file", help=help)
        missing = f"Set {name} to the path of the file, and start again."
        default = self._default(None, embedded)
        return self._read(variable, ENVIRONMENT.str, default=default, instead="", missing=missing)

    def database(self, name: str, *, help: str, embedded: str) -> dict[str, Any]:
        """A database as Django takes it."""
        variable = Variable(name=name, form=DATABASE, help=help)
        wrong = f"{name} is neither sqlite:///FILE nor postgresql://...: correct it."
        default = self._default(None, embedded)
        return self._read(variable, ENVIRONMENT.database, default=default, instead={}, wrong=wrong)

    def broker(self, name: str, *, help: str) -> str:
        """The address of a Redis; empty in the embedded run, which needs none."""
        variable = Variable(name=name, form=BROKER, help=help)
        wrong = f"{name} is not {BROKER}: correct it."
        read = ENVIRONMENT.broker_or_none if self.embedded else ENVIRONMENT.broker
        return self._read(variable, read, default=self._default(None, ""), instead="", wrong=wrong)

    def mail(self, name: str, *, help: str, embedded: str) -> parse.Mail:
        """A mail server."""
        variable = Variable(name=name, form=MAIL, help=help)
        wrong = f"{name} is not {MAIL}: correct it."
        default, nowhere = self._default(None, embedded), parse.Mail("", 0, "", "")
        return self._read(variable, ENVIRONMENT.mail, default=default, instead=nowhere, wrong=wrong)

    def stop_at_faults(self) -> None:
        """Refuse the start where a variable is missing or wrong; says all of them."""
        if self._faults:
            raise ImproperlyConfigured("\n".join(self._faults.values()))

    def _default(self, default: T | None, embedded: T | None) -> T | None:
        return embedded if default is None and self.embedded else default

    def _read(
        self,
        variable: Variable,
        read: Callable[..., T],
        *,
        instead: T,
        default: object = None,
        missing: str = "Set {name}, or {name}_FILE to a file that holds it, and start again.",
        wrong: str = "{name} cannot be read: correct it.",
        **options: Any,
    ) -> T:
        """The value; `instead` where there is none, until `stop_at_faults` ends the start."""
        name = variable.name
        self.described[name] = variable
        try:
            return read(name, **({} if default is None else {"default": default}), **options)
        except EnvNotSetError:
            self._faults[name] = missing.format(name=name)
        except EnvValidationError:
            self._faults[name] = wrong.format(name=name, value=ENVIRONMENT.str(name))
        except ValueError as error:  # from NAME_FILE
            cause = error.__cause__
            reason = cause.strerror if isinstance(cause, OSError) else "it is no text in UTF-8"
            self._faults[name] = f"{name}_FILE: {os.environ[f'{name}_FILE']} cannot be read: {reason}."
        return instead


def is_set(name: str) -> bool:
    """Whether somebody set `name` or `name_FILE`, whatever it says."""
    return not {name, f"{name}_FILE"}.isdisjoint(os.environ)


variables: Final = Variables()
