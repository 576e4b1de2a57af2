"""Transfer to another site of the trial."""

from __future__ import annotations

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.bedside.web.ending import EndingPage
from randomization.blinded.outcomes.services import transfer as moving
from randomization.delivery.forms import SigningForm, SiteForm
from randomization.delivery.pages import signed
from randomization.shared.ids import as_site_code


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
    said = _("The other site treats {number} from now on.")

    def act(self, form: SiteForm) -> str:
        number, to_site = self.kwargs["number"], as_site_code(form.cleaned_data["to_site"])
        content = moving.signed_content(number, to_site)
        grant = signed(self.actor, form, meaning=moving.MEANING, subject=number, content=content)
        moving.transfer(
            actor=self.actor,
            number=number,
            to_site=to_site,
            reason=form.cleaned_data["reason"],
            grant=grant,
            accepted=self.accepted,
        )
        return reverse("participant", args=[number])
