"""Hand the duty over, signed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.outcomes.forms import HandoverForm
from randomization.blinded.outcomes.selectors import handovers_of, open_at_handover
from randomization.blinded.outcomes.services.hand_over import HandOverDuty, hand_over
from randomization.blinded.sites.pages import OwnSitePage
from randomization.blinded.sites.selectors import on_duty, site
from randomization.delivery.forms import SiteForm


class HandOver(OwnSitePage):
    """What is open now, for the person who takes over."""

    permission = Permission.HANDOVER_SIGN
    form_class = HandoverForm
    template_name = "outcomes/handover.html"
    heading = _("Hand over the duty")
    button = _("Sign the handover")
    explain = _("You sign what is open below. The person who takes over reads it here.")
    success_message = _("The handover is signed.")
    success_url = reverse_lazy("hand_over_duty")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        place = site(self.actor, self.actor.site_code)
        return {
            **super().get_context_data(**kwargs),
            "rows": open_at_handover(place.code),
            "duty": on_duty(place),
            "zone": place.time_zone,
            "earlier": handovers_of(place.code),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        code, values = self.actor.site_code, form.cleaned_data
        command = HandOverDuty(code, values["to"], open_at_handover(code))
        hand_over(actor=self.actor, command=command, note=values["note"], grant=self.signed(form, command))
        return super().form_valid(form)
