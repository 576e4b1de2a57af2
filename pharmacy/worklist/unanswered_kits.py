"""New kits that nobody has answered for: who is called, and how often that was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pharmacy.preparation.models import Preparation
from pharmacy.worklist.models import Acknowledgement, Call
from pharmacy.worklist.next_call import next_call
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.allocation.for_unblinded import allocated_since
from randomization.blinded.sites.for_unblinded import on_duty
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor

CALLED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A new kit that nobody has acknowledged: who is on duty, how often and when somebody was called."""

    kit_code: str
    site_code: str
    on_duty: tuple[str, ...]
    calls: int
    last_at: datetime | None
    last_called: str
    zone: str

    def to_call(self, now: datetime) -> str | None:
        """Who is to be called now; None while the last call may still be answered, or where nobody is on duty."""
        return next_call(on_duty=self.on_duty, called=self.calls, last_at=self.last_at, now=now)


def unanswered(actor: Actor = SYSTEM) -> list[Unanswered]:
    """New kits within reach that nobody acknowledged and nobody has begun to prepare, oldest first."""
    check_can(actor, Permission.PREPARATION_READ)
    new = {
        allocation.kit_code: allocation
        for allocation in allocated_since(clock.now() - CALLED_FOR)
        if actor.reaches(allocation.participant.site_id)
    }
    done = set(Acknowledgement.objects.filter(kit_code__in=new).values_list("kit_code", flat=True))
    done |= set(Preparation.objects.filter(kit_code__in=new).values_list("kit_code", flat=True))
    calls: dict[str, list[Call]] = {}
    for call in Call.objects.filter(kit_code__in=new).order_by("order"):
        calls.setdefault(call.kit_code, []).append(call)
    kits = []
    for kit_code, allocation in new.items():
        if kit_code in done:
            continue
        place, earlier = allocation.participant.site, calls.get(kit_code, [])
        duty = on_duty(place)
        kits.append(
            Unanswered(
                kit_code,
                place.code,
                (duty.preparer, duty.checker) if duty else (),
                len(earlier),
                earlier[-1].called_at if earlier else None,
                earlier[-1].user_name if earlier else "",
                place.time_zone,
            )
        )
    return kits
