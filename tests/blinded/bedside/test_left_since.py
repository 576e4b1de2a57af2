"""Who gave a dose and left since is still named, where it is recorded later and where the record is corrected."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from randomization.accounts.models import Account, Membership
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Administration, Dose
from randomization.blinded.bedside.services.administer import administer, miss_dose
from randomization.blinded.bedside.services.correct_dose import DoseTruth, correct_dose
from randomization.shared.errors import InvalidInput
from tests.blinded.world import NUMBER, at, ready
from tests.conftest import tampering

pytestmark = pytest.mark.once

NURSE, COLLEAGUE = at(Role.NURSE), at(Role.INVESTIGATOR)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def first_dose() -> Dose:
    return Dose.objects.select_related("course").get(course__participant__number=NUMBER, route="IV", number=1)


def leave(user_name: str, left_at: datetime) -> None:
    """The person's membership ends, and the account is closed."""
    with tampering():
        started = left_at - timedelta(days=30)
        Membership.objects.filter(account__user_name=user_name).update(starts_at=started, ends_at=left_at)
        Account.objects.filter(user_name=user_name).update(is_active=False)


def transcribe(barcode: str, given_at: datetime) -> Administration:
    return administer(
        actor=COLLEAGUE,
        participant_number=NUMBER,
        barcode=barcode,
        at=given_at,
        given_by=NURSE.user_name,
        reason="found in the chart",
    )


@pytest.mark.requirement("R25")
def test_who_gave_a_dose_and_left_since_is_named_when_it_is_recorded(trial: None) -> None:
    given_at = first_dose().planned_at
    with time_machine.travel(given_at - MINUTE, tick=False):
        barcode = ready(first_dose())
    with time_machine.travel(given_at + 2 * HOUR, tick=False):
        leave(NURSE.user_name, given_at - MINUTE)
        with pytest.raises(InvalidInput) as refusal:
            transcribe(barcode, given_at)
        assert refusal.value.field == "given_by", "who had left before cannot have given it"
        leave(NURSE.user_name, given_at + HOUR)
        row = transcribe(barcode, given_at)
    assert (row.given_by, row.recorded_by, row.transcribed) == (NURSE.user_name, COLLEAGUE.user_name, True)


@pytest.mark.requirement("R25", "R26")
def test_who_gave_a_dose_and_left_since_is_named_in_a_correction(trial: None) -> None:
    given_at = first_dose().planned_at
    with time_machine.travel(given_at - MINUTE, tick=False):
        barcode = ready(first_dose())
    with time_machine.travel(given_at, tick=False):
        administer(actor=COLLEAGUE, participant_number=NUMBER, barcode=barcode, at=given_at)
    with time_machine.travel(given_at + 2 * HOUR, tick=False):
        leave(NURSE.user_name, given_at + HOUR)
        truth = DoseTruth(True, given_by=NURSE.user_name)
        correct_dose(actor=COLLEAGUE, dose_uid=first_dose().uid, truth=truth, reason="the chart names the nurse")
        with pytest.raises(InvalidInput) as refusal:
            truth = DoseTruth(True, at=given_at + 90 * MINUTE, given_by=at(Role.NURSE, "GR02").user_name)
            correct_dose(actor=COLLEAGUE, dose_uid=first_dose().uid, truth=truth, reason="another site")
        assert refusal.value.field == "given_by"
    row = first_dose().administration
    assert row is not None
    assert row.given_by == NURSE.user_name


def test_who_left_since_is_named_where_a_missed_dose_was_given_after_all(trial: None) -> None:
    given_at = first_dose().planned_at
    with time_machine.travel(given_at - MINUTE, tick=False):
        barcode = ready(first_dose())
    with time_machine.travel(given_at + HOUR, tick=False):
        miss_dose(actor=COLLEAGUE, dose_uid=first_dose().uid, reason="nothing in the chart")
    with time_machine.travel(given_at + 2 * HOUR, tick=False):
        leave(NURSE.user_name, given_at + 90 * MINUTE)
        truth = DoseTruth(True, at=given_at, barcode=barcode, given_by=NURSE.user_name)
        correct_dose(actor=COLLEAGUE, dose_uid=first_dose().uid, truth=truth, reason="it is in the chart")
        row = first_dose().administration
        assert row is not None
        assert (row.given_by, row.transcribed) == (NURSE.user_name, True)
