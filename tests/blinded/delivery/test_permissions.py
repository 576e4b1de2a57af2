"""Blinded addresses: one table of who may open what; out of reach looks like nothing there."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import URLPattern, path

from immunosep_site import urls_blinded
from randomization.accounts.roles import Role
from randomization.shared.actor import Actor
from tests.blinded.world import AUDITOR, MANAGER, NUMBER, at, everybody, screen
from tests.pages import unseen
from tests.permissions import client_of, missing_from

pytestmark = pytest.mark.once
COORDINATOR, INVESTIGATOR, NURSE, MONITOR = (
    at(role) for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.NURSE, Role.BLINDED_MONITOR)
)
ELSEWHERE = at(Role.COORDINATOR, "GR02")
SCREENING = (COORDINATOR, INVESTIGATOR)
WARD = (*SCREENING, NURSE, MONITOR)
READERS = (*WARD, MANAGER)
EVERYBODY = (*READERS, AUDITOR, ELSEWHERE)
P = f"/participants/{NUMBER}/"
A = f"/api/v1/participants/{NUMBER}/"
# name: (address, who gets 200, what the others of the same site get). None: tried with POST elsewhere.
TABLE: dict[str, tuple[str, tuple[Actor, ...], int] | None] = {
    "home": ("/", EVERYBODY, 403),
    "log_in": None,
    "log_out": None,
    "choose_role": None,
    "health": None,
    "schema": None,
    "docs": None,
    "api_tokens": None,
    "web_health": None,
    "trail_csv": ("/audit/found.csv", (MONITOR, MANAGER, AUDITOR), 403),
    "trail": ("/audit/", (MONITOR, MANAGER, AUDITOR), 403),
    "trail_export": ("/audit/export/", (MONITOR, MANAGER, AUDITOR), 403),
    "api_events": ("/api/v1/audit/events/", (MONITOR, MANAGER, AUDITOR), 403),
    "participants": ("/participants/", (*READERS, ELSEWHERE), 403),
    "register": ("/participants/new/", (*SCREENING, ELSEWHERE), 403),
    "participant": (P, READERS, 403),
    "correct_sepsis": (P + "sepsis/", SCREENING, 403),
    "api_sepsis": None,
    "later_consent": (P + "later-consent/", SCREENING, 403),
    "api_later_consent": None,
    "consent": (P + "consent/", SCREENING, 403),
    "eligibility": (P + "eligibility/", SCREENING, 403),
    "identity": (P + "identity/", SCREENING, 403),
    "api_identity": (A + "identity/", READERS, 403),
    "sample": (P + "sample/", SCREENING, 403),
    "further_sample": (P + "sample/further/", SCREENING, 403),
    "api_further_sample": None,
    "discard_sample": (P + "sample/unusable/", SCREENING, 403),
    "api_discard_sample": None,
    "correct_covid19": (P + "covid19/", (INVESTIGATOR,), 403),
    "api_covid19": None,
    "ship_sample": (P + "sample/ship/", SCREENING, 403),
    "correct_sample": (P + "sample/correct/", SCREENING, 403),
    "confirm": (P + "confirm/", (INVESTIGATOR,), 403),
    "randomise": (P + "randomise/", SCREENING, 403),
    "envelope": (P + "envelope/", SCREENING, 403),
    "api_envelope": None,
    "transfer": (P + "transfer/", (INVESTIGATOR,), 403),
    "api_transfers": (A + "transfers/", READERS, 403),
    "misallocation": (P + "wrong/", (INVESTIGATOR,), 403),
    "api_misallocations": (A + "misallocations/", READERS, 403),
    "doses": (P + "doses/", WARD, 403),
    "clearance": (P + "clearance/", (*SCREENING, NURSE), 403),
    "transcribe": ("/bedside/transcribe/", (INVESTIGATOR, NURSE), 403),
    "compare_chart": ("/bedside/compare/", (INVESTIGATOR, NURSE), 403),
    "hand_over_duty": ("/bedside/handover/", (*SCREENING, NURSE, ELSEWHERE), 403),
    "plan_first_dose": (P + "plan/", SCREENING, 403),
    "hold": (P + "hold/", SCREENING, 403),
    "resume": (P + "resume/", SCREENING, 403),
    "stop": (P + "stop/", SCREENING, 403),
    "shift": (P + "shift/", SCREENING, 403),
    "withdraw": (P + "withdraw/", SCREENING, 403),
    "sofa": (P + "sofa/", (*SCREENING, NURSE), 403),
    "milestone": (P + "milestone/", (*SCREENING, NURSE), 403),
    "sofa_file": ("/sofa/import/", (*SCREENING, NURSE, ELSEWHERE), 403),
    "deviations": ("/deviations/", (*READERS, ELSEWHERE), 403),
    "explain_deviation": None,
    "miss": None,
    "correct_dose": None,
    "api_corrections": None,
    "api_course": (A + "course/", WARD, 403),
    "api_withdrawals": None,
    "api_sofa": (A + "sofa/", WARD, 403),
    "api_milestones": (A + "milestones/", WARD, 403),
    "api_deviations": ("/api/v1/deviations/", (*READERS, ELSEWHERE), 403),
    "api_explanation": None,
    "administer": ("/bedside/", (INVESTIGATOR, NURSE), 403),
    "second_step": None,
    "factor": ("/second-step/", EVERYBODY, 403),
    "confirm_factor": ("/second-step/confirm/", EVERYBODY, 403),
    "set_language": None,
    "tablet": None,
    "end_tablet": None,
    "tablets": ("/tablets/", (*SCREENING, ELSEWHERE), 403),
    "pin": ("/tablets/pin/", (NURSE,), 403),
    "badge": ("/tablets/badge/", (NURSE,), 403),
    "password": ("/password/", EVERYBODY, 403),
    "blinded_people": ("/people/", (MANAGER,), 403),
    "end_membership": (f"/people/{UUID(int=1)}/end/", (MANAGER,), 403),
    "redact": ("/audit/redact/", (MANAGER,), 403),
    "api_redactions": None,
    "sites": ("/sites/", (MANAGER,), 403),
    "site_state": ("/sites/GR01/", (MANAGER,), 403),
    "overview": ("/overview/", (MANAGER,), 403),
    "recruitment": ("/overview/recruitment/", (MANAGER,), 403),
    "recruitment_csv": ("/overview/recruitment.csv", (MANAGER,), 403),
    "flow": ("/overview/flow/", (MANAGER,), 403),
    "flow_csv": ("/overview/flow.csv", (MANAGER,), 403),
    "alerts": ("/alerts/", (MANAGER,), 403),
    "acknowledge_alert": None,
    "api_acknowledge_alert": None,
    "api_alerts": ("/api/v1/alerts/", (MANAGER,), 403),
    "self_check": ("/self-check/", (*SCREENING, ELSEWHERE), 403),
    "api_self_checks": None,
    "readmit": ("/people/readmit/", (MANAGER,), 403),
    "api_readmissions": None,
    "import_people": ("/people/import/", (MANAGER,), 403),
    "api_import_people": None,
    "review_access": ("/people/review/", (MANAGER,), 403),
    "api_reviews": ("/api/v1/people/reviews/", (MANAGER,), 403),
    "messages_from_above": ("/messages/", (MANAGER,), 403),
    "api_messages_from_above": ("/api/v1/messages/", (MANAGER,), 403),
    "api_recruitment": ("/api/v1/recruitment/", (MANAGER,), 403),
    "api_flow": ("/api/v1/flow/", (MANAGER,), 403),
    "api_people": ("/api/v1/people/", (MANAGER,), 403),
    "api_sites": ("/api/v1/sites/", (MANAGER,), 403),
    "api_membership": None,
    "api_site_state": None,
    "admin": ("/desk/", (MANAGER,), 302),
    "api_board": ("/api/v1/board/", (*READERS, ELSEWHERE), 403),
    "eligibility_draft": None,
    "api_participants": ("/api/v1/participants/", (*READERS, ELSEWHERE), 403),
    "api_participant": (A, READERS, 403),
    "api_eligibility": (A + "eligibility/", READERS, 403),
    "api_samples": (A + "samples/", READERS, 403),
    "api_next_step": (A + "next-step/", READERS, 403),
    "api_allocation": (A + "allocation/", READERS, 403),
    "api_doses": (A + "doses/", WARD, 403),
    "api_consent": None,
    "api_confirmation": None,
    "api_clearances": None,
    "api_administration": None,
    "card": None,
    "api_card": None,
    "ask_pharmacy": None,
    "api_requests": None,
}
POSTS = {
    "/api/v1/messages/": (MANAGER,),
    A + "consent/": SCREENING,
    A + "eligibility/": SCREENING,
    A + "eligibility/confirmation/": (INVESTIGATOR,),
    A + "identity/": SCREENING,
    A + "samples/further/": SCREENING,
    A + "samples/unusable/": SCREENING,
    A + "covid19/": (INVESTIGATOR,),
    A + "samples/": SCREENING,
    A + "allocation/": SCREENING,
    A + "creatinine-clearances/": (*SCREENING, NURSE),
    A + "card.pdf": (*SCREENING, NURSE),
    P + "card.pdf": (*SCREENING, NURSE),
    A + "course/": SCREENING,
    A + "withdrawals/": SCREENING,
    A + "sofa/": (*SCREENING, NURSE),
    A + "milestones/": (*SCREENING, NURSE),
    P + "eligibility/draft/": SCREENING,
}


def test_every_address_is_in_the_table_and_every_page_is_shown_to_axe() -> None:
    assert missing_from(set(TABLE)) == set()
    assert unseen("blinded") == set()


def test_an_address_that_is_not_in_the_table_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = path("extra/", lambda request: None, name="extra")  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(urls_blinded, "urlpatterns", [*urls_blinded.urlpatterns, extra])
    from django.urls import clear_url_caches

    clear_url_caches()
    try:
        assert missing_from(set(TABLE)) == {"extra"}
        assert unseen("blinded") == {"extra"}
    finally:
        monkeypatch.undo()
        clear_url_caches()


@pytest.mark.requirement("R11", "R32")
@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if entry])
def test_who_may_open_it(trial: None, name: str) -> None:
    entry = TABLE[name]
    assert entry is not None
    address, allowed, otherwise = entry
    reaches_one = NUMBER in address
    for actor in everybody():
        answer = client_of(actor).get(address)
        expected = 200 if actor in allowed else otherwise
        if reaches_one and actor == ELSEWHERE:
            expected = 404 if actor.role in {allowed_actor.role for allowed_actor in allowed} else 403
        assert answer.status_code == expected, (actor, answer.status_code)
        if answer.status_code == 404:
            nothing = client_of(actor).get(address.replace(NUMBER, "GR01-999"))
            assert answer.content == nothing.content or address.startswith("/participants")


@pytest.mark.requirement("R11", "R32")
@pytest.mark.parametrize("address", POSTS)
def test_who_may_send_to_it(trial: None, address: str) -> None:
    bodies = {
        "consent/": {"given_by": "patient", "form_version": "1.0", "given_at": "2026-01-01T00:00:00Z"},
        "eligibility/": {"answers": {}, "sex": "male", "year_of_birth": 1960, "neutrophils_per_mm3": 5000},
        "identity/": {"elsewhere": False},
        "samples/further/": {"drawn_at": "2026-01-01T00:00:00Z", "covid19": False, "reason": "x"},
        "samples/unusable/": {"reason": "x"},
        "covid19/": {"covid19": True, "reason": "x", "signature": {"user_name": "x", "secret": "x"}},
        "samples/": {"drawn_at": "2026-01-01T00:00:00Z", "covid19": False},
        "course/": {"act": "hold", "reason": "x"},
        "withdrawals/": {
            "scope": "data",
            "at": "2026-01-01T00:00:00Z",
            "reason": "x",
            "signature": {"user_name": "x", "secret": "x"},
        },
        "sofa/": {
            "day": 1,
            **dict.fromkeys(("respiration", "coagulation", "liver", "cardiovascular", "nervous", "renal"), 1),
        },
        "milestones/": {"kind": "discharge", "at": "2026-01-01T00:00:00Z"},
        "creatinine-clearances/": {"value_ml_min": "80", "method": "measured", "sampled_at": "2026-01-01T00:00:00Z"},
    }
    for actor in everybody():
        body = next((body for end, body in bodies.items() if address.endswith(end)), {})
        if address.endswith("confirmation/"):
            body = {"user_name": actor.user_name, "secret": "demonstration only"}
        answer = client_of(actor).post(address, body, content_type="application/json")
        if actor in POSTS[address]:
            assert answer.status_code not in {403, 404}, (actor, answer.content)
        else:
            assert answer.status_code in {403, 404}, (actor, answer.content)
        if actor == ELSEWHERE:
            assert answer.status_code == 404 or not address.endswith(("consent/", "samples/", "allocation/"))


def test_nobody_is_somebody(trial: None) -> None:
    for name, entry in TABLE.items():
        if entry is None:
            continue
        answer = Client().get(entry[0])
        assert answer.status_code in {302, 401, 403}, name
        assert b"GR01-001" not in answer.content or answer.status_code == 302


def test_out_of_reach_and_not_there_look_alike(trial: None) -> None:
    client = client_of(ELSEWHERE)
    for address in (P, P + "randomise/", P + "consent/", A, A + "allocation/"):
        there, nowhere = client.get(address), client.get(address.replace(NUMBER, "GR01-998"))
        assert there.status_code == nowhere.status_code == 404
        assert len(there.content) == len(nowhere.content)
    assert screen().startswith("GR01-")


def test_the_panel_has_no_page_of_its_own_that_changes_anything(trial: None) -> None:
    """Django's panel may get pages with its next version: whichever it has is named here."""
    own = {entry.name for entry in admin.site.urls[0] if isinstance(entry, URLPattern)}
    assert own - {None} == {
        "index",
        "login",
        "logout",
        "password_change",
        "password_change_done",
        "autocomplete",
        "jsi18n",
        "view_on_site",
        "app_list",
    }
    manager = client_of(MANAGER)
    for name in ("password_change", "password_change_done"):
        for answer in (manager.get(f"/desk/{name.replace('_done', '/done')}/"), manager.post("/desk/password_change/")):
            assert answer.headers["Location"] == "/password/"
    for model, entry in admin.site._registry.items():
        assert not any(
            allowed(RequestFactory().get("/"))
            for allowed in (entry.has_add_permission, entry.has_change_permission, entry.has_delete_permission)
        ), model
