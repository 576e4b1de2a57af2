"""What happens in every world: the same outward acts; people above read their own page and do what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial

from immunosep_site.demonstration import cast, play
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.services.finish import void
from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.roles import Role
from randomization.accounts.signing import sign
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.services.record_clearance import ClearanceInput, record_clearance
from randomization.blinded.screening.models import Participant, Sample
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.ids import Barcode
from randomization.shared.service import Side, on_side
from randomization.unblinded.codebreak.services import break_code as codebreak
from randomization.unblinded.laboratory.services.analyse import enter_result
from randomization.unblinded.lists.services.generate_lists import generate_lists
from tests.simulator import FIXTURES, set_up

SITE = "GR01"
VALUES = {"MALS": ("9000", "12000"), "SIP": ("800", "3000"), "UNCLASSIFIED": ("800", "9000")}
PATIENTS = ("SIP", "MALS", "UNCLASSIFIED", "SIP", "MALS", "SIP")


@dataclass(frozen=True)
class Step:
    """One act, and how many minutes pass before it."""

    name: str
    act: Callable[[], object]
    minutes: int = 1


class Observed:
    """What the script needs to hand on to the bedside: barcodes of labels, as the ward holds them in hand."""

    labels: list[tuple[str, str]]

    def __init__(self) -> None:
        self.labels = []


def _cases(swapped: bool, patients: int) -> list[play.Case]:
    other = {"MALS": "SIP", "SIP": "MALS"}
    kinds = [other.get(kind, kind) if swapped else kind for kind in PATIENTS[:patients]]
    return [
        play.Case(SITE, *VALUES[kind], clearance_ml_min="25" if order % 3 == 1 else "80")
        for order, kind in enumerate(kinds)
    ]


def _first_doses() -> list[Dose]:
    return list(Dose.objects.filter(number=1).order_by("course__participant__number", "route"))


def _prepare_all(seen: Observed) -> None:
    pharmacist = cast.at_site(Role.PHARMACIST, SITE)
    for dose in _first_doses():
        made = play.prepare_and_release(dose, SITE)
        print_labels(pharmacist, made.uid, reason="second copy for the file")
        label = str(Barcode(made.kit_code, made.route, made.number, made.pack_code))
        seen.labels.append((made.participant_number, label))


def _prepare_second() -> None:
    """The second IV dose of everybody: ready and not given when a clearance falls."""
    for dose in Dose.objects.filter(number=2, route="IV").order_by("course__participant__number"):
        play.prepare_and_release(dose, SITE)


def _void_one_and_prepare_again(seen: Observed) -> None:
    from pharmacy.preparation.models import Preparation

    made = Preparation.objects.filter(participant_number=seen.labels[0][0], route="IV").get()
    void(actor=cast.at_site(Role.PHARMACIST, SITE), uid=made.uid, reason="dropped")
    again = play.prepare_and_release(Dose.objects.get(uid=made.dose_uid), SITE)
    seen.labels[0] = (
        again.participant_number, str(Barcode(again.kit_code, again.route, again.number, again.pack_code)),
    )  # fmt: skip


def _break(number: str) -> None:
    actor = cast.at_site(Role.CODE_BREAKER, SITE)
    content = codebreak.signed_content(number, "emergency", "shock")
    grant = sign(actor=actor, secret=cast.PASSWORD, meaning=codebreak.MEANING, subject=number, content=content)
    codebreak.break_code(actor=actor, number=number, category="emergency", reason="shock", grant=grant)


def _correct_value(number: str, value: str) -> None:
    sample = Sample.objects.get(participant__number=number)
    enter_result(
        actor=cast.laboratory("GR"), sample_uid=sample.uid, analyte="hla_dr", value=value, reason="calibration"
    )


def _clearance_falls(number: str) -> None:
    clearance = ClearanceInput(Decimal(20), "measured", clock.now() - timedelta(hours=1))
    with on_side(Side.BLINDED):
        record_clearance(actor=cast.at_site(Role.COORDINATOR, SITE), number=number, clearance=clearance)


def _supply(may_supply: bool) -> None:
    state_supply(actor=cast.at_site(Role.PHARMACIST, SITE), site_code=SITE, may_supply=may_supply)


def _screen(numbers: list[str], case: play.Case) -> None:
    numbers.append(play.screen(case).number)


def _measure(numbers: list[str], order: int, case: play.Case) -> None:
    play.measure(numbers[order], case)


def _confirm(numbers: list[str], order: int) -> None:
    play.confirm(numbers[order], SITE)


def _randomise(numbers: list[str], order: int, case: play.Case) -> None:
    play.randomise(numbers[order], case)


def _plan(swapped: bool) -> str:
    """The plan, with the arms in the other order: the same draws then mean the other arm."""
    text = (FIXTURES / "plan.toml").read_text(encoding="utf-8")
    one, two = (f'[[arm]]\nname = "{name}"\nratio = 1\n' for name in ("PRECISION", "CONTROL"))
    assert one in text
    assert two in text
    return text.replace(one, "@").replace(two, one).replace("@", two) if swapped else text


def steps(*, arms_swapped: bool, classes_swapped: bool, patients: int, seen: Observed) -> Iterator[Step]:
    """The acts in order."""
    cases = _cases(classes_swapped, patients)
    numbers: list[str] = []
    yield Step("set up", lambda: set_up([SITE], length=12, plan=_plan(arms_swapped)))
    for case in cases:
        yield Step(f"screen {len(numbers) + 1}", partial(_screen, numbers, case), 20)
    for order, case in enumerate(cases):
        yield Step(f"measure {order + 1}", partial(_measure, numbers, order, case), 7)
    for order in range(len(cases)):
        yield Step(f"confirm {order + 1}", partial(_confirm, numbers, order), 5)
    yield Step("no supply", lambda: _supply(False))
    yield Step("supply", lambda: _supply(True))
    for order, case in enumerate(cases):
        if PATIENTS[order] != "UNCLASSIFIED":
            yield Step(f"randomise {order + 1}", partial(_randomise, numbers, order, case), 11)
    yield Step("prepare", lambda: _prepare_all(seen), 4)
    yield Step("ready", play.pass_hatch, 45)
    yield Step("void", lambda: _void_one_and_prepare_again(seen), 2)
    yield Step("ready again", play.pass_hatch, 50)
    yield Step("break a code", lambda: _break(numbers[0]), 3)
    if patients > 1:
        yield Step("correct a value", lambda: _correct_value(numbers[1], VALUES["SIP"][1] + "1"), 3)
    yield Step("prepare second doses", _prepare_second, 3)
    yield Step("second doses ready", play.pass_hatch, 8 * 60)
    yield Step("clearance falls", lambda: _clearance_falls(numbers[0]), 3)
    yield Step("extend", lambda: generate_lists(actor=SYSTEM, site_codes=[SITE], length=8, reserves=0), 3)
    yield Step("last messages", play.pass_hatch, 60)
    assert Participant.objects.count() == patients
