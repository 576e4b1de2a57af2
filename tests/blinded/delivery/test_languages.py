"""A nurse reads every page in the language chosen; what is stored and sent to programs stays English."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import gettext

from randomization.accounts.languages import LANGUAGES
from randomization.accounts.models import Account
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.screening.states import State
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import protocol_of_trial
from randomization.shared import clock
from randomization.shared.ids import SPOKEN
from tests.blinded.delivery.permission_table import TABLE
from tests.blinded.desk.steps import people_file, upload
from tests.blinded.world import MANAGER, NUMBER, PASSWORD, at, everybody
from tests.pages import PANEL
from tests.permissions import client_of
from tests.pseudo import check_answers, check_every_word, speak_it, words_left

pytestmark = pytest.mark.once
NURSE = at(Role.NURSE)
DESK = [model for model in PANEL if model != "audit/event"]
STORED = (
    *(word.replace("_", " ") for word in (*Role, *State)),
    "True",
    "False",
    "el",
    "IMMUNOSEP",
    "ab" * 32,
    "Search",
)
"""What the panel shows as it is stored, and one word of Django's own that it does not translate."""
PAGES = (
    "/",
    "/participants/",
    f"/participants/{NUMBER}/",
    f"/participants/{NUMBER}/doses/",
    "/bedside/",
    "/bedside/transcribe/",
    "/bedside/compare/",
    "/bedside/handover/",
    f"/participants/{NUMBER}/clearance/",
    f"/participants/{NUMBER}/sofa/",
    f"/participants/{NUMBER}/milestone/",
    "/tablets/pin/",
)


@pytest.mark.parametrize("language", [code for code, _name in LANGUAGES if code != "en"])
def test_a_nurse_reads_every_page_in_her_language(trial: None, language: str) -> None:
    client = client_of(NURSE)
    english = {page: client.get(page).content.decode() for page in PAGES}
    assert client.post("/language/", {"language": language}).status_code == 302
    assert Account.objects.get(user_name=NURSE.user_name).language == language
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


def test_every_word_of_every_blinded_page_is_marked(trial: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a page says is translated, or is data; the trail shows what is stored, as it is stored."""
    clients = {actor: client_of(actor) for actor in everybody()}
    shown = [
        (entry[0], entry[1][0]) for name, entry in TABLE.items() if entry and name not in {"trail", "trail_export"}
    ]
    protocol = protocol_of_trial()
    assert protocol is not None
    data = [
        *(f"{site.name} {site.contact} {site.contact_full}" for site in Site.objects.all()),
        *(actor.user_name for actor in clients),
        *(f"{criterion.text} {criterion.reason}" for criterion in protocol.eligibility.criteria),
        "delegation log",
        "Shown",
        *SPOKEN.values(),
    ]
    speak_it(monkeypatch)
    pages = [(clients[actor], address) for address, actor in shown if not address.startswith("/api/")]
    assert check_every_word(pages, data) > 60
    panel = [(clients[MANAGER], f"/desk/{address}/") for address in DESK]
    assert check_every_word(panel, [*data, *STORED]) >= len(DESK)


def test_every_word_of_what_a_sent_form_answers_is_marked(trial: None, monkeypatch: pytest.MonkeyPatch) -> None:
    nurse, manager = client_of(NURSE), client_of(MANAGER)
    today = f"{clock.site_moment(clock.now(), 'Europe/Athens'):%Y-%m-%d}"
    chart = {"participant_number": NUMBER, "day": today, "text": "IV 1 10:00\nSC 1 11:00"}
    people = people_file("nurse.b.gr01,nb@example.org,nurse,GR01,log,1", "auditor,auditor@example.org,nurse,GR02,log,1")
    speak_it(monkeypatch)
    answers = {
        "compared": nurse.post("/bedside/compare/", chart),
        "badge": nurse.post("/tablets/badge/", {"password": PASSWORD}),
        "dry run": upload(manager, people, dry_run="on"),
    }
    assert {answer.status_code for answer in answers.values()} == {200}
    check_answers(
        answers.items(), ["nurse auditor log", "delegation log", *Account.objects.values_list("user_name", flat=True)]
    )


def test_a_word_that_nobody_marked_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    speak_it(monkeypatch)
    page = f'<p title="{gettext("x")}">{gettext("Dose %s") % "IV"} GR01-001</p><img alt="Picture">forgotten'
    assert words_left(page) == ["forgotten", "Picture"]
