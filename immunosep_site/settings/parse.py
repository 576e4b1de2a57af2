"""Addresses of services as they stand in the environment, and what Django is told of them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

import dj_database_url
from environs import ValidationError

BROKERS: Final = ("redis://", "rediss://", "redis+socket://")
DATABASES: Final[dict[str, dict[str, Any]]] = {
    "django.db.backends.sqlite3": {
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    },
    "django.db.backends.postgresql": {
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "tcp_user_timeout": 5000,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 2,
        },
    },
}


class Mail(NamedTuple):
    """A mail server."""

    host: str
    port: int
    user: str
    password: str


def database(url: str) -> dict[str, Any]:
    """`sqlite:///FILE` or `postgresql://...` as Django takes it; what stands after `?` comes before our options."""
    try:
        config = dict[str, Any](dj_database_url.parse(url))
        ours = DATABASES[config["ENGINE"]]
    except (ValueError, KeyError) as error:
        raise ValidationError("No database that is served.") from error
    return {**config, **ours, "OPTIONS": {**ours["OPTIONS"], **config.get("OPTIONS", {})}}


def broker(url: str) -> str:
    """An address of Redis. An empty one would make Celery look for another kind of broker here, without a word."""
    if not url.startswith(BROKERS):
        raise ValidationError("No address of a Redis.")
    return url


def broker_or_none(url: str) -> str:
    """The same, or empty."""
    return broker(url) if url else ""


def mail(url: str) -> Mail:
    """`smtp://user:password@host:port`; port 587 where none is written."""
    try:
        parts = urlsplit(url)
        port = parts.port or 587
    except ValueError as error:
        raise ValidationError("No address at all.") from error
    if parts.scheme != "smtp" or not parts.hostname:
        raise ValidationError("No address of a mail server.")
    return Mail(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""))
