"""May this actor do this, here? Out of reach looks like nothing there (404), never like a refusal."""

from __future__ import annotations

from datetime import datetime

from randomization.accounts.roles import PERMISSIONS, Permission, Role
from randomization.accounts.selectors import actors_for_name, actors_then
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import NotFound, NotPermitted
from randomization.shared.sentences import sentence as _


def can(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role includes `permission`; the system itself acts on messages alone."""
    return actor == SYSTEM or (actor.role in set(Role) and permission in PERMISSIONS[Role(actor.role)])


def check_can(actor: Actor, permission: Permission, *, site_code: str | None = None) -> None:
    """Raise NotFound outside the actor's reach, NotPermitted where the role does not include it."""
    if site_code is not None and not actor.reaches(site_code):
        raise NotFound()
    if not can(actor, permission):
        raise NotPermitted(_("Your role does not include this task. Ask the trial manager if it should."))


def may_by_name(user_name: str, permission: Permission) -> bool:
    """Whether somebody of this name may do this now."""
    return any(can(actor, permission) for actor in actors_for_name(user_name))


def named_on_paper(user_name: str, permission: Permission, site_code: str, *, at: datetime | None = None) -> str | None:
    """The user name of a person who may do this at the site, as somebody wrote it down; None for nobody's.

    at: when it was done (UTC); who could do it then counts, too, and may have left since.
    """
    name = user_name.strip().lower()
    for actor in [*actors_for_name(name), *(actors_then(name, at) if at else [])]:
        if can(actor, permission) and actor.reaches(site_code):
            return actor.user_name
    return None
