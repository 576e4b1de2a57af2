"""Rows that the other side did not send: nothing of them is applied, the hatch stops on both sides, nothing is lost."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DataError, connections, transaction
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.desk.alert_conditions import concerns
from randomization.blinded.desk.models import AlertKind
from randomization.blinded.inbox.models import Applied
from randomization.blinded.inbox.receiving import unreleased
from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.blinded.inbox.services.note_foreign import ReleaseForeign, release_foreign
from randomization.blinded.sites.models import Site
from randomization.hatch import messages, send
from randomization.hatch.comparison import Compared, compare
from randomization.hatch.messages import SiteSupply
from randomization.hatch.models import ForeignRow, InboxMessage
from randomization.hatch.rows import Stop
from randomization.hatch.signed_content import FIRST_PREVIOUS, SignedContent
from randomization.hatch.verify import Fault, fault_of, read_public_key
from randomization.notices.models import AlarmKind, Channel
from randomization.notices.selectors import alarms, notices_for, numbered_after
from randomization.shared import clock
from randomization.shared.errors import ConfigurationError, InvalidInput, NotPermitted, Refused, SignatureRefused
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.lists.hatch_key import read_signer
from tests.conftest import tampering
from tests.signed import Hand, insert
from tests.unblinded.lists.untriggered import untriggered

PHARMACIST = cast.at_site(Role.PHARMACIST, "GR01")


def supply(may_supply: bool) -> None:
    state_supply(actor=PHARMACIST, site_code="GR01", may_supply=may_supply)


def apply_below() -> None:
    with on_side(Side.BLINDED):
        apply_inbox()


def stops(side: Side) -> list[str]:
    with on_side(side):
        return [alarm.about for alarm in alarms(AlarmKind.HATCH_STOPPED)]


def release(reason: str = "a test of the host's administrator") -> int:
    with on_side(Side.BLINDED):
        grant = sign(actor=cast.MANAGER, secret=cast.PASSWORD, command=ReleaseForeign(unreleased()))
        return release_foreign(actor=cast.MANAGER, reason=reason, grant=grant)


def changed_content(hand: Hand) -> InboxMessage:
    """A true signature over something else."""
    row = hand.row(SiteSupply("GR01", True))
    row.payload = row.payload.replace("true", "false")
    return row


def at_another_number(hand: Hand) -> InboxMessage:
    """The last true message again, under the next number."""
    last = InboxMessage.objects.order_by("-number")[0]
    return InboxMessage(
        number=last.number + 1,
        uid=last.uid,
        kind=last.kind,
        payload=last.payload,
        installation=last.installation,
        epoch=last.epoch,
        previous=last.previous,
        signature=last.signature.upper(),
    )


FORGERIES: dict[str, tuple[Callable[[Hand], InboxMessage], Fault]] = {
    "not signed": (lambda hand: hand.row(SiteSupply("GR01", False), signature=""), Fault.NOT_SIGNED),
    "no hex": (lambda hand: hand.row(SiteSupply("GR01", False), signature="x" * 128), Fault.NOT_SIGNED),
    "another key": (
        lambda hand: Hand(Hand.new().private, hand.installation).row(SiteSupply("GR01", False)),
        Fault.NOT_SIGNED,
    ),
    "another installation": (lambda hand: Hand.new().row(SiteSupply("GR01", False)), Fault.OTHER_INSTALLATION),
    "the right key, another installation": (
        lambda hand: Hand(hand.private, uuid.uuid4()).row(SiteSupply("GR01", False)),
        Fault.OTHER_INSTALLATION,
    ),
    "another epoch": (lambda hand: hand.row(SiteSupply("GR01", False), epoch=2), Fault.OTHER_EPOCH),
    "changed content": (changed_content, Fault.NOT_SIGNED),
    "the last one again": (at_another_number, Fault.NOT_SIGNED),
    "no json": (lambda hand: hand.row(kind="SiteSupply", payload="{", signature="ab" * 64), Fault.NOT_SIGNED),
    "not signed, an old number": (
        lambda hand: hand.row(SiteSupply("GR01", False), number=2, signature="cd" * 64),
        Fault.NOT_SIGNED,
    ),
    "not signed, far ahead": (
        lambda hand: hand.row(SiteSupply("GR01", False), number=10**9, signature="cd" * 64),
        Fault.NOT_SIGNED,
    ),
}


MISPLACED: dict[str, Callable[[Hand], InboxMessage]] = {
    "follows nothing": lambda hand: hand.row(SiteSupply("GR01", False), previous="ab" * 32),
    "an old number": lambda hand: hand.row(SiteSupply("GR01", False), number=1),
    "a uid of before": (lambda hand: hand.row(SiteSupply("GR01", False), uid=InboxMessage.objects.get(number=1).uid)),
}
"""Signed with the trial's own key, by a side that does not remember it."""


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("name", FORGERIES)
def test_a_foreign_row_stops_the_hatch_on_both_sides_and_loses_nothing(trial: None, name: str) -> None:
    make, why = FORGERIES[name]
    play.pass_hatch()
    row = insert(make(Hand.of_the_trial()))
    number = Applied.objects.order_by("-number")[0].number + 1
    supply(False)
    play.pass_hatch()
    play.pass_hatch()
    assert list(ForeignRow.objects.values_list("row", "why")) == [(row.signature, why)]
    assert not Applied.objects.filter(number__gte=number).exists(), "neither the foreign row nor what came after it"
    assert Site.objects.get(code="GR01").may_supply
    assert (stops(Side.BLINDED), stops(Side.UNBLINDED)) == ([Stop.FOREIGN], [Stop.FOREIGN])
    with on_side(Side.BLINDED):
        assert AlertKind.HATCH_STOPPED in {concern.kind for concern in concerns()}
    assert "hatch_stopped" in {notice.kind for notice in notices_for(cast.STATISTICIAN)}
    assert Client().get("/api/v1/health/").status_code == 503
    assert Client().get("/api/v1/health/web/").status_code == 200, "a code break still works here"
    release()
    play.pass_hatch()
    assert not Site.objects.get(code="GR01").may_supply, "the true message was kept, and is applied now"
    assert (stops(Side.BLINDED), stops(Side.UNBLINDED)) == ([], [])
    assert Client().get("/api/v1/health/").status_code == 200
    play.pass_hatch()
    supply(True)
    play.pass_hatch()
    assert Site.objects.get(code="GR01").may_supply


