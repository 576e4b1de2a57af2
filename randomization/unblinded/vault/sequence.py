"""Sequence v1: permuted blocks from a seed, the same everywhere, byte for byte (ICH E9 2.3.2).

key = HKDF-SHA256(seed, salt `immunosep sequence v1`, info = context, 32 bytes); the stream is the
ChaCha20 (RFC 8439) key stream of that key with 16 zero bytes as counter and nonce.

Pure: no Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT: Final = b"immunosep sequence v1"
SEED_BYTES: Final = 32
LARGEST_BLOCK: Final = 256
_CONTEXT: Final = re.compile(r"[^/\s]+/[^/\s]+/[1-9][0-9]*")
_CHUNK: Final = bytes(4096)


def _stream(seed: bytes, context: str) -> Iterator[int]:
    key = HKDF(algorithm=SHA256(), length=32, salt=SALT, info=context.encode()).derive(seed)
    encryptor = Cipher(ChaCha20(key, bytes(16)), mode=None).encryptor()
    while True:
        yield from encryptor.update(_CHUNK)


def _below(stream: Iterator[int], upper: int) -> int:
    limit = 256 - 256 % upper
    drawn = next(stream)
    while drawn >= limit:
        drawn = next(stream)
    return drawn % upper


def _check(seed: bytes, context: str, arms: Sequence[tuple[str, int]], sizes: Sequence[int], length: int) -> None:
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a seed has {SEED_BYTES} bytes")
    if not _CONTEXT.fullmatch(context):
        raise ValueError("a context is TRIAL/SCOPE/VERSION, for example IMMUNOSEP/GR01/1")
    names = [name for name, _ratio in arms]
    if len(arms) < 2 or len(set(names)) != len(names) or any(ratio < 1 or "|" in name for name, ratio in arms):
        raise ValueError("arms: two or more, with different names without '|' and ratios of at least 1")
    total = sum(ratio for _arm, ratio in arms)
    if not sizes or len(sizes) > LARGEST_BLOCK or any(not 1 <= size <= LARGEST_BLOCK or size % total for size in sizes):
        raise ValueError(f"block sizes: each a multiple of {total}, the sum of the ratios, and at most {LARGEST_BLOCK}")
    if length < 1:
        raise ValueError("a list has at least one position")


def permuted_blocks(
    *, seed: bytes, context: str, arms: Sequence[tuple[str, int]], block_sizes: Sequence[int], length: int
) -> list[str]:
    """The allocation sequence: whole permuted blocks, sizes drawn at random, at least `length` entries.

    seed: 32 bytes. context: `TRIAL/SCOPE/VERSION`. arms: names with ratios, in the plan's order.
    block_sizes: each a multiple of the ratios' sum, at most 256. Raises ValueError otherwise.
    """
    _check(seed, context, arms, block_sizes, length)
    stream = _stream(seed, context)
    total = sum(ratio for _arm, ratio in arms)
    sequence: list[str] = []
    while len(sequence) < length:
        size = block_sizes[_below(stream, len(block_sizes))]
        block = [name for name, ratio in arms for _turn in range(size * ratio // total)]
        for last in range(size - 1, 0, -1):
            other = _below(stream, last + 1)
            block[last], block[other] = block[other], block[last]
        sequence += block
    return sequence
