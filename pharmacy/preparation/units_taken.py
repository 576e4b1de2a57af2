"""From where the units of a syringe were taken, as somebody read it: an opened carton, a code, or typed with a reason.

Nothing is recorded that nobody read: no lot is chosen by the system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pharmacy.preparation.instruction import Taken, last_day, needs_of
from pharmacy.preparation.models import Preparation
from pharmacy.stock.booking import book, lock_lots, use_of_hospital
from pharmacy.stock.cartons import left_in
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Carton, CartonUse, Consignment, Lot
from pharmacy.stock.proof import check_product
from pharmacy.stock.read_pack import Typed, check_consignment, check_told_apart, product_in_plan, read_pack
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.sentences import sentence as _
from randomization.unblinded.formulary.contents import Source


@dataclass(frozen=True, slots=True)
class TypedLot:
    """From where the units of one product were taken.

    cartons: numbers in the register of opened cartons. number: a unit's code as scanned, or its lot as printed with
    the `reason` why it was typed; taken from after the cartons. printed_lot: beside a code that leaves the lot open.
    """

    number: str = ""
    expires_on: date | None = None
    printed_lot: str = ""
    reason: str = ""
    cartons: tuple[int, ...] = ()

    def signed(self) -> dict[str, Any]:
        """What of it is signed."""
        return {
            "cartons": sorted(self.cartons),
            "number": self.number,
            "expires_on": str(self.expires_on or ""),
            "printed_lot": self.printed_lot,
            "reason": self.reason,
        }


@dataclass(slots=True)
class Origin:
    """A lot, or a carton of it, from which units are taken; `left`: None where nobody counted."""

    lot: Lot
    how: str
    carton: Carton | None = None
    left: int | None = None
    consignment: Consignment | None = None


@dataclass(slots=True)
class Bench:
    """What one signature takes, product by product, for one or several syringes of a site."""

    site_code: str
    lots: Mapping[str, TypedLot]
    origins: dict[str, list[Origin]] = field(default_factory=dict)

    def origins_of(self, product: str) -> list[Origin]:
        """The origins of a product, read once. Raises InvalidInput where nobody said any."""
        if product not in self.origins:
            self.origins[product] = _origins(self.site_code, product, self.lots.get(product, TypedLot()))
        return self.origins[product]

    def read(self) -> dict[str, list[str]]:
        """For the trail: how lot and expiry of each product became known."""
        return {product: [origin.how for origin in origins] for product, origins in sorted(self.origins.items())}

    def reasons(self) -> str:
        """For the trail: why something was typed."""
        typed = (self.lots[product].reason.strip() for product in sorted(self.origins) if product in self.lots)
        return "; ".join(dict.fromkeys(reason for reason in typed if reason))


def _origins(site_code: str, product: str, typed: TypedLot) -> list[Origin]:
    origins = [_from_carton(site_code, product, number) for number in dict.fromkeys(typed.cartons)]
    if typed.number.strip():
        pack = read_pack(site_code, product, Typed(typed.number, typed.expires_on, typed.printed_lot, typed.reason))
        origins.append(Origin(pack.lot, str(pack.read), consignment=pack.consignment))
    if not origins:
        raise InvalidInput(
            _("Choose the open carton that the units of %(product)s come from, or scan a unit.", product=product),
            field="lots",
            code="lot_missing",
        )
    return origins


def _from_carton(site_code: str, product: str, number: int) -> Origin:
    """A carton under lock. Raises NotFound at another site, Refused for another product or one that is closed."""
    carton = Carton.objects.select_for_update(of=("self",)).select_related("lot").filter(pk=number).first()
    if carton is None or carton.lot.site_code != site_code:
        raise NotFound(_("No carton of this number is in the register here: look at the cartons again."))
    if carton.lot.product != product:
        check_product(carton.gtin, product, {carton.gtin: carton.lot.product})
    if carton.in_error_at is not None:
        raise Refused(
            _("Carton %(number)s was opened in error: take the units from another.", number=number),
            code="carton_in_error",
        )
    if carton.closed_at is not None:
        raise Refused(
            _("Carton %(number)s was closed: take the units from another.", number=number), code="carton_closed"
        )
    if carton.consignment is None:
        check_told_apart(carton.lot, carton.opened_at)
    else:
        check_consignment(carton.consignment)
    return Origin(carton.lot, f"carton {number}", carton, left_in(carton), carton.consignment)


def take_lots(actor: Actor, preparation: Preparation, bench: Bench) -> dict[str, Taken]:
    """Inside the running service: book what one syringe takes; returns the lots by product. Raises as `make`."""
    return {
        product: _take(actor, preparation, product, units, bench.origins_of(product))
        for product, units in needs_of(preparation).items()
    }


def _take(actor: Actor, preparation: Preparation, product: str, units: int, origins: Sequence[Origin]) -> Taken:
    """Take units of one product from its origins in their order; Refused where these hold too few."""
    counted = product_in_plan(product).source is Source.SPONSOR
    held = {holding.lot_id: holding for holding in lock_lots(preparation.site_code, [product])}
    until, balances = (
        last_day(preparation),
        {lot_id: holding.free(arm_neutral=False) for lot_id, holding in held.items()},
    )
    taken, missing = Taken(), units
    for origin in origins:
        limits = [missing, *([balances[origin.lot.pk]] if counted else []), *([origin.left] if origin.left else [])]
        part = 0 if origin.left == 0 else min(limits)
        if missing and origin.left != 0:
            against = held[origin.lot.pk].reason_against_taking(until)
            if against:
                raise Refused(
                    _("Lot %(number)s %(against)s: do not use it.", number=origin.lot.number, against=against),
                    code="lot_not_usable",
                )
        if part:
            _book(actor, preparation, origin, part, counted=counted)
            balances[origin.lot.pk] -= part
            missing -= part
            taken.append((origin.lot.number, part))
    if missing:
        raise Refused(
            _(
                "%(origins)s: fewer than the %(units)s units of %(product)s that this syringe takes. Choose a further "
                "carton, or scan a further unit.",
                origins=", ".join(dict.fromkeys(origin.lot.number for origin in origins)),
                units=units,
                product=product,
            ),
            code="not_enough",
        )
    return taken


def _book(actor: Actor, preparation: Preparation, origin: Origin, units: int, *, counted: bool) -> None:
    if counted:
        book(actor, origin.lot, Kind.USE, units, reference=str(preparation.uid), consignment=origin.consignment)
    else:
        use_of_hospital(actor, origin.lot, units, reference=str(preparation.uid))
    if origin.carton is not None:
        CartonUse.objects.create(carton=origin.carton, preparation_uid=preparation.uid, units=units)
        origin.left = None if origin.left is None else origin.left - units


def lots_in_words(taken: Mapping[str, Taken]) -> list[str]:
    """For the trail: `PRODUCT lot`, each once."""
    return list(dict.fromkeys(f"{product} {number}" for product, lots in taken.items() for number, _units in lots))


def numbers_of(cartons: Iterable[Any]) -> tuple[int, ...]:
    """Numbers of cartons as a form or a body gives them."""
    return tuple(int(number) for number in cartons)
