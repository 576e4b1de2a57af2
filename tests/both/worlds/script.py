"""What happens in every world: the same outward acts; people above read their own page and do what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.small_trial import set_up
from pharmacy.outage.services.enter_envelope import EnterPreparation, enter_preparation
from pharmacy.outage.services.print_envelope import print_envelopes
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.models import EnvelopeLabel, Preparation
from pharmacy.preparation.services.finish import hand_over_now, release, void
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.hold_causes import Outcome
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Hold, Lot
from pharmacy.stock.selectors import holdings
from pharmacy.stock.services.quarantine import decide, recall, report_excursion
from pharmacy.stock.services.receive import Delivered, receive
from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.roles import Role
from randomization.blinded.allocation.models import Slot
from randomization.blinded.allocation.selectors import allocation_by_kit
from randomization.blinded.allocation.services.enter_envelope import EnterEnvelope, enter_envelope
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.services.record_clearance import ClearanceInput, record_clearance
from randomization.blinded.screening.models import Participant, Sample
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import Refused
from randomization.shared.ids import Barcode
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.codebreak.services.break_code import BreakCode, break_code
from randomization.unblinded.codebreak.services.enter_offline import EnterOffline, enter_offline
from randomization.unblinded.codebreak.services.tell_third_party import (
    THIRD_PARTY,
    InviteThirdParty,
    invite_third_party,
    tell_third_party,
)
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.laboratory.models import ClassCase
from randomization.unblinded.laboratory.selectors import class_for_dose
from randomization.unblinded.laboratory.services.analyse import enter_result
from randomization.unblinded.laboratory.services.decide_class import (
    ConfirmClass,
    DecideClass,
    confirm_class,
    decide_class,
)
from randomization.unblinded.lists import assignment_access
from randomization.unblinded.lists.models import SealedSlot, WrappedSecret
from randomization.unblinded.lists.plan import plan_of
from randomization.unblinded.lists.services.generate_lists import generate_fallback, generate_lists
from randomization.unblinded.vault.arm import arm_at
from randomization.unblinded.vault.envelope import SlotContext
from tests.both.worlds import again, bench, chance, corrections, dry, hatchturns, opening, turns
from tests.both.worlds.pharmacist import Pharmacist
from tests.removing import write_off

SITE, OTHER_SITE = "GR01", "GR02"
WITHOUT_VERDICT = dry.POSITION + 1
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
VALUES = {"MALS": ("9000", "12000"), "SIP": ("800", "3000"), "UNCLASSIFIED": ("800", "9000")}
PATIENTS = ("SIP", "MALS", "UNCLASSIFIED", "SIP", "MALS", "SIP", "MALS", "SIP", "MALS")


@dataclass(frozen=True)
class Step:
    """One act, and how many minutes pass before it."""

    name: str
    act: Callable[[], object]
    minutes: int = 1


def _cases(swapped: bool, patients: int) -> list[play.Case]:
    other = {"MALS": "SIP", "SIP": "MALS"}
    kinds = [other.get(kind, kind) if swapped else kind for kind in PATIENTS[:patients]]
    return [
        play.Case(SITE, *VALUES[kind], clearance_ml_min="25" if order % 3 == 1 else "80")
        for order, kind in enumerate(kinds)
    ]


def _first_syringes(number: str, pharmacist: Pharmacist) -> None:
    """IV and SC of a patient, one after the other."""
    for dose in Dose.objects.filter(course__participant__number=number, number=1).order_by("route"):
        pharmacist.ask_for(dose, copy=True)


def _randomise(numbers: list[str], order: int, case: play.Case, pharmacist: Pharmacist) -> None:
    play.randomise(numbers[order], case)
    _first_syringes(numbers[order], pharmacist)


def _void_one_and_prepare_again(number: str, pharmacist: Pharmacist) -> None:
    preparation = Preparation.objects.filter(participant_number=number, route="IV").get()
    void(actor=PHARMACIST, uid=preparation.uid, reason="dropped")
    pharmacist.ask_for(Dose.objects.get(uid=preparation.dose_uid))


def _break(number: str) -> None:
    actor = cast.at_site(Role.CODE_BREAKER, SITE)
    command = BreakCode(number, "emergency", "shock")
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    break_code(actor=actor, command=command, grant=grant)


def _tell_third_party(number: str) -> None:
    actor = cast.at_site(Role.CODE_BREAKER, SITE)
    command = InviteThirdParty(number, "emergency", "bleeding")
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    invitation = invite_third_party(actor=actor, command=command, grant=grant)
    nobody = Actor("third.party", THIRD_PARTY, "")
    tell_third_party(actor=nobody, code=invitation.code, name="A. B.", function="on duty", telephone="123")


def _enter_offline(number: str) -> None:
    actor, at = cast.at_site(Role.CODE_BREAKER, SITE), clock.now() - timedelta(minutes=30)
    command = EnterOffline(number, at, "investigator.gr01", "emergency", "outage")
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    enter_offline(actor=actor, command=command, grant=grant)


def _correct_value(number: str, value: str) -> None:
    sample = Sample.objects.get(participant__number=number)
    enter_result(
        actor=cast.laboratory("GR"), sample_uid=sample.uid, analyte="hla_dr", value=value, reason="calibration"
    )


def _clearance_falls(number: str, pharmacist: Pharmacist) -> None:
    """What is ready becomes void, and is asked for at once."""
    clearance = ClearanceInput(Decimal(20), "measured", clock.now() - timedelta(hours=1))
    with on_side(Side.BLINDED):
        record_clearance(actor=cast.at_site(Role.COORDINATOR, SITE), number=number, clearance=clearance)
    play.pass_hatch()
    pharmacist.ask_for(Dose.objects.get(course__participant__number=number, route="IV", number=2))


def _doses(number: int, route: str = "IV") -> list[Dose]:
    doses = Dose.objects.filter(number=number, route=route).select_related("course__participant")
    return list(doses.order_by("course__participant__number"))


def _ask_for(pharmacist: Pharmacist, number: int, some: slice = slice(None), route: str = "IV") -> None:
    """One dose of some patients; the last one's first syringe breaks."""
    doses = _doses(number, route)[some]
    for dose in doses:
        pharmacist.ask_for(dose, broken=dose is doses[-1])


