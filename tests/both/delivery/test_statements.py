"""No page and no read of the API asks the database the same thing twice; a service reads for itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import site
from randomization.delivery.middleware import ReadOnceMiddleware
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import NotFound
from randomization.shared.read_once import reads_kept
from randomization.shared.service import service
from tests.both.databases import Pair, fresh_pair
from tests.conftest import tampering
from tests.statements import reads, repeated

pytestmark = pytest.mark.once
SITE = "GR01"
EVERY_PAGE = Path(__file__).with_name("every_page.py")


def name_of_site() -> str:
    return site(SYSTEM, SITE).name


def rename_site(name: str) -> None:
    with tampering():
        Site.objects.filter(code=SITE).update(name=name)


def test_no_page_asks_the_same_thing_twice(template: Pair, tmp_path: Path) -> None:
    with fresh_pair(tmp_path, "statements", template=template) as pair:
        told = pair.run("unblinded", "tests/browser/set_up.py").stdout.splitlines()[-1]
        for side in ("blinded", "unblinded"):
            answer = json.loads(pair.run(side, str(EVERY_PAGE), told).stdout.splitlines()[-1])
            assert answer["visits"] > 100
            assert answer["offenders"] == {}, side


def test_what_is_asked_twice_is_named(trial: None) -> None:
    with reads() as statements:
        name_of_site()
        Site.objects.get(code="GR02")
        name_of_site()
    assert len(statements) == 3
    (twice,) = repeated(statements)
    assert twice.startswith("2 times on ")
    assert "sites_site" in twice
    assert SITE in twice


def test_what_a_service_reads_counts_apart(trial: None) -> None:
    with reads() as statements:
        name_of_site()
        read_in_service(actor=SYSTEM)
    assert [statement.in_service for statement in statements] == [False, True]
    assert repeated(statements) == []


@service
def read_in_service(*, actor: Actor) -> str:
    """Reads and writes nothing."""
    return name_of_site()


def test_a_request_that_only_asks_reads_a_row_once(trial: None) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        name_of_site()
        return HttpResponse(name_of_site())

    for method, statements_needed in (("GET", 1), ("HEAD", 1), ("POST", 2)):
        with reads() as statements:
            ReadOnceMiddleware(view)(RequestFactory().generic(method, "/"))
        assert len(statements) == statements_needed, method


def test_nothing_is_kept_for_the_next_request(trial: None) -> None:
    names = []
    for name in ("before", "after"):
        rename_site(name)
        with reads_kept():
            names.append(name_of_site())
    assert names == ["before", "after"]


def test_a_service_reads_for_itself_and_what_was_kept_is_forgotten(trial: None) -> None:
    rename_site("before")
    with reads_kept():
        assert name_of_site() == "before"
        rename_site("after")
        assert name_of_site() == "before"
        assert read_in_service(actor=SYSTEM) == "after"
        assert name_of_site() == "after"


def test_a_reach_reads_nothing_that_was_kept_for_another(trial: None) -> None:
    with reads_kept():
        assert site(SYSTEM, SITE).code == SITE
        with pytest.raises(NotFound):
            site(Actor("somebody", "coordinator", "GR02"), SITE)
