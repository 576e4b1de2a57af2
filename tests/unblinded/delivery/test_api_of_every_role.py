"""Every operation of the unblinded API, sent by every role: within the schema and outside it."""

from __future__ import annotations

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.models import Lot
from randomization.accounts.roles import UNBLINDED_ROLES, Role
from randomization.blinded.bedside.models import Dose
from tests.fuzzing import named_alike, send_everything

pytestmark = pytest.mark.once
AT_SITE = (Role.PHARMACIST, Role.PREPARER, Role.UNBLINDED_MONITOR, Role.CODE_BREAKER)
EVERYBODY = (
    *(cast.at_site(role, "GR01") for role in AT_SITE),
    cast.laboratory("GR"),
    cast.STATISTICIAN,
    cast.SAFETY_OFFICER,
)


def test_no_role_gets_a_server_error(trial: None) -> None:
    assert {actor.role for actor in EVERYBODY} == set(UNBLINDED_ROLES)
    number = play.enrol(Case("GR01")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    preparation = prepare(actor=EVERYBODY[0], dose_uid=dose.uid)
    known = {
        "preparations/{uid}": str(preparation.uid),
        "samples/{uid}": str(play.screen(Case("GR01")).sample_id),
        "{kit_code}": preparation.kit_code,
        "lots/{lot_id}": str(Lot.objects.filter(site_code="GR01")[0].pk),
        "accountability/{site_code}": "GR01",
    }
    sent = send_everything(EVERYBODY, known)
    assert not sent.faults
    assert sent.operations > 80
    assert sent.roles_with(200, 201, 204) == set(UNBLINDED_ROLES)
    assert sent.roles_with(422)


def test_each_form_of_a_body_has_a_name_of_its_own() -> None:
    assert named_alike() == []
