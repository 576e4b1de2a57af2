"""A site for a pharmacist's week: `week_set_up.py PATIENTS`, of both classes, two more eligible, envelopes sealed."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from immunosep_site.demonstration import play  # noqa: E402
from immunosep_site.demonstration.small_trial import set_up  # noqa: E402
from pharmacy.outage.services.print_envelope import print_envelopes  # noqa: E402
from randomization.blinded.allocation.models import Slot  # noqa: E402
from randomization.shared.actor import SYSTEM  # noqa: E402
from randomization.unblinded.lists.services.generate_lists import generate_fallback  # noqa: E402

SITE = "GR01"


def main() -> None:
    """Everything that is not the pharmacist's."""
    set_up([SITE, "GR02"], length=12)
    generate_fallback(actor=SYSTEM, site_codes=[SITE])
    print_envelopes(actor=SYSTEM, site_code=SITE)
    play.pass_hatch()
    kits, waiting = {}, []
    patients = int(sys.argv[1])
    for order in range(patients + 2):
        case = play.Case(SITE, ferritin="9000" if order % 2 else "800")
        number = play.screen(case).number
        play.measure(number, case)
        play.pass_hatch()
        play.confirm(number, SITE)
        if order < patients:
            kits[number] = play.randomise(number, case).kit_code
        else:
            waiting.append(number)
    from pharmacy.preparation.models import EnvelopeLabel
    from randomization.shared.ids import Barcode

    labels: dict[str, list[str]] = {}
    for slot in Slot.objects.filter(list__state="fallback").order_by("position"):
        for label in EnvelopeLabel.objects.filter(kit_code=slot.kit_code, number=1, level="full").order_by("route"):
            barcode = Barcode(label.kit_code, label.route, label.number, label.pack_code)
            labels.setdefault(label.kit_code, []).append(str(barcode))
    print(json.dumps({"kits": kits, "waiting": waiting, "envelopes": labels}))


main()
