"""Who may check what somebody else made: a person of the site, of a covering site, or nobody where it is waived."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from pharmacy.preparation.models import CheckArrangement, Preparation
from pharmacy.preparation.states import Arrangement, CheckMode, PreparationState
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.accounts.selectors import actors_for_name
from randomization.shared import clock
from randomization.shared.actor import EVERYWHERE, Actor
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from randomization.shared.reach import in_reach
from randomization.shared.read_once import read_once
from randomization.shared.sentences import sentence as _


def _in_force(kind: Arrangement, at: datetime | None = None) -> QuerySet[CheckArrangement]:
    moment = at or clock.now()
    return CheckArrangement.objects.filter(kind=kind, starts_at__lte=moment, ends_at__gt=moment)


def covered_sites(actor: Actor) -> list[str]:
    """The sites where the actor's site checks now."""
    covers = _in_force(Arrangement.COVER).filter(by_site=actor.site_code) if actor.site_code != EVERYWHERE else []
    return [arrangement.site_code for arrangement in covers]


@read_once
def covering_sites(site_code: str) -> list[str]:
    """The sites whose people check at a site now."""
    return [arrangement.by_site for arrangement in _in_force(Arrangement.COVER).filter(site_code=site_code)]


def is_waived(site_code: str, at: datetime | None = None) -> bool:
    """Whether the sponsor waived the second check at a site now, or at a moment (UTC)."""
    return _in_force(Arrangement.WAIVER, at).filter(site_code=site_code).exists()


def mode_for(actor: Actor, preparation: Preparation) -> CheckMode:
    """How this person's check counts. Raises Refused where the preparer would check alone without a waiver."""
    if actor.user_name == preparation.made_by:
        if is_waived(preparation.site_code):
            return CheckMode.WAIVED
        raise Refused(
            _("You prepared it: somebody else checks it, here or at the site that covers yours."),
            code="same_person",
        )
    return CheckMode.LOCAL if actor.reaches(preparation.site_code) else CheckMode.REMOTE


def check_may_check(actor: Actor, uid: UUID) -> Preparation:
    """One preparation for its second person; raises NotFound outside the own and the covered sites."""
    check_can(actor, Permission.PREPARATION_MAKE)
    preparation = Preparation.objects.filter(uid=uid).first()
    if preparation is None or not (
        actor.reaches(preparation.site_code) or preparation.site_code in covered_sites(actor)
    ):
        raise NotFound()
    return preparation


@read_once
def waiting_for_check(actor: Actor, kit_code: str = "") -> list[Preparation]:
    """What was made and waits for a second person, here and at covered sites, by time."""
    check_can(actor, Permission.PREPARATION_MAKE)
    here = in_reach(actor, "site_code") | Q(site_code__in=covered_sites(actor))
    preparations = Preparation.objects.filter(here, state=PreparationState.MADE)
    if kit_code:
        preparations = preparations.filter(kit_code=kit_code)
    return list(preparations.order_by("planned_at", "route"))


def checker_named(user_name: str, preparation: Preparation) -> Actor:
    """The second person who types name and password at the preparer's screen. Raises InvalidInput for anybody else."""
    for actor in actors_for_name(user_name.strip().lower()):
        try:
            check_may_check(actor, preparation.uid)
        except (NotFound, NotPermitted):
            continue
        return actor
    raise InvalidInput(_("This person cannot check here: type the user name of the second person."), field="checker")


def arrangements() -> list[CheckArrangement]:
    """Every arrangement that holds now, by site."""
    now = clock.now()
    return list(CheckArrangement.objects.filter(ends_at__gt=now).order_by("site_code", "id"))
