"""An outsider's second implementation of the sealed lists, written from the published specification alone.

It shows that a list can be rebuilt after the product is gone (R09), so it shares no line with the product and
imports nothing of it. It favours the wording of the standards over speed. Nothing is written, nothing is cached.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

WORD: Final = 0xFFFFFFFF
CHACHA_ROUNDS: Final = (
    (0, 4, 8, 12),
    (1, 5, 9, 13),
    (2, 6, 10, 14),
    (3, 7, 11, 15),
    (0, 5, 10, 15),
    (1, 6, 11, 12),
    (2, 7, 8, 13),
    (3, 4, 9, 14),
)
CHECK_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HPKE_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
NONCE_BYTES: Final = 12


class Refused(Exception):
    """Something stored is not what the specification allows."""


def hkdf_sha256(*, secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869: extract with the salt, then expand with the info to `length` bytes."""
    extracted = hmac.digest(salt, secret, "sha256")
    output, block, counter = b"", b"", 1
    while len(output) < length:
        block = hmac.digest(extracted, block + info + bytes([counter]), "sha256")
        output += block
        counter += 1
    return output[:length]


def chacha20_block(key: bytes, counter: int, nonce: bytes) -> bytes:
    """One block of 64 bytes of the ChaCha20 key stream, RFC 8439 2.3."""
    start = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I", key), counter]
    start += struct.unpack("<3I", nonce)
    state = list(start)
    for _turn in range(10):
        for a, b, c, d in CHACHA_ROUNDS:
            for first, second, target, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[first] = (state[first] + state[second]) & WORD
                mixed = state[target] ^ state[first]
                state[target] = (mixed << turn | mixed >> (32 - turn)) & WORD
    return struct.pack("<16I", *((x + y) & WORD for x, y in zip(state, start, strict=True)))


def key_stream(key: bytes) -> Iterator[int]:
    """The stream byte by byte; 16 zero bytes of counter and nonce mean block 0 under a zero nonce."""
    counter = 0
    while True:
        yield from chacha20_block(key, counter, bytes(12))
        counter += 1


def below(stream: Iterator[int], k: int) -> int:
    """A number from 0 to k - 1, every one equally likely: bytes past the last whole multiple of k are dropped."""
    limit = 256 - 256 % k
    return next(byte for byte in stream if byte < limit) % k


def permuted_blocks(
    *, seed: bytes, context: str, arms: Sequence[tuple[str, int]], block_sizes: Sequence[int], length: int
) -> list[str]:
    """Sequence v1: whole shuffled blocks of mixed sizes until there are `length` entries or more."""
    key = hkdf_sha256(secret=seed, salt=b"immunosep sequence v1", info=context.encode(), length=32)
    stream = key_stream(key)
    total = sum(ratio for _arm, ratio in arms)
    sequence: list[str] = []
    while len(sequence) < length:
        size = block_sizes[below(stream, len(block_sizes))]
        block = [name for name, ratio in arms for _turn in range(size * ratio // total)]
        for i in range(size - 1, 0, -1):
            j = below(stream, i + 1)
            block[i], block[j] = block[j], block[i]
        sequence += block
    return sequence


def check_character(body: str) -> str:
    """The ISO 7064 MOD 37,36 check character of `body`."""
    product = 36
    for character in body:
        total = (product + CHECK_CHARACTERS.index(character)) % 36 or 36
        product = total * 2 % 37
    return CHECK_CHARACTERS[(1 - product) % 36]


def open_key_file(data: bytes, passphrase: str) -> MLKEM768X25519PrivateKey:
    """A custodian's private key. Raises Refused before deriving where the scrypt cost is out of bounds."""
    line, _separator, sealed = data.partition(b"\n")
    header = json.loads(line)
    n, r, p = (int(header[name]) for name in ("n", "r", "p"))
    if header["version"] != 1 or not (2 <= n <= 2**20 and 1 <= r <= 8 and 1 <= p <= 4):
        raise Refused("key file: version or scrypt cost out of bounds")
    salt, nonce = base64.b64decode(header["salt"]), base64.b64decode(header["nonce"])
    key = hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=128 * r * (n + p + 2) + 2**20, dklen=32)
    secret = AESGCM(key).decrypt(nonce, sealed, line)
    if len(secret) != 96:
        raise Refused("key file: not 64 bytes of ML-KEM seed and 32 bytes of X25519 key")
    mlkem_key = mlkem.MLKEM768PrivateKey.from_seed_bytes(secret[:64])
    x25519_key = x25519.X25519PrivateKey.from_private_bytes(secret[64:])
    public = b"".join(
        half.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) for half in (mlkem_key, x25519_key)
    )
    if hashlib.sha256(public).hexdigest() != header["public_sha256"]:
        raise Refused("key file: the public key is another one")
    return MLKEM768X25519PrivateKey(mlkem_key, x25519_key)


