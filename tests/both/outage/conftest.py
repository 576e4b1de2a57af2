"""Envelopes of a site, sealed and printed before anything happened."""

from __future__ import annotations

from typing import Any

import pytest

from immunosep_site.demonstration import cast, play
from pharmacy.outage.services.print_envelope import print_envelopes
from randomization.unblinded.lists.services.generate_lists import generate_fallback
from tests.both.outage.steps import SITE


@pytest.fixture
def printed(trial: None) -> list[Any]:
    """The envelopes of a site, sealed and printed before anything happened."""
    generate_fallback(actor=cast.STATISTICIAN, site_codes=[SITE])
    play.pass_hatch()
    return print_envelopes(actor=cast.STATISTICIAN, site_code=SITE)
