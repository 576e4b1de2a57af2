"""Pages that answer the trial manager's questions: one screen, recruitment, flow, alerts."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.desk import forms, tables
from randomization.blinded.desk.flow import flow
from randomization.blinded.desk.overview import alert, alerts_for, kinds, overview
from randomization.blinded.desk.recruitment import progress
from randomization.blinded.desk.services.keep_alerts import acknowledge_alert
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, file_answer, page
from randomization.delivery.sentences import shown
from randomization.shared.errors import NotFound

CSV = "text/csv; charset=utf-8"


@page(Permission.DESK_USE)
def morning(request: HttpRequest) -> HttpResponse:
    """Which site is behind, who waits, what went wrong this week."""
    return render(request, "desk/overview.html", {"found": overview(actor_in(request))})


@page(Permission.DESK_USE)
def recruitment(request: HttpRequest) -> HttpResponse:
    """Recruitment against plan, as a figure and as tables."""
    return render(request, "desk/recruitment.html", {"found": progress()})


@page(Permission.DESK_USE)
def recruitment_csv(_request: HttpRequest) -> HttpResponse:
    """The same by month and by site."""
    return file_answer(tables.recruitment_csv(progress()), CSV, "recruitment.csv")


@page(Permission.DESK_USE)
def participant_flow(request: HttpRequest) -> HttpResponse:
    """The CONSORT flow, reasons, hours to the first dose."""
    return render(request, "desk/flow.html", {"flow": flow()})


@page(Permission.DESK_USE)
def flow_csv(_request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    return file_answer(tables.flow_csv(flow()), CSV, "flow.csv")


@page(Permission.ALERT_ACKNOWLEDGE)
def alerts(request: HttpRequest) -> HttpResponse:
    """What needs somebody, or went wrong this week."""
    filters = {"kind": request.GET.get("kind", ""), "site_code": request.GET.get("site", "")}
    past = request.GET.get("past") == "1"
    rows = Paginator(alerts_for(actor_in(request), past=past, **filters), 50).get_page(request.GET.get("page"))
    return render(request, "desk/alerts.html", {"rows": rows, "past": past, "kinds": kinds(), **filters})


class Acknowledge(FormPage):
    """Somebody deals with an alert."""

    permission = Permission.ALERT_ACKNOWLEDGE
    form_class = forms.AlertForm
    button = _("I deal with it")
    explain = _("The alert stays until its cause is gone; everybody sees that you have it.")
    success_message = _("Everybody sees that you deal with it.")
    success_url = reverse_lazy("alerts")

    def title(self) -> str:
        raised_alert = alert(self.actor, self.kwargs["alert_id"])
        if raised_alert is None:
            raise NotFound()
        place = raised_alert.subject or raised_alert.site_code or gettext("the trial")
        return f"{shown(raised_alert.get_kind_display()).capitalize()}: {place}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "alert": alert(self.actor, self.kwargs["alert_id"])}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        acknowledge_alert(actor=self.actor, alert_id=self.kwargs["alert_id"], **form.cleaned_data)
        return super().form_valid(form)
