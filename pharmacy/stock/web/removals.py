"""Pages of removals: what one person took out of a lot, and what another says of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharmacy.stock.removals import RemovalRow, removals_for, row_for
from pharmacy.stock.removing import DecideRemoval, RemovalState
from pharmacy.stock.services.decide_removal import decide_removal
from pharmacy.stock.web.across_sites import list_page
from randomization.blinded.sites.for_unblinded import site
from randomization.delivery.forms import SigningForm, SiteForm
from randomization.delivery.once_pages import OncePage
from randomization.delivery.pages import page
from randomization.shared.actor import SYSTEM

CHOICES = {
    RemovalState.CONFIRMED: _("Confirm: I have seen that these units are gone, and why"),
    RemovalState.DISPUTED: _("Dispute: it is not as recorded"),
    RemovalState.SETTLED: _("Settle: it was cleared up"),
}


@page()
def removals(request: HttpRequest) -> HttpResponse:
    """The removals that another person is asked about, and those that ended last."""
    return list_page(request, "stock/removals.html", removals_for)


class DecisionForm(SigningForm):
    """What the second person says, and the signature."""

    state = forms.ChoiceField(label=_("What do you say?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("What is not right, or how was it cleared up?"),
        required=False,
        help_text=_("Empty where you confirm it"),
    )

    def __init__(self, *args: Any, states: list[RemovalState], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["state"]
        field.choices = [(state, CHOICES[state]) for state in states]


class Decide(OncePage):
    """Confirm, dispute or settle a removal, as another person than the one who recorded it."""

    signs = True
    form_class = DecisionForm
    success_url = reverse_lazy("removals")
    template_name = "stock/removal.html"
    heading = _("Units taken out: {name}")
    button = _("Sign")
    explain = _(
        "Nothing moves by it. Where units are there after all, dispute it, count the lot, and let somebody settle it."
    )
    success_message = _("It is recorded.")

    def row(self) -> RemovalRow:
        """The removal."""
        return row_for(self.actor, self.kwargs["removal_id"])

    def zone(self) -> str:
        return site(SYSTEM, self.row().removal.site_code).time_zone

    def title(self) -> str:
        lot = self.row().removal.movement.lot
        name = gettext("%(product)s lot %(number)s") % {"product": lot.product, "number": lot.number}
        return str(self.heading).format(name=name)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "states": self.row().may_become}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "row": self.row(), "zone": self.zone()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        state, reason = RemovalState(form.cleaned_data["state"]), form.cleaned_data["reason"]
        command = DecideRemoval(self.row().removal.pk, state, reason)
        grant = self.signed(form, command)
        return self.once(form, lambda: decide_removal(actor=self.actor, command=command, grant=grant))
