"""What lies there, what arrives and leaves, and what to order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharmacy.stock.ledger import Kind
from pharmacy.stock.ordering import order_for
from pharmacy.stock.reading import read_delivered
from pharmacy.stock.selectors import (
    lacking,
    lot_for,
    movements_of,
    products_at,
    reasons_of,
    stock_of,
    supply_of,
    unconfirmed,
)
from pharmacy.stock.services.move import correct_expiry, count_stock, write_off
from pharmacy.stock.services.receive import Delivered, confirm_receipt, receive, receive_provisionally
from randomization.accounts.forms import NumberField, ScanField, SiteForm
from randomization.accounts.middleware import actor_in
from randomization.accounts.once import OncePage
from randomization.accounts.pages import page
from randomization.accounts.roles import Permission
from randomization.blinded.sites.pages import OwnSitePage
from randomization.unblinded.lists.plan import Source

DATE = forms.DateInput(attrs={"type": "date"})
PAGE = 50
P = Permission


@page(P.PREPARATION_READ)
def stock(request: HttpRequest) -> HttpResponse:
    """What lies at the site, what waits for a delivery note, and what to order."""
    actor = actor_in(request)
    said, told = supply_of(actor, actor.site_code)
    rows = stock_of(actor, actor.site_code)
    context = {
        "rows": rows, "lacking": lacking(rows, actor.site_code), "unconfirmed": unconfirmed(actor.site_code),
        "orders": order_for(actor, actor.site_code), "said": said, "told": told,
    }  # fmt: skip
    return render(request, "stock/stock.html", context)


@page(P.PREPARATION_READ)
def lot(request: HttpRequest, lot_id: int) -> HttpResponse:
    """The ledger of one lot, newest first."""
    actor = actor_in(request)
    found = lot_for(actor, lot_id)
    movements = Paginator(movements_of(found), PAGE).get_page(request.GET.get("page"))
    return render(
        request, "stock/lot.html", {"lot": found, "movements": movements, "reasons": reasons_of(actor, found)}
    )


class StockPage(OncePage, OwnSitePage):
    """A form about the stock of one's own site."""

    permission = P.STOCK_MANAGE

    def back(self) -> str:
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products_at(Source.SPONSOR)  # type: ignore[attr-defined]

    def line(self, site_code: str) -> Delivered:
        """The line, as scanned or typed; raises as `read_delivered`."""
        given = self.cleaned_data
        number, day = read_delivered(site_code, given["product"], given["lot_number"], given["expires_on"])
        return Delivered(given["product"], number, day, given["units"])


class DeliveredForm(LineForm):
    """A line of a delivery note."""

    delivery_note = forms.CharField(label=_("Delivery note"))
    temperature_c = NumberField(
        label=_("Worst temperature on the way, degrees Celsius"), required=False,
        help_text=_("Empty: no reading, and the lot goes into quarantine"),
    )  # fmt: skip


class Receive(StockPage):
    """Book a delivery in."""

    form_class = DeliveredForm
    heading = _("Book a delivery in")
    button = _("Book in")
    explain = _("Outside its limits, or without a reading, a lot goes into quarantine until somebody decides.")

    def act(self, form: SiteForm) -> str:
        assert isinstance(form, DeliveredForm)
        receive(
            actor=self.actor, site_code=self.actor.site_code, line=form.line(self.actor.site_code),
            delivery_note=form.cleaned_data["delivery_note"], temperature_c=form.cleaned_data["temperature_c"],
        )  # fmt: skip
        return self.back()


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

    def act(self, form: SiteForm) -> str:
        assert isinstance(form, FoundForm)
        receive_provisionally(
            actor=self.actor,
            site_code=self.actor.site_code,
            line=form.line(self.actor.site_code),
            reason=form.cleaned_data["reason"],
        )
        return self.back()


class ConfirmForm(SiteForm):
    """The delivery note of a provisional receipt."""

    delivery_note = forms.CharField(label=_("Delivery note"))
    temperature_c = NumberField(label=_("Worst temperature on the way, degrees Celsius"), required=False,
                                help_text=_("Empty: no reading"))  # fmt: skip


class Confirm(StockPage):
    """Book a provisional receipt in."""

    form_class = ConfirmForm
    heading = _("Book a provisional receipt in")
    button = _("Book in")

    def act(self, form: SiteForm) -> str:
        confirm_receipt(actor=self.actor, movement_id=self.kwargs["movement_id"], **form.cleaned_data)
        return self.back()


class ExpiryForm(SiteForm):
    """The expiry as printed."""

    expires_on = forms.DateField(label=_("Expiry as printed on the pack"), widget=DATE)
    reason = forms.CharField(label=_("How did the wrong day come about?"))


class LotPage(StockPage):
    """A form about one lot."""

    def title(self) -> str:
        found = lot_for(self.actor, self.kwargs["lot_id"])
        return self.heading.format(
            name=gettext("%(product)s lot %(number)s") % {"product": found.product, "number": found.number}
        )

    def back(self) -> str:
        return reverse("lot", args=[self.kwargs["lot_id"]])


class WriteOffForm(SiteForm):
    """What leaves a lot."""

    kind = forms.ChoiceField(
        label=_("What happened?"), widget=forms.RadioSelect,
        choices=[(Kind.WASTE, _("Wasted: broken or dropped")), (Kind.RETURN, _("Returned to the sponsor")),
                 (Kind.DESTRUCTION, _("Destroyed here"))],
    )  # fmt: skip
    units = forms.IntegerField(label=_("Units"))
    reason = forms.CharField(label=_("Why?"))


class WriteOff(LotPage):
    """Take units out of a lot."""

    form_class = WriteOffForm
    heading = _("Waste, return or destroy {name}")
    button = _("Record")

    def act(self, form: SiteForm) -> str:
        given = {**form.cleaned_data, "kind": Kind(form.cleaned_data["kind"])}
        write_off(actor=self.actor, lot_id=self.kwargs["lot_id"], **given)
        return self.back()


class CountForm(SiteForm):
    """A count."""

    counted = forms.IntegerField(label=_("Units counted"), min_value=0)
    reason = forms.CharField(label=_("Explanation of a difference"), required=False)


class Count(LotPage):
    """Count a lot."""

    form_class = CountForm
    heading = _("Count {name}")
    button = _("Record the count")
    explain = _("Count before you look at the ledger. A difference asks for its explanation.")

    def act(self, form: SiteForm) -> str:
        count_stock(actor=self.actor, lot_id=self.kwargs["lot_id"], **form.cleaned_data)
        return self.back()


class CorrectExpiry(LotPage):
    """Correct the expiry of a lot."""

    permission = P.PREPARATION_MAKE
    form_class = ExpiryForm
    heading = _("Correct the expiry of {name}")
    button = _("Correct it")
    explain = _("What was prepared before stays as it is; from now on the corrected day counts.")

    def act(self, form: SiteForm) -> str:
        correct_expiry(actor=self.actor, lot_id=self.kwargs["lot_id"], **form.cleaned_data)
        return self.back()
