"""Every operation of the blinded API, sent by every role: within the schema and outside it."""

from __future__ import annotations

import pytest

from randomization.accounts.roles import BLINDED_ROLES
from randomization.blinded.bedside.models import Dose
from tests.blinded.world import NUMBER, everybody
from tests.fuzzing import named_alike, send_everything

pytestmark = pytest.mark.once


def test_no_role_gets_a_server_error(trial: None) -> None:
    one_of_each = {actor.role: actor for actor in reversed(everybody())}
    assert set(one_of_each) == set(BLINDED_ROLES)
    dose = Dose.objects.get(course__participant__number=NUMBER, route="IV", number=1)
    known = {"{number}": NUMBER, "doses/{uid}": str(dose.uid), "sites/{code}": "GR01"}
    sent = send_everything(list(one_of_each.values()), known)
    assert not sent.faults
    assert sent.operations > 50
    assert sent.roles_with(200, 201, 204) == set(BLINDED_ROLES)
    assert sent.roles_with(422)


def test_a_planted_error_is_seen(trial: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("randomization.blinded.desk.api.overseeing.alerts_for", fail)
    manager = everybody()[0]
    sent = send_everything([manager], {}, under="/api/v1/alerts/")
    assert {fault.split(" as ")[0] for fault in sent.faults} == {"500 GET /api/v1/alerts/"}


def test_each_form_of_a_body_has_a_name_of_its_own() -> None:
    assert named_alike() == []
