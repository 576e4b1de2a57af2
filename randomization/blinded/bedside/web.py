"""Pages at the bedside: timetable, clearance, giving a dose."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from randomization.accounts.forms import SiteForm
from randomization.accounts.middleware import actor_in
from randomization.accounts.pages import FormPage, page
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.forms import AdministerForm, ClearanceForm, RequestForm
from randomization.blinded.bedside.selectors import clearance_in_force, dose, doses_of
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.bedside.services.ask_pharmacy import ask_pharmacy
from randomization.blinded.bedside.services.record_clearance import ClearanceInput, record_clearance
from randomization.blinded.bedside.states import Wish
from randomization.blinded.screening.selectors import participant, protocol_for
from randomization.blinded.screening.web import Step
from randomization.blinded.sites.selectors import site
from randomization.shared import clock


@page(Permission.DOSE_READ)
def doses(request: HttpRequest, number: str) -> HttpResponse:
    """The timetable of one participant."""
    actor = actor_in(request)
    found = participant(actor, number)
    context = {
        "participant": found, "zone": found.site.time_zone, "doses": doses_of(actor, number),
        "clearance": clearance_in_force(found.uid, protocol_for(found).renal_rule, clock.now()),
    }  # fmt: skip
    return render(request, "bedside/doses.html", context)


class Clearance(Step):
    """Record a creatinine clearance."""

    permission = Permission.CLEARANCE_RECORD
    form_class = ClearanceForm
    heading = "Creatinine clearance of {number}"

    def act(self, form: SiteForm) -> str:
        number = self.kwargs["number"]
        made = record_clearance(actor=self.actor, number=number, clearance=ClearanceInput(**form.cleaned_data))
        said = f"The clearance of {number} is recorded."
        if made.voided:
            said += (
                f" The dose level changed: {len(made.voided)} prepared syringes are void. Return them to the pharmacy."
            )
        messages.info(self.request, said)
        return self.back()


class Administer(FormPage):
    """Two scans: right patient, right syringe."""

    permission = Permission.ADMINISTRATION_RECORD
    form_class = AdministerForm
    template = "bedside/administer.html"
    heading = "Give a dose"
    button = "Record as given"
    explain = "Scan the patient's card, then the syringe. If anything does not fit, you are told to stop."

    def zone(self) -> str:
        return site(self.actor, self.actor.site_code).time_zone

    def context(self) -> dict[str, Any]:
        return {"zone": self.zone()}

    def act(self, form: SiteForm) -> str:
        given = {**form.cleaned_data, "at": form.cleaned_data["at"] or clock.now()}
        made = administer(actor=self.actor, **given)
        return reverse("doses", args=[made.dose.course.participant.number])


class AskPharmacy(FormPage):
    """Tell the pharmacy one of the fixed things."""

    permission = Permission.WARD_REQUEST
    form_class = RequestForm
    button = "Tell the pharmacy"
    explain = "Only these words cross to the pharmacy. For anything else, call the person on duty."
    said = "The pharmacy sees it on its list."

    def title(self) -> str:
        found = dose(self.actor, self.kwargs["uid"])
        return f"Ask the pharmacy about {found.route} {found.number:02d} of {found.course.participant.number}"

    def act(self, form: SiteForm) -> str:
        ask_pharmacy(actor=self.actor, dose_uid=self.kwargs["uid"], wish=Wish(form.cleaned_data["wish"]))
        return reverse("doses", args=[dose(self.actor, self.kwargs["uid"]).course.participant.number])
