"""The column beside a typed identifier by which it is looked up and held unique."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import models

from randomization.shared.identifiers import canonical

LONGER: Final = 18
"""How many times longer than the typed text its canonical form may be: one Arabic ligature is 18 letters."""

if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField


class CanonicalField(_Text):
    """The canonical form of another column, written by itself with each row: nobody can forget or falsify it.

    of: the name of the column as typed. Rows of `update()` are not reached: use it on what is never changed.
    """

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("editable", False)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """For migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """What is stored."""
        value = canonical(str(getattr(model_instance, self.of)))
        setattr(model_instance, self.attname, value)
        return value


def rewrite_canonical(schema_editor: Any, model: type[models.Model]) -> None:
    """In a migration: fill the canonical columns of rows that were there before, on an append-only table too.

    The triggers are away for these rows alone; where SQLite drops them, `migrate` lays them down again at its end.
    """
    table, connection = model._meta.db_table, schema_editor.connection
    fields = [field for field in model._meta.concrete_fields if isinstance(field, CanonicalField)]
    if connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_update_refused")
    else:
        schema_editor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    rows = model._base_manager.using(connection.alias)
    for row in rows.order_by("pk"):
        values = {field.attname: canonical(str(getattr(row, field.of))) for field in fields}
        rows.filter(pk=row.pk).update(**values)
    if connection.vendor != "sqlite":
        schema_editor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
