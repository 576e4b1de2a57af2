"""What one person asked for and another confirms."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from randomization.accounts.policies import check_can, may_by_name
from randomization.accounts.roles import Permission
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound

M = TypeVar("M", bound=Model)


def waiting_for_second(actor: Actor, waiting: QuerySet[M], key: str, *, asked_by: str) -> M:
    """One of what waits, under lock; `asked_by`: the field that names the first person.

    Raises NotFound where nothing waits, or the first person may not ask any more.
    """
    check_can(actor, Permission.PEOPLE_APPOINT)
    pending = waiting.select_for_update(of=("self",)).filter(pk=key).first()
    if pending is None or not may_by_name(getattr(pending, asked_by), Permission.PEOPLE_APPOINT):
        raise NotFound()
    return pending
