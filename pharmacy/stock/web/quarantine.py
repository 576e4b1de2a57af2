"""Excursions, recalls, how a quarantine ends, and whether the pharmacy can work."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharmacy.stock.holding import Outcome
from pharmacy.stock.quarantines import excursion_of, excursions_of, hold_for, open_recalls
from pharmacy.stock.scanning import read_lot
from pharmacy.stock.selectors import products_at, storages
from pharmacy.stock.services.quarantine import decide, recall, report_excursion
from pharmacy.stock.services.state_supply import state_supply
from pharmacy.stock.web.ledger import StockPage
from randomization.accounts.forms import LocalTimeField, NumberField, ScanField, SiteForm
from randomization.accounts.once import OncePage
from randomization.accounts.roles import Permission
from randomization.blinded.sites.selectors import site
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["storage"].choices = [(item, item) for item in storages()]  # type: ignore[attr-defined]


class Excursion(StockPage):
    """Report an excursion."""

    form_class = ExcursionForm
    template = "stock/excursion.html"
    heading = _("Report a temperature excursion")
    button = _("Quarantine the storage")
    explain = _(
        "Every lot of the storage goes into quarantine, and every prepared syringe of the routes concerned becomes "
        "void, whatever it holds: otherwise the ward would learn from what is left."
    )

    def context(self) -> dict[str, Any]:
        return {"rows": excursions_of(self.actor, self.actor.site_code), "zone": self.zone()}

    def act(self, form: SiteForm) -> str:
        report_excursion(actor=self.actor, site_code=self.actor.site_code, **form.cleaned_data)
        return self.back()


class DecideForm(SiteForm):
    """What becomes of a lot."""

    outcome = forms.ChoiceField(
        label=_("What becomes of it?"), widget=forms.RadioSelect,
        choices=[(Outcome.RELEASED, _("It may be used again")), (Outcome.DESTROYED, _("It is destroyed"))],
    )  # fmt: skip
    reason = forms.CharField(label=_("On what does the decision rest?"))


class Decide(OncePage):
    """End a quarantine, knowing what happened."""

    form_class = DecideForm
    template = "stock/decide.html"
    heading = _("Decide on a quarantine")
    button = _("Record the decision")

    def zone(self) -> str:
        return site(SYSTEM, hold_for(self.actor, self.kwargs["hold_id"]).lot.site_code).time_zone

    def title(self) -> str:
        return gettext("Decide on lot %(number)s") % {"number": hold_for(self.actor, self.kwargs["hold_id"]).lot.number}

    def context(self) -> dict[str, Any]:
        hold = hold_for(self.actor, self.kwargs["hold_id"])
        return {"hold": hold, "zone": self.zone(), "row": excursion_of(self.actor, hold)}

    def act(self, form: SiteForm) -> str:
        given = {**form.cleaned_data, "outcome": Outcome(form.cleaned_data["outcome"])}
        decide(actor=self.actor, hold_id=self.kwargs["hold_id"], **given)
        return reverse("recall" if self.actor.site_code == EVERYWHERE else "stock")


class RecallForm(SiteForm):
    """A lot, wherever it lies."""

    product = forms.ChoiceField(label=_("Product"))
    lot_number = ScanField(label=_("Lot"))
    reason = forms.CharField(label=_("Why is it recalled?"))
    ahead = forms.BooleanField(label=_("It may not have arrived anywhere yet"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products_at()  # type: ignore[attr-defined]


class Recall(OncePage):
    """Recall a lot."""

    permission = P.STOCK_RECALL
    form_class = RecallForm
    template = "stock/recall.html"
    heading = _("Recall a lot at every site")
    button = _("Recall")
    explain = _(
        "Every syringe of the routes concerned, at every site that has the lot, becomes void, "
        "whatever it holds. A site that books the lot in later finds it on hold."
    )
    said = _("The lot is recalled, and in quarantine at every site that has it.")

    def context(self) -> dict[str, Any]:
        return {"holds": open_recalls(self.actor)}

    def act(self, form: SiteForm) -> str:
        given = form.cleaned_data
        recall(actor=self.actor, **{**given, "lot_number": read_lot(given["lot_number"]).number})
        return reverse("recall")


class SupplyForm(SiteForm):
    """One question."""

    may_supply = forms.ChoiceField(
        label=_("Can the pharmacy work?"),
        choices=[("yes", _("Yes")), ("no", _("No: no power, no printer, nobody here"))],
        widget=forms.RadioSelect,
    )  # fmt: skip


class Supply(StockPage):
    """Stop and go on."""

    permission = P.STOCK_CONFIRM
    form_class = SupplyForm
    heading = _("Can the pharmacy work?")
    button = _("Say so")
    explain = _(
        "The ward learns one flag: may randomise or not. The stock counts by itself: this is for everything else."
    )

    def act(self, form: SiteForm) -> str:
        may_supply = form.cleaned_data["may_supply"] == "yes"
        state_supply(actor=self.actor, site_code=self.actor.site_code, may_supply=may_supply)
        return self.back()
