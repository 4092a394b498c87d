"""The last lines of a block that grew: they tell a copy that was made a moment before its end.

`copytruncate` copies a log and then cuts it. What was read between the two is not in the copy, which so ends within a known
block, at no place that was written down. Of the last lines a block keeps place and keyed hash.
"""

from hashlib import blake2b
from struct import Struct

from streams.site.chain import Read
from streams.site.keys import SiteKey

KEPT = 64 * 1024
"""Bytes of lines that are kept of a block, besides those that came last."""
MOST = 256 * 1024
"""Most bytes of lines that are kept of a block."""
_END = Struct("<I4s")
"""Length of the block behind a line, and the line's hash; the first only says where the next line begins."""


def of(key: SiteKey, read: Read, size: int, came: int) -> bytes:
    """Ends of the last lines of a block of `size` bytes, of which the last `came` are new."""
    start = max(0, size - min(came + KEPT, MOST))
    data = bytes(read(start, size))
    at = 0 if start == 0 else data.find(b"\n") + 1
    out = [_END.pack(start + at, b"")]
    while (end := data.find(b"\n", at) + 1) > 0:
        out.append(_END.pack(start + end, _hash(key, data[at:end])))
        at = end
    return b"".join(out)


def within(key: SiteKey, ends: bytes | None, read: Read, size: int) -> bool:
    """True when `size` bytes end with one of these lines and have the ones before it too."""
    before: int | None = None
    matched = False
    for length, line in _END.iter_unpack(ends or b""):
        if length > size:
            break
        if before is not None and _hash(key, bytes(read(before, length))) != line:
            return False
        matched = before is not None and length == size
        before = length
    return matched


def _hash(key: SiteKey, line: bytes) -> bytes:
    return blake2b(line, digest_size=4, key=key.identity, person=b"line").digest()