def _excursion() -> None:
    now = clock.now()
    report_excursion(
        actor=PHARMACIST,
        site_code=SITE,
        storage="2-8 C",
        starts_at=now - timedelta(hours=8),
        ends_at=now,
        lowest_c=Decimal(5),
        highest_c=Decimal(15),
        reason="the door stood open",
    )


def _try_all(number: int) -> None:
    """Everybody's dose is refused alike while a product of the route is missing."""
    for dose in _doses(number):
        with suppress(Refused):
            prepare(actor=PHARMACIST, dose_uid=dose.uid)


def _decide() -> None:
    for hold in Hold.objects.filter(outcome="").order_by("id"):
        decide(actor=PHARMACIST, hold_id=hold.pk, outcome=Outcome.RELEASED, reason="stability data")


def _hand_over(number: int) -> None:
    """What was released for later is shown now."""
    preparation = Preparation.objects.get(dose_uid=_doses(number)[0].uid)
    hand_over_now(actor=PHARMACIST, uid=preparation.uid, reason="surgery")


def _send_back(keep: int) -> None:
    """Return every lot of anakinra whole; another site lends `keep` units."""
    for lot in Lot.objects.filter(product="ANAKINRA", site_code=SITE).order_by("expires_on"):
        left = holdings([lot.pk])[0].balance
        write_off(
            actor=PHARMACIST, lot_id=lot.pk, kind=Kind.RETURN, units=left, reason="to another site", whole_lot=True
        )
    line = Delivered("ANAKINRA", "ANAK-LENT", clock.now().date() + timedelta(days=300), keep)
    receive(actor=PHARMACIST, site_code=SITE, line=line, delivery_note="lent", temperature_c=Decimal(5))


