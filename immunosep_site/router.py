"""Which table lies in which database: by app label, never by module."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import models

from randomization.shared.service import Side, alias_of, current_side, process_side

# Where a domain room stands says on which side its tables lie; the rooms of the platform have tables on both.
ZONES: Final = {
    "randomization.hatch": Side.BLINDED,
    "randomization.blinded.": Side.BLINDED,
    "randomization.unblinded.": Side.UNBLINDED,
    "pharmacy.": Side.UNBLINDED,
}


@cache
def side_of(label: str) -> Side | None:
    """The side of a domain app, by its label; None for the platform's and Django's own.

    A room nobody thought of here lies where its package stands, never on both sides. A label that is not installed
    belongs to the other side's process alone.
    """
    if label not in apps.app_configs:
        return None
    name = apps.get_app_config(label).name
    return next((side for zone, side in ZONES.items() if name.startswith(zone)), None)


def _alias(model: type[models.Model], hints: dict[str, Any]) -> str:
    side = side_of(model._meta.app_label)
    if side is not None:
        return alias_of(side)
    instance = hints.get("instance")
    database = instance._state.db if instance is not None else None
    return database or alias_of(current_side())


class SideRouter:
    """Domain tables to their side; platform tables to the side of the instance or the running service."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """Where `model` is read."""
        return _alias(model, hints)

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        """Where `model` is written; what may be written there, grants and the service guard say."""
        return _alias(model, hints)

    def allow_relation(self, model: models.Model, other: models.Model, **_kwargs: Any) -> bool:
        """No relation crosses the line."""
        return model._state.db == other._state.db

    def allow_migrate(self, db: str, app_label: str, **_kwargs: Any) -> bool:
        """Each side migrates its own database; the test runner alone makes both from above."""
        if db == "blinded" and not (settings.DEMONSTRATION and process_side() is Side.UNBLINDED):
            return False
        here = Side.BLINDED if db == "blinded" else process_side()
        return side_of(app_label) in {None, here}
