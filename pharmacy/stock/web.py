"""The pharmacy's statement of supply."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from pharmacy.stock.selectors import supply_of
from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.forms import SiteForm
from randomization.accounts.pages import FormPage
from randomization.accounts.roles import Permission
from randomization.blinded.sites.selectors import site


class SupplyForm(SiteForm):
    """One question."""

    may_supply = forms.ChoiceField(
        label="Do you hold first doses of every product?", choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
    )  # fmt: skip


class Supply(FormPage):
    """State whether the site can supply."""

    permission = Permission.STOCK_CONFIRM
    form_class = SupplyForm
    template = "stock/supply.html"
    heading = "Supply of your site"
    button = "State"
    explain = "Every product, not only the one needed next: the ward learns one flag, may randomise or not."

    def context(self) -> dict[str, Any]:
        found = site(self.actor, self.actor.site_code)
        return {"statement": supply_of(self.actor, found.code), "zone": found.time_zone}

    def act(self, form: SiteForm) -> str:
        state_supply(
            actor=self.actor, site_code=self.actor.site_code, may_supply=form.cleaned_data["may_supply"] == "yes"
        )
        return reverse("supply")
