"""Forms about one lot: what leaves it, a count, its expiry, and that its units were mixed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharmacy.stock.ledger import Kind
from pharmacy.stock.removing import CountLot, WriteOff
from pharmacy.stock.selectors import lot_for
from pharmacy.stock.services.hold import note_mixing
from pharmacy.stock.services.move import correct_expiry, count_stock, write_off
from pharmacy.stock.web.ledger import DATE, P, StockPage
from randomization.delivery.confirm_voids import ForeseenPage
from randomization.delivery.forms import SigningForm, SiteForm
from randomization.signatures.command import SignedCommand


class ExpiryForm(SiteForm):
    """The expiry as printed."""

    expires_on = forms.DateField(label=_("Expiry as printed on the pack"), widget=DATE)
    reason = forms.CharField(label=_("How did the wrong day come about?"))


class LotPage(StockPage):
    """A form about one lot."""

    def title(self) -> str:
        lot = lot_for(self.actor, self.kwargs["lot_id"])
        return self.heading.format(
            name=gettext("%(product)s lot %(number)s") % {"product": lot.product, "number": lot.number}
        )

    def get_success_url(self) -> str:
        return reverse("lot", args=[self.kwargs["lot_id"]])


class MaySignForm(SigningForm):
    """A form that is signed where much leaves a lot; the service says when."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].required = False
        self.fields["secret"].help_text = gettext(
            "Needed where more leaves than one preparation takes, or nothing is left. Another person confirms it."
        )


class RemovalPage(LotPage):
    """Units leave a lot by one person's word; where they are many, it is signed and another person confirms it."""

    signs = True

    def grant(self, form: SiteForm, command: SignedCommand) -> UUID | None:
        """The signature of what the form says; None where no password was typed."""
        return self.signed(form, command) if form.cleaned_data["secret"] else None


class WriteOffForm(MaySignForm):
    """What leaves a lot."""

    kind = forms.ChoiceField(
        label=_("What happened?"),
        widget=forms.RadioSelect,
        choices=[
            (Kind.WASTE, _("Wasted: broken or dropped")),
            (Kind.RETURN, _("Returned to the sponsor")),
        ],
    )
    units = forms.IntegerField(label=_("Units"))
    whole_lot = forms.BooleanField(
        label=_("This is the whole lot: nothing of it stays here"),
        required=False,
        help_text=_("Then nothing of it counts as there any more; the units are those of the ledger"),
    )
    reason = forms.CharField(label=_("Why?"))


class WriteOffPage(RemovalPage):
    """Take units out of a lot."""

    form_class = WriteOffForm
    heading = _("Waste or return {name}")
    button = _("Record")
    explain = _(
        "What is destroyed is ordered on the page of the lot, and destroyed by another person. No prepared syringe "
        "becomes void by it: a hold does that."
    )

    def form_valid(self, form: SiteForm) -> HttpResponse:
        kind = Kind(form.cleaned_data["kind"])
        units, whole_lot, reason = (form.cleaned_data[name] for name in ("units", "whole_lot", "reason"))
        command = WriteOff(self.kwargs["lot_id"], kind, units, reason, whole_lot)
        grant = self.grant(form, command)
        return self.once(form, lambda: write_off(actor=self.actor, command=command, grant=grant))


class CountForm(MaySignForm):
    """A count."""

    counted = forms.IntegerField(label=_("Units counted"), min_value=0)
    reason = forms.CharField(label=_("Explanation of a difference"), required=False)


class Count(RemovalPage):
    """Count a lot."""

    form_class = CountForm
    heading = _("Count {name}")
    button = _("Record the count")
    explain = _("Count before you look at the ledger. A difference asks for its explanation.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        command = CountLot(self.kwargs["lot_id"], form.cleaned_data["counted"], form.cleaned_data["reason"])
        grant = self.grant(form, command)
        return self.once(form, lambda: count_stock(actor=self.actor, command=command, grant=grant))


class CorrectExpiry(LotPage):
    """Correct the expiry of a lot."""

    permission = P.PREPARATION_MAKE
    form_class = ExpiryForm
    heading = _("Correct the expiry of {name}")
    button = _("Correct it")
    explain = _("What was prepared before stays as it is; from now on the corrected day counts.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        correct_expiry(actor=self.actor, lot_id=self.kwargs["lot_id"], **form.cleaned_data)
        return super().form_valid(form)


class MixedForm(SiteForm):
    """How it came about."""

    of_notes = forms.TypedChoiceField(
        label=_("What was mixed?"),
        widget=forms.RadioSelect,
        choices=[
            ("1", _("Units of several delivery notes")),
            ("0", _("Units of one delivery note, with units received provisionally")),
        ],
        coerce=lambda value: value == "1",
        empty_value=None,
        required=False,
    )
    reason = forms.CharField(label=_("How were the units mixed?"))


class Mixed(ForeseenPage, LotPage):
    """Say that consignments of a lot cannot be told apart."""

    form_class = MixedForm
    heading = _("Units of {name} were mixed")
    button = _("Record it")
    explain = _("From now on a hold on one consignment of this lot falls on all of it.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        note_mixing(actor=self.actor, lot_id=self.kwargs["lot_id"], accepted=self.accepted, **form.cleaned_data)
        return super().form_valid(form)
