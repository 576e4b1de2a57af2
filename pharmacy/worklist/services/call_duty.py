"""Call the person on duty for every new allocation until somebody acknowledges it."""

from __future__ import annotations

from pharmacy.worklist.models import Acknowledgement, Call
from pharmacy.worklist.unanswered_kits import unanswered
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.blinded.allocation.for_unblinded import allocation_by_kit
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.service import service


@service
def call_duty(*, actor: Actor) -> int:
    """Call the next person for each kit that nobody acknowledged; returns how many calls went out.

    The notice names the kit and the site, nothing else.
    """
    call_count, now = 0, clock.now()
    for waiting in unanswered():
        user_name = waiting.to_call(now)
        if user_name is None:
            continue
        _call, is_new = Call.objects.get_or_create(
            kit_code=waiting.kit_code,
            order=waiting.calls + 1,
            defaults={"site_code": waiting.site_code, "user_name": user_name, "called_at": now},
        )
        if not is_new:
            continue
        queue(
            channel=Channel.PEOPLE,
            kind="prepare",
            site_code=waiting.site_code,
            roles=[Role.PHARMACIST, Role.PREPARER],
            payload={"kit_code": waiting.kit_code, "user_name": user_name},
        )
        record(
            actor=actor,
            action="duty.call",
            subject=waiting.kit_code,
            stream=waiting.site_code,
            data={"user_name": user_name, "order": waiting.calls + 1},
        )
        call_count += 1
    return call_count


@service
def acknowledge(*, actor: Actor, kit_code: str) -> Acknowledgement:
    """Take over a new kit: nobody else is called. The first answer stands; raises NotFound at another site."""
    allocation = allocation_by_kit(kit_code)
    if allocation is None:
        raise NotFound()
    site_code = allocation.participant.site_id
    check_can(actor, Permission.PREPARATION_MAKE, site_code=site_code)
    answered, is_new = Acknowledgement.objects.get_or_create(
        kit_code=kit_code, defaults={"user_name": actor.user_name, "at": clock.now()}
    )
    if is_new:
        record(actor=actor, action="duty.acknowledge", subject=kit_code, stream=site_code)
    return answered