@pytest.mark.parametrize("name", MISPLACED)
def test_a_signed_row_that_nobody_sent_stops_both_sides_for_good(trial: None, name: str) -> None:
    play.pass_hatch()
    row = insert(MISPLACED[name](Hand.of_the_trial()))
    number = Applied.objects.order_by("-number")[0].number + 1
    supply(False)
    for _turn in range(2):
        play.pass_hatch()
        play.pass_hatch()
        assert ForeignRow.objects.get(row=row.signature).why == Fault.OUT_OF_PLACE
        assert not Applied.objects.filter(number__gte=number).exists()
        assert Stop.OLDER_COPY in stops(Side.UNBLINDED)
        assert stops(Side.BLINDED) == [Stop.FOREIGN]
        release()
    assert Site.objects.get(code="GR01").may_supply


def test_a_forged_ready_syringe_is_not_ready_and_the_true_void_under_its_number_is_not_lost(trial: None) -> None:
    """The forger takes number and uid of the message that comes next."""
    number = play.enrol(Case("GR01")).participant
    dose = Dose.objects.get(course__participant__number=number, route="IV", number=1)
    now = clock.now()
    play.pass_hatch()
    supply(False)
    send.number_and_sign(read_signer())
    true = next(iter(numbered_after(Channel.HATCH, Applied.objects.order_by("-number")[0].number)))
    ready = messages.DoseReady(dose.uid, "GR01", "7F2QXK9S", now, now + timedelta(hours=4))
    insert(Hand.new().row(ready, number=true.number, uid=true.entry.uid, previous=true.previous))
    play.pass_hatch()
    assert not Packaging.objects.filter(dose=dose).exists()
    release()
    play.pass_hatch()
    assert not Packaging.objects.filter(dose=dose).exists()
    applied = Applied.objects.get(number=true.number)
    assert (applied.uid, applied.signature, applied.outcome) == (true.entry.uid, true.signature, "applied")


def test_while_messages_are_stopped_nobody_is_randomised(trial: None) -> None:
    eligible = play.screen(Case("GR01"))
    play.measure(eligible.number, Case("GR01"))
    play.pass_hatch()
    assert play.confirm(eligible.number, "GR01")
    insert(Hand.new().row(SiteSupply("GR01", True)))
    play.pass_hatch()
    with pytest.raises(Refused, match="stopped") as refused:
        play.randomise(eligible.number, Case("GR01"))
    assert refused.value.code == "messages_stopped"
    release()
    play.pass_hatch()
    play.randomise(eligible.number, Case("GR01"))


