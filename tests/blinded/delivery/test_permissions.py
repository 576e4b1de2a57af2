"""Blinded addresses: one table of who may open what; out of reach looks like nothing there."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import URLPattern, path

from immunosep_site import urls_blinded
from tests.blinded.delivery.permission_table import ELSEWHERE, POSTS, TABLE, A, P
from tests.blinded.world import MANAGER, NUMBER, everybody, screen
from tests.pages import unseen
from tests.permissions import client_of, missing_from

pytestmark = pytest.mark.once


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
