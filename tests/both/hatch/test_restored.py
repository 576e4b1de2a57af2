"""One database restored to an earlier state: noticed before anything is carried, and nobody gets another one's kit.

A savepoint of one database, rolled back while the other goes on, is such a restore.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.services.state_supply import state_supply
from randomization.accounts.roles import Role
from randomization.blinded.allocation.models import Allocation
from randomization.blinded.bedside.models import Dose
from randomization.blinded.inbox.models import Applied, Parked
from randomization.blinded.inbox.receiving import unreleased
from randomization.blinded.inbox.services.note_foreign import ReleaseForeign, release_foreign
from randomization.blinded.sites.models import Site
from randomization.hatch.models import ForeignRow, InboxMessage
from randomization.hatch.rows import Stop
from randomization.hatch.verify import Fault
from randomization.notices.models import AlarmKind, Channel, Entry
from randomization.notices.selectors import alarms, notices_for
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import Refused
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from randomization.unblinded.codebreak.models import KnownPatient
from randomization.unblinded.codebreak.patients import patient_for_break
from randomization.unblinded.witness import comparison
from randomization.unblinded.witness.comparison import Binding, look
from randomization.unblinded.witness.models import SeenHead, SeenKit, SeenList
from randomization.unblinded.witness.selectors import check_kit
from randomization.unblinded.witness.services.note_seen import note_kits
from randomization.unblinded.witness.sweeps import LastLook
from tests.conftest import tampering
from tests.unblinded.lists.untriggered import untriggered

SITE = "GR01"
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
BREAKER = cast.at_site(Role.CODE_BREAKER, SITE)


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is remembered of another test's process, and heads are kept at every carrying."""
    monkeypatch.setattr("randomization.unblinded.witness.sweeps.HEADS_EVERY", timedelta(0))
    LastLook.heads = None
    yield
    LastLook.heads = None


@contextmanager
def older_copy(alias: str) -> Iterator[Callable[[], None]]:
    """From here on; the function restores the database to this moment."""
    mark = transaction.savepoint(using=alias)
    yield lambda: transaction.savepoint_rollback(mark, using=alias)


def wrong(kind: AlarmKind) -> set[tuple[str, str]]:
    return {(alarm.site_code, alarm.about) for alarm in alarms(kind)}


def eligible() -> str:
    number = play.screen(Case(SITE)).number
    play.measure(number, Case(SITE))
    play.pass_hatch()
    assert play.confirm(number, SITE)
    return number


def first_dose(number: str) -> Dose:
    return Dose.objects.get(course__participant__number=number, route="IV", number=1)


@pytest.mark.requirement("R06", "R36")
def test_the_blinded_side_restored_no_prepared_kit_gets_to_another_patient(trial: None) -> None:
    waiting = eligible()
    play.pass_hatch()
    with older_copy("blinded") as restore:
        first = play.enrol(Case(SITE))
        play.pass_hatch()
        play.prepare_and_release(first_dose(first.participant), SITE)
        play.pass_hatch()
        known = Allocation.objects.get(participant__number=first.participant).participant_id
        restore()
    # The next patient asks before the other side has looked: the same position, the same kit.
    second = play.randomise(waiting, Case(SITE))
    assert second.kit_code == first.kit_code
    with pytest.raises(Refused, match="another participant") as refused:
        prepare(actor=PHARMACIST, dose_uid=first_dose(waiting).uid)
    assert refused.value.code == "kit_of_another"
    assert Preparation.objects.filter(kit_code=first.kit_code).count() == 1

    third = eligible()
    play.pass_hatch()
    play.pass_hatch()
    differing = wrong(AlarmKind.SIDES_DIFFER)
    assert {("", "trail"), (SITE, "trail"), (SITE, f"kit {first.kit_code}")} <= differing
    assert not Site.objects.filter(may_supply=True).exists(), (
        "cannot supply, at every site that the difference concerns"
    )
    with pytest.raises(Refused) as refused:
        play.randomise(third, Case(SITE))
    assert refused.value.code == "no_supply"
    assert Client().get("/api/v1/health/").status_code == 503
    for reader in (cast.STATISTICIAN, cast.SAFETY_OFFICER, PHARMACIST):
        assert "sides_differ" in {notice.kind for notice in notices_for(reader)}
    patient = patient_for_break(BREAKER, first.participant)
    assert (patient.uid, patient.kit_code) == (known, first.kit_code), "the code break answers from the copy"
    assert patient_for_break(BREAKER, first.kit_code).uid == known
    assert "kit" not in str(Client().get("/api/v1/health/").json()), "health is open to everybody"


def test_what_was_announced_is_sent_again_and_waits_for_its_dose(trial: None) -> None:
    with older_copy("blinded") as restore:
        first = play.enrol(Case(SITE))
        play.prepare_and_release(first_dose(first.participant), SITE)
        play.pass_hatch()
        sent = InboxMessage.objects.count()
        restore()
    assert InboxMessage.objects.count() < sent
    play.pass_hatch()
    assert ("", "messages") in wrong(AlarmKind.SIDES_DIFFER)
    assert InboxMessage.objects.count() >= sent
    assert Parked.objects.exists()


def test_the_flag_does_not_rise_by_itself_while_the_sides_differ(trial: None) -> None:
    play.pass_hatch()
    with older_copy("blinded") as restore:
        play.enrol(Case(SITE))
        play.pass_hatch()
        restore()
    play.pass_hatch()
    state_supply(actor=PHARMACIST, site_code=SITE, may_supply=True)
    play.pass_hatch()
    assert not Site.objects.get(code=SITE).may_supply


