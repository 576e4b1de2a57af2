"""What lies there, what arrives and leaves, and what to order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharmacy.stock.choices import choices, products_in_use
from pharmacy.stock.consignments import brought_by, consignments_of
from pharmacy.stock.destructions import open_orders_at
from pharmacy.stock.ordering import order_for
from pharmacy.stock.read_pack import read_delivered
from pharmacy.stock.removals import open_removals
from pharmacy.stock.selectors import (
    is_mixed,
    lacking,
    lot_for,
    movements_of,
    reasons_of,
    stock_of,
    supply_of,
    unconfirmed,
)
from pharmacy.stock.services.receive import (
    Delivered,
    confirm_receipt,
    receive,
    receive_provisionally,
)
from pharmacy.stock.shelf_label import shelf_label
from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import OwnSitePage
from randomization.delivery.confirm_voids import ForeseenPage
from randomization.delivery.forms import NumberField, ScanField, SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.once_pages import OncePage
from randomization.delivery.pages import page, pdf_answer
from randomization.shared.ids import show_code
from randomization.unblinded.formulary.contents import Source

DATE = forms.DateInput(attrs={"type": "date"})
PAGE = 50
P = Permission


@page(P.PREPARATION_READ)
def stock(request: HttpRequest) -> HttpResponse:
    """What lies at the site, what waits for a delivery note, and what to order."""
    actor = actor_in(request)
    said, may_allocate = supply_of(actor, actor.site_code)
    rows = stock_of(actor, actor.site_code)
    context = {
        "rows": rows,
        "lacking": lacking(rows, actor.site_code),
        "unconfirmed": unconfirmed(actor.site_code),
        "to_destroy": open_orders_at(actor, actor.site_code),
        "to_confirm": open_removals(actor),
        "orders": order_for(actor, actor.site_code),
        "said": said,
        "told": may_allocate,
    }
    return render(request, "stock/stock.html", context)


@page(P.PREPARATION_READ)
def lot(request: HttpRequest, lot_id: int) -> HttpResponse:
    """The ledger of one lot, newest first."""
    actor = actor_in(request)
    this_lot = lot_for(actor, lot_id)
    movements = Paginator(movements_of(this_lot), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "stock/lot.html",
        {
            "lot": this_lot,
            "movements": movements,
            "reasons": reasons_of(actor, this_lot),
            "consignments": consignments_of(this_lot),
            "mixed": is_mixed(this_lot),
        },
    )


@page(P.PREPARATION_READ)
def shelf_label_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The shelf label of one consignment."""
    return pdf_answer(shelf_label(actor_in(request), code), f"shelf-{code}.pdf")


class StockPage(OncePage, OwnSitePage):
    """A form about the stock of one's own site."""

    permission = P.STOCK_MANAGE

    def get_success_url(self) -> str:
        return reverse("stock")


class LineForm(SiteForm):
    """One line of a delivery."""

    product = forms.ChoiceField(label=_("Product"))
    lot_number = ScanField(label=_("Lot"), help_text=_("Scan the pack, or type the lot as printed"))
    expires_on = forms.DateField(
        label=_("Expiry"),
        required=False,
        widget=DATE,
        help_text=_("The last day of use; empty where the scanned code has it"),
    )
    units = forms.IntegerField(label=_("Units"), help_text=_("Syringes or vials, not boxes"))

    def __init__(self, *args: Any, site_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = choices(products_in_use(site_code, Source.SPONSOR))  # type: ignore[attr-defined]

    def line(self, site_code: str) -> Delivered:
        """The line, as scanned or typed; raises as `read_delivered`."""
        values = self.cleaned_data
        number, day = read_delivered(site_code, values["product"], values["lot_number"], values["expires_on"])
        return Delivered(values["product"], number, day, values["units"])


class DeliveredForm(LineForm):
    """A line of a delivery note."""

    delivery_note = forms.CharField(label=_("Delivery note"))
    temperature_c = NumberField(
        label=_("Worst temperature on the way, degrees Celsius"),
        required=False,
        help_text=_("Empty: no reading, and this consignment goes on hold"),
    )


def say_what_came(request: HttpRequest, movement: Any) -> HttpResponse:
    """Say under which code a receipt stands and whether it is on hold; the page of its lot, which prints the label."""
    brought = brought_by(movement)
    words = {
        "units": brought.consignment.units,
        "number": brought.consignment.lot.number,
        "code": show_code(brought.consignment.code),
    }
    said = gettext("%(units)s units of lot %(number)s are booked in as consignment %(code)s: print its shelf label.")
    messages.info(request, said % words)
    if brought.on_hold:
        held = gettext("Consignment %(code)s is on hold: put it apart. The rest of the lot may be used.")
        messages.warning(request, held % words)
    return redirect("lot", brought.consignment.lot_id)


class Receive(ForeseenPage, StockPage):
    """Book a delivery in."""

    form_class = DeliveredForm
    heading = _("Book a delivery in")
    button = _("Book in")
    explain = _("Outside its limits, or without a reading, what arrived goes on hold; the rest of the lot does not.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "site_code": self.actor.site_code}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        assert isinstance(form, DeliveredForm)
        movement = receive(
            actor=self.actor,
            site_code=self.actor.site_code,
            line=form.line(self.actor.site_code),
            delivery_note=form.cleaned_data["delivery_note"],
            temperature_c=form.cleaned_data["temperature_c"],
            accepted=self.accepted,
        )
        return say_what_came(self.request, movement)


class FoundForm(LineForm):
    """What lies there and was not booked in."""

    reason = forms.CharField(label=_("Where was it, and why is it not booked in?"))


class Provisional(StockPage):
    """Use what nobody booked in."""

    permission = P.PREPARATION_MAKE
    form_class = FoundForm
    heading = _("Use stock that was not booked in")
    button = _("Receive provisionally")
    explain = _("A pharmacist books it in against its delivery note afterwards.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "site_code": self.actor.site_code}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        assert isinstance(form, FoundForm)
        movement = receive_provisionally(
            actor=self.actor,
            site_code=self.actor.site_code,
            line=form.line(self.actor.site_code),
            reason=form.cleaned_data["reason"],
        )
        return say_what_came(self.request, movement)


class ConfirmForm(SiteForm):
    """The delivery note of a provisional receipt."""

    delivery_note = forms.CharField(label=_("Delivery note"))
    units = forms.IntegerField(
        label=_("Units on the note"), help_text=_("All of the note, with those that were received provisionally")
    )
    temperature_c = NumberField(
        label=_("Worst temperature on the way, degrees Celsius"),
        required=False,
        help_text=_("Empty: no reading, and this consignment goes on hold"),
    )


class Confirm(ForeseenPage, StockPage):
    """Book the delivery note in to which a provisional receipt belongs."""

    form_class = ConfirmForm
    heading = _("Book a provisional receipt in")
    button = _("Book in")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        movement_id = self.kwargs["movement_id"]
        movement = confirm_receipt(
            actor=self.actor, movement_id=movement_id, accepted=self.accepted, **form.cleaned_data
        )
        return say_what_came(self.request, movement)
