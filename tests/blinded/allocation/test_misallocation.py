"""Randomised in error, in the wrong stratum, at the wrong site: the allocation stays, the truth stands beside it."""

from __future__ import annotations

import csv
import io

import pytest

from randomization.accounts.roles import Role
from randomization.audit.models import Event, FreeText
from randomization.blinded.allocation.models import Allocation, Misallocation
from randomization.blinded.screening.models import Participant
from randomization.notices.models import Entry
from tests.blinded.world import MANAGER, NUMBER, PASSWORD, at, screen
from tests.permissions import client_of


@pytest.mark.requirement("R07")
def test_the_allocation_stays_and_the_truth_stands_beside_it(trial: None) -> None:
    before = Allocation.objects.filter(participant__number=NUMBER).values().get()
    client, address = client_of(at(Role.INVESTIGATOR)), f"/participants/{NUMBER}/wrong/"
    assert client.get(address).status_code == 200
    report = {"kind": "in_error", "truth": "HIV known before", "secret": PASSWORD}
    for wrong in ({"truth": " "}, {"kind": "other"}, {"secret": "wrong"}):
        assert client.post(address, {**report, **wrong}).status_code == 422
    assert not Misallocation.objects.exists()
    assert client.post(address, report).status_code == 302
    assert client.post(address, report).status_code == 409
    signature = {"user_name": "investigator.gr01", "secret": PASSWORD}
    body = {"kind": "wrong_site", "truth": "lies at GR02", "signature": signature}
    api = f"/api/v1/participants/{NUMBER}/misallocations/"
    assert client.post(api, body, content_type="application/json").status_code == 201
    assert [row["kind"] for row in client.get(api).json()] == ["in_error", "wrong_site"]
    assert Allocation.objects.filter(participant__number=NUMBER).values().get() == before
    assert Participant.objects.get(number=NUMBER).state == "allocated"
    assert FreeText.objects.filter(key="truth", text="HIV known before").exists()
    assert Event.objects.filter(action="participant.misallocation", subject=NUMBER).count() == 2
    assert Entry.objects.filter(kind="misallocation", site_code="GR01").count() == 2
    rows = list(csv.reader(io.StringIO(client_of(MANAGER).get("/overview/flow.csv").content.decode())))
    assert ["of those randomised: randomised in error", "<5"] in rows
    page = client.get(f"/participants/{NUMBER}/").content.decode()
    assert "randomised in error" in page
    assert "HIV known before" in page


def test_before_randomisation_the_file_is_corrected_instead(trial: None) -> None:
    number, client = screen(), client_of(at(Role.INVESTIGATOR))
    report = {"kind": "in_error", "truth": "x", "secret": PASSWORD}
    answer = client.post(f"/participants/{number}/wrong/", report)
    assert answer.status_code == 409
    assert "correct the file" in answer.content.decode()
    assert client_of(at(Role.COORDINATOR)).post(f"/participants/{NUMBER}/wrong/", report).status_code == 403
