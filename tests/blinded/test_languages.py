"""A nurse reads every page in the language chosen; what is stored and sent to programs stays English."""

from __future__ import annotations

import pytest
from django.test import Client

from randomization.accounts.models import LANGUAGES, Person
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from tests.blinded.world import NUMBER, at
from tests.permissions import client_of

pytestmark = pytest.mark.once
NURSE = at(Role.NURSE)
PAGES = ("/", "/participants/", f"/participants/{NUMBER}/", f"/participants/{NUMBER}/doses/", "/bedside/",
         "/bedside/transcribe/", "/bedside/compare/", "/bedside/handover/", f"/participants/{NUMBER}/clearance/",
         f"/participants/{NUMBER}/sofa/", f"/participants/{NUMBER}/milestone/", "/tablets/pin/")  # fmt: skip


@pytest.mark.parametrize("language", [code for code, _ in LANGUAGES if code != "en"])
def test_a_nurse_reads_every_page_in_her_language(trial: None, language: str) -> None:
    client = client_of(NURSE)
    english = {page: client.get(page).content.decode() for page in PAGES}
    assert client.post("/language/", {"language": language}).status_code == 302
    assert Person.objects.get(user_name=NURSE.user_name).language == language
    for page in PAGES:
        answer = client.get(page)
        text = answer.content.decode()
        assert f'<html lang="{language}">' in text
        assert answer.headers["Content-Language"] == language
        heading = text.split("<h1>")[1].split("</h1>")[0]
        if page != f"/participants/{NUMBER}/":
            assert heading != english[page].split("<h1>")[1].split("</h1>")[0], page


def test_a_stop_is_said_in_her_language_and_kept_in_english(trial: None) -> None:
    client = client_of(NURSE)
    wrong = {"participant_number": NUMBER, "barcode": "7F2QXK9D.IV.01.7F2QXK9D", "at": "", "volume_ml": ""}
    english = client.post("/bedside/", wrong).content.decode()
    client.post("/language/", {"language": "el"})
    greek = client.post("/bedside/", wrong).content.decode()
    assert "Stop" in english
    assert "Stop." not in greek
    summary = greek.split('id="error-summary"')[1].split("</div>")[0]
    assert any("α" <= letter <= "ω" for letter in summary.split("</h2>")[1])
    api = client.post(f"/api/v1/participants/{NUMBER}/creatinine-clearances/", {}, content_type="application/json")
    assert b"required" in api.content
    assert all(event.data.isascii() for event in Event.objects.filter(actor=NURSE.user_name))


def test_before_the_log_in_the_browsers_language_counts(trial: None) -> None:
    page = Client().get("/log-in/", HTTP_ACCEPT_LANGUAGE="de-DE,de;q=0.9").content.decode()
    assert '<html lang="de">' in page
    assert '<html lang="en">' in Client().get("/log-in/", HTTP_ACCEPT_LANGUAGE="fi").content.decode()
