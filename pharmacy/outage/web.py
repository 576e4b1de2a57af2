"""After an outage: what was prepared from an envelope, and what became of every envelope."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from pharmacy.outage.envelopes import envelopes_of
from pharmacy.outage.services.enter_envelope import EnterPreparation, enter_preparation
from pharmacy.preparation.instruction import products
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.preparation.web.lots_form import LotsForm
from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import OwnSitePage
from randomization.delivery.forms import LocalTimeField, ScanField, SiteForm
from randomization.delivery.once_pages import OncePage
from randomization.shared.ids import parse_barcode
from randomization.shared.protocol import CLASSES


class EnterForm(LotsForm):
    """One syringe of an envelope, as the paper says."""

    barcode = ScanField(label=_("Scan the label"), help_text=_("The square code on the syringe or its bag"))
    prepared_at = LocalTimeField(label=_("When was it prepared?"))
    made_by = forms.CharField(label=_("Made by (user name)"))
    checked_by = forms.CharField(
        label=_("Checked by (user name)"),
        required=False,
        help_text=_("Empty only where the second check was waived then"),
    )
    prepared_as = forms.ChoiceField(
        label=_("Prepared by the instruction for which class?"),
        required=False,
        choices=[("", _("The participant has an eligible verdict")), *((name, name) for name in CLASSES)],
        help_text=_("As on the paper; only where the participant was entered without an eligible verdict"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"]
        for item in self.needed:
            lot, expiry = self.fields[f"lot_{item.code}"], self.fields[f"expires_{item.code}"]
            lot.label = format_lazy(_("Lot of {product}"), product=item.name)
            lot.help_text = _("As on the paper; empty where none was used")
            expiry.help_text = _("Only where the lot is not booked in") if item.counted else _("As on the paper")
            if item.known:
                self.fields[f"known_{item.code}"].help_text = _("Only where the paper names this lot and this expiry")

    def lots(self) -> dict[str, TypedLot]:
        """As on the paper; a lot that was used here before brings its expiry."""
        typed = super().lots()
        for item in self.needed:
            expiries = {lot.number: lot.expires_on for lot in item.known}
            chosen = self.cleaned_data.get(f"known_{item.code}") or ""
            if item.code in typed and typed[item.code].number == chosen and typed[item.code].expires_on is None:
                typed[item.code] = replace(typed[item.code], expires_on=expiries[chosen])
        return typed


class EnterPreparationPage(OncePage, OwnSitePage):
    """After an outage: one syringe that was prepared from an envelope."""

    permission = Permission.STOCK_MANAGE
    signs = True
    form_class = EnterForm
    template_name = "outage/envelopes.html"
    success_url = reverse_lazy("enter_preparation")
    heading = _("Enter what was prepared from an envelope")
    button = _("Sign and enter")
    explain = _("The coordinator enters the envelope for its participant first. Leave lots empty that were not used.")
    success_message = _("It is entered: the ward can record what was given. Enter the next one.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "needed": products(self.actor.site_code)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "envelopes": envelopes_of(self.actor, self.actor.site_code)}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        assert isinstance(form, EnterForm)
        values, label = form.cleaned_data, parse_barcode(form.cleaned_data["barcode"])
        asked = [values[key] for key in ("prepared_at", "made_by", "checked_by", "prepared_as")]
        command = EnterPreparation(label, *asked)
        grant = self.signed(form, command)
        return self.once(
            form, lambda: enter_preparation(actor=self.actor, command=command, lots=form.lots(), grant=grant)
        )
