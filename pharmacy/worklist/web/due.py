"""The worklist, and how a preparation starts. Nothing is opened by looking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from pharmacy.preparation.second_check import waiting_for_check
from pharmacy.preparation.services.prepare import prepare, prepare_day
from pharmacy.stock.removals import how_many_open
from pharmacy.worklist.night_sheet import kept_sheet, newest, night_sheet
from pharmacy.worklist.selectors import HORIZONS, by_patient, worklist
from pharmacy.worklist.services.call_duty import acknowledge
from pharmacy.worklist.unanswered_kits import unanswered
from randomization.accounts.policies import can
from randomization.accounts.roles import Permission
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.once_pages import OncePage, once_page
from randomization.delivery.pages import page, pdf_answer
from randomization.delivery.sentences import shown
from randomization.shared.errors import Refused
from randomization.shared.ids import show_code

MAKE = Permission.PREPARATION_MAKE


class OverrideForm(SiteForm):
    """Why a syringe is prepared although its route is short of a product."""

    override_reason = forms.CharField(label=_("Why can this dose not wait for the delivery?"))


@page(Permission.PREPARATION_READ)
def due(request: HttpRequest) -> HttpResponse:
    """The worklist: nothing is opened by looking."""
    hours = request.GET.get("hours", "24")
    rows = worklist(actor_in(request), hours=int(hours) if hours.isdigit() else 0)
    context = {
        "patients": by_patient(rows),
        "hours": hours,
        "horizons": [str(item) for item in HORIZONS],
        "unanswered": unanswered(actor_in(request)),
        "doses": len(rows),
        "to_check": len(waiting_for_check(actor_in(request))) if can(actor_in(request), MAKE) else 0,
        "to_confirm": how_many_open(actor_in(request)),
        "kept": newest(actor_in(request)) if can(actor_in(request), MAKE) else None,
    }
    return render(request, "worklist/worklist.html", context)


@page(Permission.PREPARATION_MAKE)
def night_sheet_pdf(request: HttpRequest) -> HttpResponse:
    """The coming day on paper, without contents."""
    return pdf_answer(night_sheet(actor_in(request)), "night-sheet.pdf")


@page(Permission.PREPARATION_MAKE)
def kept_night_sheet(request: HttpRequest, day: date) -> HttpResponse:
    """The sheet as it was made at 16:00."""
    return pdf_answer(kept_sheet(actor_in(request), day), f"night-sheet-{day}.pdf")


@require_POST
@page(Permission.PREPARATION_MAKE)
def take_over(request: HttpRequest, kit_code: str) -> HttpResponse:
    """Take over a new kit."""
    acknowledge(actor=actor_in(request), kit_code=kit_code)
    messages.info(
        request,
        gettext("You take over kit %(kit)s: nobody else is called for it.") % {"kit": show_code(kit_code)},
    )
    return HttpResponseRedirect(reverse("worklist"))


def ask_where_short(start: Callable[[HttpRequest, UUID], HttpResponse]) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Where the route is short, the question why the dose is prepared all the same."""

    @wraps(start)
    def run(request: HttpRequest, dose_uid: UUID) -> HttpResponse:
        try:
            return start(request, dose_uid)
        except Refused as refusal:
            if refusal.code != "route_short":
                raise
            messages.info(request, shown(refusal.sentence))
            return HttpResponseRedirect(reverse("prepare_all_the_same", args=[dose_uid]))

    return run


@require_POST
@page(Permission.PREPARATION_MAKE)
@ask_where_short
@once_page
def start(request: HttpRequest, dose_uid: UUID) -> HttpResponse:
    """Start one preparation, and go on to making it."""
    preparation = prepare(actor=actor_in(request), dose_uid=dose_uid)
    return HttpResponseRedirect(reverse("make", args=[preparation.kit_code]))


@require_POST
@page(Permission.PREPARATION_MAKE)
@once_page
def start_day(request: HttpRequest, kit_code: str) -> HttpResponse:
    """Start everything of one patient that the coming day asks for."""
    started = prepare_day(actor=actor_in(request), kit_code=kit_code)
    for sentence in started.left:
        messages.info(request, gettext("Not started: %(dose)s") % {"dose": shown(sentence)})
    return HttpResponseRedirect(reverse("make", args=[kit_code]))


class AllTheSame(OncePage):
    """Prepare although a product of the route is missing."""

    permission = MAKE
    form_class = OverrideForm
    heading = _("Prepare all the same")
    button = _("Prepare")
    explain = _(
        "A product that syringes of this route may need is not usable here. To prepare only those"
        " that can do without would tell the ward what they hold."
    )
    irrevocable = _("The unblinded monitor is told that the blind was put at risk.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        preparation = prepare(actor=self.actor, dose_uid=self.kwargs["dose_uid"], **form.cleaned_data)
        return redirect("make", preparation.kit_code)
