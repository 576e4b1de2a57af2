"""A second plan touches no site that does not use it: supply, stock, orders and preparation go by the lists in use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.play import Case
from immunosep_site.demonstration.small_trial import add_sites
from pharmacy.preparation.instruction import needs_of
from pharmacy.preparation.models import Preparation
from pharmacy.stock.ordering import order_for
from pharmacy.stock.selectors import lacking, stock_of, supply_changes
from pharmacy.stock.services.receive import Delivered, receive
from randomization.accounts.roles import Role
from randomization.blinded.allocation.models import Allocation, AllocationList
from randomization.blinded.bedside.models import Dose
from randomization.blinded.sites.models import Site
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import InvalidInput
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.lists.models import SealedList
from randomization.unblinded.lists.plan import load_plan, parse_plan
from randomization.unblinded.lists.plans import Plans, PlansBySite
from randomization.unblinded.lists.selectors import plan_of_kit, plans_by_site, plans_in_use
from randomization.unblinded.lists.services.generate_lists import generate_fallback, generate_lists
from randomization.unblinded.lists.services.register_plan import register_plan
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

TEXT = (FIXTURES / "plan.toml").read_text(encoding="utf-8")
SECOND = (
    TEXT.replace("version = 1", "version = 2", 1)
    .replace('code = "INTERFERON"', 'code = "INTERFERON2"')
    .replace('product = "INTERFERON"', 'product = "INTERFERON2"')
    .replace('["04012345000214"]', "[]")
)
"""As the first, but the vial is another article."""
USER, OTHER = "GR01", "GR02"


@pytest.fixture
def second(trial: None) -> None:
    """GR01 extends its list under a second plan; all other sites stay with the first."""
    register_plan(actor=SYSTEM, text=SECOND)
    generate_lists(actor=SYSTEM, site_codes=[USER], length=8, plan=2)
    play.pass_hatch()


def plans_at(site_code: str, *, for_new_patients: bool = False) -> list[int]:
    return [plan.version for plan in plans_in_use(site_code, for_new_patients=for_new_patients).plans]


def use_up(site_code: str, version: int) -> None:
    """The lists of a plan at a site are used up."""
    uids = list(SealedList.objects.filter(stratum__site_code=site_code, plan__version=version).values_list("uid"))
    with tampering():
        AllocationList.objects.filter(uid__in=[uid for (uid,) in uids]).update(state="exhausted")


def test_plans_read_together() -> None:
    plan, two = load_plan(FIXTURES / "plan.toml"), parse_plan(SECOND)
    both = Plans((two, plan))
    assert set(both.products) == {"ANAKINRA", "INTERFERON", "INTERFERON2", "SALINE"}
    assert both.may_need("SC", Level.FULL) == {"INTERFERON": 1, "INTERFERON2": 1, "SALINE": 1}
    assert both.routes_of("INTERFERON2") == both.routes_of("INTERFERON") == {"SC"}
    assert not Plans()
    more = replace(plan, products={**plan.products, "ANAKINRA": replace(plan.products["ANAKINRA"], storage="-20 C")})
    assert Plans((more, two)).products["ANAKINRA"].storage == "-20 C", "as the newest says"
    assert PlansBySite(Plans(), {USER: both}).at(OTHER) == Plans()


@pytest.mark.requirement("R18", "R19")
def test_loading_a_plan_touches_nobody(trial: None) -> None:
    register_plan(actor=SYSTEM, text=SECOND)
    assert supply_changes() == []
    assert plans_at(USER) == plans_at(OTHER) == [1]
    lists = generate_lists(actor=SYSTEM, site_codes=[OTHER], length=8)
    lists += generate_fallback(actor=SYSTEM, site_codes=[OTHER])
    assert {entry.plan.version for entry in lists} == {1}, "a list is extended under the site's own plan"
    add_sites(["IT01"], plan=SECOND)
    assert plans_at("IT01") == [2]
    assert Site.objects.get(code="IT01").may_supply


@pytest.mark.requirement("R18", "R19")
def test_supply_goes_on_where_the_second_plan_is_not_used(second: None) -> None:
    assert not Site.objects.get(code=USER).may_supply, "its new list needs what is not there yet"
    assert Site.objects.get(code=OTHER).may_supply
    assert (plans_at(USER), plans_at(OTHER)) == ([2, 1], [1])
    pharmacist, other = cast.at_site(Role.PHARMACIST, USER), cast.at_site(Role.PHARMACIST, OTHER)
    assert lacking(stock_of(pharmacist, USER), USER) == ["INTERFERON2"]
    assert lacking(stock_of(other, OTHER), OTHER) == []
    assert "INTERFERON2" in {line.product for line in order_for(pharmacist, USER)}
    assert "INTERFERON2" not in {line.product for line in order_for(other, OTHER)}
    line = Delivered("INTERFERON2", "INTE2-A", clock.now().date() + timedelta(days=200), 40)
    with pytest.raises(InvalidInput, match="no such product"):
        receive(actor=other, site_code=OTHER, line=line, delivery_note="2", temperature_c=None)
    play.stock_up(USER, note="second delivery")
    play.pass_hatch()
    assert Site.objects.get(code=USER).may_supply


@pytest.mark.requirement("R18")
def test_each_kit_is_prepared_by_the_plan_of_its_list(trial: None) -> None:
    number = play.enrol(Case(OTHER)).participant
    register_plan(actor=SYSTEM, text=SECOND)
    generate_lists(actor=SYSTEM, site_codes=[OTHER], length=8, plan=2)
    play.pass_hatch()
    dose = Dose.objects.get(course__participant__number=number, route="SC", number=1)
    preparation = play.prepare_and_release(dose, OTHER)
    assert plan_of_kit(preparation.kit_code).version == 1  # type: ignore[union-attr]
    assert "INTERFERON2" not in needs_of(Preparation.objects.get(uid=preparation.uid))


def test_a_plan_is_in_use_while_somebody_is_treated_by_it(trial: None) -> None:
    number = play.enrol(Case(OTHER)).participant
    register_plan(actor=SYSTEM, text=SECOND)
    generate_lists(actor=SYSTEM, site_codes=[OTHER], length=8, plan=2)
    play.pass_hatch()
    use_up(OTHER, 1)
    assert plans_at(OTHER) == [2, 1]
    assert plans_at(OTHER, for_new_patients=True) == [2]
    allocation = Allocation.objects.get(participant__number=number)
    with tampering():
        Site.objects.filter(code="DE01").update(may_supply=True)
        allocation.participant.site_id = "DE01"
        allocation.participant.save(update_fields=["site_id"])
    assert plans_at(OTHER) == [2], "the site that treats the patient needs the plan"
    assert plans_at("DE01") == [1]
    with tampering():
        allocation.participant.site_id = USER
        allocation.participant.save(update_fields=["site_id"])
        Dose.objects.filter(course__participant=allocation.participant).update(state="given")
    use_up(USER, 1)
    assert plans_by_site().at(USER) == Plans()


def offered(actor: Actor, address: str, field: str = "product") -> set[str]:
    """The values that a field of a form offers."""
    page = client_of(actor).get(f"/pharmacy{address}")
    assert page.status_code == 200, address
    return {value for value, _words in page.context["form"].fields[field].choices if value}


@pytest.mark.requirement("R18")
def test_the_forms_of_a_site_offer_the_products_of_its_own_plans(second: None) -> None:
    user, other = cast.at_site(Role.PHARMACIST, USER), cast.at_site(Role.PHARMACIST, OTHER)
    ours, theirs = {"ANAKINRA", "INTERFERON"}, {"ANAKINRA", "INTERFERON", "INTERFERON2"}
    for address in ("/stock/receive/", "/stock/provisional/"):
        assert (offered(other, address), offered(user, address)) == (ours, theirs), address
    for address in ("/stock/cartons/open/", "/stock/articles/", "/stock/hold/"):
        assert offered(other, address) == ours | {"SALINE"}, address
        assert offered(user, address) == theirs | {"SALINE"}, address
    page = client_of(other).get("/pharmacy/envelopes/").content.decode()
    assert "lot_INTERFERON" in page
    assert "lot_INTERFERON2" not in page
    assert offered(cast.SAFETY_OFFICER, "/recall/") == theirs | {"SALINE"}, "a recall is for every site"
    assert offered(other, "/stock/excursion/", "storage") == {
        product.storage for product in plans_in_use(OTHER).products.values()
    }


def test_what_is_left_of_a_plan_that_ended_can_still_be_put_on_hold(second: None) -> None:
    delivered = Delivered("INTERFERON2", "V2-1", clock.now().date() + timedelta(days=90), 20)
    user = cast.at_site(Role.PHARMACIST, USER)
    receive(actor=user, site_code=USER, line=delivered, delivery_note="N-2", temperature_c=Decimal(5))
    use_up(USER, 2)
    assert plans_at(USER) == [1]
    assert "INTERFERON2" not in offered(user, "/stock/receive/")
    assert "INTERFERON2" in offered(user, "/stock/hold/")
