"""Pages at the bedside: timetable, clearance, giving a dose."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.bedside.chart_comparison import compare
from randomization.blinded.bedside.clearance_entry import clearance_typed
from randomization.blinded.bedside.figure_of_course import timetable_picture
from randomization.blinded.bedside.forms import (
    AdministerForm,
    ChartForm,
    ClearanceForm,
    ReasonForm,
    RequestForm,
    TranscribeForm,
)
from randomization.blinded.bedside.selectors import clearance_in_force, course_of, dose, doses_of
from randomization.blinded.bedside.services.administer import administer, miss_dose
from randomization.blinded.bedside.services.ask_pharmacy import ask_pharmacy
from randomization.blinded.bedside.services.record_clearance import record_clearance
from randomization.blinded.bedside.states import WardRequestKind
from randomization.blinded.bedside.void_ready import ready_for
from randomization.blinded.bedside.web.ending import KnownPage
from randomization.blinded.screening.selectors import find_participant, protocol_for
from randomization.blinded.screening.web import Step
from randomization.blinded.sites.pages import OwnSitePage
from randomization.delivery.confirm_voids import ForeseenPage
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, page
from randomization.delivery.sentences import shown
from randomization.delivery.templatetags.trial import site_time
from randomization.shared import clock
from randomization.shared.foreseen import ExpectedVoid
from randomization.shared.ids import dose_name
from randomization.shared.sentences import word


@page(Permission.DOSE_READ)
def doses(request: HttpRequest, number: str) -> HttpResponse:
    """The timetable of one participant."""
    actor = actor_in(request)
    participant = find_participant(actor, number)
    doses, protocol, now = doses_of(actor, number), protocol_for(participant), clock.now()
    context = {
        "participant": participant,
        "zone": participant.site.time_zone,
        "doses": doses,
        "course": course_of(participant),
        "clearance": clearance_in_force(participant.uid, protocol.renal_rule, now),
        "picture": timetable_picture(doses, protocol.regimen, now) if doses else None,
    }
    return render(request, "bedside/doses.html", context)


def _named(this_dose: Any) -> dict[str, str]:
    """A dose and whose it is, for a heading."""
    return {"dose": dose_name(this_dose.route, this_dose.number), "number": this_dose.course.participant.number}


def _recorded(request: HttpRequest, administration: Any) -> HttpResponse:
    """Say what was recorded; the page that shows it among the others."""
    said = gettext("%(dose)s of %(number)s is recorded: %(outcome)s.")
    messages.info(request, said % {**_named(administration.dose), "outcome": shown(word(administration.outcome))})
    return redirect("doses", administration.dose.course.participant.number)


class Clearance(ForeseenPage, Step):
    """Record a creatinine clearance."""

    permission = Permission.CLEARANCE_RECORD
    form_class = ClearanceForm
    heading = _("Creatinine clearance of {number}")
    explain = _("Give the value, or creatinine and weight: it is computed then.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        number, typed = self.kwargs["number"], {**form.cleaned_data, "confirmed": self.confirmed}
        clearance_input = clearance_typed(find_participant(self.actor, number), typed)
        clearance_recorded = record_clearance(
            actor=self.actor, number=number, clearance=clearance_input, accepted=self.accepted
        )
        value = clearance_input.shown or gettext("renal replacement therapy")
        said = gettext("The clearance of %(number)s is recorded: %(value)s.") % {"number": number, "value": value}
        if clearance_recorded.instead is not None:
            hour = site_time(clearance_recorded.instead, self.zone())
            said += " " + gettext("It is not in force: the value sampled %(hour)s is newer, and holds.") % {
                "hour": hour
            }
        if clearance_recorded.voided:
            level = gettext(
                "The dose level changed: %(count)s prepared syringes are void. Return them to the pharmacy."
            )
            said += " " + level % {"count": len(clearance_recorded.voided)}
        messages.info(self.request, said)
        return super().form_valid(form)


class Administer(OwnSitePage):
    """Two scans: right patient, right syringe."""

    permission = Permission.ADMINISTRATION_RECORD
    form_class = AdministerForm
    template_name = "bedside/administer.html"
    heading = _("Give a dose")
    button = _("Record as given")
    explain = _("Scan the patient's card, then the syringe. If anything does not fit, you are told to stop.")
    typed = "barcode"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "zone": self.zone()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = {**form.cleaned_data, "at": form.cleaned_data["at"] or clock.now()}
        return _recorded(self.request, administer(actor=self.actor, **values))


class AskPharmacy(FormPage):
    """Tell the pharmacy one of the fixed things."""

    permission = Permission.WARD_REQUEST
    form_class = RequestForm
    button = _("Tell the pharmacy")
    explain = _("Only these words cross to the pharmacy. For anything else, call the person on duty.")
    success_message = _("The pharmacy sees it on its list.")

    def title(self) -> str:
        this_dose = dose(self.actor, self.kwargs["uid"])
        return gettext("Ask the pharmacy about %(dose)s of %(number)s") % _named(this_dose)

    def form_valid(self, form: SiteForm) -> HttpResponse:
        ask_pharmacy(actor=self.actor, dose_uid=self.kwargs["uid"], kind=WardRequestKind(form.cleaned_data["wish"]))
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return reverse("doses", args=[dose(self.actor, self.kwargs["uid"]).course.participant.number])


class Transcribe(OwnSitePage):
    """Record later what the chart says that somebody else gave."""

    permission = Permission.ADMINISTRATION_RECORD
    form_class = TranscribeForm
    heading = _("Transcribe a dose from the chart")
    button = _("Record what was given")
    explain = _("For a dose that is in the patient already. What broke a rule becomes a deviation, to be explained.")
    typed = "barcode"

    def form_valid(self, form: SiteForm) -> HttpResponse:
        return _recorded(self.request, administer(actor=self.actor, **form.cleaned_data))


class Miss(KnownPage, FormPage):
    """A dose that was not given and will not be."""

    permission = Permission.ADMINISTRATION_RECORD
    form_class = ReasonForm
    button = _("Record as missed")
    explain = _(
        "A missed number is never given later. A syringe that is ready becomes void: return it to the pharmacy."
    )
    irrevocable = _("A deviation is recorded. A slip can be corrected, but the number is never given later.")

    def title(self) -> str:
        this_dose = dose(self.actor, self.kwargs["uid"])
        return gettext("%(dose)s of %(number)s was missed") % _named(this_dose)

    def known(self) -> list[ExpectedVoid]:
        return ready_for(dose(self.actor, self.kwargs["uid"]).uid)

    def form_valid(self, form: SiteForm) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        administration = miss_dose(actor=self.actor, dose_uid=self.kwargs["uid"], reason=reason, accepted=self.accepted)
        return _recorded(self.request, administration)


class Compare(OwnSitePage):
    """Compare a day of charted times with what is recorded."""

    permission = Permission.ADMINISTRATION_RECORD
    form_class = ChartForm
    template_name = "bedside/compare.html"
    heading = _("Compare a day with the chart")
    button = _("Compare")
    explain = _("Nothing is recorded by comparing: each difference says what to do.")
    typed = "participant_number"

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        rows = compare(self.actor, values["participant_number"], values["text"], values["day"], self.zone())
        return self.render_to_response(self.get_context_data(form=form, rows=rows, zone=self.zone()))
