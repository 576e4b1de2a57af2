"""Which table lies in which database: by app label, never by module."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import models

from randomization.shared.service import Side, alias_of, current_side, process_side

BLINDED: Final = frozenset({"sites", "screening", "bedside", "allocation", "inbox"})
UNBLINDED: Final = frozenset({"lists", "laboratory", "codebreak", "stock", "labels", "preparation"})


def _alias(model: type[models.Model], hints: dict[str, Any]) -> str:
    label = model._meta.app_label
    if label in BLINDED:
        return alias_of(Side.BLINDED)
    if label in UNBLINDED:
        return alias_of(Side.UNBLINDED)
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

    def allow_relation(self, one: models.Model, other: models.Model, **_: Any) -> bool:
        """No relation crosses the line."""
        return one._state.db == other._state.db

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool:
        """Each side migrates its own database; the test runner alone makes both from above."""
        if db == "blinded" and not (settings.DEMONSTRATION and process_side() is Side.UNBLINDED):
            return False
        lies_below = db == "blinded" or process_side() is Side.BLINDED
        return app_label not in (UNBLINDED if lies_below else BLINDED)
