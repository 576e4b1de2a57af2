"""Pages that order a destruction: what, how much and why, with a signature."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharmacy.stock.choices import choices, products_in_use
from pharmacy.stock.destroying import OrderDestruction, Target
from pharmacy.stock.destructions import (
    follows,
    hold_to_destroy,
    left_for,
    lot_named,
    lot_to_destroy,
    of_hold,
    of_lot,
    of_returned,
    waiting_at,
)
from pharmacy.stock.services.order_destruction import order_destruction
from pharmacy.stock.web.asks_first import AsksFirstPage
from randomization.accounts.roles import Permission
from randomization.delivery.forms import ScanField, SigningForm, SiteForm
from randomization.delivery.once_pages import OncePage
from randomization.delivery.pages import FormPage
from randomization.shared.actor import EVERYWHERE
from randomization.shared.ids import show_code

P = Permission


class FindForm(SiteForm):
    """A lot at a site, or the syringes that came back there."""

    site_code = forms.CharField(label=_("Site"), help_text=_("Like GR01"))
    product = forms.ChoiceField(label=_("What is destroyed?"))
    lot_number = ScanField(label=_("Lot"), required=False, help_text=_("Empty for returned syringes"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["product"]
        field.choices = [
            ("", _("Choose")),
            *choices(products_in_use(EVERYWHERE)),
            (Target.SYRINGES, _("Syringes that came back")),
        ]


class Find(FormPage):
    """Somebody without a site names what is to be destroyed."""

    permission = P.STOCK_RECALL
    form_class = FindForm
    typed = "site_code"
    heading = _("Order a destruction at a site")
    button = _("Go on")
    explain = _(
        "The pharmacist of the site destroys it and signs. Where a site has one pharmacist, the order is yours."
    )

    def form_valid(self, form: SiteForm) -> HttpResponse:
        typed = form.cleaned_data
        site_code = typed["site_code"].strip().upper()
        if typed["product"] == Target.SYRINGES:
            waiting_at(self.actor, site_code)
            return redirect("destroy_returned", site_code)
        return redirect("destroy_lot", lot_named(self.actor, site_code, typed["product"], typed["lot_number"]).pk)


class OrderForm(SigningForm):
    """Why, and the signature."""

    reason = forms.CharField(label=_("Why is it destroyed?"))


class UnitsForm(SigningForm):
    """How much, why, and the signature."""

    units = forms.IntegerField(label=_("Units at most"), help_text=_("Fewer may be destroyed, never more"))
    reason = forms.CharField(label=_("Why is it destroyed?"))


class LotForm(SigningForm):
    """A part of a lot, or all of it; why, and the signature."""

    units = forms.IntegerField(label=_("Units at most"), help_text=_("Fewer may be destroyed, never more"))
    whole_lot = forms.BooleanField(
        label=_("This is the whole lot: nothing of it stays here"),
        required=False,
        help_text=_("Then nothing of it counts as there any more; the units are those of the ledger"),
    )
    consignment = ScanField(
        label=_("Code on the shelf label"), required=False, help_text=_("Where the part is of one consignment")
    )
    reason = forms.CharField(label=_("Why is it destroyed?"))


class OrderPage(AsksFirstPage, OncePage):
    """Order a destruction: signed here, carried out by another person."""

    signs = True
    success_url = reverse_lazy("destructions")
    button = _("Sign: order the destruction")
    success_message = _("The destruction is ordered. Another pharmacist of the site carries it out and signs.")
    explain = _(
        "Nothing leaves the stock by the order. Another pharmacist of the site destroys it before a witness and signs. "
        "No prepared syringe becomes void by it."
    )

    @abstractmethod
    def to_destroy(self, form: SiteForm) -> OrderDestruction:
        """What the form orders."""

    def form_valid(self, form: SiteForm) -> HttpResponse:
        command = self.to_destroy(form)
        grant = self.signed(form, command)
        return self.once(form, lambda: order_destruction(actor=self.actor, command=command, grant=grant))


class DestroyLot(OrderPage):
    """Order the destruction of a lot, or of a part of it."""

    form_class = LotForm
    heading = _("Order the destruction of {name}")

    def title(self) -> str:
        lot = lot_to_destroy(self.actor, self.kwargs["lot_id"])
        name = gettext("%(product)s lot %(number)s") % {"product": lot.product, "number": lot.number}
        return str(self.heading).format(name=name)

    def to_destroy(self, form: SiteForm) -> OrderDestruction:
        typed = form.cleaned_data
        return of_lot(
            self.actor,
            self.kwargs["lot_id"],
            units=typed["units"],
            whole_lot=typed["whole_lot"],
            consignment=typed["consignment"],
            reason=typed["reason"],
        )

    def follows(self, form: SiteForm) -> list[str]:
        return follows(self.to_destroy(form).target, lot_to_destroy(self.actor, self.kwargs["lot_id"]))


class DestroyHeld(OrderPage):
    """Order the destruction of what a hold is on."""

    form_class = UnitsForm
    heading = _("Order the destruction of what is on hold: {name}")

    def title(self) -> str:
        hold = hold_to_destroy(self.actor, self.kwargs["hold_id"])
        name = gettext("%(product)s lot %(number)s") % {"product": hold.lot.product, "number": hold.lot.number}
        code = f", {show_code(hold.consignment_id)}" if hold.consignment_id else ""
        return str(self.heading).format(name=name + code)

    def get_initial(self) -> dict[str, Any]:
        hold = hold_to_destroy(self.actor, self.kwargs["hold_id"])
        return {"units": left_for(hold.lot, hold)}

    def to_destroy(self, form: SiteForm) -> OrderDestruction:
        typed = form.cleaned_data
        return of_hold(self.actor, self.kwargs["hold_id"], units=typed["units"], reason=typed["reason"])


class DestroyReturned(OrderPage):
    """Order the destruction of the syringes that came back to a site."""

    form_class = OrderForm
    template_name = "stock/destroy_returned.html"
    heading = _("Order the destruction of returned syringes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "pack_codes": waiting_at(self.actor, self.kwargs["site_code"])}

    def to_destroy(self, form: SiteForm) -> OrderDestruction:
        return of_returned(self.actor, self.kwargs["site_code"], reason=form.cleaned_data["reason"])
