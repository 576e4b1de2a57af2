"""What the desk shows. Position, length, version and stratum of a list are deliberately absent."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from randomization.accounts.models import Account, Membership
from randomization.audit.models import Event
from randomization.blinded.allocation.models import AllocationList
from randomization.blinded.allocation.selectors import WORDS_OF_SUPPLY, statuses_by_list
from randomization.blinded.desk.panel import ReadOnly
from randomization.blinded.screening.models import Participant
from randomization.blinded.sites.models import Approval, Duty, ProtocolVersion, Site
from randomization.delivery.sentences import shown


@admin.register(Site)
class SiteDesk(ReadOnly):
    """Sites: open, closed, drill, supply."""

    list_display = ("code", "name", "opened_at", "closed_at", "drill_done_at", "may_supply", "label_language")
    list_filter = ("label_language", "may_supply")
    search_fields = ("code", "name")
    fields = (
        "code",
        "name",
        "time_zone",
        "label_language",
        "contact",
        "contact_full",
        "investigator",
        "opened_at",
        "closed_at",
        "drill_done_at",
        "may_supply",
    )
    ordering = ("code",)


@admin.register(Duty)
class DutyDesk(ReadOnly):
    """Who is called, when."""

    list_display = ("site", "days", "starts", "ends", "investigator", "preparer", "checker", "telephone")
    fields = list_display
    ordering = ("site", "starts")


@admin.register(ProtocolVersion)
class ProtocolDesk(ReadOnly):
    """Protocol versions and their hashes."""

    list_display = ("trial", "version", "loaded_at", "sha256")
    fields = (*list_display, "text")
    ordering = ("-loaded_at",)


@admin.register(Approval)
class ApprovalDesk(ReadOnly):
    """From when which version is in force where."""

    list_display = ("site", "protocol", "in_force_from")
    fields = list_display
    ordering = ("site",)


@admin.register(Account)
class PersonDesk(ReadOnly):
    """Blinded people."""

    list_display = ("user_name", "email", "is_active")
    fields = list_display
    search_fields = ("user_name", "email")
    ordering = ("user_name",)


@admin.register(Membership)
class MembershipDesk(ReadOnly):
    """Who has which role where, since when, on which delegation and training."""

    list_display = ("account", "role", "reach", "starts_at", "ends_at", "delegated_by", "trained_for")
    fields = list_display
    list_filter = ("role",)
    search_fields = ("account__user_name", "reach")
    list_select_related = ("account",)
    ordering = ("account__user_name",)


@admin.register(Participant)
class ParticipantDesk(ReadOnly):
    """Participants and their states."""

    list_display = ("number", "site", "state", "sepsis_at", "screened_at")
    fields = (*list_display, "earlier")
    list_filter = ("state", "site")
    search_fields = ("number",)
    list_select_related = ("site",)
    ordering = ("number",)


@admin.register(AllocationList)
class ListDesk(ReadOnly):
    """Lists: sealed when, with which root, enough or low."""

    list_display = ("site", "sealed_at", "supply", "root")
    fields = list_display
    list_filter = ("site",)
    list_select_related = ("site",)
    ordering = ("site", "sealed_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each list's status is looked up once a page."""
        self._statuses = statuses_by_list()
        return super().get_queryset(request)

    @admin.display(description=_("Positions"))
    def supply(self, entry: AllocationList) -> str:
        """`enough` or `low`."""
        return shown(WORDS_OF_SUPPLY[self._statuses[entry.uid]])


@admin.register(Event)
class EventDesk(ReadOnly):
    """The audit trail."""

    list_display = ("at", "stream", "actor", "role", "action", "subject")
    fields = ("at", "stream", "seq", "actor", "role", "action", "subject", "data", "previous", "hash")
    search_fields = ("actor", "subject", "action")
    ordering = ("-id",)
    show_full_result_count = False
