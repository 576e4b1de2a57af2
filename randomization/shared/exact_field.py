"""A decimal column that refuses to round."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Combinable

from randomization.shared.errors import ProgrammingError
from randomization.shared.exact import fits, plain

_ST = TypeVar("_ST")
_GT = TypeVar("_GT")

if TYPE_CHECKING:

    class _Decimals(models.DecimalField[_ST, _GT]):
        _pyi_private_set_type: str | float | Decimal | Combinable
        _pyi_private_get_type: Decimal
else:

    class _Decimals(models.DecimalField):
        def __class_getitem__(cls, item: object) -> type:
            return cls


class ExactDecimalField(_Decimals[_ST, _GT]):
    """As Django's, but a value with more decimals than the column has is an error where Django rounds it.

    Read back, it is the value as typed, without zeros at its end. Migrations name Django's field: the column is the
    same.
    """

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Raise ProgrammingError rather than keep another value than the one given."""
        if isinstance(value, Decimal | int | str):
            number, digits, places = Decimal(value), self.max_digits or 0, self.decimal_places or 0
            if not fits(number, digits=digits, places=places):
                raise ProgrammingError(f"{self.name} would be rounded: {number}")
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Decimal | None, expression: Any, connection: BaseDatabaseWrapper) -> Decimal | None:
        """29.950000 as 29.95."""
        return None if value is None else plain(value)

    def deconstruct(self) -> Any:
        """Named as Django's field."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DecimalField", args, kwargs
