"""Alerts: each code break raises one, and what nobody has acknowledged comes first."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from randomization.blinded.desk.alert_conditions import Concern, concerns
from randomization.blinded.desk.models import Alert, AlertKind
from randomization.blinded.desk.overview import alerts_for
from randomization.blinded.desk.services.keep_alerts import acknowledge_alert, watch_over
from randomization.blinded.screening.models import Participant
from randomization.hatch.messages import CodeBroken
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from tests.blinded.world import MANAGER, NUMBER, send

pytestmark = pytest.mark.once


def test_a_second_code_break_raises_a_second_alert(trial: None) -> None:
    uid = Participant.objects.get(number=NUMBER).uid
    send(CodeBroken(uid, clock.now() - timedelta(days=9)))
    first = [concern for concern in concerns() if concern.kind is AlertKind.CODE_BROKEN]
    assert [concern.subject for concern in first] == [NUMBER], "by when it is known, not by when it was"
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert not [concern for concern in concerns() if concern.kind is AlertKind.CODE_BROKEN]
        send(CodeBroken(uid, clock.now()))
        assert [concern for concern in concerns() if concern.kind is AlertKind.CODE_BROKEN]


def test_alerts_that_nobody_has_come_first(trial: None) -> None:
    watch_over(actor=SYSTEM, concerns=[Concern(AlertKind.NO_SUPPLY, code, "", "") for code in ("GR01", "GR02")])
    acknowledge_alert(actor=MANAGER, alert_id=Alert.objects.get(site_code="GR01").pk, note="")
    assert [alert.site_code for alert in alerts_for(MANAGER)] == ["GR02", "GR01"]
