"""Lists: sealed, verified, and every kind of tampering caught and named."""

from __future__ import annotations

import io
import re
import stat
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from immunosep_site.demonstration import cast, play
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.allocation.models import AllocationList, Slot
from randomization.blinded.allocation.selectors import PublishedList, published_list
from randomization.blinded.bedside.models import Dose
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import ConfigurationError, InvalidInput, NotPermitted, TamperingFound
from randomization.unblinded.lists.custody import key_path, passphrase_path
from randomization.unblinded.lists.models import PlanVersion, SealedList, SealedSlot, WrappedSecret
from randomization.unblinded.lists.plan import plan_of
from randomization.unblinded.lists.services.create_keys import create_custodian_keys
from randomization.unblinded.lists.services.generate_lists import generate_lists
from randomization.unblinded.lists.verify import Verified, verify_list
from randomization.unblinded.vault import keyring
from tests.conftest import tampering
from tests.unblinded.lists.untriggered import untriggered


def live_list() -> SealedList:
    return SealedList.objects.get(context="IMMUNOSEP/GR01/1")


def verify(sealed: SealedList, *, custodian: str = keyring.STATISTICIAN) -> Verified:
    return verify_list(sealed.uid, published=published_list(sealed.uid), custodian=custodian)


@pytest.mark.requirement("R01", "R09")
def test_every_list_verifies_against_its_seed_and_both_roots(trial: None) -> None:
    assert SealedList.objects.count() == 3 * 3
    for sealed in SealedList.objects.all():
        assert verify(sealed).root == sealed.root
        assert verify(sealed, custodian=keyring.ESCROW).length == sealed.length


def test_the_root_stands_in_the_trail_of_both_sides_before_any_patient(trial: None) -> None:
    sealed = live_list()
    for alias in ("default", "blinded"):
        events = Event.objects.using(alias).filter(action="list.sealed", subject=str(sealed.uid))
        assert [sealed.root in event.data for event in events] == [True]


@pytest.mark.requirement("R03")
def test_a_separate_list_and_a_reserve_for_each_site(trial: None) -> None:
    assert SealedList.objects.filter(stratum__is_drill=False).count() == 2 * 3
    assert AllocationList.objects.filter(state="open").count() == 3
    assert AllocationList.objects.filter(state="sealed").count() == 3
    roots = set(SealedList.objects.values_list("root", flat=True))
    assert len(roots) == SealedList.objects.count()


def _flip_byte() -> None:
    slot = SealedSlot.objects.get(list=live_list(), position=5)
    sealed = bytearray(slot.sealed)
    sealed[20] ^= 1
    SealedSlot.objects.filter(uid=slot.uid).update(sealed=bytes(sealed))


def _swap_slots() -> None:
    first, two = (SealedSlot.objects.get(list=live_list(), position=position) for position in (3, 4))
    SealedSlot.objects.filter(uid=first.uid).update(sealed=two.sealed)
    SealedSlot.objects.filter(uid=two.uid).update(sealed=first.sealed)


def _slot_of_another_list() -> None:
    other = SealedSlot.objects.get(list__context="IMMUNOSEP/GR02/1", position=7)
    SealedSlot.objects.filter(list=live_list(), position=7).update(sealed=other.sealed)


def _kit_code() -> None:
    SealedSlot.objects.filter(list=live_list(), position=2).update(kit_code="ZZZZZZZ2")


def _plan() -> None:
    plan = PlanVersion.objects.get()
    PlanVersion.objects.filter(pk=plan.pk).update(text=plan.text.replace('draw_ml = "1.34"', 'draw_ml = "1.35"'))


def _wrapped_key() -> None:
    other = WrappedSecret.objects.get(list__context="IMMUNOSEP/GR02/1", kind="key", custodian="statistician")
    WrappedSecret.objects.filter(list=live_list(), kind="key", custodian="statistician").update(wrapped=other.wrapped)


def _wrapped_seed() -> None:
    other = WrappedSecret.objects.get(list__context="IMMUNOSEP/GR02/1", kind="seed", custodian="statistician")
    WrappedSecret.objects.filter(list=live_list(), kind="seed", custodian="statistician").update(wrapped=other.wrapped)


def _root() -> None:
    SealedList.objects.filter(pk=live_list().pk).update(root="0" * 64)