def _run_short(number: int, pharmacist: Pharmacist) -> None:
    """The second dose takes what is left, as if; the third is refused; the last is prepared all the same."""
    doses = _doses(number)[1:]
    for dose in doses[:-1]:
        pharmacist.ask_for(dose)
    pharmacist.ask_for(doses[-1], override_reason="the delivery comes tomorrow")


def _delivery() -> None:
    line = Delivered("ANAKINRA", "ANAK-NEW", clock.now().date() + timedelta(days=300), 100)
    receive(actor=PHARMACIST, site_code=SITE, line=line, delivery_note="second", temperature_c=Decimal(5))


def _recall() -> None:
    recall(actor=cast.SAFETY_OFFICER, product="INTERFERON", lot_number="INTE-A", reason="particles")


def _open_late(number: int) -> None:
    """Opened, and released after the time that was fixed: somebody was called away, in every world."""
    for dose in _doses(number)[3:5]:
        preparation = Preparation.objects.filter(dose_uid=dose.uid, state="opened").first()
        if preparation is None:
            prepare(actor=PHARMACIST, dose_uid=dose.uid)
            continue
        play.make_and_check([preparation], SITE)
        print_labels(PHARMACIST, preparation.uid)
        release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))


def _supply(may_supply: bool) -> None:
    state_supply(actor=PHARMACIST, site_code=SITE, may_supply=may_supply)


def _screen(numbers: list[str], case: play.Case) -> None:
    numbers.append(play.screen(case).number)


def _measure(numbers: list[str], order: int, case: play.Case) -> None:
    play.measure(numbers[order], case)


def _confirm(numbers: list[str], order: int) -> None:
    play.confirm(numbers[order], SITE)


def _plan(swapped: bool) -> str:
    """The plan, with the arms in the other order: the same draws then mean the other arm."""
    text = (FIXTURES / "plan.toml").read_text(encoding="utf-8")
    first, two = (f'[[arm]]\nname = "{name}"\nratio = 1\n' for name in ("PRECISION", "CONTROL"))
    assert first in text
    assert two in text
    return text.replace(first, "@").replace(two, first).replace("@", two) if swapped else text


def _correct_class(number: str, to: str) -> None:
    """Both values of a randomised patient are corrected: another class, and a case."""
    sample = Sample.objects.get(participant__number=number)
    for analyte, value in zip(("ferritin", "hla_dr"), VALUES[to], strict=True):
        enter_result(
            actor=cast.laboratory("GR"), sample_uid=sample.uid, analyte=analyte, value=value, reason="calibration"
        )


def _decide_class(to: str) -> None:
    case = ClassCase.objects.order_by("-opened_at", "classification__released_at").first()
    assert case is not None
    command = DecideClass(case.participant_number, case.pk, to, {"IV": 6, "SC": 2}, "second laboratory")
    grant = sign(actor=PHARMACIST, secret=cast.PASSWORD, command=command)
    decision = decide_class(actor=PHARMACIST, command=command, grant=grant)
    grant = sign(actor=cast.SAFETY_OFFICER, secret=cast.PASSWORD, command=ConfirmClass(case, decision))
    confirm_class(actor=cast.SAFETY_OFFICER, case_uid=case.pk, grant=grant)


def _seal_envelopes() -> None:
    generate_fallback(actor=SYSTEM, site_codes=[SITE])
    print_envelopes(actor=SYSTEM, site_code=SITE)


def _envelope(position: int) -> str:
    return Slot.objects.get(list__state="fallback", position=position).kit_code


