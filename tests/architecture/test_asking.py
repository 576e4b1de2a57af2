"""No page, no method of the API and no command reaches an act that makes prepared syringes void without asking."""

from __future__ import annotations

import pytest

from tests.architecture.asking import STRIKES, calls, services_that_ask

pytestmark = pytest.mark.once
UNASKED = {
    ("randomization/blinded/bedside/web/correcting.py", "correct_dose"): "the preview, which records nothing",
}


def test_every_service_that_asks_is_known() -> None:
    assert services_that_ask() == {
        "hold_course",
        "stop_course",
        "plan_first_dose",
        "shift_course",
        "withdraw",
        "transfer",
        "record_clearance",
        "miss_dose",
        "correct_dose",
        "put_on_hold",
        "note_mixing",
        "report_excursion",
        "recall",
        "receive",
        "confirm_receipt",
        "void",
        "confirm_class",
        "approve_protocol",
    }


def test_pages_api_and_commands_say_what_was_accepted() -> None:
    call_sites = list(calls(services_that_ask(), delivery=True))
    silent = [(where.split(":")[0], name) for where, name, said in call_sites if not said]
    assert silent == list(UNASKED)
    assert {name for _where, name, said in call_sites if said} == services_that_ask(), "each over page, API or command"


def test_what_makes_syringes_void_is_told_what_was_accepted() -> None:
    call_sites = list(calls(set(STRIKES), delivery=False))
    assert {name for _where, name, _said in call_sites} == set(STRIKES)
    assert [where for where, _name, said in call_sites if not said] == []
