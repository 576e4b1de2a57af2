"""The page of the hatch: whether messages go on, and the foreign ones that somebody must look at."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.inbox.forms import ReleaseForm
from randomization.blinded.inbox.hatch_state import hatch_state
from randomization.blinded.inbox.receiving import unreleased
from randomization.blinded.inbox.services import note_foreign as noting
from randomization.delivery.forms import SiteForm
from randomization.delivery.pages import FormPage, signed


class Messages(FormPage):
    """Sign that the foreign messages were looked at; what waits behind them goes on."""

    permission = Permission.HATCH_RELEASE
    form_class = ReleaseForm
    template = "inbox/messages.html"
    heading = _("Messages from the pharmacy's side")
    button = _("I know where they came from: go on")
    said = _("Messages go on with the next sweep.")

    def initial(self) -> dict[str, Any]:
        return {"shown": noting.hash_of(unreleased())}

    def context(self) -> dict[str, Any]:
        return {"state": hatch_state()}

    def act(self, form: SiteForm) -> str:
        rows = unreleased()
        noting.check_shown(rows, form.cleaned_data["shown"])
        grant = signed(
            self.actor, form, meaning=noting.MEANING, subject=noting.SUBJECT, content=noting.signed_content(rows)
        )
        noting.release_foreign(actor=self.actor, reason=form.cleaned_data["reason"], grant=grant)
        return reverse("messages_from_above")
