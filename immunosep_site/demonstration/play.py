"""One participant's way through the trial, act by act, each through the service of its side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from immunosep_site.demonstration import bench
from immunosep_site.demonstration.cast import PASSWORD, at_site, laboratory
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.check import CheckSyringes, check
from pharmacy.preparation.services.finish import release
from pharmacy.preparation.services.make import MakeSyringes, make
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.services.receive import Delivered, receive
from randomization.accounts.roles import Role
from randomization.blinded.allocation.services.allocate import Allocate, AllocationResult, allocate
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.services.record_clearance import ClearanceInput
from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import find_participant
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility, confirm_eligibility
from randomization.blinded.screening.services.record_consent import record_consent
from randomization.blinded.screening.services.record_eligibility import record_eligibility
from randomization.blinded.screening.services.record_sample import draw_sample, ship_sample
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.hatch.send import carry_down
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.ids import Barcode
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.codebreak.services import break_code
from randomization.unblinded.codebreak.services.break_code import Rehearse
from randomization.unblinded.formulary.contents import Source
from randomization.unblinded.laboratory.models import Analyte
from randomization.unblinded.laboratory.services.analyse import close_sample, enter_result, receive_sample
from randomization.unblinded.lists.selectors import plans_in_use


@dataclass(frozen=True, slots=True)
class Case:
    """One screened person: what the ward and the laboratory find. Ferritin ng/mL, HLA-DR per monocyte."""

    site_code: str
    ferritin: str = "800"
    hla_dr: str = "3000"
    sepsis_hours_ago: int = 30
    covid19: bool = False
    clearance_ml_min: str = "80"
    sex: str = "female"
    year_of_birth: int = 1960
    neutrophils_per_mm3: int = 9000
    answers: Mapping[str, bool] = field(default_factory=dict)


def pass_hatch() -> None:
    """Carry down what is due and apply it."""
    carry_down()
    with on_side(Side.BLINDED):
        apply_inbox()


def rehearse(site_code: str) -> None:
    """The drill by the investigator."""
    breaker = at_site(Role.CODE_BREAKER, site_code)
    command = Rehearse(site_code, "rehearsal before the first patient")
    with on_side(Side.UNBLINDED):
        grant = sign(actor=breaker, secret=PASSWORD, command=command)
        break_code.rehearse(actor=breaker, command=command, grant=grant)


def stock_up(site_code: str, *, units: int = 400, note: str = "first delivery") -> None:
    """Two lots of every product that is counted, booked in at 5 degrees Celsius."""
    plan, today = plans_in_use(site_code), clock.now().date()
    products = [item.code for item in plan.products.values() if item.source is Source.SPONSOR]
    with on_side(Side.UNBLINDED):
        for product in products:
            for number, days in (("A", 200), ("B", 400)):
                line = Delivered(product, f"{product[:4]}-{number}", today + timedelta(days=days), units // 2)
                receive(
                    actor=at_site(Role.PHARMACIST, site_code),
                    site_code=site_code,
                    line=line,
                    delivery_note=note,
                    temperature_c=Decimal(5),
                )


def declare_ready(site_code: str) -> None:
    """The drill and the first delivery to the pharmacy, above the line."""
    rehearse(site_code)
    stock_up(site_code)


def open_gates(site_code: str) -> None:
    """Both gates of a site, as the ward sees them."""
    declare_ready(site_code)
    pass_hatch()


def answers_for(case: Case) -> dict[str, bool]:
    """Every criterion met, but for those the case overrides."""
    criteria = protocol_in_force(case.site_code).eligibility.criteria
    return {**{item.key: item.kind == "inclusion" for item in criteria}, **case.answers}


def answer_identity_of(number: str, coordinator: Actor) -> None:
    """Nobody of the demonstration was here before, nor randomised elsewhere."""
    known = identity_of(find_participant(coordinator, number))
    same = {look_alike.number: bool(look_alike.is_same) for look_alike in known.look_alikes}
    answer_identity(actor=coordinator, number=number, same=same, elsewhere=False)


def screen(case: Case) -> Participant:
    """Register, consent, answers, sample drawn and shipped."""
    coordinator = at_site(Role.COORDINATOR, case.site_code)
    now = clock.now()
    with on_side(Side.BLINDED):
        participant = register_participant(
            actor=coordinator, site_code=case.site_code, sepsis_at=now - timedelta(hours=case.sepsis_hours_ago)
        )
        number = participant.number
        record_consent(
            actor=coordinator,
            number=number,
            given_by="patient",
            form_version="1.0",
            given_at=now - timedelta(hours=6),
        )
        record_eligibility(
            actor=coordinator,
            number=number,
            answers=answers_for(case),
            sex=case.sex,
            year_of_birth=case.year_of_birth,
            neutrophils_per_mm3=case.neutrophils_per_mm3,
        )
        answer_identity_of(number, coordinator)
        draw_sample(actor=coordinator, number=number, drawn_at=now - timedelta(hours=5), covid19=case.covid19)
        ship_sample(actor=coordinator, number=number, shipped_at=now - timedelta(hours=3))
    return participant


def measure(number: str, case: Case) -> None:
    """The laboratory's part. An empty value will not come: the sample is closed."""
    actor = laboratory(case.site_code[:2])
    with on_side(Side.BLINDED):
        sample = find_participant(at_site(Role.COORDINATOR, case.site_code), number).sample
    if sample is None:
        raise ValueError("no sample to analyse")
    with on_side(Side.UNBLINDED):
        receive_sample(actor=actor, sample_uid=sample.uid, received_at=clock.now())
        for analyte, value in ((Analyte.FERRITIN, case.ferritin), (Analyte.HLA_DR, case.hla_dr)):
            if value:
                enter_result(actor=actor, sample_uid=sample.uid, analyte=analyte, value=value)
        if not (case.ferritin and case.hla_dr):
            close_sample(actor=actor, sample_uid=sample.uid, reason="the other value will not come")