def _enter_envelope(numbers: list[str], position: int, *, without_verdict: bool = False) -> None:
    """The envelope was opened for the last participant while nothing could be reached; the second before consent."""
    number, kit_code = numbers[-1], _envelope(position)
    now, coordinator = clock.now(), cast.at_site(Role.COORDINATOR, SITE)
    clearance = ClearanceInput(Decimal(80), "measured", now - timedelta(hours=3))
    with on_side(Side.BLINDED):
        consent = Participant.objects.select_related("consent").get(number=number).consent
        assert consent is not None
        opened_at = now - timedelta(hours=1) if position != 2 else consent.given_at - timedelta(minutes=10)
        first_dose_at = now - timedelta(minutes=30)
        command = EnterEnvelope(number, kit_code, opened_at, first_dose_at, clearance, without_verdict)
        grant = sign(actor=coordinator, secret=cast.PASSWORD, command=command)
        reason = "the patient could not wait" if position == 2 or without_verdict else ""
        enter_envelope(actor=coordinator, command=command, grant=grant, departure_reason=reason)


def _enter_one(label: EnvelopeLabel, prepared_at: datetime, prepared_as: str = "") -> Preparation:
    barcode = Barcode(label.kit_code, label.route, 1, label.pack_code)
    command = EnterPreparation(barcode, prepared_at, "pharmacist.gr01", "preparer.gr01", prepared_as)
    grant = sign(actor=PHARMACIST, secret=cast.PASSWORD, command=command)
    return enter_preparation(actor=PHARMACIST, command=command, lots=play.hospital_lots(), grant=grant)


def _product_of(label: EnvelopeLabel) -> str:
    """What the paper in the envelope says to draw: read from the sealed slot, without the record of an opening."""
    slot = SealedSlot.objects.select_related("list__plan").get(uid=label.slot_uid)
    plan, wrapped = (
        plan_of(slot.list.plan.text),
        WrappedSecret.objects.get(list_id=slot.list_id, custodian="service", kind="key"),
    )
    context = SlotContext(str(slot.list_id), slot.position, slot.kit_code, plan.plan_hash)
    key = assignment_access._cipher(str(slot.list_id), bytes(wrapped.wrapped))
    arm = arm_at(plan.arm_names, key.open(bytes(slot.sealed), context).arm_index)
    allocation = allocation_by_kit(label.kit_code)
    assert allocation is not None
    immune_class = class_for_dose(allocation.participant_id, allocation.verdict_uid, label.route, label.number)
    return plan.content(arm=arm, immune_class=immune_class, route=label.route, level=Level(label.level)).product


def _enter_from_envelope(position: int, pharmacist: Pharmacist) -> None:
    """On paper the pharmacist was as busy: each syringe was done its minutes after the one before."""
    prepared_at = clock.now() - timedelta(minutes=60)
    for route in ("IV", "SC"):
        label = EnvelopeLabel.objects.get(kit_code=_envelope(position), route=route, number=1, level="full")
        minutes = pharmacist.saline if _product_of(label) == "SALINE" else pharmacist.drug
        prepared_at += timedelta(minutes=minutes)
        chance.STREAM.reseed(f"envelope {position} {route}")
        _enter_one(label, prepared_at)


def _outage(numbers: list[str], case: play.Case, pharmacist: Pharmacist) -> Iterator[Step]:
    """Envelopes sealed and printed, two opened on paper, entered afterwards on both sides."""
    yield Step("seal envelopes", _seal_envelopes, 5)
    for position in (1, 2):
        yield Step(f"screen in the outage {position}", partial(_screen, numbers, case), 5)
        yield Step(f"measure in the outage {position}", lambda: _measure(numbers, len(numbers) - 1, case), 5)
        yield Step(f"confirm in the outage {position}", lambda: _confirm(numbers, len(numbers) - 1), 5)
        yield Step(f"enter the envelope {position}", partial(_enter_envelope, numbers, position), 5)
        yield Step(f"enter from the envelope {position}", partial(_enter_from_envelope, position, pharmacist), 5)


def _enter_as(prepared_as: str) -> None:
    """The paper says by which class it was prepared."""
    for route in ("IV", "SC"):
        label = EnvelopeLabel.objects.get(kit_code=_envelope(WITHOUT_VERDICT), route=route, number=1, level="full")
        chance.STREAM.reseed(f"envelope without a verdict {route}")
        _enter_one(label, clock.now() - timedelta(minutes=40), prepared_as)


