"""An envelope opened for somebody eligible, and entered afterwards by ward and pharmacy."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.outage.services.enter_envelope import EnterPreparation, enter_preparation
from pharmacy.preparation.models import EnvelopeLabel, Preparation
from randomization.accounts.roles import Role
from randomization.blinded.allocation.services.enter_envelope import EnterEnvelope, enter_envelope
from randomization.blinded.bedside.services.record_clearance import ClearanceInput
from randomization.blinded.outcomes.services.withdraw import WithdrawConsent, withdraw
from randomization.blinded.screening.models import Deviation, Scope
from randomization.shared import clock
from randomization.shared.ids import Barcode
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign

SITE = "GR01"
PHARMACIST, COORDINATOR = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.COORDINATOR, SITE)
HOUR = timedelta(hours=1)
WHY = "the network was down and the patient could not wait"


def eligible() -> str:
    """A participant whom the physician signed for."""
    case = Case(SITE)
    number = play.screen(case).number
    play.measure(number, case)
    play.pass_hatch()
    play.confirm(number, SITE)
    return number


def enter(
    number: str,
    kit_code: str,
    *,
    opened: timedelta = HOUR,
    first: timedelta = HOUR / 2,
    why: str = "",
    without_verdict: bool = False,
) -> Any:
    """As the coordinator enters it: the clearance was sampled two hours before the opening."""
    now = clock.now()
    clearance = ClearanceInput(Decimal(80), "measured", now - max(opened, HOUR) - 2 * HOUR)
    with on_side(Side.BLINDED):
        command = EnterEnvelope(number, kit_code, now - opened, now - first, clearance, without_verdict)
        grant = sign(actor=COORDINATOR, secret=cast.PASSWORD, command=command)
        return enter_envelope(actor=COORDINATOR, command=command, grant=grant, departure_reason=why)


def enter_made(
    label: EnvelopeLabel,
    *,
    at: datetime | None = None,
    made_by: str = "pharmacist.gr01",
    checked_by: str = "preparer.gr01",
    prepared_as: str = "",
) -> Preparation:
    barcode = Barcode(label.kit_code, label.route, label.number, label.pack_code)
    prepared_at = at or clock.now() - 40 * timedelta(minutes=1)
    command = EnterPreparation(barcode, prepared_at, made_by, checked_by, prepared_as)
    grant = sign(actor=PHARMACIST, secret=cast.PASSWORD, command=command)
    return enter_preparation(actor=PHARMACIST, command=command, lots=play.hospital_lots(), grant=grant)


def departures(number: str) -> set[str]:
    """What the deviations of its envelope are about."""
    noted = Deviation.objects.filter(participant__number=number, kind="envelope against the protocol")
    return set(noted.values_list("about", flat=True))


def withdraw_from_treatment(number: str) -> None:
    command = WithdrawConsent(number, Scope.TREATMENT, clock.now())
    with on_side(Side.BLINDED):
        grant = sign(actor=COORDINATOR, secret=cast.PASSWORD, command=command)
        withdraw(actor=COORDINATOR, command=command, reason="asked", grant=grant)
