"""Pages of the pharmacy: doses due, one preparation, its labels, release and void."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from pharmacy.labels.media import Medium
from pharmacy.labels.sheet import Sheet
from pharmacy.preparation.labelling import preview, print_labels
from pharmacy.preparation.nightsheet import night_sheet
from pharmacy.preparation.selectors import HORIZONS, by_patient, preparation_for, steps, unanswered, worklist
from pharmacy.preparation.services.call_duty import acknowledge
from pharmacy.preparation.services.finish import release, void
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.forms import ScanField, SiteForm
from randomization.accounts.middleware import actor_in
from randomization.accounts.pages import FormPage, page, pdf_answer
from randomization.accounts.roles import Permission
from randomization.blinded.sites.selectors import site


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
    context = {
        "patients": by_patient(rows), "hours": hours, "horizons": [str(item) for item in HORIZONS],
        "unanswered": unanswered(actor_in(request)), "doses": len(rows),
    }  # fmt: skip
    return render(request, "preparation/worklist.html", context)


@page(Permission.PREPARATION_MAKE)
def night_sheet_pdf(request: HttpRequest) -> HttpResponse:
    """The coming day on paper, without contents."""
    return pdf_answer(night_sheet(actor_in(request)), "night-sheet.pdf")


@require_POST
@page(Permission.PREPARATION_MAKE)
def take_over(request: HttpRequest, kit_code: str) -> HttpResponse:
    """Take over a new kit."""
    acknowledge(actor=actor_in(request), kit_code=kit_code)
    return HttpResponseRedirect(reverse("worklist"))


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


class LabelsForm(SiteForm):
    """What to print on; the kind and the first free position are for A4 sheets."""

    medium = forms.ChoiceField(
        label="Print on",
        choices=[
            (Medium.ROLL, "Roll, one label a page (PDF)"), (Medium.THERMAL, "Thermal printer (ZPL)"),
            (Medium.SHEET, "A4 sheet (PDF)"),
        ],
    )  # fmt: skip
    kind = forms.ChoiceField(label="A4: which labels", choices=[("syringe", "Syringe"), ("bag", "Outer bag")])
    start = forms.IntegerField(label="A4: first free position", help_text="Counted along the rows, from 1", initial=1)
    reason = forms.CharField(label="Reason, if printed before", required=False)


class Labels(PreparationPage):
    """The labels: each print is recorded, a reprint with its reason."""

    permission = Permission.PREPARATION_MAKE
    form_class = LabelsForm
    template = "preparation/labels.html"
    heading = "Labels of {name}"
    button = "Print the labels"

    def act(self, form: SiteForm) -> HttpResponse:
        asked = form.cleaned_data
        medium = Medium(asked["medium"])
        route = preparation_for(self.actor, self.kwargs["uid"]).route
        sheet = Sheet("bag" if asked["kind"] == "bag" else route, asked["start"])
        content = print_labels(self.actor, self.kwargs["uid"], reason=asked["reason"], medium=medium, sheet=sheet)
        if medium is not Medium.THERMAL:
            return pdf_answer(content, "labels.pdf")
        kept = {"Content-Disposition": 'attachment; filename="labels.zpl"'}
        return HttpResponse(content, content_type="application/zpl", headers=kept)


@page(Permission.PREPARATION_READ)
def label_picture(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The syringe's label as it prints; looking is no print."""
    return HttpResponse(preview(actor_in(request), uid), content_type="image/png")
