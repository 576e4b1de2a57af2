"""The shelf label of a consignment, as PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pharmacy.stock.models import Consignment
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import site
from randomization.documents.barcode import datamatrix_svg
from randomization.documents.pdf import render
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import InvalidInput, NotFound
from randomization.shared.ids import parse_kit_code, show_code
from randomization.unblinded.lists.selectors import plans_in_use

TEMPLATE: Final = Path(__file__).parent / "typst" / "shelf.typ"


def shelf_label(actor: Actor, code: str) -> bytes:
    """The label with the code to scan, product, lot, expiry and units; unblinded, it stays in the pharmacy.

    Raises NotFound for another site's consignment.
    """
    check_can(actor, Permission.PREPARATION_READ)
    try:
        parsed = parse_kit_code(code)
    except InvalidInput as error:
        raise NotFound() from error
    consignment = Consignment.objects.select_related("lot").filter(pk=parsed).first()
    if consignment is None:
        raise NotFound()
    lot = consignment.lot
    check_can(actor, Permission.PREPARATION_READ, site_code=lot.site_code)
    plan, zone = plans_in_use(), site(SYSTEM, lot.site_code).time_zone
    name = plan.products[lot.product].name if lot.product in plan.products else lot.product
    data = {
        "code": show_code(consignment.code),
        "symbol": datamatrix_svg(consignment.code),
        "product": name,
        "lot": lot.number,
        "expires": f"{lot.last_day:%d %b %Y}",
        "site": lot.site_code,
        "units": str(consignment.units),
        "received": f"{clock.site_moment(consignment.received_at, zone):%d %b %Y %H:%M}",
        "note": f"note {consignment.delivery_note}" if consignment.delivery_note else "received provisionally",
    }
    return render(TEMPLATE, data, at=consignment.received_at)
