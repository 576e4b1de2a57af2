"""The product agrees with a second implementation that was written from the specification alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from django.conf import settings
from hypothesis import given
from hypothesis import settings as law
from hypothesis import strategies as st

from randomization.shared.errors import InvalidInput
from randomization.shared.ids import ALPHABET, new_kit_code, parse_kit_code
from randomization.unblinded.lists.models import SealedList
from randomization.unblinded.vault.commitment import inclusion_proof, leaf_v1, merkle_root, verify_inclusion
from randomization.unblinded.vault.sequence import permuted_blocks
from tests.unblinded.lists import rebuild

CUSTODIAN = "statistician"
SEED = bytes(range(32))
VECTORS = [
    ("IMMUNOSEP/GR01/1", [("P", 1), ("C", 1)], [4, 6], 20, "PCPPCCPCPCCCPPPCPCPCCCPP"),
    ("IMMUNOSEP/GR01:MALS/1", [("A", 2), ("B", 1)], [3, 6, 9], 15, "ABAAAABBAABAAABBAA"),
]
SIZES = range(1, 41)


@st.composite
def lists(draw: st.DrawFn) -> dict[str, Any]:
    """What decides a sequence: everything the specification lets vary, with blocks of up to 256."""
    arms = draw(st.lists(st.tuples(st.text("ABCxyz-9", min_size=1), st.integers(1, 4)), min_size=2, max_size=4))
    names = [f"{place}{name}" for place, (name, _ratio) in enumerate(arms)]
    total = sum(ratio for _arm, ratio in arms)
    multiples = draw(st.lists(st.integers(1, 4) | st.integers(1, 256 // total), min_size=1, max_size=4, unique=True))
    return {
        "seed": draw(st.binary(min_size=32, max_size=32)),
        "context": draw(st.from_regex(r"[A-Z]{1,9}/[A-Z]{2}[0-9]{2}(:MALS|:SIP)?/[1-9][0-9]?", fullmatch=True)),
        "arms": [(name, ratio) for name, (_arm, ratio) in zip(names, arms, strict=True)],
        "block_sizes": [multiple * total for multiple in multiples],
        "length": draw(st.integers(1, 40)),
    }


def leaves_of(size: int) -> list[bytes]:
    """Leaves that all differ in length and text; the first is empty."""
    return [b"leaf %d" % place * place for place in range(size)]


def changed(data: bytes) -> bytes:
    """The same length, one bit away."""
    return bytes([data[0] ^ 1]) + data[1:]


def test_chacha20_and_hkdf_are_those_of_the_standards() -> None:
    """RFC 8439 2.3.2 and A.1 vector 1, RFC 5869 A.1: were the outsider wrong here, agreement would mean little."""
    key, nonce = bytes(range(32)), bytes.fromhex("000000090000004a00000000")
    assert rebuild.chacha20_block(key, 1, nonce).hex().startswith("10f1e7e4d13b5915500fdd1fa32071c4")
    assert rebuild.chacha20_block(bytes(32), 0, bytes(12)).hex().startswith("76b8e0ada0f13d90405d6ae55386bd28")
    salt, info = bytes(range(13)), bytes(range(0xF0, 0xFA))
    derived = rebuild.hkdf_sha256(secret=b"\x0b" * 22, salt=salt, info=info, length=42)
    assert derived.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"


@pytest.mark.requirement("R01")
@pytest.mark.parametrize("implementation", [rebuild.permuted_blocks, permuted_blocks], ids=["outsider", "product"])
@pytest.mark.parametrize(("context", "arms", "sizes", "length", "expected"), VECTORS, ids=[row[0] for row in VECTORS])
def test_vectors_of_the_specification(
    implementation: Any, context: str, arms: list[tuple[str, int]], sizes: list[int], length: int, expected: str
) -> None:
    sequence = implementation(seed=SEED, context=context, arms=arms, block_sizes=sizes, length=length)
    assert "".join(sequence) == expected


@pytest.mark.requirement("R01")
@law(max_examples=40, deadline=None)
@given(lists())
def test_both_implementations_give_the_same_list(given_list: dict[str, Any]) -> None:
    assert permuted_blocks(**given_list) == rebuild.permuted_blocks(**given_list)


@pytest.mark.requirement("R01")
@pytest.mark.parametrize("size", [130, 254, 256])
def test_large_blocks_drop_the_same_bytes(size: int) -> None:
    """With k just above 128 nearly every second byte is dropped; with 256 none is."""
    given_list: dict[str, Any] = {
        "seed": SEED,
        "context": "T/GR01/1",
        "arms": [("P", 1), ("C", 1)],
        "block_sizes": [size],
        "length": size + 1,
    }
    assert permuted_blocks(**given_list) == rebuild.permuted_blocks(**given_list)


@pytest.mark.requirement("R03")
def test_another_centre_or_version_has_a_scheme_of_its_own() -> None:
    common: dict[str, Any] = {"seed": SEED, "arms": [("P", 1), ("C", 1)], "block_sizes": [4, 6], "length": 40}
    contexts = ["IMMUNOSEP/GR01/1", "IMMUNOSEP/GR02/1", "IMMUNOSEP/GR01/2", "IMMUNOSEP/GR01:MALS/1"]
    assert len({tuple(permuted_blocks(context=context, **common)) for context in contexts}) == len(contexts)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("size", SIZES)
def test_roots_and_proofs_agree(size: int) -> None:
    leaves = leaves_of(size)
    root = merkle_root(leaves)
    assert root == rebuild.merkle_root(leaves)
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        assert proof == rebuild.inclusion_proof(leaves, index)
        for verify in (verify_inclusion, rebuild.verify_inclusion):
            assert verify(root=root, leaf=leaf, index=index, size=size, proof=proof)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("size", SIZES)
def test_a_proof_of_anything_else_is_refused(size: int) -> None:
    """A wrong size that gives the same path is accepted by RFC 9162 itself, so there the two need only agree."""
    leaves = leaves_of(size)
    root = merkle_root(leaves)
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        right: dict[str, Any] = {"root": root, "leaf": leaf, "index": index, "size": size, "proof": proof}
        for wrong in wrong_claims(right):
            assert not verify_inclusion(**wrong), wrong
            assert not rebuild.verify_inclusion(**wrong), wrong
        for other in range(index + 1, 2 * size + 2):
            claim = right | {"size": other}
            assert verify_inclusion(**claim) == rebuild.verify_inclusion(**claim), claim


def wrong_claims(right: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every kind of claim that a verifier has to turn down, one part of it wrong at a time."""
    index, size, proof = right["index"], right["size"], right["proof"]
    yield right | {"leaf": right["leaf"] + b"!"}
    yield right | {"root": changed(right["root"])}
    yield right | {"root": b""}
    for other in {*range(-1, size + 2), -size, 2 * size} - {index}:
        yield right | {"index": other}
    for other in {-1, 0, index, 4 * size}:
        yield right | {"size": other}
    yield right | {"proof": [*proof, right["root"]]}
    yield right | {"proof": [right["root"], *proof]}
    for place, step in enumerate(proof):
        yield right | {"proof": [*proof[:place], changed(step), *proof[place + 1 :]]}
        yield right | {"proof": [*proof[:place], *proof[place + 1 :]]}
        yield right | {"proof": [*proof[:place], step[:-1], *proof[place + 1 :]]}
    if len(proof) > 1:
        yield right | {"proof": proof[::-1]}


