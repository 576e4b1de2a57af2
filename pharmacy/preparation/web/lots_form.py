"""The part of a form that says from where units were taken: cartons, a code, or typed with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from pharmacy.preparation.instruction import Ingredient
from pharmacy.preparation.units_taken import TypedLot, numbers_of
from pharmacy.stock.ledger import Holding
from pharmacy.stock.scanned_lot import read_lot
from randomization.delivery.forms import ScanField, SigningForm
from randomization.delivery.sentences import shown
from randomization.shared.errors import InvalidInput

ASKED_BESIDE = frozenset({"ambiguous_scan", "no_lot", "other_lot"})
"""What is wrong with a scan that the lot printed beside it decides."""


def _needs_printed_lot(code: str) -> bool:
    try:
        read_lot(code)
    except InvalidInput as refusal:
        return refusal.code in ASKED_BESIDE
    return False


def _with_expiry(lot: Holding) -> Any:
    return format_lazy(_("{lot}, expires {day}"), lot=lot.number, day=f"{lot.expires_on:%d %b %Y}")


class LotsForm(SigningForm):
    """From where the units of each product were taken, and a signature."""

    reason = forms.CharField(
        label=_("Why was a lot typed and not scanned?"),
        required=False,
        help_text=_("Empty where cartons were chosen or units scanned"),
    )

    def __init__(self, *args: Any, needed: Sequence[Ingredient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needed = needed
        for item in needed:
            self._add_cartons(item)
            self._add_code(item)
        last = ["reason"] if "reason" in self.fields else []
        self.order_fields(None)
        self.order_fields([name for name in self.fields if name not in {"reason", "secret"}] + [*last, "secret"])

    def order_fields(self, field_order: Any) -> None:
        """As cleaned; the password comes last."""
        forms.Form.order_fields(self, field_order or [name for name in self.fields if name != "secret"])

    def _add_cartons(self, item: Ingredient) -> None:
        usable = [row for row in item.cartons if not row.against and row.left != 0]
        if not usable:
            return
        self.fields[f"cartons_{item.code}"] = forms.MultipleChoiceField(
            label=format_lazy(_("Carton of {product}"), product=item.name),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("The one in your hand: read lot and expiry on the units"),
            choices=[
                (
                    str(row.pk),
                    format_lazy(
                        _("{number}: lot {lot}, expires {day}"),
                        number=row.pk,
                        lot=row.lot_number,
                        day=f"{row.expires_on:%d %b %Y}",
                    ),
                )
                for row in usable
            ],
        )

    def _add_code(self, item: Ingredient) -> None:
        name, first = f"lot_{item.code}", shown(item.suggested)
        self.fields[name] = ScanField(
            label=format_lazy(_("Or scan a unit of {product}"), product=item.name),
            required=False,
            help_text=format_lazy(_("Expires first: {lots}. Typed as printed, it needs a reason"), lots=first)
            if item.suggested
            else _("Typed as printed, it needs its expiry and a reason"),
        )
        if self.is_bound and _needs_printed_lot(self.data.get(name, "")):
            self.fields[f"printed_{item.code}"] = forms.CharField(
                label=format_lazy(_("Lot printed beside the code of {product}"), product=item.name), required=False
            )
        if item.known:
            self.fields[f"known_{item.code}"] = forms.ChoiceField(
                label=format_lazy(_("Or a lot of {product} that was used here before"), product=item.name),
                required=False,
                help_text=_("Read lot and expiry on the unit; say below why it is not scanned"),
                choices=[
                    ("", _("None of these")),
                    *(
                        (
                            lot.number,
                            format_lazy(_("{lot}, expires {day}"), lot=lot.number, day=f"{lot.expires_on:%d %b %Y}"),
                        )
                        for lot in item.known
                    ),
                ],
            )
        self.fields[f"expires_{item.code}"] = forms.DateField(
            label=format_lazy(_("Expiry of {product}"), product=item.name),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}),
            help_text=_("Only for a lot that was typed, or whose code does not hold it"),
        )

    def lots(self) -> dict[str, TypedLot]:
        """What was chosen, scanned or typed, by product."""
        typed, cleaned = {}, self.cleaned_data
        for item in self.needed:
            lot = TypedLot(
                number=cleaned.get(f"lot_{item.code}") or cleaned.get(f"known_{item.code}") or "",
                expires_on=cleaned.get(f"expires_{item.code}"),
                printed_lot=cleaned.get(f"printed_{item.code}", ""),
                reason=cleaned.get("reason", ""),
                cartons=numbers_of(cleaned.get(f"cartons_{item.code}", ())),
            )
            if lot.number or lot.cartons:
                typed[item.code] = lot
        return typed
