"""What is over is neither opened nor released, what was given is not made void, what is late is flagged."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from immunosep_site.demonstration import cast, play
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.models import RiskToBlind
from pharmacy.preparation.services.finish import release, void
from pharmacy.preparation.services.prepare import prepare, prepare_day
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.blinded.bedside.services.administer import administer
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.errors import Refused
from randomization.shared.service import Side, on_side
from tests.both.preparation.steps import doses
from tests.permissions import client_of

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
HOUR = timedelta(hours=1)


def test_a_dose_whose_window_is_over_is_neither_opened_nor_released(trial: None) -> None:
    off_the_quarter = clock.now().replace(minute=7, second=0, microsecond=0) + HOUR
    with time_machine.travel(off_the_quarter, tick=False):
        doses_by_number = doses()
        preparation = prepare(actor=PHARMACIST, dose_uid=doses_by_number["IV", 1].uid)
        play.make_and_check([preparation], SITE)
        print_labels(PHARMACIST, preparation.uid)
    assert preparation.planned_at.minute % 15 == 7
    with time_machine.travel(preparation.planned_at + 115 * HOUR / 60, tick=False), pytest.raises(Refused) as refusal:
        release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
    assert refusal.value.code == "ready_too_late"
    with time_machine.travel(preparation.planned_at + 2.1 * HOUR, tick=False):
        with pytest.raises(Refused) as refusal:
            release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
        assert refusal.value.code == "too_late"
        void(actor=PHARMACIST, uid=preparation.uid, reason="too late")
        with pytest.raises(Refused) as refusal:
            prepare(actor=PHARMACIST, dose_uid=preparation.dose_uid)
        assert refusal.value.code == "too_late"
        started = prepare_day(actor=PHARMACIST, kit_code=preparation.kit_code)
        assert (doses_by_number["IV", 1].uid not in {syringe.dose_uid for syringe in started.made}) is True
        assert any("window of this dose is over" in line for line in started.left)
        row = next(row for row in worklist(PHARMACIST) if row.dose.uid == preparation.dose_uid)
        assert row.is_over
        assert b"window over" in client_of(PHARMACIST).get("/pharmacy/").content


def test_what_was_given_cannot_become_void_and_a_void_label_is_not_printed(trial: None) -> None:
    preparation = play.prepare_and_release(doses()["IV", 1], SITE)
    with time_machine.travel(preparation.ready_at + HOUR / 60, tick=False):
        play.pass_hatch()
        with on_side(Side.BLINDED):
            administer(
                actor=cast.at_site(Role.NURSE, SITE),
                participant_number=preparation.participant_number,
                barcode=play.label_of(preparation),
                at=clock.now(),
            )
        with pytest.raises(Refused) as refusal:
            void(actor=PHARMACIST, uid=preparation.uid, reason="dropped")
        assert refusal.value.code == "given"
    gone = prepare(actor=PHARMACIST, dose_uid=doses()["IV", 1].uid)
    void(actor=PHARMACIST, uid=gone.uid, reason="dropped")
    with pytest.raises(Refused) as refusal:
        print_labels(PHARMACIST, gone.uid)
    assert refusal.value.code == "voided"


def test_a_late_release_is_flagged_and_the_monitor_is_told(trial: None) -> None:
    iv = prepare(actor=PHARMACIST, dose_uid=doses()["IV", 1].uid)
    play.make_and_check([iv], SITE)
    print_labels(PHARMACIST, iv.uid)
    with time_machine.travel(iv.ready_at + HOUR / 60, tick=False):
        late = release(actor=PHARMACIST, uid=iv.uid, barcode=play.label_of(iv))
    assert late.ready_missed
    assert RiskToBlind.objects.get(preparation=iv).kind == "shown later than fixed"
    assert Entry.objects.filter(kind="blind_risk", roles="unblinded_monitor").exists()
    monitor = client_of(cast.at_site(Role.UNBLINDED_MONITOR, SITE))
    risk = next(row for row in monitor.get("/api/v1/pharmacy/risks/").json() if row["preparation"] == str(iv.uid))
    assert monitor.post(f"/api/v1/pharmacy/risks/{risk['id']}/seen/").status_code == 204
    assert b"released after the time fixed" in client_of(PHARMACIST).get(f"/pharmacy/preparations/{iv.uid}/").content
