"""The page of the hatch: whether messages go on, and the foreign ones that somebody must look at."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.inbox.forms import ReleaseForm
from randomization.blinded.inbox.hatch_state import hatch_state
from randomization.blinded.inbox.receiving import unreleased
from randomization.blinded.inbox.services.note_foreign import ReleaseForeign, check_shown, release_foreign
from randomization.delivery.forms import SiteForm
from randomization.delivery.pages import FormPage


class Messages(FormPage):
    """Sign that the foreign messages were looked at; what waits behind them goes on."""

    permission = Permission.HATCH_RELEASE
    form_class = ReleaseForm
    template_name = "inbox/messages.html"
    heading = _("Messages from the pharmacy's side")
    button = _("I know where they came from: go on")
    success_message = _("Messages go on with the next sweep.")
    success_url = reverse_lazy("messages_from_above")

    def get_initial(self) -> dict[str, Any]:
        return {"shown": ReleaseForeign(unreleased()).content_hash()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "state": hatch_state()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        command, values = ReleaseForeign(unreleased()), form.cleaned_data
        check_shown(command, values["shown"])
        release_foreign(actor=self.actor, reason=values["reason"], grant=self.signed(form, command))
        return super().form_valid(form)