def test_the_copy_for_code_breaks_goes_on_for_everybody_else(trial: None) -> None:
    waiting = eligible()
    elsewhere = play.screen(Case("GR02")).number
    play.measure(elsewhere, Case("GR02"))
    play.pass_hatch()
    assert play.confirm(elsewhere, "GR02")
    with older_copy("blinded") as restore:
        first = play.enrol(Case(SITE))
        play.pass_hatch()
        restore()
    play.randomise(waiting, Case(SITE))
    other = play.randomise(elsewhere, Case("GR02"))
    play.pass_hatch()
    assert KnownPatient.objects.get(kit_code=first.kit_code).number == first.participant
    assert KnownPatient.objects.get(kit_code=other.kit_code).number == elsewhere


@pytest.mark.requirement("R36")
def test_the_unblinded_side_restored_does_not_number_anything_twice(trial: None) -> None:
    """What it sends under old numbers would vanish: it sends nothing, keeps all, and stops the blinded side."""
    waiting = eligible()
    play.pass_hatch()
    with older_copy("default") as restore:
        for may_supply in (False, True):
            state_supply(actor=PHARMACIST, site_code=SITE, may_supply=may_supply)
        play.pass_hatch()
        restore()
    before = Applied.objects.count()
    state_supply(actor=PHARMACIST, site_code=SITE, may_supply=False)
    play.pass_hatch()
    play.pass_hatch()
    assert Stop.OLDER_COPY in {alarm.about for alarm in alarms(AlarmKind.HATCH_STOPPED)}
    assert Applied.objects.count() == before
    assert Entry.objects.filter(channel=Channel.HATCH, numbered=None).count() == 1, "kept, and not numbered"
    assert Client().get("/api/v1/health/").status_code == 503
    assert list(ForeignRow.objects.values_list("why", flat=True)) == [Fault.HALT]
    with pytest.raises(Refused) as refused:
        play.randomise(waiting, Case(SITE))
    assert refused.value.code == "messages_stopped"
    _look_at_it()
    play.pass_hatch()
    play.pass_hatch()
    with pytest.raises(Refused):
        play.randomise(waiting, Case(SITE))
    assert ForeignRow.objects.filter(released_at=None).count() == 1, "it is stopped again while the sides differ"


def _look_at_it() -> None:
    with on_side(Side.BLINDED):
        grant = sign(actor=cast.MANAGER, secret=cast.PASSWORD, command=ReleaseForeign(unreleased()))
        release_foreign(actor=cast.MANAGER, reason="restored", grant=grant)


def test_a_working_trial_never_differs(trial: None) -> None:
    for _turn in range(2):
        first = play.enrol(Case(SITE))
        play.prepare_and_release(first_dose(first.participant), SITE)
        play.pass_hatch()
    assert wrong(AlarmKind.SIDES_DIFFER) == set()
    assert SeenHead.objects.filter(stream=SITE).exists()
    assert SeenList.objects.filter(site_code=SITE).exists()
    assert SeenKit.objects.filter(kit_code=first.kit_code).exists()


def test_what_another_worker_remembers_meanwhile_is_no_difference(trial: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks and remembers, while this one has read what was seen and not yet what is there."""
    play.pass_hatch()
    real = comparison.heads_below

    def the_other_first() -> comparison.Heads:
        monkeypatch.setattr(comparison, "heads_below", real)
        play.enrol(Case(SITE))
        play.pass_hatch()
        return real()

    monkeypatch.setattr(comparison, "heads_below", the_other_first)
    assert look().wrong == frozenset()
    assert SeenKit.objects.exists()


TAMPERED = {
    "a position given back": (
        "UPDATE allocation_allocationlist SET next_position = 1 WHERE site_id = 'GR01'",
        (SITE, "positions"),
    ),
    "an event changed": ("UPDATE audit_event SET hash = previous WHERE stream = 'GR01'", (SITE, "trail")),
    "a chain cut with its head": ("UPDATE audit_stream SET seq = seq - 1 WHERE name = 'GR01'", (SITE, "trail")),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_seen_and_is_not_so_any_more_is_told_for_its_site(trial: None, name: str) -> None:
    statement, difference = TAMPERED[name]
    play.enrol(Case(SITE))
    play.pass_hatch()
    play.pass_hatch()
    with tampering(), untriggered("blinded"), transaction.get_connection("blinded").cursor() as cursor:
        cursor.execute(statement)
    assert look().wrong == {difference}


@pytest.mark.parametrize(
    ("kit_code", "participant", "is_refused"),
    [
        ("7F2QXK9S", 1, False),
        ("7F2QXK9S", 2, True),
        ("AAAAAAAA", 1, True),
        ("AAAAAAAA", 2, False),
    ],
)
def test_a_kit_belongs_to_whom_it_was_first_seen_with(
    trial: None, kit_code: str, participant: int, *, is_refused: bool
) -> None:
    note_kits(actor=SYSTEM, kits=[Binding("7F2QXK9S", uuid.UUID(int=1), "GR01-001", SITE)])
    if is_refused:
        with pytest.raises(Refused):
            check_kit(kit_code=kit_code, participant_uid=uuid.UUID(int=participant))
    else:
        check_kit(kit_code=kit_code, participant_uid=uuid.UUID(int=participant))
