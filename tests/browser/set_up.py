"""Two sites for the browser: one with patients at every step, one where something waits for everybody.

Prints the numbers of the first by what they are for, with their kits, and where the pages of the second are.
"""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from immunosep_site.demonstration import cast, play  # noqa: E402
from immunosep_site.demonstration.small_trial import set_up  # noqa: E402
from pharmacy.accountability.services.reconcile import raise_query  # noqa: E402
from pharmacy.preparation.services.prepare import prepare  # noqa: E402
from pharmacy.stock.ledger import Kind  # noqa: E402
from pharmacy.stock.models import Carton, Hold, Removal  # noqa: E402
from pharmacy.stock.services.receive import Delivered, receive, receive_provisionally  # noqa: E402
from randomization.accounts.roles import Role  # noqa: E402
from randomization.blinded.bedside.models import Dose  # noqa: E402
from randomization.blinded.desk.models import Alert, AlertKind  # noqa: E402
from randomization.blinded.desk.tasks import watch  # noqa: E402
from randomization.blinded.screening.models import Deviation, Participant, Sample  # noqa: E402
from randomization.blinded.screening.services.record_sample import correct_sample  # noqa: E402
from randomization.delivery.services.tablets import enrol_tablet  # noqa: E402
from randomization.shared import clock  # noqa: E402
from randomization.shared.service import Side, on_side  # noqa: E402
from randomization.signatures.signing import sign  # noqa: E402
from randomization.unblinded.codebreak.services.break_code import BreakCode, break_code  # noqa: E402
from randomization.unblinded.laboratory.models import ClassCase  # noqa: E402
from randomization.unblinded.laboratory.services.analyse import enter_result, receive_sample  # noqa: E402
from randomization.unblinded.laboratory.services.decide_class import DecideClass, decide_class  # noqa: E402
from tests.articles import OTHER_PACK, add_signed  # noqa: E402
from tests.destroying import order_lot  # noqa: E402
from tests.removing import write_off  # noqa: E402

SITE, SECOND = "GR01", "GR02"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SECOND), cast.at_site(Role.PREPARER, SECOND)
COORDINATOR, BREAKER = cast.at_site(Role.COORDINATOR, SECOND), cast.at_site(Role.CODE_BREAKER, SECOND)
MONITOR = cast.at_site(Role.UNBLINDED_MONITOR, SECOND)


def patients() -> dict[str, object]:
    """Three are randomised, three eligible."""
    case, numbers = play.Case(SITE), {}
    for name in ("treated", "broken", "told", "waiting", "drafted", "coming"):
        number = play.screen(case).number
        play.measure(number, case)
        play.pass_hatch()
        assert play.confirm(number, SITE)
        numbers[name] = number
    kits = {numbers[name]: play.randomise(numbers[name], case).kit_code for name in ("treated", "broken", "told")}
    return {**numbers, "kits": kits}


def ward() -> dict[str, object]:
    """A sample drawn too early, another late, a window that ends, a tablet."""
    waiting, received = (play.screen(play.Case(SECOND, sepsis_hours_ago=65)) for _turn in range(2))
    with on_side(Side.BLINDED):
        at = clock.now()
        correct_sample(
            actor=COORDINATOR,
            number=waiting.number,
            drawn_at=at - timedelta(hours=8),
            shipped_at=at - timedelta(hours=1),
            covid19=False,
            reason="read again from the tube",
        )
        tablet, _secret = enrol_tablet(actor=COORDINATOR, name="ward 3")
        watch()
    samples = {
        name: Sample.objects.get(participant=file).uid for name, file in (("sample", waiting), ("received", received))
    }
    with on_side(Side.UNBLINDED):
        receive_sample(actor=cast.laboratory("GR"), sample_uid=samples["received"], received_at=clock.now())
    return {
        **samples,
        "tablet": tablet.pk,
        "deviation": Deviation.objects.filter(participant=waiting)[0].pk,
        "alert": Alert.objects.filter(kind=AlertKind.WINDOW_ENDING)[0].pk,
    }


