"""One participant's page, and the page that randomises."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from randomization.accounts.roles import Permission
from randomization.blinded.allocation.card import print_card
from randomization.blinded.allocation.forms import EnvelopeForm, MisallocationForm, RandomiseForm
from randomization.blinded.allocation.selectors import (
    allocation_of,
    ask_reason,
    cautions,
    has_eligible_verdict,
    obstacles,
)
from randomization.blinded.allocation.services.allocate import Allocate, allocate
from randomization.blinded.allocation.services.enter_envelope import EnterEnvelope, enter_envelope
from randomization.blinded.allocation.services.note_misallocation import NoteMisallocation, note_misallocation
from randomization.blinded.bedside.clearance import ClearanceInput, NotShownYet
from randomization.blinded.bedside.clearance_entry import clearance_to_sign
from randomization.blinded.screening.eligibility import window_ends_at
from randomization.blinded.screening.selectors import protocol_for
from randomization.blinded.screening.web import Step
from randomization.blinded.sites.selectors import on_duty
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import page, pdf_answer
from randomization.delivery.sentences import shown
from randomization.shared import clock
from randomization.shared.ids import parse_kit_code


@require_POST
@page(Permission.CARD_PRINT)
def card(request: HttpRequest, number: str) -> HttpResponse:
    """Card and wristband as PDF; each print is recorded."""
    return pdf_answer(print_card(actor_in(request), number), "card.pdf")


class SigningClearance(Step):
    """A page on which a clearance is signed: one that is computed is shown first, and signed then."""

    def form_valid(self, form: SiteForm) -> HttpResponse:
        """Show a computed value in its field beside what it was computed from: nobody signs what was not shown."""
        try:
            typed = {**form.cleaned_data, "confirmed": self.confirmed}
            self.sign(form, clearance_to_sign(self.participant, typed))
        except NotShownYet as error:
            once_more = self.request.POST.copy()
            once_more["value_ml_min"] = error.value
            again = self.get_form_class()(**{**self.get_form_kwargs(), "data": once_more})
            again.add_error("value_ml_min", shown(error.sentence))
            return self.render_to_response(self.get_context_data(form=again), status=error.status)
        return super().form_valid(form)

    @abstractmethod
    def sign(self, form: SiteForm, clearance: ClearanceInput) -> None:
        """Sign and call the service."""


class Randomise(SigningClearance):
    """Everything that becomes irrevocable, and the signature."""

    permission = Permission.ALLOCATION_CREATE
    form_class = RandomiseForm
    template_name = "allocation/randomise.html"
    heading = _("Randomise {number}")
    button = _("Sign and randomise")
    irrevocable = _("This cannot be undone: the participant is bound to the next kit of this site for good.")
    success_message = _("{number} is randomised. Read the kit code to the pharmacy on duty, and print the card.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        participant = self.participant
        protocol = protocol_for(participant)
        lead = protocol.regimen.first_dose_after
        return {
            **super().get_context_data(**kwargs),
            "allocation": allocation_of(participant),
            "duty": on_duty(participant.site),
            "obstacles": obstacles(participant),
            "cautions": self.warned,
            "possible_from": clock.now() + lead,
            "window_ends_at": window_ends_at(participant.sepsis_at, protocol.eligibility),
        }

    @cached_property
    def warned(self) -> list[str]:
        """What speaks against randomising now and does not forbid it."""
        return cautions(self.participant)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "ask_reason": bool(self.warned)}

    def sign(self, form: SiteForm, clearance: ClearanceInput) -> None:
        values = form.cleaned_data
        command = Allocate(self.kwargs["number"], clearance, values["first_dose_at"])
        warned = ask_reason(self.participant, values["caution_reason"])
        allocate(
            actor=self.actor,
            command=command,
            grant=self.signed(form, command),
            warned=warned,
            caution_reason=values["caution_reason"],
        )


class EnterEnvelopePage(SigningClearance):
    """After an outage: which envelope was opened for this participant."""

    permission = Permission.ALLOCATION_CREATE
    form_class = EnvelopeForm
    heading = _("Enter the envelope of {number}")
    button = _("Sign and enter")
    explain = _("For an outage alone: the envelope was opened while this page could not be reached.")
    irrevocable = _("This cannot be undone: the participant is bound to the kit of this envelope for good.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "has_verdict": has_eligible_verdict(self.participant)}

    def sign(self, form: SiteForm, clearance: ClearanceInput) -> None:
        values = form.cleaned_data
        kit_code = parse_kit_code(values["kit_code"])
        command = EnterEnvelope(
            self.kwargs["number"],
            kit_code,
            values["opened_at"],
            values["first_dose_at"],
            clearance,
            values.get("without_verdict", False),
        )
        enter_envelope(
            actor=self.actor,
            command=command,
            grant=self.signed(form, command),
            out_of_order_reason=values["out_of_order_reason"],
            departure_reason=values["departure_reason"],
        )


class NoteMisallocationPage(Step):
    """The truth beside a randomisation that was wrong."""

    permission = Permission.MISALLOCATION_RECORD
    form_class = MisallocationForm
    heading = _("The randomisation of {number} was wrong")
    button = _("Sign and record")
    explain = _(
        "The participant keeps number, kit and place in the list; the truth stands beside it, and reports show both."
    )
    irrevocable = _("This cannot be taken back. If treatment must stop, stop it on the timetable's page.")
    success_message = _("It is recorded.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        command = NoteMisallocation(self.kwargs["number"], form.cleaned_data["kind"], form.cleaned_data["truth"])
        note_misallocation(actor=self.actor, command=command, grant=self.signed(form, command))
        return super().form_valid(form)
