"""Reads for the code break: who was unblinded, when and why; who has seen what; who has rehearsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import DatabaseError
from django.db.models import QuerySet

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.accounts.selectors import all_current, last_end_of
from randomization.audit.selectors import Act, acts_on, moments_of
from randomization.blinded.sites.for_unblinded import Site
from randomization.delivery.middleware import SESSION_AT_MOST
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.reach import within
from randomization.shared.service import Side, on_side
from randomization.unblinded.codebreak.categories import Category, Way
from randomization.unblinded.codebreak.models import CodeBreak, ImpactAssessment

TOLD_AGAIN_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Unblinding:
    """One line of the report: the code break, its last assessment, and what those who have seen it did afterwards.

    `later`: None where it cannot be told: the blinded side does not answer, or a name is no user name.
    `without_factor`: the person who asked had got in without the second factor in the hours before.
    """

    code_break: CodeBreak
    assessment: ImpactAssessment | None
    later: tuple[Act, ...] | None
    without_factor: bool


def _within(actor: Actor) -> QuerySet[CodeBreak]:
    code_breaks = CodeBreak.objects.prefetch_related("assessments").order_by("-broken_at", "uid")
    return within(code_breaks, actor, "site_code")


def code_breaks_for(actor: Actor, *, most: int = 200) -> list[CodeBreak]:
    """Code breaks and rehearsals within reach, newest first: who, when and why, not what was seen."""
    check_can(actor, Permission.CODE_BREAK)
    return list(_within(actor)[:most])


def code_break(actor: Actor, uid: UUID) -> CodeBreak:
    """One code break of a patient; raises NotFound for a rehearsal or outside reach."""
    unblinding = CodeBreak.objects.filter(uid=uid).exclude(category=Category.DRILL).first()
    if unblinding is None or not actor.reaches(unblinding.site_code):
        raise NotFound()
    return unblinding


def unblindings(actor: Actor) -> list[Unblinding]:
    """Who was unblinded, when and why (E6 3.16.1(g)), newest first; rehearsals are left out."""
    check_can(actor, Permission.CODE_REPORT)
    code_breaks = [unblinding for unblinding in _within(actor) if unblinding.category != Category.DRILL]
    breakers = {unblinding.broken_by for unblinding in code_breaks}
    let_in = acts_on(subjects=breakers, actors=breakers, action="factor.without")
    later = _later(
        {unblinding.participant_number: unblinding for unblinding in code_breaks},
        {unblinding.seen_by.strip().lower() for unblinding in code_breaks},
    )
    report = []
    for unblinding in code_breaks:
        assessments = sorted(unblinding.assessments.all(), key=lambda item: item.pk)
        acts: tuple[Act, ...] | None = None
        if later is not None:
            mine = later.get((unblinding.participant_number, unblinding.seen_by.strip().lower()), ())
            acts = tuple(act for act in mine if act.at > unblinding.broken_at)
            if not acts and unblinding.way != Way.SCREEN:
                acts = None  # a name on paper may be anybody's: that nothing is found says nothing
        without = any(
            act.actor == unblinding.broken_by and timedelta(0) <= unblinding.broken_at - act.at < SESSION_AT_MOST
            for act in let_in
        )
        report.append(Unblinding(unblinding, assessments[-1] if assessments else None, acts, without))
    return report


def _later(numbers: dict[str, CodeBreak], names: set[str]) -> dict[tuple[str, str], list[Act]] | None:
    """What the people who have seen a treatment recorded of that patient below; None where nothing answers there."""
    acts: dict[tuple[str, str], list[Act]] = {}
    try:
        with on_side(Side.BLINDED):
            for act in acts_on(subjects=numbers, actors=names):
                acts.setdefault((act.subject, act.actor), []).append(act)
    except DatabaseError:
        return None
    return acts


@dataclass(frozen=True, slots=True)
class Breaker:
    """Somebody who may break codes at a site, and when they rehearsed last (UTC); None: not yet."""

    user_name: str
    rehearsed_at: datetime | None


def breakers_of(site_code: str) -> list[Breaker]:
    """Everybody who may break codes at a site, by name."""
    drills = CodeBreak.objects.filter(site_code=site_code, category=Category.DRILL).order_by("broken_at")
    last = dict(drills.values_list("broken_by", "broken_at"))
    names = sorted(
        item.account.user_name for item in all_current() if (item.role, item.reach) == (Role.CODE_BREAKER, site_code)
    )
    return [Breaker(name, last.get(name)) for name in names]


def breakers_without_drill(site_code: str) -> list[str]:
    """Who may break codes at a site and has not rehearsed yet: the gate stays closed for them (CS A5.2)."""
    return [breaker.user_name for breaker in breakers_of(site_code) if breaker.rehearsed_at is None]


def needs_drill(site_code: str) -> bool:
    """Whether the site has not rehearsed yet, as the blinded side knows it."""
    return Site.objects.filter(code=site_code, drill_done_at=None).exists()


def zone_of(site_code: str) -> str:
    """The time zone of a site; UTC for a wider reach, and where nothing answers there."""
    try:
        return Site.objects.filter(code=site_code).values_list("time_zone", flat=True).first() or "UTC"
    except DatabaseError:
        return "UTC"


def gates_to_open() -> list[str]:
    """Sites whose gate is closed below, where everybody who had not rehearsed has left since; one read mostly."""
    closed = Site.objects.filter(drill_done_at=None).order_by("code").values_list("code", flat=True)
    return [code for code in closed if _has_left_since(code, breakers_of(code))]


def _has_left_since(site_code: str, breakers: Sequence[Breaker]) -> bool:
    """Whether everybody who may break codes has rehearsed, and somebody who might left after the last drill."""
    rehearsed = [breaker.rehearsed_at for breaker in breakers if breaker.rehearsed_at is not None]
    if not rehearsed or len(rehearsed) < len(breakers):
        return False
    left = last_end_of(Role.CODE_BREAKER, site_code)
    reminders = moments_of(subject=site_code, actions=("code.gate",), since=clock.now() - TOLD_AGAIN_AFTER)
    return left is not None and left > max(rehearsed) and not reminders