def bench(numbers: list[str]) -> dict[str, object]:
    """A preparation at each step, a lot on hold, one that came at night, a question of the monitor."""
    doses = [Dose.objects.get(course__participant__number=number, route="IV", number=1) for number in numbers[:3]]
    with on_side(Side.UNBLINDED):
        first, second, third = (prepare(actor=PHARMACIST, dose_uid=dose.uid) for dose in doses)
        play.make_syringes([second], SECOND)
        play.make_and_check([third], SECOND)
        expires_on = (clock.now() + timedelta(days=90)).date()
        for number in ("WARM", "NIGHT"):
            line = Delivered("ANAKINRA", number, expires_on, 10)
            if number == "NIGHT":
                movement = receive_provisionally(actor=PREPARER, site_code=SECOND, line=line, reason="in the night box")
            else:
                receive(actor=PHARMACIST, site_code=SECOND, line=line, delivery_note="7", temperature_c=Decimal(12))
        ordered = order_lot(movement.lot_id, 2)
        wasted = write_off(
            actor=PHARMACIST, lot_id=movement.lot_id, kind=Kind.WASTE, units=4, reason="the box fell down"
        )
        query = raise_query(actor=MONITOR, site_code=SECOND, subject="WARM", text="Who took it from the courier?")
        article = add_signed(PREPARER, SECOND, "SALINE", OTHER_PACK)
    free = Dose.objects.get(course__participant__number=numbers[0], route="SC", number=1)
    hold = Hold.objects.get(lot__number="WARM")
    return {
        "article": article.pk,
        "preparation": first.uid,
        "kit": first.kit_code,
        "made_kit": second.kit_code,
        "checked_kit": third.kit_code,
        "hold": hold.pk,
        "lot": hold.lot_id,
        "consignment": hold.consignment_id,
        "receipt": movement.pk,
        "order": ordered.pk,
        "carton": Carton.objects.filter(lot__site_code=SECOND)[0].pk,
        "removal": Removal.objects.get(movement=wasted).pk,
        "query": query.pk,
        "dose": free.uid,
    }


def above(numbers: list[str]) -> dict[str, object]:
    """Two classes corrected afterwards, one decided by the first of two; one code broken."""
    cases = []
    starts, reason = {"IV": 4, "SC": 2}, "second laboratory agrees"
    with on_side(Side.UNBLINDED):
        for number in numbers[:2]:
            participant = Participant.objects.get(number=number)
            enter_result(
                actor=cast.laboratory("GR"),
                sample_uid=Sample.objects.get(participant=participant).uid,
                analyte="ferritin",
                value="9000",
                reason="dilution error",
            )
            cases.append(ClassCase.objects.get(participant_uid=participant.uid))
        decision = DecideClass(numbers[1], cases[1].pk, "MALS", starts, reason)
        grant = sign(actor=PHARMACIST, secret=cast.PASSWORD, command=decision)
        decide_class(actor=PHARMACIST, command=decision, grant=grant)
        code_break = BreakCode(numbers[2], "emergency", reason)
        grant = sign(actor=BREAKER, secret=cast.PASSWORD, command=code_break)
        shown = break_code(actor=BREAKER, command=code_break, grant=grant)
    return {"case": cases[0].pk, "decided": cases[1].pk, "unblinding": shown.uid}


def main() -> None:
    """The first site is left as its tests need it; at the second something waits on every page."""
    set_up([SITE, SECOND], length=12)
    first_site = patients()
    numbers = [play.enrol(play.Case(SECOND)).participant for _turn in range(3)]
    play.pass_hatch()
    places = {**ward(), **bench(numbers), **above(numbers)}
    places["treated_id"] = Participant.objects.get(number=first_site["treated"]).pk
    play.pass_hatch()
    print(json.dumps({**first_site, "places": {name: str(value) for name, value in places.items()}}))


main()