def _without_verdict(numbers: list[str], case: play.Case, prepared_as: str) -> Iterator[Step]:
    """An envelope of somebody whose sample nobody has judged: entered, and treatment ends."""
    yield Step("screen without a verdict", partial(_screen, numbers, case), 5)
    enter = partial(_enter_envelope, numbers, WITHOUT_VERDICT, without_verdict=True)
    yield Step("enter the envelope without a verdict", enter, 5)
    yield Step("enter from the envelope without a verdict", lambda: _enter_as(prepared_as), 5)
    yield Step("void without a verdict", play.pass_hatch, 5)


def _turns(numbers: list[str]) -> Iterator[Step]:
    """Courses held, resumed and stopped; a waived check; what the stock and the returns come to."""
    yield Step("hold", lambda: turns.hold(numbers[3]), 5)
    yield Step("resume", lambda: turns.resume(numbers[3]), 30)
    yield Step("stop", lambda: turns.stop(numbers[4]), 5)
    yield Step("transfer", lambda: turns.go_elsewhere(numbers[7], OTHER_SITE), 5)
    yield Step("prepare at the other site", lambda: turns.prepare_there(numbers[7], OTHER_SITE), 5)
    yield Step("waive the second person", lambda: turns.waive_the_second_person(_doses(7)[-1]), 6 * 60)
    yield Step("account", turns.account, 5)


def check_both_arms() -> None:
    """Both arms of both classes were treated, or equal worlds would prove little."""
    by_kit: dict[tuple[str, str], set[str]] = {}
    for preparation in Preparation.objects.exclude(immune_class=""):
        by_kit.setdefault((preparation.immune_class, preparation.kit_code), set()).add(preparation.product)
    for immune_class, drug in (("MALS", "ANAKINRA"), ("SIP", "INTERFERON")):
        arms = {drug in products for (kit_class, _kit_code), products in by_kit.items() if kit_class == immune_class}
        assert arms == {True, False}, immune_class


def _troubles(number: str, to: str, pharmacist: Pharmacist) -> Iterator[Step]:
    """Excursion, quarantine, shortage, late release, recall, somebody who cannot wait, and a corrected class."""
    yield Step("prepare third doses", lambda: _ask_for(pharmacist, 3), 8)
    yield Step("third doses ready", play.pass_hatch, 405)
    yield Step("ward asks", play.pass_hatch, 1)
    yield Step("excursion", _excursion, 6)
    yield Step("try during quarantine", lambda: _try_all(3), 5)
    yield Step("quarantine decided", _decide, 5)
    yield Step("prepare third doses again", lambda: _ask_for(pharmacist, 3, slice(-2, -1)), 1)
    yield Step("third doses ready again", play.pass_hatch, 54)
    yield Step("prepare for surgery", lambda: pharmacist.ask_for(_doses(4)[0]), 5)
    yield Step("hand over now", lambda: _hand_over(4), 30)
    yield Step("send back", lambda: _send_back(3), 5)
    yield Step("run short", lambda: _run_short(4, pharmacist), 5)
    yield Step("short", play.pass_hatch, 65)
    yield Step("delivery", _delivery, 60)
    yield Step("open late", lambda: _open_late(5), 530)
    yield Step("released late", lambda: _open_late(5), 185)
    yield Step("shown late", play.pass_hatch, 35)
    yield Step("prepare second SC doses", lambda: _ask_for(pharmacist, 2, slice(0, 2), "SC"), 5)
    yield Step("second SC doses ready", play.pass_hatch, 105)
    yield Step("recall", _recall, 5)
    yield Step("correct the class", lambda: _correct_class(number, to), 5)
    yield Step("decide the class", lambda: _decide_class(to), 5)
    yield Step("prepare by another class", lambda: _ask_for(pharmacist, 6), 5)
    yield Step("ready by another class", play.pass_hatch, 310)