def test_a_node_does_not_pass_for_a_leaf() -> None:
    """The second-preimage attack that the prefixes are there for."""
    leaves = leaves_of(4)
    forged = b"".join(rebuild.hash_leaf(leaf) for leaf in leaves[:2])
    proof = inclusion_proof(leaves, 0)[1:]
    for verify in (verify_inclusion, rebuild.verify_inclusion):
        assert not verify(root=merkle_root(leaves), leaf=forged, index=0, size=2, proof=proof)


def test_kit_codes_carry_the_check_character_of_the_standard() -> None:
    """The Global Release Identifier, whose worked example this is, uses the same check character."""
    assert rebuild.check_character("A12425GABC1234002") == "M"
    for _turn in range(200):
        code = new_kit_code()
        assert len(code) == 8
        assert set(code) <= set("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
        assert code[-1] == rebuild.check_character(code[:-1])
        assert parse_kit_code(f"{code[:4]}-{code[4:]}".lower()) == code


@pytest.mark.parametrize("place", range(8))
def test_every_wrong_character_of_a_kit_code_is_noticed(place: int) -> None:
    for _turn in range(10):
        code = new_kit_code()
        for other in set(ALPHABET + rebuild.CHECK_CHARACTERS) - {code[place]}:
            with pytest.raises(InvalidInput):
                parse_kit_code(code[:place] + other + code[place + 1 :])


def custodian_key() -> MLKEM768X25519PrivateKey:
    """The private key from the custodian's file and passphrase, nothing else."""
    directory = Path(settings.KEY_DIRECTORY)
    passphrase = (directory / f"{CUSTODIAN}.passphrase").read_text(encoding="utf-8").strip()
    return rebuild.open_key_file((directory / f"{CUSTODIAN}.key").read_bytes(), passphrase)


def slots_of(sealed: SealedList) -> list[rebuild.Slot]:
    """The rows of a list in their order."""
    rows = sealed.slots.order_by("position")
    return [rebuild.Slot(row.position, row.kit_code, bytes(row.sealed)) for row in rows]


def secrets_of(sealed: SealedList, key: MLKEM768X25519PrivateKey) -> tuple[bytes, bytes]:
    """Seed and list key, both unwrapped with the custodian's key."""
    wrapped = {row.kind: bytes(row.wrapped) for row in sealed.secrets.filter(custodian=CUSTODIAN)}
    uid = str(sealed.uid)
    seed = rebuild.unwrap(wrapped=wrapped["seed"], private_key=key, kind="seed", list_uid=uid, custodian=CUSTODIAN)
    list_key = rebuild.unwrap(
        wrapped=wrapped["key"], private_key=key, kind="list key", list_uid=uid, custodian=CUSTODIAN
    )
    return seed, list_key


@pytest.mark.requirement("R01", "R09")
def test_whole_list_is_rebuilt_from_rows_and_key_file(trial: None) -> None:
    """Everything on the left comes from the rows and one key file; the product is asked only to be compared."""
    key = custodian_key()
    every_list = list(SealedList.objects.select_related("plan", "stratum"))
    assert every_list
    for sealed in every_list:
        uid, plan_hash, slots = str(sealed.uid), sealed.plan.plan_hash, slots_of(sealed)
        seed, list_key = secrets_of(sealed, key)
        plan = rebuild.Setting.read(sealed.plan.text)
        rebuilt = rebuild.rebuild_list(
            slots,
            seed=seed,
            list_key=list_key,
            list_uid=uid,
            context=sealed.context,
            asked_length=sealed.asked_length,
            setting=plan,
            plan_hash=plan_hash,
        )
        assert rebuilt.sequence == rebuilt.arms
        assert rebuilt.sequence == permuted_blocks(
            seed=seed, context=sealed.context, arms=plan.arms, block_sizes=plan.block_sizes, length=sealed.asked_length
        )
        assert [slot.position for slot in slots] == list(range(1, sealed.length + 1))
        assert all(slot.kit_code[-1] == rebuild.check_character(slot.kit_code[:-1]) for slot in slots)
        assert {len(slot.sealed) for slot in slots} == {61}
        assert len(set(rebuilt.nonces)) == len({slot.sealed[:12] for slot in slots}) == len(slots)
        assert rebuilt.leaves == [
            leaf_v1(
                list_uid=uid, position=slot.position, kit_code=slot.kit_code, arm=arm, nonce=nonce, plan_hash=plan_hash
            )
            for slot, arm, nonce in zip(slots, rebuilt.arms, rebuilt.nonces, strict=True)
        ]
        assert rebuilt.root.hex() == sealed.root == merkle_root(rebuilt.leaves).hex()


@pytest.mark.requirement("R03")
def test_whole_list_has_a_context_seed_and_kit_codes_of_its_own(trial: None) -> None:
    key = custodian_key()
    every_list = list(SealedList.objects.select_related("stratum"))
    assert {row.context for row in every_list} == {f"IMMUNOSEP/{row.stratum.scope}/{row.version}" for row in every_list}
    secrets = [secret for row in every_list for secret in secrets_of(row, key)]
    assert len(set(secrets)) == 2 * len(every_list)
    kit_codes = [slot.kit_code for row in every_list for slot in slots_of(row)]
    assert len(set(kit_codes)) == len(kit_codes)


@pytest.mark.requirement("R09")
def test_whole_list_secrets_reach_the_custodians_of_the_specification_alone(trial: None) -> None:
    for sealed in SealedList.objects.all():
        assert set(sealed.secrets.values_list("kind", "custodian")) == {
            ("key", "service"),
            ("key", "statistician"),
            ("key", "escrow"),
            ("seed", "statistician"),
            ("seed", "escrow"),
        }


@pytest.mark.requirement("R09")
def test_whole_list_does_not_open_when_a_row_was_moved(trial: None) -> None:
    """Position, kit code, plan and list are bound to what is sealed; so are kind and list to a wrapped secret."""
    key = custodian_key()
    first, second = SealedList.objects.select_related("plan").order_by("context")[:2]
    _seed, list_key = secrets_of(first, key)
    uid, plan_hash, slots = str(first.uid), first.plan.plan_hash, slots_of(first)
    top, two = next(pairwise(slots))
    swapped = [replace(top, sealed=two.sealed), replace(top, position=2), replace(top, kit_code=two.kit_code)]
    claims = [(slot, uid, plan_hash) for slot in swapped]
    claims += [(top, str(second.uid), plan_hash), (top, uid, "0" * 64)]
    for slot, list_uid, claimed_hash in claims:
        with pytest.raises(InvalidTag):
            rebuild.open_slot(slot, list_key=list_key, list_uid=list_uid, plan_hash=claimed_hash)
    wrapped = bytes(first.secrets.get(custodian=CUSTODIAN, kind="seed").wrapped)
    for kind, list_uid, custodian in [
        ("list key", uid, CUSTODIAN),
        ("seed", str(second.uid), CUSTODIAN),
        ("seed", uid, "escrow"),
    ]:
        with pytest.raises(InvalidTag):
            rebuild.unwrap(wrapped=wrapped, private_key=key, kind=kind, list_uid=list_uid, custodian=custodian)


@pytest.mark.requirement("R09")
def test_whole_list_key_file_opens_only_as_it_was_written(trial: None) -> None:
    """Another passphrase, a touched header or a cost that would exhaust memory ends in a refusal."""
    data = (Path(settings.KEY_DIRECTORY) / f"{CUSTODIAN}.key").read_bytes()
    passphrase = (Path(settings.KEY_DIRECTORY) / f"{CUSTODIAN}.passphrase").read_text(encoding="utf-8").strip()
    header, _separator, sealed = data.partition(b"\n")
    with pytest.raises(InvalidTag):
        rebuild.open_key_file(data, passphrase + "x")
    with pytest.raises(InvalidTag):
        rebuild.open_key_file(header.replace(b"statistician", b"escrow") + b"\n" + sealed, passphrase)
    with pytest.raises(rebuild.Refused):
        rebuild.open_key_file(header.replace(b"131072", b"1073741824") + b"\n" + sealed, passphrase)