def _position_gone() -> None:
    SealedSlot.objects.filter(list=live_list(), position=9).delete()


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_flip_byte, "Position 5"),
        (_swap_slots, "Position 3"),
        (_slot_of_another_list, "Position 7"),
        (_kit_code, "Position 2"),
        (_plan, "plan"),
        (_wrapped_key, "wrapped key"),
        (_wrapped_seed, "wrapped"),
        (_root, "root"),
        (_position_gone, "positions"),
    ],
)
def test_tampering_is_caught_and_named(trial: None, spoil: Callable[[], None], named: str) -> None:
    plan_of.cache_clear()
    with tampering(), untriggered("default"):
        spoil()
    with pytest.raises(TamperingFound, match=named):
        verify(live_list())


def test_two_slots_swapped_below_are_caught_by_the_command(trial: None) -> None:
    sealed = live_list()
    first, second = Slot.objects.filter(list_id=sealed.uid, position__in=(1, 2)).order_by("position")
    with tampering(), untriggered("blinded"):
        Slot.objects.filter(uid=first.uid).update(position=900)
        Slot.objects.filter(uid=second.uid).update(position=1)
        Slot.objects.filter(uid=first.uid).update(position=2)
    with pytest.raises(CommandError, match="blinded side"):
        call_command("verify_list", str(sealed.uid))


def test_a_list_removed_below_does_not_verify(trial: None) -> None:
    with pytest.raises(TamperingFound, match="not on the blinded side"):
        verify_list(live_list().uid, published=None)


def test_two_slots_that_changed_names_open_for_nobody(trial: None) -> None:
    """The UID of a slot is not sealed with it: the kit code that the patient has must stand there."""
    allocation = play.enrol(play.Case("GR01"))
    slot = SealedSlot.objects.get(kit_code=allocation.kit_code)
    other = SealedSlot.objects.get(list=live_list(), position=9)
    names = slot.uid, other.uid
    with tampering(), untriggered("default"):
        SealedSlot.objects.filter(pk=names[0]).update(uid=uuid.uuid4())
        SealedSlot.objects.filter(pk=names[1]).update(uid=names[0])
    dose = Dose.objects.get(course__kit_code=allocation.kit_code, route="IV", number=1)
    with pytest.raises(TamperingFound, match="open nothing"):
        play.prepare_and_release(dose, "GR01")


def test_the_published_root_is_compared(trial: None) -> None:
    with pytest.raises(TamperingFound, match="published root"):
        verify_list(live_list().uid, published=PublishedList("1" * 64, ()))


def test_nothing_of_a_list_is_printed_and_no_plaintext_is_on_disk(trial: None) -> None:
    printed = io.StringIO()
    call_command("generate_lists", "--site", "GR01", "--length", "20", stdout=printed)
    text = printed.getvalue()
    assert re.search(r"IMMUNOSEP/GR01/3 ", text)
    for word in ("PRECISION", "CONTROL", *SealedSlot.objects.values_list("kit_code", flat=True)):
        assert word not in text
    lengths = {len(bytes(sealed)) for sealed in SealedSlot.objects.values_list("sealed", flat=True)}
    assert lengths == {61}
    for file in Path(settings.KEY_DIRECTORY).iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"PRECISION" not in file.read_bytes()


@pytest.mark.requirement("R04")
def test_who_enrols_cannot_generate(trial: None) -> None:
    for role in (Role.PHARMACIST, Role.LABORATORY, Role.CODE_BREAKER):
        with pytest.raises(NotPermitted):
            generate_lists(actor=cast.at_site(role, "GR01"), site_codes=["GR01"], length=20)


@pytest.mark.parametrize("length", [0, -1, 100_001])
def test_bad_lengths(trial: None, length: int) -> None:
    with pytest.raises(InvalidInput):
        generate_lists(actor=SYSTEM, site_codes=["GR01"], length=length)


def test_keys_are_never_overwritten_and_a_changed_file_or_passphrase_is_refused(trial: None) -> None:
    with pytest.raises(ConfigurationError, match="never overwritten"):
        create_custodian_keys(actor=SYSTEM)
    content = key_path("service").read_bytes()
    passphrase = passphrase_path("service").read_text()
    with pytest.raises(ConfigurationError, match="passphrase"):
        keyring.unlock(content, passphrase + "x")
    for spoiled in (content[:-1], content.replace(b'"r":8', b'"r":9'), content[:-1] + bytes([content[-1] ^ 1])):
        with pytest.raises(ConfigurationError):
            keyring.unlock(spoiled, passphrase)
    with pytest.raises(ConfigurationError, match="outside"):
        keyring.unlock(content.replace(b'"n":131072', b'"n":1310720000'), passphrase)
    with pytest.raises(ConfigurationError, match="not a custodian"):
        keyring.unlock(b"junk", passphrase)


def test_the_seed_is_never_sealed_to_the_service(trial: None) -> None:
    assert not WrappedSecret.objects.filter(kind="seed", custodian="service").exists()
