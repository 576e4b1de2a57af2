"""Pages of the sample: drawn, another one, unusable, shipped, corrected; the COVID-19 answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.screening import forms
from randomization.blinded.screening.selectors import (
    recorded_sample,
)
from randomization.blinded.screening.services.correct_covid19 import CorrectCovid19, correct_covid19
from randomization.blinded.screening.services.record_sample import (
    correct_sample,
    discard_sample,
    draw_sample,
    ship_sample,
)
from randomization.blinded.screening.web import Step
from randomization.delivery.forms import SiteForm


class Draw(Step):
    """Record a sample drawn."""

    permission = Permission.SAMPLE_RECORD
    form_class = forms.SampleForm
    heading = _("Blood sample of {number}")
    explain = _("Ship it within 6 hours of drawing.")
    success_message = _("The sample of {number} is recorded: ship it within 6 hours.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        draw_sample(
            actor=self.actor,
            number=self.kwargs["number"],
            drawn_at=values["drawn_at"],
            covid19=values["covid19"] == "yes",
            reason=values.get("reason", ""),
        )
        return super().form_valid(form)


class DrawFurther(Draw):
    """Record one more sample: it counts in place of the one before."""

    form_class = forms.FurtherSampleForm
    heading = _("Another blood sample of {number}")
    explain = _("It counts from now on, in place of the sample before. Ship it within 6 hours of drawing.")

    def get_initial(self) -> dict[str, Any]:
        return {key: value for key, value in recorded_sample(self.participant).items() if key == "covid19"}


class Discard(Step):
    """The last sample cannot be judged."""

    permission = Permission.SAMPLE_RECORD
    form_class = forms.DiscardForm
    heading = _("The sample of {number} cannot be used")
    explain = _("The sample before it counts again, if there is one; else draw another. It cannot be taken back.")
    success_message = _("The sample of {number} is recorded as unusable.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        discard_sample(actor=self.actor, number=self.kwargs["number"], **form.cleaned_data)
        return super().form_valid(form)


class CorrectCovid19Page(Step):
    """An investigator corrects the COVID-19 answer, also after a verdict."""

    permission = Permission.ELIGIBILITY_SIGN
    form_class = forms.Covid19Form
    heading = _("Correct the COVID-19 answer of {number}")
    button = _("Sign and correct")
    explain = _(
        "The laboratory's verdict is reached again over the right answer. Once a verdict was given with the answer "
        "yes, the participant cannot enter with the answer no: the two verdicts together would tell the immune class."
    )
    irrevocable = _("The trial manager is told of every correction.")
    success_message = _("The COVID-19 answer of {number} is corrected.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        command = CorrectCovid19(self.kwargs["number"], values["covid19"] == "yes", values["reason"])
        correct_covid19(actor=self.actor, command=command, grant=self.signed(form, command))
        return super().form_valid(form)


class Ship(Step):
    """Record a sample shipped."""

    permission = Permission.SAMPLE_RECORD
    form_class = forms.ShipForm
    heading = _("Ship the sample of {number}")
    success_message = _("The laboratory sees that the sample of {number} is on its way.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        ship_sample(actor=self.actor, number=self.kwargs["number"], **form.cleaned_data)
        return super().form_valid(form)


class CorrectSample(Step):
    """Correct the last sample."""

    permission = Permission.SAMPLE_RECORD
    form_class = forms.SampleCorrectionForm
    heading = _("Correct the sample of {number}")
    explain = _(
        "What was recorded before stays readable. Once the verdict is there, an investigator corrects COVID-19."
    )
    success_message = _("The sample of {number} is corrected.")

    def get_initial(self) -> dict[str, Any]:
        return recorded_sample(self.participant)

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = {**form.cleaned_data, "covid19": form.cleaned_data["covid19"] == "yes"}
        correct_sample(actor=self.actor, number=self.kwargs["number"], **values)
        return super().form_valid(form)
