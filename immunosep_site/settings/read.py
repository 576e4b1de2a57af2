"""Read settings from the environment, loudly: a missing one stops the start and says what to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The variable `name`, or the content of the file `name_FILE` names; ImproperlyConfigured where neither is."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {file} cannot be read: {error.strerror}.") from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name}, or {name}_FILE to a file that holds it, and start again.")
    return value


def path(name: str, default: str | None = None) -> str:
    """The variable `name`, which is the path of a file that is read later; ImproperlyConfigured where it is missing."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} to the path of the file, and start again.")
    return value


def mail(url: str) -> tuple[str, int, str, str]:
    """Host, port, user and password of `smtp://user:password@host:port`; anything else stops the start."""
    parts = urlparse(url)
    if parts.scheme != "smtp" or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL is not smtp://user:password@host:port: correct it.")
    return parts.hostname, parts.port or 587, unquote(parts.username or ""), unquote(parts.password or "")


def broker(url: str) -> str:
    """`redis://user:password@host:port/0`, `rediss://...` or `redis+socket:///path`; anything else stops the start.

    An empty address would make Celery look for another kind of broker on this host, without a word.
    """
    if urlparse(url).scheme not in {"redis", "rediss", "redis+socket"}:
        raise ImproperlyConfigured("REDIS_URL is not redis://user:password@host:port/0: correct it.")
    return url


def flag(name: str, *, default: bool) -> bool:
    """1 or 0; anything else stops the start."""
    value = os.environ.get(name, "1" if default else "0")
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} is {value!r}: write 1 or 0.")
    return value == "1"


def database(url: str, *, name: str) -> dict[str, Any]:
    """`sqlite:///path` or `postgresql://user:password@host:port/database` as Django takes it."""
    parts = urlparse(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path)[1:] if parts.path.startswith("//") else unquote(parts.path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    if parts.scheme == "postgresql":
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": {
                "connect_timeout": 5,
                "tcp_user_timeout": 5000,
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 2,
            },
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured(f"{name} is neither sqlite:///FILE nor postgresql://...: correct it.")
