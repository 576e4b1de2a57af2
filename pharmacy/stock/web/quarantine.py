"""Excursions, recalls, how a quarantine ends, and whether the pharmacy can work."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharmacy.stock.choices import choices, products_in_use, products_there, storages
from pharmacy.stock.hold_causes import Outcome
from pharmacy.stock.quarantines import excursion_of, excursions_of, hold_for, open_recalls
from pharmacy.stock.scanned_lot import read_lot
from pharmacy.stock.services.hold import put_on_hold
from pharmacy.stock.services.quarantine import decide, recall, report_excursion
from pharmacy.stock.services.state_supply import state_supply
from pharmacy.stock.web.ledger import StockPage
from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import site
from randomization.delivery.confirm_voids import ForeseenPage
from randomization.delivery.forms import LocalTimeField, NumberField, ScanField, SiteForm
from randomization.delivery.once_pages import OncePage
from randomization.shared.actor import EVERYWHERE, SYSTEM

P = Permission


class ExcursionForm(SiteForm):
    """A period outside the limits."""

    storage = forms.ChoiceField(label=_("Storage"))
    starts_at = LocalTimeField(label=_("From"))
    ends_at = LocalTimeField(label=_("Until"))
    lowest_c = NumberField(
        label=_("Lowest reading, degrees Celsius"), required=False, help_text=_("Empty: no readings")
    )
    highest_c = NumberField(
        label=_("Highest reading, degrees Celsius"), required=False, help_text=_("Empty: no readings")
    )
    reason = forms.CharField(label=_("What happened?"))

    def __init__(self, *args: Any, site_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["storage"].choices = [(item, item) for item in storages(site_code)]  # type: ignore[attr-defined]


class Excursion(ForeseenPage, StockPage):
    """Report an excursion."""

    form_class = ExcursionForm
    template_name = "stock/excursion.html"
    heading = _("Report a temperature excursion")
    button = _("Quarantine the storage")
    explain = _(
        "What lay in the storage goes on hold. Syringes that were opened since then, or in the working session before "
        "it, become void, whatever they hold. Void a prepared syringe that itself lay there by hand."
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "site_code": self.actor.site_code}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "rows": excursions_of(self.actor, self.actor.site_code),
            "zone": self.zone(),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        site_code = self.actor.site_code
        report_excursion(actor=self.actor, site_code=site_code, accepted=self.accepted, **form.cleaned_data)
        return super().form_valid(form)


class HoldForm(SiteForm):
    """A consignment, or a lot as printed."""

    consignment = ScanField(
        label=_("Code on the shelf label"), required=False, help_text=_("Then the rest of its lot may be used")
    )
    product = forms.ChoiceField(label=_("Product"), required=False)
    lot_number = ScanField(label=_("Lot"), required=False, help_text=_("Where there is no shelf label: the whole lot"))
    elsewhere = forms.BooleanField(label=_("The lot is not booked in here"), required=False)
    reason = forms.CharField(label=_("Why is it put on hold?"))

    def __init__(self, *args: Any, site_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = choices(products_there(site_code))  # type: ignore[attr-defined]


class PutOnHold(ForeseenPage, StockPage):
    """Put stock on hold after it came."""

    form_class = HoldForm
    heading = _("Put stock on hold")
    button = _("Put it on hold")
    explain = _(
        "Every prepared syringe of the routes that may need the product becomes void at this site, whatever it holds. "
        "A lot that was used without booking it in is put on hold in the same way."
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "site_code": self.actor.site_code}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        typed = {**form.cleaned_data, "lot_number": read_lot(form.cleaned_data["lot_number"]).number}
        put_on_hold(actor=self.actor, site_code=self.actor.site_code, accepted=self.accepted, **typed)
        return super().form_valid(form)


class DecideForm(SiteForm):
    """What becomes of a lot."""

    outcome = forms.ChoiceField(
        label=_("What becomes of it?"),
        widget=forms.RadioSelect,
        choices=[
            (Outcome.RELEASED, _("It may be used again")),
            (Outcome.DESTROYED, _("It is destroyed: go on to the order")),
        ],
    )
    reason = forms.CharField(
        label=_("On what does the decision rest?"), required=False, help_text=_("Empty where you go on to the order")
    )


class Decide(OncePage):
    """End a quarantine, knowing what happened."""

    form_class = DecideForm
    template_name = "stock/decide.html"
    heading = _("Decide on a quarantine")
    explain = _("No prepared syringe becomes void by the decision: what the hold struck is void already.")
    button = _("Record the decision")

    def zone(self) -> str:
        return site(SYSTEM, hold_for(self.actor, self.kwargs["hold_id"]).lot.site_code).time_zone

    def title(self) -> str:
        return gettext("Decide on lot %(number)s") % {"number": hold_for(self.actor, self.kwargs["hold_id"]).lot.number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hold = hold_for(self.actor, self.kwargs["hold_id"])
        return {
            **super().get_context_data(**kwargs),
            "hold": hold,
            "zone": self.zone(),
            "row": excursion_of(self.actor, hold),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = {**form.cleaned_data, "outcome": Outcome(form.cleaned_data["outcome"])}
        if values["outcome"] is Outcome.DESTROYED:
            return redirect("destroy_held", self.kwargs["hold_id"])
        decide(actor=self.actor, hold_id=self.kwargs["hold_id"], **values)
        return redirect("recall" if self.actor.site_code == EVERYWHERE else "stock")


class RecallForm(SiteForm):
    """A lot, wherever it lies."""

    product = forms.ChoiceField(label=_("Product"))
    lot_number = ScanField(label=_("Lot"))
    reason = forms.CharField(label=_("Why is it recalled?"))
    ahead = forms.BooleanField(label=_("It may not have arrived anywhere yet"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = choices(products_in_use(""))  # type: ignore[attr-defined]


class Recall(ForeseenPage, OncePage):
    """Recall a lot."""

    permission = P.STOCK_RECALL
    form_class = RecallForm
    template_name = "stock/recall.html"
    heading = _("Recall a lot at every site")
    button = _("Recall")
    explain = _(
        "Every prepared syringe of the routes concerned becomes void at every site, whatever it holds: a site may have "
        "used the lot without booking it in. A site that books the lot in later finds it on hold."
    )
    success_message = _("The lot is recalled at every site, and in quarantine where it lies.")
    success_url = reverse_lazy("recall")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "holds": open_recalls(self.actor)}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        typed = {**form.cleaned_data, "lot_number": read_lot(form.cleaned_data["lot_number"]).number}
        recall(actor=self.actor, accepted=self.accepted, **typed)
        return super().form_valid(form)


class SupplyForm(SiteForm):
    """One question."""

    may_supply = forms.ChoiceField(
        label=_("Can the pharmacy work?"),
        choices=[("yes", _("Yes")), ("no", _("No: no power, no printer, nobody here"))],
        widget=forms.RadioSelect,
    )


class Supply(StockPage):
    """Stop and go on."""

    permission = P.STOCK_CONFIRM
    form_class = SupplyForm
    heading = _("Can the pharmacy work?")
    button = _("Say so")
    explain = _(
        "The ward learns one flag: may randomise or not. The stock counts by itself: this is for everything else. "
        "No prepared syringe becomes void by it."
    )

    def form_valid(self, form: SiteForm) -> HttpResponse:
        may_supply = form.cleaned_data["may_supply"] == "yes"
        state_supply(actor=self.actor, site_code=self.actor.site_code, may_supply=may_supply)
        return super().form_valid(form)