def test_a_message_that_is_gone_is_noticed_and_sent_again(trial: None) -> None:
    for may_supply in (False, True, False):
        supply(may_supply)
    send.carry_down()
    first = InboxMessage.objects.order_by("-number")[2]
    with tampering(), untriggered("blinded"):
        InboxMessage.objects.filter(signature=first.signature).delete()
    before = Applied.objects.count()
    apply_below()
    assert stops(Side.BLINDED) == [Stop.MISSING]
    assert Applied.objects.count() == before, "what comes after the gap waits"
    assert send.carry_down() == 1
    assert stops(Side.UNBLINDED) == [Stop.MISSING]
    play.pass_hatch()
    assert Applied.objects.count() == before + 3
    assert (stops(Side.BLINDED), stops(Side.UNBLINDED)) == ([], [])
    assert not Site.objects.get(code="GR01").may_supply


def test_a_message_that_was_applied_and_is_gone_stops_it_until_it_is_sent_again(trial: None) -> None:
    play.pass_hatch()
    with tampering(), untriggered("blinded"):
        InboxMessage.objects.filter(number=2).delete()
    supply(False)
    apply_below()
    assert stops(Side.BLINDED) == [Stop.MISSING]
    assert send.carry_down() == 2
    play.pass_hatch()
    assert (stops(Side.BLINDED), stops(Side.UNBLINDED)) == ([], [])
    assert not Site.objects.get(code="GR01").may_supply


def test_without_a_key_nothing_is_applied_and_nothing_lost(trial: None, tmp_path: Path) -> None:
    """A wrong public key below, then none: true rows look foreign, and are applied once the key is right."""
    right = settings.HATCH_PUBLIC_KEY_FILE
    settings.HATCH_PUBLIC_KEY_FILE = str(tmp_path / "hatch.pub")
    try:
        supply(False)
        play.pass_hatch()
        assert stops(Side.BLINDED) == [Stop.NO_KEY]
        Hand(Hand.new().private, read_public_key(Path(right)).installation).publish()
        play.pass_hatch()
        play.pass_hatch()
        assert stops(Side.BLINDED) == [Stop.FOREIGN]
        assert stops(Side.UNBLINDED) == [Stop.FOREIGN]
    finally:
        settings.HATCH_PUBLIC_KEY_FILE = right
    play.pass_hatch()
    assert Site.objects.get(code="GR01").may_supply, "somebody has to look first"
    release()
    play.pass_hatch()
    assert not Site.objects.get(code="GR01").may_supply
    assert not ForeignRow.objects.exists()
    assert (stops(Side.BLINDED), stops(Side.UNBLINDED)) == ([], [])


def test_without_its_private_key_the_upper_side_keeps_its_messages(trial: None) -> None:
    right = settings.KEY_DIRECTORY
    settings.KEY_DIRECTORY = right + "-not-there"
    try:
        supply(False)
        play.pass_hatch()
        assert stops(Side.UNBLINDED) == [Stop.NO_KEY]
    finally:
        settings.KEY_DIRECTORY = right
    play.pass_hatch()
    assert stops(Side.UNBLINDED) == []
    assert not Site.objects.get(code="GR01").may_supply


def test_only_the_trial_manager_lets_messages_go_on_with_a_reason_and_a_signature(trial: None) -> None:
    with on_side(Side.BLINDED), pytest.raises(Refused):
        release_foreign(actor=cast.MANAGER, reason="x", grant=uuid.uuid4())
    insert(Hand.new().row(SiteSupply("GR01", False)))
    play.pass_hatch()
    with on_side(Side.BLINDED):
        with pytest.raises(NotPermitted):
            release_foreign(actor=cast.at_site(Role.INVESTIGATOR, "GR01"), reason="x", grant=uuid.uuid4())
        with pytest.raises(InvalidInput):
            release_foreign(actor=cast.MANAGER, reason=" ", grant=uuid.uuid4())
        with pytest.raises(SignatureRefused):
            release_foreign(actor=cast.MANAGER, reason="x", grant=uuid.uuid4())
    assert stops(Side.BLINDED) == [Stop.FOREIGN]
    assert release() == 1
    event = Event.objects.using("blinded").get(action="inbox.release")
    assert json.loads(event.data)["rows"] == 1
    assert event.actor == "manager"


def test_nothing_of_a_foreign_row_is_told_below(trial: None) -> None:
    """A row could carry a word down: neither trail nor alert repeats what stands in it."""
    insert(
        InboxMessage(
            number=77,
            uid=uuid.uuid4(),
            kind="GR01-001 PRECISION",
            payload='"PRECISION"',
            installation=uuid.uuid4(),
            epoch=1,
            previous="GR01-001 PRECISION",
            signature="PRECISION",
        )
    )
    play.pass_hatch()
    with connections["blinded"].cursor() as cursor:
        tables = connections["blinded"].introspection.table_names(cursor)
        for table in sorted(set(tables) - {"hatch_inboxmessage", "hatch_foreignrow", "sites_protocolversion"}):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "PRECISION" not in repr(cursor.fetchall()), table