def unwrap(*, wrapped: bytes, private_key: MLKEM768X25519PrivateKey, kind: str, list_uid: str, custodian: str) -> bytes:
    """The 32 bytes of a list's secret; `kind` is `list key` or `seed`."""
    info = f"immunosep {kind} v1|{list_uid}|{custodian}"
    return HPKE_SUITE.decrypt(wrapped, private_key, info.encode())


@dataclass(frozen=True, slots=True)
class Slot:
    """One row of a sealed list, as it is stored."""

    position: int
    kit_code: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Setting:
    """What of a plan decides a sequence."""

    arms: tuple[tuple[str, int], ...]
    block_sizes: tuple[int, ...]

    @classmethod
    def read(cls, plan_text: str) -> Setting:
        """Arms, ratio and block sizes from the text of a plan."""
        plan = tomllib.loads(plan_text)
        return cls(tuple((arm["name"], arm["ratio"]) for arm in plan["arm"]), tuple(plan["block_sizes"]))


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A list in the clear: what the seed says, what the slots say, and what was committed to."""

    sequence: list[str]
    arms: list[str]
    nonces: list[bytes]
    leaves: list[bytes]
    root: bytes


def open_slot(slot: Slot, *, list_key: bytes, list_uid: str, plan_hash: str) -> tuple[int, bytes]:
    """Sealed slot v1: the index of the arm and the opening nonce. Raises InvalidTag for a slot that was moved."""
    associated_data = f"immunosep slot v1|{list_uid}|{slot.position}|{slot.kit_code}|{plan_hash}"
    plaintext = AESGCM(list_key).decrypt(slot.sealed[:NONCE_BYTES], slot.sealed[NONCE_BYTES:], associated_data.encode())
    if len(plaintext) != 33:
        raise Refused(f"position {slot.position}: not 33 bytes")
    return plaintext[0], plaintext[1:]


def leaf(*, list_uid: str, slot: Slot, arm: str, nonce: bytes, plan_hash: str) -> bytes:
    """The raw leaf of Commitment v1; the tree adds its prefix."""
    return f"immunosep leaf v1|{list_uid}|{slot.position}|{slot.kit_code}|{arm}|{nonce.hex()}|{plan_hash}".encode()


def rebuild_list(
    slots: Sequence[Slot],
    *,
    seed: bytes,
    list_key: bytes,
    list_uid: str,
    context: str,
    asked_length: int,
    setting: Setting,
    plan_hash: str,
) -> Rebuilt:
    """Rebuild a list twice over, from its seed and from its slots, so that the two can be held side by side."""
    arms, nonces, leaves = [], [], []
    for slot in slots:
        index, nonce = open_slot(slot, list_key=list_key, list_uid=list_uid, plan_hash=plan_hash)
        arms.append(setting.arms[index][0])
        nonces.append(nonce)
        leaves.append(leaf(list_uid=list_uid, slot=slot, arm=arms[-1], nonce=nonce, plan_hash=plan_hash))
    sequence = permuted_blocks(
        seed=seed, context=context, arms=setting.arms, block_sizes=setting.block_sizes, length=asked_length
    )
    return Rebuilt(sequence, arms, nonces, leaves, merkle_root(leaves))


def hash_leaf(data: bytes) -> bytes:
    """RFC 9162 2.1.1: a leaf is prefixed with 00, so that it never passes for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """RFC 9162 2.1.1: a node is prefixed with 01."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The tree from the leaves up; a last node without a partner rises unchanged, which is RFC 9162's tree."""
    levels = [[hash_leaf(data) for data in leaves]]
    while len(levels[-1]) > 1:
        row = levels[-1]
        paired = [hash_node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        levels.append(paired + row[len(paired) * 2 :])
    return levels


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over raw leaves; of none, the hash of nothing."""
    return tree_levels(leaves)[-1][0] if leaves else hashlib.sha256().digest()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The partners on the way up; where a node rises alone there is none."""
    rows = tree_levels(leaves)[:-1]
    partners = ((row, (index >> height) ^ 1) for height, row in enumerate(rows))
    return [row[place] for row, place in partners if place < len(row)]


def verify_inclusion(*, root: bytes, leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bool:
    """Walk up from the leaf as the tree's width halves. A root binds no size: publish both together."""
    if not 0 <= index < size:
        return False
    climbed, left = hash_leaf(leaf), list(proof)
    place, last = index, size - 1
    while last:
        if place % 2 or place < last:
            if not left:
                return False
            partner = left.pop(0)
            climbed = hash_node(partner, climbed) if place % 2 else hash_node(climbed, partner)
        place, last = place // 2, last // 2
    return not left and hmac.compare_digest(climbed, root)
