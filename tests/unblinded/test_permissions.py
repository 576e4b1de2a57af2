"""Unblinded addresses: one table of who may open what."""

from __future__ import annotations

import pytest
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose
from randomization.shared.actor import Actor
from tests.permissions import client_of, missing_from

PHARMACIST, BREAKER = cast.at_site(Role.PHARMACIST, "GR01"), cast.at_site(Role.CODE_BREAKER, "GR01")
OTHER_SITE = cast.at_site(Role.PHARMACIST, "GR02")
LABORATORY, OTHER_COUNTRY = cast.laboratory("GR"), cast.laboratory("DE")
STATISTICIAN, SAFETY = cast.STATISTICIAN, cast.SAFETY_OFFICER
EVERYBODY = (PHARMACIST, OTHER_SITE, BREAKER, LABORATORY, OTHER_COUNTRY, STATISTICIAN, SAFETY)
TABLE: dict[str, tuple[str, tuple[Actor, ...]] | None] = {
    "home": ("/", EVERYBODY),
    "log_in": None, "log_out": None, "choose_role": None, "health": None, "schema": None, "docs": None,
    "api_tokens": None, "prepare": None, "acknowledge": None, "api_acknowledge": None, "confirm_proposal": None,
    "redact": ("/audit/redact/", (STATISTICIAN,)), "api_redactions": None,
    "password": ("/password/", EVERYBODY),
    "trail": ("/audit/", (STATISTICIAN, SAFETY)), "trail_export": ("/audit/export/", (STATISTICIAN, SAFETY)),
    "api_events": ("/api/v1/audit/events/", (STATISTICIAN, SAFETY)),
    "samples": ("/laboratory/", (LABORATORY, OTHER_COUNTRY)),
    "sample_receive": ("/laboratory/{sample}/receive/", (LABORATORY,)),
    "sample_result": ("/laboratory/{sample}/", (LABORATORY,)),
    "sample_close": ("/laboratory/{sample}/close/", (LABORATORY,)),
    "api_laboratory_samples": ("/api/v1/laboratory/samples/", (LABORATORY, OTHER_COUNTRY)),
    "api_laboratory_results": None,
    "lists": ("/lists/", (STATISTICIAN,)), "api_lists": ("/api/v1/lists/", (STATISTICIAN,)),
    "people": ("/people/", (STATISTICIAN,)),
    "break_code": ("/code-break/", (BREAKER, SAFETY)), "drill": ("/code-break/drill/", (BREAKER,)),
    "api_code_breaks": ("/api/v1/code-breaks/", (BREAKER, SAFETY)),
    "supply": ("/pharmacy/supply/", (PHARMACIST, OTHER_SITE)), "api_stock": None,
    "worklist": ("/pharmacy/", (PHARMACIST, OTHER_SITE)),
    "night_sheet": ("/pharmacy/night-sheet.pdf", (PHARMACIST, OTHER_SITE)),
    "api_night_sheet": ("/api/v1/pharmacy/night-sheet.pdf", (PHARMACIST, OTHER_SITE)),
    "api_calls": ("/api/v1/pharmacy/calls/", (PHARMACIST, OTHER_SITE)),
    "api_worklist": ("/api/v1/pharmacy/worklist/", (PHARMACIST, OTHER_SITE)),
    "preparation": ("/pharmacy/preparations/{preparation}/", (PHARMACIST,)),
    "void": ("/pharmacy/preparations/{preparation}/void/", (PHARMACIST,)),
    "api_preparations": ("/api/v1/pharmacy/preparations/", (PHARMACIST, OTHER_SITE)),
    "labels": ("/pharmacy/preparations/{preparation}/labels/", (PHARMACIST,)),
    "label_picture": ("/pharmacy/preparations/{preparation}/label.png", (PHARMACIST,)),
    "api_preparation": None, "api_labels": None, "api_labels_zpl": None,
}  # fmt: skip


@pytest.fixture
def places(trial: None) -> dict[str, str]:
    """A sample and a preparation at GR01."""
    number = play.enrol(Case("GR01")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    person = play.screen(Case("GR01"))
    person.refresh_from_db()
    made = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    free = Dose.objects.get(course__participant__number=number, route="SC", number=1)
    return {
        "sample": str(person.sample_id), "preparation": str(made.uid), "dose": str(free.uid), "kit": made.kit_code,
    }  # fmt: skip


def test_every_address_is_in_the_table() -> None:
    assert missing_from(set(TABLE)) == set()


@pytest.mark.requirement("R11", "R32")
@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if entry])
def test_who_may_open_it(places: dict[str, str], name: str) -> None:
    entry = TABLE[name]
    assert entry is not None
    address, allowed = entry
    roles = {actor.role for actor in allowed}
    assert Client().get(address.format(**places)).status_code in {302, 401, 403}
    for actor in EVERYBODY:
        expected = 200 if actor in allowed else 404 if actor.role in roles else 403
        assert client_of(actor).get(address.format(**places)).status_code == expected, actor


@pytest.mark.requirement("R11")
def test_who_may_send(places: dict[str, str]) -> None:
    sample, preparation, dose = (places[key] for key in ("sample", "preparation", "dose"))
    table = {
        (f"/pharmacy/doses/{dose}/prepare/", PHARMACIST, OTHER_SITE),
        (f"/pharmacy/preparations/{preparation}/labels/", PHARMACIST, OTHER_SITE),
        (f"/api/v1/pharmacy/preparations/{preparation}/labels.pdf", PHARMACIST, OTHER_SITE),
        (f"/api/v1/pharmacy/preparations/{preparation}/labels.zpl", PHARMACIST, OTHER_SITE),
        (f"/pharmacy/kits/{places['kit']}/acknowledge/", PHARMACIST, OTHER_SITE),
        (f"/api/v1/pharmacy/calls/{places['kit']}/acknowledgement/", PHARMACIST, OTHER_SITE),
        (f"/laboratory/{sample}/receive/", LABORATORY, OTHER_COUNTRY),
    }
    for address, allowed, elsewhere in table:
        for actor in EVERYBODY:
            answer = client_of(actor).post(address, {"received_at": ""})
            if actor == allowed:
                assert answer.status_code not in {403, 404}, (address, actor)
            else:
                assert answer.status_code in ({404} if actor == elsewhere else {403, 404}), (address, actor)


def test_the_pages_of_the_blinded_side_are_not_here(trial: None) -> None:
    for address in ("/participants/", "/bedside/", "/desk/", "/api/v1/participants/"):
        assert client_of(PHARMACIST).get(address).status_code == 404
