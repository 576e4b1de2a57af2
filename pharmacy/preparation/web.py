"""Pages of the pharmacy: doses due, one preparation, its labels, release and void."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.selectors import HORIZONS, preparation_for, steps, worklist
from pharmacy.preparation.services.finish import release, void
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.forms import ScanField, SiteForm
from randomization.accounts.middleware import actor_in
from randomization.accounts.pages import FormPage, page
from randomization.accounts.roles import Permission
from randomization.blinded.sites.selectors import site
from randomization.shared.errors import InvalidInput


class ReleaseForm(SiteForm):
    """The label on the syringe, scanned back."""

    barcode = ScanField(label="Scan the label on the syringe", help_text="The square code, after you put it on")


class VoidForm(SiteForm):
    """Why a preparation is void."""

    reason = forms.CharField(label="Why is it void?")


@page(Permission.PREPARATION_READ)
def due(request: HttpRequest) -> HttpResponse:
    """The worklist: nothing is opened by looking."""
    hours = request.GET.get("hours", "24")
    rows = worklist(actor_in(request), hours=int(hours) if hours.isdigit() else 0)
    context = {"rows": rows, "hours": hours, "horizons": [str(item) for item in HORIZONS]}
    return render(request, "preparation/worklist.html", context)


@require_POST
@page(Permission.PREPARATION_MAKE)
def start(request: HttpRequest, dose_uid: UUID) -> HttpResponse:
    """Start one preparation."""
    made = prepare(actor=actor_in(request), dose_uid=dose_uid)
    return HttpResponseRedirect(reverse("preparation", args=[made.uid]))


class PreparationPage(FormPage):
    """A page about one preparation of this site."""

    def zone(self) -> str:
        return site(self.actor, preparation_for(self.actor, self.kwargs["uid"]).site_code).time_zone

    def title(self) -> str:
        return self.heading.format(name=preparation_for(self.actor, self.kwargs["uid"]))

    def context(self) -> dict[str, Any]:
        found = preparation_for(self.actor, self.kwargs["uid"])
        return {"preparation": found, "steps": steps(found), "zone": self.zone()}


class One(PreparationPage):
    """The instruction, the labels, and the release."""

    permission = Permission.PREPARATION_MAKE
    form_class = ReleaseForm
    template = "preparation/preparation.html"
    heading = "Prepare {name}"
    button = "Release to the ward"

    def act(self, form: SiteForm) -> str:
        release(actor=self.actor, uid=self.kwargs["uid"], **form.cleaned_data)
        return reverse("worklist")


class Void(PreparationPage):
    """Void it."""

    permission = Permission.PREPARATION_MAKE
    form_class = VoidForm
    heading = "Void {name}"
    button = "Void this preparation"
    explain = "The dose can be prepared again, with a new packaging code."

    def act(self, form: SiteForm) -> str:
        void(actor=self.actor, uid=self.kwargs["uid"], **form.cleaned_data)
        return reverse("worklist")


@require_POST
@page(Permission.PREPARATION_MAKE)
def labels(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The labels as PDF; each print is recorded, a reprint with its reason."""
    try:
        content = print_labels(actor_in(request), uid, reason=request.POST.get("reason", ""))
    except InvalidInput as error:
        messages.error(request, error.sentence)
        return HttpResponseRedirect(reverse("preparation", args=[uid]))
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="labels.pdf"'}
    )
