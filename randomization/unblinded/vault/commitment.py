"""Commitment v1: an RFC 9162 Merkle tree over the leaves of a list.

The root is published when a list is sealed; afterwards the whole list, or one position with an
inclusion proof, can be shown to be the one that was sealed. Proof index = position - 1.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf_v1(*, list_uid: str, position: int, kit_code: str, arm: str, nonce: bytes, plan_hash: str) -> bytes:
    """The raw leaf of one position. `nonce`: the 32 random bytes sealed with the arm, which hide it."""
    return f"immunosep leaf v1|{list_uid}|{position}|{kit_code}|{arm}|{nonce.hex()}|{plan_hash}".encode()


def _leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _root(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    middle = _split(len(hashes))
    return _node_hash(_root(hashes[:middle]), _root(hashes[middle:]))


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The tree head over raw leaves (RFC 9162 2.1.1); of no leaves it is SHA-256 of nothing."""
    return _root([_leaf_hash(leaf) for leaf in leaves]) if leaves else sha256().digest()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The inclusion proof of the leaf at `index`, from 0 (RFC 9162 2.1.3.1). IndexError outside."""
    if not 0 <= index < len(leaves):
        raise IndexError("no leaf has that index")
    hashes = [_leaf_hash(leaf) for leaf in leaves]
    proof: list[bytes] = []
    while len(hashes) > 1:
        middle = _split(len(hashes))
        if index < middle:
            proof.append(_root(hashes[middle:]))
            hashes = hashes[:middle]
        else:
            proof.append(_root(hashes[:middle]))
            hashes, index = hashes[middle:], index - middle
    return proof[::-1]


def verify_inclusion(*, root: bytes, leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bool:
    """Whether the raw `leaf` stands at `index` of the tree of `size` leaves with that root (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, value = index, size - 1, _leaf_hash(leaf)
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = _node_hash(sibling, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = _node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and value == root
