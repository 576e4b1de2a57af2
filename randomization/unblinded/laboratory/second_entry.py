"""An implausible value and the second person who enters it again; inside the running service, which records it."""

from __future__ import annotations

from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.protocol import Analyte
from randomization.shared.sentences import sentence as _
from randomization.unblinded.laboratory.models import Receipt, WaitingOutcome, WaitingResult
from randomization.unblinded.laboratory.values import Reported


def check_unit(unit: str, analyte: Analyte) -> None:
    """Raise InvalidInput, code `wrong_unit`, for a value in another unit: it cannot be compared with the bounds."""
    if unit.strip() not in {"", analyte.unit}:
        raise InvalidInput(
            _(
                "This is reported in %(unit)s: ask for the value in that unit, and withdraw the one that waits.",
                unit=analyte.unit,
            ),
            field="unit",
            code="wrong_unit",
        )


def is_repeated(waiting: WaitingResult, reported: Reported) -> bool:
    """Whether somebody enters the value that waits once more."""
    return (waiting.qualifier, waiting.value) == (reported.qualifier, reported.value)


def check_second(actor: Actor, waiting: WaitingResult, unit: str, analyte: Analyte) -> None:
    """Raise Refused for the person who entered it first, InvalidInput where the unit is not said."""
    if actor.user_name == waiting.entered_by:
        raise Refused(
            _("You entered this value: a second person reads it from the report and enters it again."),
            code="second_person",
        )
    if not unit.strip():
        raise InvalidInput(
            _("This value is implausible: say its unit as the report has it, %(unit)s.", unit=analyte.unit),
            field="unit",
            code="unit_missing",
        )


def settle(actor: Actor, waiting: WaitingResult, outcome: WaitingOutcome) -> None:
    """It waits no longer."""
    waiting.outcome, waiting.settled_by, waiting.settled_at = outcome, actor.user_name, clock.now()
    waiting.save(update_fields=["outcome", "settled_by", "settled_at"])


def let_wait(actor: Actor, receipt: Receipt, analyte: str, reported: Reported) -> WaitingResult:
    """Keep an implausible value, which counts nowhere yet."""
    return WaitingResult.objects.create(
        receipt=receipt,
        analyte=analyte,
        qualifier=reported.qualifier,
        value=reported.value,
        entered_by=actor.user_name,
        entered_at=clock.now(),
    )
