"""The trial manager's admin site and the one kind of page it has: a list to read."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from randomization.accounts.policies import can
from randomization.accounts.roles import Permission
from randomization.delivery.middleware import actor_in


class Desk(AdminSite):
    """Django's admin, reading only: what services own is changed by services."""

    site_header = _("Trial manager's desk")
    site_title = _("Desk")
    index_title = _("The trial")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Trial managers alone."""
        actor = actor_in(request)
        return actor is not None and can(actor, Permission.DESK_USE)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The log-in of every page, not one of its own."""
        if getattr(request, "actor", None) is not None:
            return redirect("home")
        return redirect("log_in")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """The page of the product: it counts wrong passwords, and is recorded."""
        return redirect("password")

    password_change_done = password_change  # type: ignore[assignment]

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """The start page has the log-out."""
        return redirect("home")


class Records(ChangeList):
    """A list that counts once where nothing is filtered: how many are shown is then how many there are."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        is_filtered = self.has_active_filters or bool(self.query)
        self.full_result_count = self.root_queryset.count() if is_filtered else self.result_count
        self.show_full_result_count = True


class ReadOnly(ModelAdmin):  # type: ignore[type-arg]
    """A list and a page, to read. Columns, filters, search and addresses by allow-list.

    A URL parameter may filter by `list_filter` and nothing else: a filter over a position would count it.
    """

    def __init__(self, model: type[Model], admin_site: AdminSite) -> None:
        """Names of the model and its fields are shown in the reader's language; the model itself says them plainly."""
        super().__init__(model, admin_site)
        meta: Any = model._meta
        several = str(meta.verbose_name_plural)
        for named in (meta, meta.app_config, *meta.fields):
            named.verbose_name = gettext_lazy(str(named.verbose_name))
        meta.verbose_name_plural = gettext_lazy(several)

    actions = None
    list_per_page = 50
    show_full_result_count = False  # `Records` counts

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        return Records

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return self.admin_site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup.removesuffix("__exact").removesuffix("__code") in set(self.list_filter)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit trail is the history; Django's own log is off."""
        return redirect(f"/audit/?subject={object_id}")
