"""Every word of the unblinded pages is marked for translation."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from randomization.accounts.models import Account
from randomization.accounts.roles import Role
from randomization.blinded.sites.models import Site
from randomization.shared.entropy import new_uid
from randomization.shared.ids import SPOKEN
from randomization.unblinded.laboratory.immune_class import ImmuneClass
from randomization.unblinded.lists.selectors import plans_in_use
from tests.permissions import client_of
from tests.pseudo import check_answers, check_every_word, speak_it
from tests.unblinded.delivery.permission_table import TABLE

pytestmark = pytest.mark.once
ADDRESSES = ("http", "otpauth secret algorithm digits period issuer unblinded")
"""Of a third party's page, and what an authenticator app reads."""


def test_every_word_of_every_unblinded_page_is_marked(
    trial: None, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a page says is translated, or is data; the trail shows what is stored, as it is stored."""
    shown = [
        (entry[0], entry[1][0]) for name, entry in TABLE.items() if entry and name not in {"trail", "trail_export"}
    ]
    clients = {actor: client_of(actor) for _address, actor in shown}
    plan = plans_in_use()
    assert plan
    data = [
        *(f"{site.name} {site.contact} {site.contact_full}" for site in Site.objects.all()),
        "first delivery",
        "HOSPITAL",
        "Request uid",
        "rehearsal before the first patient order destruction expired",
        "write off the shelf fell",
        *Account.objects.values_list("user_name", flat=True),
        *(f"{item.code} {item.name}" for item in plan.products.values()),
        plan.plans[0].diluent,
        *ImmuneClass,
    ]
    speak_it(monkeypatch)
    pages = [(clients[actor], address.format(**places)) for address, actor in shown if not address.startswith("/api/")]
    assert check_every_word(pages, data) > 60


def test_every_word_of_what_a_code_break_answers_is_marked(trial: None, monkeypatch: pytest.MonkeyPatch) -> None:
    number, client = play.enrol(Case("GR01")).participant, client_of(cast.at_site(Role.CODE_BREAKER, "GR01"))
    why = {"number": number, "category": "emergency", "reason": "shock", "secret": cast.PASSWORD}
    plan = plans_in_use()
    assert plan
    speak_it(monkeypatch)
    answers = {
        "broken": client.post("/code-break/", {**why, "request_uid": str(new_uid())}),
        "invited": client.post("/code-break/third-party/", why),
        "rehearsed": client.post("/code-break/drill/", {"reason": "night shift", "secret": cast.PASSWORD}),
        "second step": client.post("/second-step/", {"password": cast.PASSWORD}),
    }
    code = re.search(r"/told/#([0-9A-Z]{8})", answers["invited"].content.decode())
    assert code is not None
    third_party = {"code": code[1], "name": "A. B.", "function": "on call", "telephone": "123"}
    answers["told"] = Client().post("/told/", third_party)
    assert {answer.status_code for answer in answers.values()} == {200}
    products = (f"{item.code} {item.name}" for item in plan.products.values())
    data = ["PRECISION CONTROL", code[1], *products, *SPOKEN.values(), *ADDRESSES]
    check_answers(answers.items(), data)
