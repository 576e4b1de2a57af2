"""Pages of destruction: the orders, what is destroyed on them, and cancellations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from pharmacy.stock.destroying import RecordDestruction, Target
from pharmacy.stock.destructions import (
    OrderRow,
    check_may_order,
    follows,
    order_to_do,
    orders_for,
    row_for,
)
from pharmacy.stock.services.destroy import destroy
from pharmacy.stock.services.order_destruction import cancel_order
from pharmacy.stock.web.across_sites import list_page
from pharmacy.stock.web.asks_first import AsksFirstPage
from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import site
from randomization.delivery.forms import LocalTimeField, SigningForm, SiteForm
from randomization.delivery.once_pages import OncePage
from randomization.delivery.pages import page
from randomization.delivery.sentences import shown
from randomization.shared.actor import SYSTEM
from randomization.shared.ids import show_code

P = Permission


@page()
def destructions(request: HttpRequest) -> HttpResponse:
    """The orders that wait, and those that ended last."""
    return list_page(request, "stock/destructions.html", orders_for)


class DoneForm(SigningForm):
    """What was destroyed, how, who saw it, when; the signature."""

    units = forms.IntegerField(label=_("Units destroyed"), min_value=0)
    pack_codes = forms.MultipleChoiceField(
        label=_("Which syringes were destroyed?"), widget=forms.CheckboxSelectMultiple
    )
    method = forms.CharField(label=_("How was it destroyed?"), help_text=_("Like: hazardous waste, container number"))
    witness = forms.CharField(label=_("Who saw it?"), help_text=_("Name of another person, who was there"))
    destroyed_at = LocalTimeField(label=_("When was it destroyed?"))

    def __init__(self, *args: Any, pack_codes: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["pack_codes"]
        field.choices = [(code, show_code(code)) for code in pack_codes]
        del self.fields["units" if pack_codes else "pack_codes"]

    def command(self, order_id: int) -> RecordDestruction:
        """What was typed of an order."""
        typed = self.cleaned_data
        pack_codes = tuple(typed.get("pack_codes", ()))
        units = len(pack_codes) if "pack_codes" in self.fields else typed["units"]
        return RecordDestruction(order_id, units, typed["method"], typed["witness"], typed["destroyed_at"], pack_codes)


class Destroy(AsksFirstPage, OncePage):
    """Carry out an order, at its site, by another person than the one who ordered."""

    signs = True
    permission = P.STOCK_MANAGE
    form_class = DoneForm
    success_url = reverse_lazy("destructions")
    template_name = "stock/destroy.html"
    heading = _("Destroy as ordered: {about}")
    button = _("Sign: destroyed as ordered")
    irrevocable = _("This takes the units out of the stock and cannot be undone.")
    success_message = _("The destruction is recorded.")

    def row(self) -> OrderRow:
        """The order."""
        order_to_do(self.actor, self.kwargs["order_id"])
        return row_for(self.actor, self.kwargs["order_id"])

    def zone(self) -> str:
        return site(SYSTEM, order_to_do(self.actor, self.kwargs["order_id"]).site_code).time_zone

    def title(self) -> str:
        return str(self.heading).format(about=shown(self.row().order.about))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "pack_codes": self.row().pack_codes}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "row": self.row(), "zone": self.zone()}

    def follows(self, form: SiteForm) -> list[str]:
        order = self.row().order
        return follows(Target(order.target), order.lot)

    def form_valid(self, form: SiteForm) -> HttpResponse:
        assert isinstance(form, DoneForm)
        command = form.command(order_to_do(self.actor, self.kwargs["order_id"]).pk)
        grant = self.signed(form, command)
        return self.once(form, lambda: destroy(actor=self.actor, command=command, grant=grant))


class CancelForm(SiteForm):
    """Why it is cancelled."""

    reason = forms.CharField(label=_("Why is it cancelled?"))


class Cancel(OncePage):
    """Cancel an order that was not carried out."""

    form_class = CancelForm
    template_name = "stock/destroy.html"
    heading = _("Cancel the order of destruction: {about}")
    button = _("Cancel the order")
    success_message = _("The order is cancelled. Nothing left the stock.")
    success_url = reverse_lazy("destructions")

    def row(self) -> OrderRow:
        """The order."""
        return row_for(self.actor, self.kwargs["order_id"])

    def title(self) -> str:
        return str(self.heading).format(about=shown(self.row().order.about))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row()
        check_may_order(self.actor, row.order.site_code)
        return {**super().get_context_data(**kwargs), "row": row, "zone": site(SYSTEM, row.order.site_code).time_zone}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        cancel_order(actor=self.actor, order_id=self.kwargs["order_id"], reason=form.cleaned_data["reason"])
        return super().form_valid(form)
