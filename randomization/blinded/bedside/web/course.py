"""How a treatment goes on: planned anew, held, resumed, stopped, shifted; and deviations, explained."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.bedside import forms
from randomization.blinded.bedside.selectors import course_of, shift_choices
from randomization.blinded.bedside.services.steer_course import (
    StopCourse,
    hold_course,
    plan_first_dose,
    resume_course,
    shift_course,
    stop_course,
)
from randomization.blinded.bedside.states import StopCause
from randomization.blinded.bedside.web.ending import EndingPage
from randomization.blinded.screening.selectors import deviation, deviations_for, find_participant, protocol_for
from randomization.blinded.screening.services.explain_deviation import explain_deviation
from randomization.blinded.screening.web import Step
from randomization.delivery.confirm_voids import ForeseenPage
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, page
from randomization.shared import clock


class Steer(Step):
    """A page that changes how the treatment of one participant goes on."""

    permission = Permission.COURSE_STEER

    def get_success_url(self) -> str:
        return reverse("doses", args=[self.kwargs["number"]])


class Plan(ForeseenPage, Steer):
    """Plan the first dose anew."""

    form_class = forms.PlanForm
    heading = _("Plan the first dose of {number}")
    button = _("Plan it")
    explain = _(
        "While no dose was given. All doses move with it; what is ready and does not fit any more becomes void."
    )
    success_message = _("The first dose of {number} is planned anew.")

    def get_initial(self) -> dict[str, Any]:
        course = course_of(find_participant(self.actor, self.kwargs["number"]))
        return {"at": course.first_dose_at if course else None}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        number = self.kwargs["number"]
        plan_first_dose(actor=self.actor, number=number, accepted=self.accepted, **form.cleaned_data)
        return super().form_valid(form)


class Hold(EndingPage, Steer):
    """Put treatment on hold."""

    form_class = forms.ReasonForm
    heading = _("Hold the treatment of {number}")
    button = _("Hold")
    explain = _("Nothing is prepared or given until you resume. Syringes that are ready become void: return them.")
    success_message = _("The treatment of {number} is on hold.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        number = self.kwargs["number"]
        hold_course(actor=self.actor, number=number, accepted=self.accepted, **form.cleaned_data)
        return super().form_valid(form)


class Resume(Steer):
    """Go on."""

    form_class = forms.ReasonForm
    heading = _("Resume the treatment of {number}")
    button = _("Resume")
    explain = _(
        "The timetable stands as it was. Doses whose window passed on hold are held for good, and no deviation."
    )
    success_message = _("The treatment of {number} goes on.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        resume_course(actor=self.actor, number=self.kwargs["number"], **form.cleaned_data)
        return super().form_valid(form)


class Stop(EndingPage, Steer):
    """Stop for good."""

    form_class = forms.StopForm
    heading = _("Stop the treatment of {number}")
    button = _("Sign and stop")
    explain = _("On discharge, death or the investigator's decision. The allocation stays as it was, always.")
    irrevocable = _("This cannot be undone: no dose is prepared or given any more.")
    success_message = _("The treatment of {number} is stopped.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        command = StopCourse(self.kwargs["number"], StopCause(values["cause"]), values["at"])
        grant = self.signed(form, command)
        stop_course(actor=self.actor, command=command, reason=values["reason"], grant=grant, accepted=self.accepted)
        return super().form_valid(form)


class Shift(ForeseenPage, Steer):
    """Move dose 2 to the ward's hours."""

    form_class = forms.ShiftForm
    heading = _("Move the doses of {number} to the ward's hours")
    button = _("Move them")
    explain = _("Once, after the first dose: dose 2 moves to one of these hours, and all later ones with it.")
    irrevocable = _("This can be done once.")
    success_message = _("The doses of {number} follow the ward's hours.")

    def choices(self) -> list[datetime]:
        """The hours that keep the least interval; none where a shift is not possible."""
        participant = find_participant(self.actor, self.kwargs["number"])
        course = course_of(participant)
        return shift_choices(course, protocol_for(participant).regimen, self.zone()) if course else []

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "choices": self.choices()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        shift_course(
            actor=self.actor,
            number=self.kwargs["number"],
            to=clock.parse_stamp(values["to"]),
            reason=values["reason"],
            accepted=self.accepted,
        )
        return super().form_valid(form)


@page(Permission.PARTICIPANT_READ)
def deviations(request: HttpRequest) -> HttpResponse:
    """Departures from the protocol within reach, unexplained ones first."""
    rows = deviations_for(actor_in(request), open_only=request.GET.get("all") != "1")
    return render(request, "bedside/deviations.html", {"rows": rows, "all": request.GET.get("all") == "1"})


class Explain(FormPage):
    """Explain a deviation."""

    permission = Permission.DEVIATION_EXPLAIN
    form_class = forms.ExplainForm
    button = _("Record the explanation")
    success_url = reverse_lazy("deviations")

    def title(self) -> str:
        this_deviation = deviation(self.actor, self.kwargs["deviation_id"])
        return f"{this_deviation.participant.number}: {gettext(this_deviation.kind)}, {gettext(this_deviation.about)}"

    def form_valid(self, form: SiteForm) -> HttpResponse:
        explain_deviation(actor=self.actor, deviation_id=self.kwargs["deviation_id"], **form.cleaned_data)
        return super().form_valid(form)
