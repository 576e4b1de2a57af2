"""What addresses of one site name, at each step."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from immunosep_site.demonstration import play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Carton, Hold, Lot, Removal
from pharmacy.stock.services.receive import Delivered, receive
from randomization.blinded.bedside.models import Dose
from randomization.shared import clock
from tests.articles import OTHER_PACK, add_signed
from tests.destroying import order_lot
from tests.removing import write_off
from tests.unblinded.delivery.permission_table import PHARMACIST, PREPARER


@pytest.fixture
def places(trial: None) -> dict[str, str]:
    """A sample, a lot on hold, and preparations at each step at GR01."""
    numbers = [play.enrol(Case("GR01")).participant for _turn in range(3)]
    number = numbers[0]
    doses = [Dose.objects.get(course__participant__number=patient, route="IV", number=1) for patient in numbers]
    participant = play.screen(Case("GR01"))
    participant.refresh_from_db()
    first, second, third = (prepare(actor=PHARMACIST, dose_uid=dose.uid) for dose in doses)
    play.make_syringes([second], "GR01")
    play.make_and_check([third], "GR01")
    lot = Lot.objects.filter(site_code="GR01")[0]
    line = Delivered("ANAKINRA", "WARM", clock.now().date() + timedelta(days=90), 10)
    receive(actor=PHARMACIST, site_code="GR01", line=line, delivery_note="7", temperature_c=Decimal(12))
    hold = Hold.objects.get(lot__number="WARM")
    free = Dose.objects.get(course__participant__number=number, route="SC", number=1)
    article = add_signed(PREPARER, "GR01", "SALINE", OTHER_PACK)
    taken_out = write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.WASTE, units=20, reason="the shelf fell")
    return {
        "article": str(article.pk),
        "sample": str(participant.sample_id),
        "preparation": str(first.uid),
        "dose": str(free.uid),
        "kit": first.kit_code,
        "made_kit": second.kit_code,
        "checked_kit": third.kit_code,
        "lot": str(lot.pk),
        "hold": str(hold.pk),
        "order": str(order_lot(lot.pk, 5).pk),
        "removal": str(Removal.objects.get(movement=taken_out).pk),
        "carton": str(Carton.objects.filter(lot__site_code="GR01")[0].pk),
        "consignment": str(hold.consignment_id),
    }
