"""The keyed hash of a block, piece by piece, so that a block that grows is hashed on from its last piece.

A block is cut into pieces of PIECE bytes; each whole piece is chained to the ones before it, and the last, of 1 to PIECE
bytes, ends the chain together with the length. What a site remembers of a growing block is the chain behind its whole pieces.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from streams.site.blocks import Data
from streams.site.keys import SiteKey

PIECE = 1024 * 1024
"""Bytes of a piece: what is hashed again each time that a block has grown."""

Read = Callable[[int, int], Data]
"""Bytes of a block from one place to another."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The whole pieces at a block's start; the last piece of a block is never among them."""

    value: bytes = b""
    size: int = 0
    """Bytes of these pieces."""

    def grown(self, key: SiteKey, data: Data) -> "Chain":
        """The chain of a block that goes on with `data` behind these pieces."""
        value, at = self.value, 0
        while len(data) - at > PIECE:
            value = hmac.digest(key.identity, b"piece" + value + key.short(data[at : at + PIECE]), "sha256")[:16]
            at += PIECE
        return Chain(value, self.size + at)

    def digest(self, key: SiteKey, rest: Data) -> bytes:
        """Keyed hash of the whole block; `rest` is what follows these pieces."""
        size = (self.size + len(rest)).to_bytes(8, "little")
        return hmac.digest(key.identity, b"block" + self.value + key.short(rest) + size, "sha256")


_NOTHING = Chain()


def digest(key: SiteKey, data: Data) -> bytes:
    """Keyed hash of a block's bytes."""
    chain = Chain().grown(key, data)
    return chain.digest(key, data[chain.size :])


def digests(
    key: SiteKey, read: Read, lengths: Iterable[int], chain: Chain = _NOTHING
) -> Iterator[tuple[int, bytes, Chain]]:
    """Keyed hash of the first so many bytes, for ascending lengths behind the pieces of `chain`.

    The bytes are read once, and only a piece again.
    """
    for length in lengths:
        while length - chain.size > PIECE:
            end = min(length, chain.size + 4 * PIECE)
            chain = chain.grown(key, read(chain.size, end))
        yield length, chain.digest(key, read(chain.size, length)), chain
