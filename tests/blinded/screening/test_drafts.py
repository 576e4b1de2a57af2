"""A draft of the eligibility form: kept after consent alone, and gone with what it was a draft of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from randomization.accounts.roles import Role
from randomization.blinded.screening.models import Draft, Participant
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.shared import clock
from tests.blinded.world import PASSWORD, at, screen
from tests.permissions import client_of

pytestmark = pytest.mark.once

HOUR = timedelta(hours=1)
COORDINATOR = at(Role.COORDINATOR)


def test_a_draft_is_kept_after_consent_alone_and_never_outlives_what_was_recorded(trial: None) -> None:
    client, typed = client_of(COORDINATOR), {"sex": "female", "reason": "Maria P., bed 4"}
    new = register_participant(actor=COORDINATOR, site_code="GR01", sepsis_at=clock.now() - 20 * HOUR).number
    assert client.post(f"/participants/{new}/eligibility/draft/", typed).status_code == 409
    number = screen()
    participant = Participant.objects.get(number=number)
    address = f"/participants/{number}/eligibility/draft/"
    assert client.post(address, typed).status_code == 409, "the answers were recorded since"
    typed["based_on"] = str(participant.assessment_id)
    assert client.post(address, typed).status_code == 200
    assert "Maria" not in Draft.objects.get().answers
    assert client.post(address, {**typed, "year_of_birth": "9" * 5000}).status_code == 200
    withdrawal = {
        "scope": "data",
        "at": f"{clock.site_moment(clock.now(), 'Europe/Athens'):%Y-%m-%dT%H:%M}",
        "reason": "x",
        "secret": PASSWORD,
    }
    assert client.post(f"/participants/{number}/withdraw/", withdrawal).status_code == 302
    assert not Draft.objects.exists()
