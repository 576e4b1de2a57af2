"""Write a timetable: all doses of a course in one plain INSERT.

The ORM's bulk insert prepares every value of every row, 1.9 ms for 53 doses, a quarter of an allocation; here what is
the same in each row is prepared once (docs/decisions/0011).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connections

from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.schedule import PlannedDose
from randomization.blinded.bedside.states import DoseState
from randomization.shared.entropy import new_uid
from randomization.shared.service import current_scope

COLUMNS = ("uid", "course", "route", "number", "planned_at", "state")


def insert_doses(course_uid: UUID, planned: Sequence[PlannedDose]) -> None:
    """Insert the doses of a course, planned, inside the running service; one statement."""
    connection = connections[current_scope().alias]
    fields = [field for field in Dose._meta.concrete_fields if field.name in COLUMNS]
    key, course = fields[0], fields[1].get_db_prep_save(course_uid, connection)
    moment, state = connection.ops.adapt_datetimefield_value, DoseState.PLANNED.value
    values: list[Any] = []
    for dose in planned:
        uid = key.get_db_prep_save(new_uid(), connection)
        values += (uid, course, dose.route, dose.number, moment(dose.at), state)
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    rows = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(planned))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {connection.ops.quote_name(Dose._meta.db_table)} ({names}) VALUES {rows}", values)