UNREADABLE = {
    "a uid that is none": ("999", "'x'", "'00000000000000000000000000000001'"),
    "an installation that is none": ("999", "'00000000000000000000000000000001'", "'x'"),
    "a number that is none": ("'many'", "'00000000000000000000000000000001'", "'00000000000000000000000000000001'"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_row_that_cannot_be_read_at_all_stops_both_sides_and_no_page(trial: None, name: str) -> None:
    """SQLite keeps anything in any column; PostgreSQL refuses it at once."""
    number, uid, installation = UNREADABLE[name]
    columns = "number, uid, kind, payload, installation, epoch, previous, signature"
    statement = (
        f"INSERT INTO hatch_inboxmessage ({columns}) VALUES ({number}, {uid}, 'x', '', {installation}, 1, '', 'x')"
    )
    if connections["blinded"].vendor != "sqlite":
        with pytest.raises(DataError), transaction.atomic(using="blinded"):
            connections["blinded"].cursor().execute(statement)
        return
    connections["blinded"].cursor().execute(statement)
    supply(False)
    play.pass_hatch()
    assert (stops(Side.BLINDED), stops(Side.UNBLINDED)) == ([Stop.UNREADABLE], [Stop.UNREADABLE])
    assert Site.objects.get(code="GR01").may_supply
    assert Client().get("/log-in/").status_code == 200
    with tampering(), untriggered("blinded"), connections["blinded"].cursor() as cursor:
        cursor.execute("DELETE FROM hatch_inboxmessage WHERE signature = 'x'")
    play.pass_hatch()
    assert (stops(Side.BLINDED), stops(Side.UNBLINDED)) == ([], [])
    assert not Site.objects.get(code="GR01").may_supply, "what was sent meanwhile is not lost"


def test_what_arrived_is_compared_uid_by_uid_at_every_carrying(trial: None) -> None:
    """Also where the number of rows is the same: a true row gone, a foreign one in its place."""
    supply(False)
    play.pass_hatch()
    key = read_public_key(Path(settings.HATCH_PUBLIC_KEY_FILE))
    assert compare(key).stops == frozenset()
    last = InboxMessage.objects.order_by("-number")[0]
    with tampering(), untriggered("blinded"):
        InboxMessage.objects.filter(signature=last.signature).delete()
        insert(Hand.new().row(SiteSupply("GR01", True), number=last.number, uid=last.uid))
    assert compare(key).stops == frozenset({Stop.FOREIGN})
    assert Compared.signature == last.signature


SEED = bytes(range(32))
CONTENT = SignedContent(
    uuid.UUID(int=1), 1, 1, uuid.UUID(int=2), "SiteSupply", '{"site_code": "GR01", "may_supply": true}', FIRST_PREVIOUS
)


def test_vector() -> None:
    """By which an outsider checks an implementation: the bytes, their digest, and that the order of keys is nothing."""
    assert CONTENT.canonical() == (
        b'{"epoch":1,"installation":"00000000-0000-0000-0000-000000000001","kind":"SiteSupply","number":1,'
        b'"payload":{"may_supply":true,"site_code":"GR01"},"previous":"' + b"0" * 64 + b'",'
        b'"uid":"00000000-0000-0000-0000-000000000002","v":1}'
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "not json",
        '{"v": 1, "installation": "x", "epoch": 1, "public": "00"}',
        '{"v": 2, "installation": "00000000-0000-0000-0000-000000000001", "epoch": 1, "public": "00"}',
    ],
)
def test_a_file_that_is_no_public_key_is_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hatch.pub"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"hatch\.pub"):
        read_public_key(path)
    with pytest.raises(ConfigurationError, match="HATCH_PUBLIC_KEY_FILE"):
        read_public_key(tmp_path / "nothing")


def test_a_payload_nested_beyond_measure_is_not_signed_and_stops_nothing_else(tmp_path: Path) -> None:
    hand = Hand.new()
    content = SignedContent(hand.installation, 1, 1, uuid.uuid4(), "x", "[" * 100_000, FIRST_PREVIOUS)
    settings_file = tmp_path / "hatch.pub"
    before, settings.HATCH_PUBLIC_KEY_FILE = settings.HATCH_PUBLIC_KEY_FILE, str(settings_file)
    try:
        hand.publish()
        assert fault_of(content, "ab" * 64, read_public_key(settings_file)) is Fault.NOT_SIGNED
    finally:
        settings.HATCH_PUBLIC_KEY_FILE = before
