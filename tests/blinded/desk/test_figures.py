"""The figures of the desk: the flow with its hidden small counts, and recruitment against plan."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from randomization.blinded.desk.flow import flow, parts
from randomization.blinded.desk.recruitment import progress
from randomization.blinded.sites.models import Site
from randomization.shared import clock
from tests.conftest import tampering

pytestmark = pytest.mark.once


def test_who_was_never_treated_has_not_reached_the_last_day_and_one_hidden_count_hides_another(trial: None) -> None:
    with time_machine.travel(clock.now() + timedelta(days=20)):
        assert flow().completed == 0
    assert [part.count for part in parts([("a", 12), ("b", 2)], summed=True)] == ["5 or more", "<5"]
    assert [part.count for part in parts([("a", 12), ("b", 7), ("c", 2), ("d", 3)], summed=True)] == [
        "12",
        "7",
        "<5",
        "<5",
    ]


def test_a_closed_site_is_expected_to_enrol_nobody_more(trial: None) -> None:
    with tampering():
        Site.objects.filter(code="GR01").update(opened_at="2021-08-05T00:00:00Z", closed_at="2021-08-25T00:00:00Z")
    assert next(row for row in progress(with_chart=False).sites if row.code == "GR01").expected < 3
