"""Hand the duty over, signed."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.outcomes.forms import HandoverForm
from randomization.blinded.outcomes.selectors import handovers_of, open_at_handover
from randomization.blinded.outcomes.services import hand_over as handing
from randomization.blinded.sites.pages import OwnSitePage
from randomization.blinded.sites.selectors import on_duty, site
from randomization.delivery.forms import SiteForm
from randomization.delivery.pages import signed


class HandOver(OwnSitePage):
    """What is open now, for the person who takes over."""

    permission = Permission.HANDOVER_SIGN
    form_class = HandoverForm
    template = "outcomes/handover.html"
    heading = _("Hand over the duty")
    button = _("Sign the handover")
    explain = _("You sign what is open below. The person who takes over reads it here.")
    said = _("The handover is signed.")

    def context(self) -> dict[str, Any]:
        place = site(self.actor, self.actor.site_code)
        return {
            "rows": open_at_handover(place.code),
            "duty": on_duty(place),
            "zone": place.time_zone,
            "earlier": handovers_of(place.code),
        }

    def act(self, form: SiteForm) -> str:
        code, values = self.actor.site_code, form.cleaned_data
        content = handing.signed_content(code, values["to"].strip().lower(), open_at_handover(code))
        grant = signed(self.actor, form, meaning=handing.MEANING, subject=code, content=content)
        handing.hand_over(actor=self.actor, site_code=code, to=values["to"], note=values["note"], grant=grant)
        return reverse("hand_over_duty")