def _first_doses(numbers: list[str], cases: list[play.Case], pharmacist: Pharmacist) -> Iterator[Step]:
    """A patient every half hour; meanwhile one syringe is dropped on the ward, and the first doses are given."""
    treated = [order for order in range(len(cases)) if PATIENTS[order] != "UNCLASSIFIED"]
    entering = [
        Step(f"randomise {order + 1}", partial(_randomise, numbers, order, cases[order], pharmacist), 30)
        for order in treated
    ]
    yield from entering[:3]
    yield Step("prepare", play.pass_hatch, 4 if len(treated) > 2 else 34)
    yield Step("ready", play.pass_hatch, 11)
    yield Step("void", lambda: _void_one_and_prepare_again(numbers[0], pharmacist), 2)
    yield from entering[3:5]
    yield Step("ready again", play.pass_hatch, 5 if len(treated) > 2 else 65)
    yield from entering[5:]


def _later(numbers: list[str], pharmacist: Pharmacist) -> Iterator[Step]:
    """With the whole ward: the last one's first dose is planned anew, the rest is given, and a night sheet printed."""
    yield Step("plan anew", lambda: turns.plan_later(numbers[-1]), 5)
    yield Step("night sheets", turns.night_sheets, 5)
    yield Step("rest given", play.pass_hatch, 135)


def steps(*, arms_swapped: bool, classes_swapped: bool, patients: int, pharmacist: Pharmacist) -> Iterator[Step]:
    """The acts in order."""
    cases = _cases(classes_swapped, patients)
    numbers: list[str] = []
    sites = [SITE, OTHER_SITE] if patients > 2 else [SITE]
    yield Step("set up", lambda: set_up(sites, length=12, plan=_plan(arms_swapped)))
    for case in cases:
        yield Step(f"screen {len(numbers) + 1}", partial(_screen, numbers, case), 20)
    for order, case in enumerate(cases):
        yield Step(f"measure {order + 1}", partial(_measure, numbers, order, case), 7)
    for order in range(len(cases)):
        yield Step(f"confirm {order + 1}", partial(_confirm, numbers, order), 5)
    yield Step("no supply", lambda: _supply(False))
    yield Step("supply", lambda: _supply(True))
    yield Step("self-check", lambda: opening.self_check(SITE))
    yield from _first_doses(numbers, cases, pharmacist)
    if patients > 2:
        yield from (Step(name, act, 0) for name, act in again.acts(numbers[2], cases[2]))
        yield from _later(numbers, pharmacist)
    yield Step("break a code", lambda: _break(numbers[0]), 3)
    if patients > 1:
        yield Step("correct a value", lambda: _correct_value(numbers[1], VALUES["SIP"][1] + "1"), 3)
    if patients > 2:
        yield Step("tell a third party", lambda: _tell_third_party(numbers[1]), 3)
        yield Step("enter a break from the pack", lambda: _enter_offline(numbers[3]), 3)
    yield Step("prepare second doses", lambda: _ask_for(pharmacist, 2), 3)
    yield Step("second doses ready", play.pass_hatch, 360)
    yield Step("clearance falls", lambda: _clearance_falls(numbers[min(5, patients - 1)], pharmacist), 3)
    yield Step("second doses given", play.pass_hatch, 65)
    if patients > 2:
        yield from _troubles(numbers[0], "SIP" if classes_swapped else "MALS", pharmacist)
        yield from _turns(numbers)
        yield from _outage(numbers, cases[0], pharmacist)
        yield from dry.steps(Step, numbers, cases[0], _enter_envelope, _envelope)
        yield from (Step(*act) for act in bench.acts(numbers, cases[1]))
        yield from _without_verdict(numbers, cases[0], "SIP" if classes_swapped else "MALS")
        yield from (Step(*act) for act in corrections.acts(pharmacist))
        yield from (Step(*act) for act in hatchturns.acts())
    yield Step("extend", lambda: generate_lists(actor=SYSTEM, site_codes=[SITE], length=8, reserves=0), 3)
    yield Step("last messages", play.pass_hatch, 60)
    assert Participant.objects.count() == len(numbers)
