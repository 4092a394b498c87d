"""Ids that are functions of the content, and the spelling of subjects."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CODES = np.frombuffer(_LETTERS.encode(), np.uint8)
_BITS = np.array([16, 8, 4, 2, 1], np.uint8)
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
"""Base32, two letters (ten bits) at a time: five times as fast as spelling all 64 bytes, and ids are many."""

OBSERVATION_ID = 26
"""Characters of an observation's id."""


def content_id(*parts: str, length: int = 20) -> str:
    """First `length` characters of base32 of blake2b over the parts joined with LF (UTF-8, 64 bytes).

    >>> content_id("um/lfg", "service:chatgpt") == finding_id("um/lfg", "service:chatgpt")
    True
    """
    digest = blake2b("\n".join(parts).encode(), digest_size=64).digest()
    pairs = -(-length // 2)
    size = -(-10 * pairs // 8)
    number = int.from_bytes(digest[:size]) >> (8 * size - 10 * pairs)
    return "".join([_PAIRS[number >> place & 1023] for place in range(10 * pairs - 10, -1, -10)])[:length]


def content_ids(texts: Iterable[str], length: int = 20) -> list[str]:
    """`content_id` of many, each given as its joined parts: several times as fast as one by one.

    >>> content_ids(["um/lfg" + chr(10) + "service:chatgpt"]) == [finding_id("um/lfg", "service:chatgpt")]
    True
    """
    size = -(-5 * length // 8)
    digests = b"".join([blake2b(text.encode(), digest_size=64).digest()[:size] for text in texts])
    bits = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(-1, size), axis=1)[:, : 5 * length]
    letters = _CODES[bits.reshape(-1, 5) @ _BITS].tobytes().decode()
    return [letters[start : start + length] for start in range(0, len(letters), length)]


def finding_id(unit: str, subject: str) -> str:
    """Id of a usage and of its finding: 20 characters, from the unit's code and the subject."""
    return content_id(unit, subject)


def observation_id(site: str, unit: str, subject: str, signal: str, view: str, day_or_document: str) -> str:
    """Id of an observation: 26 characters; a later observation with the same id replaces the earlier one.

    `day_or_document` is the day in ISO form for network and assets, the document's own key for procurement.
    """
    return content_id(site, unit, subject, signal, view, day_or_document, length=OBSERVATION_ID)
