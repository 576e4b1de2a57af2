"""What a message of the hatch may hold: both ends refuse a word more, and the form on the way is fixed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from uuid import UUID

import pytest
from pydantic import ValidationError

from randomization.hatch import messages
from randomization.hatch.messages import KINDS, Message, from_payload, to_payload
from randomization.shared.errors import Refused

pytestmark = pytest.mark.once
UID: Final = UUID(int=7)
MOMENT: Final = datetime(2026, 3, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
DIGEST: Final = "ab" * 32
EXAMPLES: Final[list[tuple[Message, dict[str, Any]]]] = [
    (
        messages.SlotsSealed(UID, "GR01", UID, 1, DIGEST, ((UID, "7F2QXK9S"),)),
        {
            "list_uid": str(UID),
            "site_code": "GR01",
            "stratum_uid": str(UID),
            "version": 1,
            "root": DIGEST,
            "slots": [[str(UID), "7F2QXK9S"]],
            "fallback": False,
        },
    ),
    (messages.SampleReceived(UID, MOMENT), {"sample_uid": str(UID), "received_at": "2026-03-01T12:30:00.000000Z"}),
    (
        messages.LaboratoryVerdict(UID, UID, "not eligible", True, None),
        {
            "sample_uid": str(UID),
            "verdict_uid": str(UID),
            "verdict": "not eligible",
            "covid19": True,
            "stratum_uid": None,
        },
    ),
    (
        messages.DoseReady(UID, "GR01", "7F2QXK9S", MOMENT, MOMENT + timedelta(microseconds=5)),
        {
            "dose_uid": str(UID),
            "site_code": "GR01",
            "pack_code": "7F2QXK9S",
            "ready_at": "2026-03-01T12:30:00.000000Z",
            "use_before": "2026-03-01T12:30:00.000005Z",
        },
    ),
    (messages.DoseVoided(UID, "7F2QXK9S"), {"dose_uid": str(UID), "pack_code": "7F2QXK9S"}),
    (messages.CodeBroken(UID, MOMENT), {"participant_uid": str(UID), "at": "2026-03-01T12:30:00.000000Z"}),
    (messages.SiteSupply("GR01", False), {"site_code": "GR01", "may_supply": False}),
    (messages.UserNameReserved("a.b-c_9", DIGEST), {"user_name": "a.b-c_9", "email_sha256": DIGEST}),
    (messages.DrillDone("GR01"), {"site_code": "GR01"}),
]


def test_every_kind_goes_down_in_its_form_and_is_read_back() -> None:
    assert {type(message).__name__ for message, _payload in EXAMPLES} == set(KINDS)
    for message, payload in EXAMPLES:
        assert to_payload(message) == payload
        assert from_payload(type(message).__name__, json.dumps(payload)) == message


def test_a_list_from_before_envelopes_is_read() -> None:
    sealed, payload = EXAMPLES[0]
    without = {key: value for key, value in payload.items() if key != "fallback"}
    assert from_payload("SlotsSealed", json.dumps(without)) == sealed


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("SlotsSealed", "version", True),
        ("SlotsSealed", "version", "1"),
        ("SlotsSealed", "version", 1.0),
        ("SlotsSealed", "fallback", 0),
        ("SlotsSealed", "root", DIGEST.upper()),
        ("SlotsSealed", "slots", [[str(UID), "7F2QXK9D"]]),
        ("SlotsSealed", "slots", [[str(UID)]]),
        ("SlotsSealed", "slots", [[str(UID), "7F2QXK9S", "PRECISION"]]),
        ("SampleReceived", "received_at", "2026-03-01T12:30"),
        ("SampleReceived", "received_at", 1772368200),
        ("SampleReceived", "sample_uid", 7),
        ("LaboratoryVerdict", "verdict", "eligible\n"),
        ("LaboratoryVerdict", "stratum_uid", "PRECISION"),
        ("LaboratoryVerdict", "covid19", None),
        ("DoseReady", "pack_code", "PRECISION"),
        ("DoseVoided", "reason", "PRECISION"),
        ("UserNameReserved", "user_name", "Anakinra"),
        ("DrillDone", "site_code", ["GR01"]),
    ],
)
def test_what_is_not_in_its_form_is_refused_and_not_repeated(kind: str, key: str, value: Any) -> None:
    payload = next(payload for message, payload in EXAMPLES if type(message).__name__ == kind)
    with pytest.raises(Refused) as refused:
        from_payload(kind, json.dumps({**payload, key: value}))
    assert refused.value.code == "bad_message"
    assert "PRECISION" not in f"{refused.value}{refused.value.sentence}{refused.value.__cause__}"


@pytest.mark.parametrize("payload", ["", "{", "[]", "null", '"PRECISION"', '{"site_code":' * 3000])
def test_what_is_no_message_is_refused(payload: str) -> None:
    with pytest.raises(Refused):
        from_payload("DrillDone", payload)


@pytest.mark.requirement("R13")
@pytest.mark.parametrize(
    "make",
    [
        lambda: messages.DoseVoided(UID, "a word more"),
        lambda: messages.DrillDone("GR01 PRECISION"),
        lambda: messages.LaboratoryVerdict(UID, UID, "eligible, MALS", False, None),
        lambda: messages.UserNameReserved("Statistician", DIGEST),
        lambda: messages.CodeBroken(UID, datetime(2026, 3, 1, 14, 30, tzinfo=UTC).replace(tzinfo=None)),
    ],
)
def test_a_message_that_says_more_cannot_be_made_above(make: Callable[[], Message]) -> None:
    with pytest.raises(ValidationError):
        make()
