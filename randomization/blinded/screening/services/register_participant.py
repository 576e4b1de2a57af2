"""Register a participant for screening: number, site and time of sepsis, nothing more before consent."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.screening.file_changes import need_reason, open_for_change, record_change
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.selectors import find_participant, protocol_for
from randomization.blinded.screening.states import State
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.ids import participant_number
from randomization.shared.plausible import check_recent
from randomization.shared.protocol import Moments
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service

TWICE_WITHIN = timedelta(minutes=10)


def _check_sepsis(sepsis_at: datetime, moments: Moments) -> None:
    """Raise InvalidInput for a time in the future, or before the plausible window of the protocol."""
    if sepsis_at > clock.now():
        raise InvalidInput(_("The time of sepsis lies in the future: check day and hour."), field="sepsis_at")
    check_recent(sepsis_at, moments.sepsis, field="sepsis_at")


def _screened_before(actor: Actor, earlier: str) -> Participant:
    try:
        return find_participant(actor, earlier)
    except NotFound as error:
        raise NotFound(
            _("Nobody was screened here under %(number)s: read the number again, like GR01-001.", number=earlier)
        ) from error


def _check_not_randomised(before: Participant) -> None:
    """One allocation a person, under whichever of the person's numbers."""
    files = Participant.objects.filter(person_uid=before.person_uid, state=State.ALLOCATED)
    number = files.values_list("number", flat=True).first()
    if number is not None:
        raise Refused(_("%(number)s was randomised: one allocation a person.", number=number), code="already_allocated")


@service
def register_participant(*, actor: Actor, site_code: str, sepsis_at: datetime, earlier: str = "") -> Participant:
    """Screen one more participant at the site.

    sepsis_at: when sepsis was identified, aware. earlier: the number given at an earlier screening.
    Raises NotFound outside reach, Refused at a closed site or when the earlier number was allocated,
    InvalidInput for a time in the future.
    """
    check_can(actor, Permission.PARTICIPANT_SCREEN, site_code=site_code)
    site = Site.objects.select_for_update().filter(code=site_code).first()
    if site is None:
        raise NotFound()
    if not site.is_open:
        raise Refused(_("%(site_code)s is closed for screening.", site_code=site_code), code="site_closed")
    now = clock.now()
    _check_sepsis(sepsis_at, protocol_in_force(site_code).moments)
    twin = Participant.objects.filter(home=site, sepsis_at=sepsis_at, screened_at__gte=now - TWICE_WITHIN).first()
    if twin is not None:
        raise Refused(
            _(
                "%(number)s was screened a moment ago with the same time of sepsis: open it. For another "
                "patient wait ten minutes or give the exact minute.",
                number=twin.number,
            ),
            code="screened_twice",
        )
    before = _screened_before(actor, earlier) if earlier.strip() else None
    if before is not None:
        _check_not_randomised(before)
    last = Participant.objects.filter(home=site).aggregate(last=Max("order"))["last"] or 0
    participant = Participant.objects.create(
        uid=new_uid(),
        number=participant_number(site_code, last + 1),
        site=site,
        home=site,
        order=last + 1,
        sepsis_at=sepsis_at,
        screened_at=now,
        state=State.SCREENING,
        earlier=before,
        person_uid=before.person_uid if before else new_uid(),
    )
    record(
        actor=actor,
        action="participant.register",
        subject=participant.number,
        stream=site_code,
        data={"sepsis_at": clock.stamp(sepsis_at), "earlier": before.number if before else None},
    )
    return participant


@service
def correct_sepsis(*, actor: Actor, number: str, sepsis_at: datetime, reason: str) -> Participant:
    """Correct the time of sepsis before allocation. Raises InvalidInput without a reason or for an odd time."""
    participant = open_for_change(actor, number, Permission.PARTICIPANT_SCREEN)
    need_reason(is_correction=True, reason=reason)
    _check_sepsis(sepsis_at, protocol_for(participant).moments)
    old, participant.sepsis_at = participant.sepsis_at, sepsis_at
    participant.save(update_fields=["sepsis_at"])
    record_change(
        actor,
        participant,
        "participant.correct",
        old={"sepsis_at": clock.stamp(old)},
        new={"sepsis_at": clock.stamp(sepsis_at)},
        reason=reason,
    )
    return participant
