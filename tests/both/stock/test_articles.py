"""An article number is a product because somebody signed it, at that site; nothing unknown is taken before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from immunosep_site.demonstration import cast
from immunosep_site.demonstration.fixtures import FIXTURES
from pharmacy.stock.articles import articles_at
from pharmacy.stock.models import Article, Carton, Lot
from pharmacy.stock.read_pack import Typed
from pharmacy.stock.services.articles import AddArticle, add_article, withdraw_article
from pharmacy.stock.services.cartons import open_carton
from pharmacy.stock.services.quarantine import recall
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused, SignatureRefused
from randomization.signatures.signing import sign
from randomization.unblinded.lists.models import PlanVersion
from randomization.unblinded.lists.services.register_plan import register_plan
from tests.articles import ANAKINRA, OTHER_PACK, SALINE, add_signed
from tests.permissions import client_of

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
OTHER, MONITOR = cast.at_site(Role.PHARMACIST, "GR02"), cast.at_site(Role.UNBLINDED_MONITOR, SITE)
NEXT_YEAR = (clock.now() + timedelta(days=365)).date()
PACK = f"]d201{OTHER_PACK}10H-7\x1d17{NEXT_YEAR:%y%m%d}"
pytestmark = [pytest.mark.requirement("R46"), pytest.mark.once]


def add(product: str, gtin: str = OTHER_PACK, *, actor: Actor = PREPARER, site_code: str = SITE) -> Article:
    return add_signed(actor, site_code, product, gtin)


def open_it(actor: Actor = PREPARER, site_code: str = SITE) -> Carton:
    return open_carton(actor=actor, site_code=site_code, product="SALINE", typed=Typed(PACK))


def test_an_unknown_article_stops_until_it_was_added_and_holds_at_its_site(trial: None) -> None:
    with pytest.raises(Refused) as unknown:
        open_it()
    assert unknown.value.code == "unknown_article"
    added = add("SALINE")
    assert (open_it().gtin, added.signature is not None) == (OTHER_PACK, True)
    with pytest.raises(Refused):
        open_it(OTHER, "GR02")
    add("SALINE", actor=OTHER, site_code="GR02")
    open_it(OTHER, "GR02")
    assert Event.objects.filter(action="stock.add_article", subject=OTHER_PACK).count() == 2


@pytest.mark.parametrize(
    ("product", "gtin", "code"),
    [
        ("SALINE", ANAKINRA, "other_product"),
        ("ANAKINRA", SALINE, "other_product"),
        ("SALINE", SALINE, "known_article"),
        ("SALINE", OTHER_PACK[:-1] + "2", "check_digit"),
        ("SALINE", "12345", "check_digit"),
        ("WATER", OTHER_PACK, "invalid_input"),
    ],
)
def test_what_is_known_or_no_article_is_not_added(trial: None, product: str, gtin: str, code: str) -> None:
    with pytest.raises((Refused, InvalidInput)) as refusal:
        add(product, gtin)
    assert refusal.value.code == code
    assert not Article.objects.exists()


def test_an_article_that_one_site_added_is_no_other_product_anywhere(trial: None) -> None:
    add("SALINE")
    for actor, site_code in ((PREPARER, SITE), (OTHER, "GR02")):
        with pytest.raises(Refused) as refusal:
            add("INTERFERON", actor=actor, site_code=site_code)
        assert refusal.value.code == "other_product"
    with pytest.raises(Refused) as again:
        add("SALINE")
    assert again.value.code == "known_article"


def test_one_added_by_mistake_is_withdrawn_and_proves_nothing_more(trial: None) -> None:
    added = add("INTERFERON")
    with pytest.raises(NotPermitted):
        withdraw_article(actor=PREPARER, article_id=added.pk, reason="misread")
    with pytest.raises(NotFound):
        withdraw_article(actor=OTHER, article_id=added.pk, reason="misread")
    with pytest.raises(InvalidInput):
        withdraw_article(actor=PHARMACIST, article_id=added.pk, reason=" ")
    withdraw_article(actor=PHARMACIST, article_id=added.pk, reason="it is saline")
    assert OTHER_PACK not in articles_at(SITE)
    add("SALINE")
    assert open_it().lot.product == "SALINE"


def test_the_signature_is_for_this_article_and_product(trial: None) -> None:
    grant = sign(actor=PREPARER, secret=cast.PASSWORD, command=AddArticle(SITE, "INTERFERON", OTHER_PACK))
    with pytest.raises(SignatureRefused):
        add_article(actor=PREPARER, command=AddArticle(SITE, "SALINE", OTHER_PACK), grant=grant)
    with pytest.raises(NotFound):
        add("SALINE", actor=PREPARER, site_code="GR02")


def test_articles_by_page_and_over_the_api(trial: None) -> None:
    client = client_of(PREPARER)
    form: dict[str, Any] = {"product": "SALINE", "article": PACK, "secret": "wrong"}
    assert client.post("/pharmacy/stock/articles/", form).status_code == 422
    assert client.post("/pharmacy/stock/articles/", {**form, "secret": cast.PASSWORD}).status_code == 302
    shown = client.get("/pharmacy/stock/articles/").content.decode()
    assert OTHER_PACK in shown
    assert SALINE in shown
    added = Article.objects.get()
    page = f"/pharmacy/stock/articles/{added.pk}/withdraw/"
    pharmacist = client_of(PHARMACIST)
    assert client.get(page).status_code == 403
    assert client_of(OTHER).get(page).status_code == 404
    assert pharmacist.post(page, {"reason": "misread"}).status_code == 302
    body = {"product": "SALINE", "article": OTHER_PACK[1:], "user_name": "preparer.gr01", "secret": cast.PASSWORD}
    answer = client.post("/api/v1/pharmacy/stock/articles/", body, "application/json")
    assert (answer.status_code, answer.json()["gtin"]) == (201, OTHER_PACK)
    listed = client_of(MONITOR).get("/api/v1/pharmacy/stock/articles/").json()
    assert [row["id"] for row in listed if row["gtin"] == OTHER_PACK] == [answer.json()["id"]]
    assert {row["gtin"] for row in listed if row["id"] is None} >= {SALINE, ANAKINRA}
    again = client.post("/api/v1/pharmacy/stock/articles/", body, "application/json")
    assert (again.status_code, again.json()["code"]) == (409, "known_article")
    gone = pharmacist.post(
        f"/api/v1/pharmacy/stock/articles/{answer.json()['id']}/withdrawal/", {"reason": "x"}, "application/json"
    )
    assert gone.status_code == 201


def test_a_kept_plan_does_not_lose_article_numbers_without_a_word(trial: None) -> None:
    kept = PlanVersion.objects.get()
    text = (FIXTURES / "plan.toml").read_text(encoding="utf-8")
    assert register_plan(actor=cast.STATISTICIAN, text=text).pk == kept.pk
    with pytest.raises(Refused, match=OTHER_PACK):
        register_plan(actor=cast.STATISTICIAN, text=text.replace(f'"{SALINE}"', f'"{SALINE}", "{OTHER_PACK}"'))


def test_what_arrives_is_proven_by_its_code(trial: None) -> None:
    client = client_of(PHARMACIST)
    form = {
        "lot_number": f"]d201{ANAKINRA}10NEW-1\x1d17{NEXT_YEAR:%y%m%d}",
        "units": 4,
        "delivery_note": "9",
        "temperature_c": "5",
    }
    for product, status in (("INTERFERON", 409), ("ANAKINRA", 302)):
        answer = client.post("/pharmacy/stock/receive/", {**form, "product": product})
        assert answer.status_code == status
    body = {**form, "product": "INTERFERON", "delivery_note": "10"}
    refused = client.post("/api/v1/pharmacy/stock/", body, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "other_product")
    answer = client.post("/api/v1/pharmacy/stock/", {**body, "product": "ANAKINRA"}, "application/json")
    assert answer.status_code == 201
    assert Lot.objects.get(number="NEW-1").last_day == NEXT_YEAR
    unsure = {**body, "product": "ANAKINRA", "lot_number": f"01{ANAKINRA}10NEW21X"}
    asked = client.post("/api/v1/pharmacy/stock/", unsure, "application/json")
    assert (asked.status_code, asked.json()["code"]) == (422, "ambiguous_scan")


@pytest.mark.requirement("R39")
def test_a_recall_is_of_the_lot_in_a_code_that_was_scanned(trial: None) -> None:
    held = recall(actor=cast.SAFETY_OFFICER, product="ANAKINRA", lot_number=f"(01){ANAKINRA}(10)ANAK-A", reason="x")
    assert {hold.lot.number for hold in held} == {"ANAK-A"}
