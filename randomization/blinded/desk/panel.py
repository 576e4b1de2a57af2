"""The trial manager's admin site."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from randomization.accounts.middleware import actor_in
from randomization.accounts.policies import can
from randomization.accounts.roles import Permission


class Desk(AdminSite):
    """Django's admin, reading only: what services own is changed by services."""

    site_header = "Trial manager's desk"
    site_title = "Desk"
    index_title = "The trial"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Trial managers and auditors, in that role now."""
        actor = actor_in(request)
        return bool(actor) and (can(actor, Permission.DESK_USE) or actor.role == "auditor")
