"""What the hatch does for a message does not depend on what its sender knows: as many statements for each.

How long it really takes is measured by `make waiting`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from randomization.shared import clock
from tests.both.worlds import waiting

pytestmark = [pytest.mark.requirement("R14"), pytest.mark.django_db(databases="__all__")]


@pytest.mark.parametrize(
    ("play", "kinds"), [(waiting.syringes, {"drug", "dummy"}), (waiting.verdicts, {"MALS", "SIP", "unclassified"})]
)
def test_each_content_and_class_takes_the_same_statements(
    trial: None, play: Callable[[waiting.Watch, datetime], None], kinds: set[str]
) -> None:
    watch = waiting.Watch()
    watch.rounds.append([])
    play(watch, clock.now() + timedelta(hours=1))
    compared = [taken for taken in watch.rounds[-1] if taken.kind != waiting.FIRST]
    assert {taken.kind for taken in compared} == kinds
    assert all(taken.apart for taken in compared)
    assert len({taken.statements for taken in compared}) == 1
