"""Turns that a treatment, a bench and a stock take: held, resumed, stopped, planned anew; counted, returned, waived."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.bench import lots_read
from pharmacy.accountability.services.reconcile import take_back
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.check import ArrangeCheck, CheckSyringes, arrange_check, check
from pharmacy.preparation.services.finish import release
from pharmacy.preparation.services.prepare import prepare
from pharmacy.preparation.states import Arrangement, PreparationState
from pharmacy.stock.models import Lot
from pharmacy.stock.services.receive import Delivered, receive_provisionally
from pharmacy.worklist.services.keep_night_sheets import keep_night_sheets
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.services import steer_course
from randomization.blinded.bedside.services.steer_course import StopCourse
from randomization.blinded.bedside.states import StopCause
from randomization.blinded.outcomes.services.transfer import TransferParticipant, transfer
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import Refused
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from tests.destroying import carry_out, order_returned
from tests.removing import count_stock

SITE = "GR01"
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
INVESTIGATOR = cast.at_site(Role.INVESTIGATOR, SITE)


def plan_later(number: str) -> None:
    """The first dose is planned anew."""
    with on_side(Side.BLINDED):
        at = clock.now() + timedelta(hours=1)
        steer_course.plan_first_dose(actor=INVESTIGATOR, number=number, at=at, reason="in theatre")


def hold(number: str) -> None:
    """What is ready becomes void, whatever it holds."""
    with on_side(Side.BLINDED):
        steer_course.hold_course(actor=INVESTIGATOR, number=number, reason="liver enzymes")


def resume(number: str) -> None:
    """Treatment goes on."""
    with on_side(Side.BLINDED):
        steer_course.resume_course(actor=INVESTIGATOR, number=number, reason="better")


def stop(number: str) -> None:
    """Treatment ends, signed."""
    with on_side(Side.BLINDED):
        command = StopCourse(number, StopCause.DISCHARGE, clock.now() - timedelta(minutes=30))
        grant = sign(actor=INVESTIGATOR, secret=cast.PASSWORD, command=command)
        steer_course.stop_course(actor=INVESTIGATOR, command=command, reason="home", grant=grant)


def night_sheets() -> None:
    """The sheet of 16:00, if it is due."""
    keep_night_sheets(actor=SYSTEM)


def account() -> None:
    """Stock found and not booked in, a count with a difference, void syringes taken back and destroyed."""
    line = Delivered("INTERFERON", "FOUND", clock.now().date() + timedelta(days=200), 4)
    receive_provisionally(actor=PHARMACIST, site_code=SITE, line=line, reason="in the night box")
    lot = Lot.objects.filter(product="ANAKINRA").order_by("pk")[0]
    with suppress(Refused):
        count_stock(actor=PHARMACIST, lot_id=lot.pk, counted=2, reason="a broken box")
    for preparation in Preparation.objects.filter(state=PreparationState.VOIDED, released_at__isnull=False).order_by(
        "uid"
    ):
        with suppress(Refused):
            take_back(actor=PHARMACIST, barcode=play.label_of(preparation))
    carry_out(order_returned(SITE))


def waive_the_second_person(dose: Dose) -> None:
    """The sponsor waives the check at the site for a night; the preparer checks alone, with a reason."""
    waiver = ArrangeCheck(SITE, Arrangement.WAIVER, "", clock.now() + timedelta(hours=12), "flu")
    grant = sign(actor=cast.SAFETY_OFFICER, secret=cast.PASSWORD, command=waiver)
    arrange_check(actor=cast.SAFETY_OFFICER, command=waiver, grant=grant)
    syringe = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    play.make_syringes([syringe], SITE)
    command = CheckSyringes(syringe.kit_code, [syringe.uid], lots_read([syringe]))
    grant = sign(actor=PHARMACIST, secret=cast.PASSWORD, command=command)
    check(actor=PHARMACIST, command=command, grant=grant, waiver_reason="nobody else is here")
    print_labels(PHARMACIST, syringe.uid)
    release(actor=PHARMACIST, uid=syringe.uid, barcode=play.label_of(syringe))


def go_elsewhere(number: str, to_site: str) -> None:
    """Another site treats from now on, and prepares what the first one had opened."""
    actor = cast.at_site(Role.INVESTIGATOR, number[:4])
    with on_side(Side.BLINDED):
        command = TransferParticipant(number, to_site)
        grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
        transfer(actor=actor, command=command, reason="nearer home", grant=grant)


def prepare_there(number: str, site_code: str) -> None:
    """The next IV dose that waits, at the new site."""
    waits = Dose.objects.filter(course__participant__number=number, route="IV", planned_at__gt=clock.now())
    play.prepare_and_release(waits.order_by("number")[0], site_code)
