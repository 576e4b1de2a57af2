"""The order in which messages go down."""

from __future__ import annotations

import json

import time_machine

from immunosep_site.demonstration import play
from immunosep_site.demonstration.play import Case
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.hatch.models import InboxMessage
from randomization.shared import clock

SITE = "GR01"


def test_the_order_of_announcements_does_not_tell_who_was_quicker(trial: None) -> None:
    """Syringes opened in one quarter hour go down in an order that has nothing to do with that of their release."""
    with time_machine.travel(clock.now(), tick=False):
        numbers = [play.enrol(Case(SITE, sepsis_hours_ago=20 + turn)).participant for turn in range(5)]
        doses = list(Dose.objects.filter(course__participant__number__in=numbers, route="IV", number=1))
        ivs = [play.prepare_and_release(dose, SITE) for dose in sorted(doses, key=lambda dose: dose.uid, reverse=True)]
        assert len({syringe.ready_at for syringe in ivs}) == 1
    with time_machine.travel(ivs[0].ready_at, tick=False):
        play.pass_hatch()
    sent = InboxMessage.objects.filter(kind="DoseReady").order_by("number").values_list("payload", flat=True)
    assert [json.loads(payload)["dose_uid"] for payload in sent] == sorted(str(dose.uid) for dose in doses)
    codes = Packaging.objects.filter(dose__in=doses).order_by("id").values_list("pack_code", flat=True)
    assert list(codes) == [syringe.pack_code for syringe in reversed(ivs)]
