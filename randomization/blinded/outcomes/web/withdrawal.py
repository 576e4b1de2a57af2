"""Consent is withdrawn."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.outcomes import forms
from randomization.blinded.outcomes.services.withdraw import WithdrawConsent, withdraw
from randomization.blinded.screening.selectors import scope_named
from randomization.blinded.screening.web import Step
from randomization.delivery.confirm_voids import ForeseenPage
from randomization.delivery.forms import SiteForm


class Withdraw(ForeseenPage, Step):
    """Consent withdrawn."""

    permission = Permission.CONSENT_RECORD
    form_class = forms.WithdrawForm
    heading = _("{number} withdraws consent")
    button = _("Sign and record")
    explain = _(
        "What was recorded before stays. From treatment or from further use of data: treatment stops. From data: only "
        "what safety, returned syringes and a code break need is recorded afterwards."
    )
    irrevocable = _("This cannot be undone.")
    success_message = _("The withdrawal of {number} is recorded.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        command = WithdrawConsent(self.kwargs["number"], scope_named(values["scope"]), values["at"])
        grant = self.signed(form, command)
        withdraw(actor=self.actor, command=command, reason=values["reason"], grant=grant, accepted=self.accepted)
        return super().form_valid(form)
