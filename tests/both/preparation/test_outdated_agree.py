"""Release, handing over and the sweep go by the same rule: what the sweep voids is neither released nor handed over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine

from immunosep_site.demonstration import play
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.outdated import WORDS
from pharmacy.preparation.selectors import to_void
from pharmacy.preparation.services.finish import hand_over_now, release
from pharmacy.preparation.states import VoidCause
from pharmacy.stock.models import Strike
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.screening.models import Participant
from randomization.shared import clock
from randomization.shared.errors import Refused
from tests.both.preparation.steps import HOUR, PHARMACIST, SITE, first_dose, printed
from tests.conftest import tampering

pytestmark = pytest.mark.once


def held(preparation: Preparation) -> None:
    Course.objects.filter(kit_code=preparation.kit_code).update(held_at=clock.now())


def treated_elsewhere(preparation: Preparation) -> None:
    Participant.objects.filter(number=preparation.participant_number).update(site_id="GR02")


def moved(preparation: Preparation) -> None:
    Dose.objects.filter(uid=preparation.dose_uid).update(planned_at=preparation.planned_at + 20 * HOUR)


def other_level(preparation: Preparation) -> None:
    Preparation.objects.filter(uid=preparation.uid).update(level="reduced")


def quarantine(preparation: Preparation) -> None:
    Strike.objects.create(site_code=SITE, product="SALINE", opened_from=None, at=clock.now() + HOUR)


def expired(preparation: Preparation) -> None:
    Preparation.objects.filter(uid=preparation.uid).update(use_before=clock.now())


@pytest.mark.requirement("R39")
@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (held, VoidCause.COURSE),
        (treated_elsewhere, VoidCause.COURSE),
        (moved, VoidCause.TIME),
        (other_level, VoidCause.LEVEL),
        (quarantine, VoidCause.STOCK),
        (expired, VoidCause.EXPIRED),
    ],
)
def test_what_the_sweep_voids_is_neither_released_nor_handed_over(
    trial: None, spoil: Callable[[Preparation], None], cause: VoidCause
) -> None:
    checked = printed(first_dose())
    released = play.prepare_and_release(first_dose(), SITE)
    with time_machine.travel(clock.now(), tick=False):
        with tampering():
            spoil(checked)
            spoil(released)
        assert to_void() == {checked.uid: cause, released.uid: cause}
        refusals = []
        with pytest.raises(Refused) as refusal:
            release(actor=PHARMACIST, uid=checked.uid, barcode=play.label_of(checked))
        refusals.append(refusal.value)
        with pytest.raises(Refused) as refusal:
            hand_over_now(actor=PHARMACIST, uid=released.uid, reason="surgery")
        refusals.append(refusal.value)
    words = WORDS[cause]
    assert [(error.code, error.sentence) for error in refusals] == [(words.code, words.sentence)] * 2
    assert not Preparation.objects.exclude(shown_at=None).exists()
