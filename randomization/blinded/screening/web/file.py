"""Pages of the file: screening, consent, answers, who it is, the signature."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from randomization.accounts.roles import Permission
from randomization.blinded.screening import forms
from randomization.blinded.screening.identity import Identity as Known
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import (
    answer_named,
    answers_so_far,
    asked,
    drafted_answers,
    find_participant,
    open_reasons,
    protocol_for,
    recorded_answers,
    recorded_consent,
)
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility, confirm_eligibility
from randomization.blinded.screening.services.record_consent import record_consent
from randomization.blinded.screening.services.record_eligibility import record_eligibility
from randomization.blinded.screening.services.record_later_consent import record_later_consent
from randomization.blinded.screening.services.register_participant import correct_sepsis, register_participant
from randomization.blinded.screening.services.save_draft import save_draft
from randomization.blinded.screening.web import Step
from randomization.blinded.sites.pages import OwnSitePage
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import page


class Register(OwnSitePage):
    """Screen one more participant."""

    permission = Permission.PARTICIPANT_SCREEN
    form_class = forms.RegisterForm
    heading = _("Screen a participant")
    button = _("Screen and get a number")
    explain = _("The participant gets the site's next number. Nothing else is kept before consent.")
    typed = "earlier"

    def form_valid(self, form: SiteForm) -> HttpResponse:
        participant = register_participant(actor=self.actor, site_code=self.actor.site_code, **form.cleaned_data)
        return redirect("participant", participant.number)


class Consent(Step):
    """Record or correct consent."""

    permission = Permission.CONSENT_RECORD
    form_class = forms.ConsentForm
    heading = _("Consent of {number}")
    success_message = _("Consent of {number} is recorded.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "versions": protocol_for(self.participant).consent_versions}

    def get_initial(self) -> dict[str, Any]:
        return recorded_consent(self.participant)

    def form_valid(self, form: SiteForm) -> HttpResponse:
        record_consent(actor=self.actor, number=self.kwargs["number"], **form.cleaned_data)
        return super().form_valid(form)


class LaterConsent(Step):
    """What the patient says after next of kin consented."""

    permission = Permission.CONSENT_RECORD
    form_class = forms.LaterConsentForm
    heading = _("{number}: the patient's own answer")
    explain = _("After next of kin consented. A refusal is followed by a withdrawal: record that next.")
    success_message = _("The patient's answer is recorded.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "versions": protocol_for(self.participant).consent_versions}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = {**form.cleaned_data, "answer": answer_named(form.cleaned_data["answer"])}
        record_later_consent(actor=self.actor, number=self.kwargs["number"], **values)
        return super().form_valid(form)


class Eligibility(Step):
    """Answer the protocol's questions."""

    permission = Permission.ELIGIBILITY_RECORD
    form_class = forms.EligibilityForm
    template_name = "screening/eligibility.html"
    heading = _("Eligibility of {number}")
    explain = _("Every answer is kept as you give it. Nothing counts before you press the button below.")
    success_message = _("The answers of {number} are recorded.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "criteria": protocol_for(self.participant).eligibility.criteria}

    def get_initial(self) -> dict[str, Any]:
        participant = self.participant
        return {**recorded_answers(participant), **drafted_answers(participant)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        participant = self.participant
        typed = {key: str(value) for key, value in self.get_initial().items()}
        return {
            **super().get_context_data(**kwargs),
            "so_far": answers_so_far(participant, typed, protocol_for(participant)),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        answers = form.answers() if isinstance(form, forms.EligibilityForm) else {}
        record_eligibility(
            actor=self.actor,
            number=self.kwargs["number"],
            answers=answers,
            confirmed=self.confirmed,
            **{key: values[key] for key in ("sex", "year_of_birth", "neutrophils_per_mm3", "reason")},
        )
        return super().form_valid(form)


@require_POST
@page(Permission.ELIGIBILITY_RECORD)
def draft(request: HttpRequest, number: str) -> HttpResponse:
    """Keep the eligibility form as typed so far; answers with what it means."""
    actor = actor_in(request)
    participant = find_participant(actor, number)
    protocol = protocol_for(participant)
    fields = forms.EligibilityForm(zone="UTC", criteria=protocol.eligibility.criteria).fields
    typed = {key: request.POST.get(key, "").strip() for key in fields if key != "reason"}
    save_draft(actor=actor, number=number, typed=typed, based_on=request.POST.get("based_on", ""))
    return render(
        request, "screening/so_far.html", {"so_far": answers_so_far(participant, typed, protocol), "kept": True}
    )


class Identity(Step):
    """Whether it is somebody who was screened or randomised before."""

    permission = Permission.PARTICIPANT_SCREEN
    form_class = forms.IdentityForm
    heading = _("Is {number} somebody who was here before?")
    explain = _(
        "Participants of this site with the same sex and year of birth, screened in the last 90 days. One person is "
        "randomised once in this trial."
    )
    success_message = _("The answers about who {number} is are recorded.")

    @cached_property
    def known(self) -> Known:
        """What was answered before."""
        return identity_of(self.participant)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "numbers": [look_alike.number for look_alike in self.known.look_alikes]}

    def get_initial(self) -> dict[str, Any]:
        words = {True: "yes", False: "no", None: ""}
        same = {f"same_{look_alike.number}": words[look_alike.is_same] for look_alike in self.known.look_alikes}
        return {**same, "elsewhere": words[self.known.elsewhere]}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        same = form.same() if isinstance(form, forms.IdentityForm) else {}
        answer_identity(
            actor=self.actor,
            number=self.kwargs["number"],
            same=same,
            elsewhere=values["elsewhere"] == "yes",
            reason=values["reason"],
        )
        return super().form_valid(form)


class CorrectSepsis(Step):
    """Correct the time of sepsis."""

    permission = Permission.PARTICIPANT_SCREEN
    form_class = forms.SepsisForm
    heading = _("Correct the time of sepsis of {number}")
    explain = _("What was recorded before stays readable. A signature given before does not hold any more.")
    success_message = _("The time of sepsis of {number} is corrected.")

    def get_initial(self) -> dict[str, Any]:
        return {"sepsis_at": self.participant.sepsis_at}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        correct_sepsis(actor=self.actor, number=self.kwargs["number"], **form.cleaned_data)
        return super().form_valid(form)


class Confirm(Step):
    """The physician signs."""

    permission = Permission.ELIGIBILITY_SIGN
    form_class = forms.ConfirmForm
    template_name = "screening/confirm.html"
    heading = _("Sign the eligibility of {number}")
    button = _("Sign")
    explain = _("You sign over all answers and times below. Any change afterwards voids the signature.")
    success_message = _("The eligibility of {number} is signed.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        participant = self.participant
        protocol = protocol_for(participant)
        return {
            **super().get_context_data(**kwargs),
            "reasons": open_reasons(participant, protocol),
            "asked": asked(participant, protocol),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        grant = self.signed(form, ConfirmEligibility(self.participant))
        confirm_eligibility(actor=self.actor, number=self.kwargs["number"], grant=grant)
        return super().form_valid(form)