def confirm(number: str, site_code: str) -> bool:
    """The physician's signature; whether the participant is eligible."""
    actor = at_site(Role.INVESTIGATOR, site_code)
    with on_side(Side.BLINDED):
        grant = sign(actor=actor, secret=PASSWORD, command=ConfirmEligibility(find_participant(actor, number)))
        return confirm_eligibility(actor=actor, number=number, grant=grant).eligible


def clearance_of(case: Case, sampled_at: datetime) -> ClearanceInput:
    """The first clearance of a case."""
    return ClearanceInput(Decimal(case.clearance_ml_min), "measured", sampled_at)


def randomise(number: str, case: Case) -> AllocationResult:
    """The coordinator's signature and the allocation."""
    actor = at_site(Role.COORDINATOR, case.site_code)
    clearance = clearance_of(case, clock.now() - timedelta(hours=2))
    with on_side(Side.BLINDED):
        command = Allocate(number, clearance)
        grant = sign(actor=actor, secret=PASSWORD, command=command)
        return allocate(actor=actor, command=command, grant=grant)


def enrol(case: Case) -> AllocationResult:
    """From screening to kit code."""
    number = screen(case).number
    measure(number, case)
    pass_hatch()
    confirm(number, case.site_code)
    return randomise(number, case)


def hospital_lots(site_code: str = "GR01") -> dict[str, TypedLot]:
    """What a paper says that was taken, by product."""
    return bench.on_paper(site_code)


def make_syringes(
    preparations: Sequence[Preparation], site_code: str, lots: Mapping[str, TypedLot] | None = None
) -> list[Preparation]:
    """The pharmacist makes and signs, from open cartons, first expiring first, unless `lots` says from where."""
    uids, actor = [preparation.uid for preparation in preparations], at_site(Role.PHARMACIST, site_code)
    with on_side(Side.UNBLINDED):
        said = {code: replace(lot, reason=lot.reason or bench.NO_CODE) for code, lot in (lots or {}).items()}
        typed = {**bench.from_cartons(preparations, site_code, but=said), **said}
        command = MakeSyringes(preparations[0].kit_code, uids, typed)
        grant = sign(actor=actor, secret=PASSWORD, command=command)
        return make(actor=actor, command=command, grant=grant)


def make_and_check(preparations: Sequence[Preparation], site_code: str) -> None:
    """The pharmacist makes and signs; the preparer reads lot and expiry on the units, checks and signs."""
    uids = [preparation.uid for preparation in preparations]
    make_syringes(preparations, site_code)
    with on_side(Side.UNBLINDED):
        second = at_site(Role.PREPARER, site_code)
        command = CheckSyringes(preparations[0].kit_code, uids, bench.lots_read(preparations))
        grant = sign(actor=second, secret=PASSWORD, command=command)
        check(actor=second, command=command, grant=grant)


def label_of(preparation: Preparation) -> str:
    """What the scanner reads from the syringe."""
    return str(Barcode(preparation.kit_code, preparation.route, preparation.number, preparation.pack_code))


def prepare_and_release(dose: Dose, site_code: str) -> Preparation:
    """Prepare one dose, with both signatures, print its labels, scan one back, release it."""
    actor = at_site(Role.PHARMACIST, site_code)
    with on_side(Side.UNBLINDED):
        preparation = prepare(actor=actor, dose_uid=dose.uid)
        make_and_check([preparation], site_code)
        print_labels(actor, preparation.uid)
        return release(actor=actor, uid=preparation.uid, barcode=label_of(preparation))
