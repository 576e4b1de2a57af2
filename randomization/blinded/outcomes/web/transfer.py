"""Transfer to another site of the trial."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.bedside.web.ending import EndingPage
from randomization.blinded.outcomes.services.transfer import TransferParticipant, transfer
from randomization.delivery.forms import SigningForm, SiteForm


class TransferForm(SigningForm):
    """Where to, and why."""

    to_site = forms.CharField(label=_("To which site of the trial?"), help_text=_("Like GR02"))
    reason = forms.CharField(label=_("Why?"))


class Transfer(EndingPage):
    """Another site treats from now on."""

    permission = Permission.COURSE_TRANSFER
    form_class = TransferForm
    heading = _("Transfer {number} to another site")
    button = _("Sign and transfer")
    explain = _(
        "From now on the other site treats and prepares; number, kit and place in the list stay. "
        "What is ready becomes void: return it to your pharmacy. To a hospital outside the trial:"
        " stop the treatment instead, and give the patient the card, which says how to reach the "
        "trial."
    )
    irrevocable = _("Afterwards only the other site records doses; back goes another transfer by them.")
    success_message = _("The other site treats {number} from now on.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        command = TransferParticipant(self.kwargs["number"], values["to_site"])
        grant = self.signed(form, command)
        transfer(actor=self.actor, command=command, reason=values["reason"], grant=grant, accepted=self.accepted)
        return super().form_valid(form)
