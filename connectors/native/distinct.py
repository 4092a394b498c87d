"""Distinct values of a column that compiled code fills, and tables that grow with them."""

import ctypes
import secrets
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.native.library import Column, checked, library

PLAIN_NAME, PLAIN_ADDRESS, PRIVATE = 1, 2, 4
"""A host name in lower case and an IPv4 address that need no change; an address of a private range."""


class Distinct:
    """Byte strings with their places, in order of first occurrence. One thread at a time."""

    def __init__(self) -> None:
        self._library = library()
        self.pointer = self._library.intern_new(secrets.randbits(64))
        if not self.pointer:
            raise MemoryError

    def __del__(self) -> None:
        self._library.intern_free(self.pointer)

    def __len__(self) -> int:
        return int(self._library.intern_count(self.pointer))

    def _between(self, first: int, end: int | None) -> tuple[npt.NDArray[np.uint32], bytes]:
        count = (len(self) if end is None else end) - first
        address = self._library.intern_starts(self.pointer) + 4 * first
        starts = np.frombuffer(ctypes.string_at(address, 4 * (count + 1)), np.uint32)
        data = ctypes.string_at(self._library.intern_bytes(self.pointer) + int(starts[0]), int(starts[-1] - starts[0]))
        return starts - starts[0], data

    @property
    def size(self) -> int:
        """Bytes of all values."""
        return int(self._library.intern_size(self.pointer))

    def look(
        self, first: int, end: int, key: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
        """Of the values between two places: PLAIN_NAME, PLAIN_ADDRESS, PRIVATE bits; and their hashes under a key."""
        kinds, words = np.empty(end - first, np.uint8), np.empty(end - first, np.uint64)
        self._library.look(self.pointer, first, end, key.ctypes.data, kinds.ctypes.data, words.ctypes.data)
        return kinds, words

    def texts(self, first: int, end: int | None = None) -> list[str]:
        """The values from a place on, to another one, as texts."""
        starts, data = self._between(first, end)
        bounds = starts.tolist()
        if data.isascii():
            whole = data.decode("ascii")
            return [whole[start:end] for start, end in pairwise(bounds)]
        return [data[start:end].decode() for start, end in pairwise(bounds)]

    def words(self, first: int, width: int, end: int | None = None) -> npt.NDArray[np.uint32]:
        """The values from a place on, to another one, as rows of `width` numbers."""
        return np.frombuffer(self._between(first, end)[1], np.uint32).reshape(-1, width)

    def places(self, texts: pl.Series) -> npt.NDArray[np.uint32]:
        """Place + 1 of each text, 0 for null."""
        out = np.zeros(len(texts), np.uint32)
        column, kept = _column(texts)
        checked(self._library.place_texts(self.pointer, ctypes.byref(column), out.ctypes.data))
        del kept
        return out

    def numbers(self, words: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
        """Place + 1 of each row of a contiguous array."""
        out = np.zeros(len(words), np.uint32)
        width = words.itemsize * (words.shape[1] if words.ndim > 1 else 1)
        checked(self._library.place_words(self.pointer, words.ctypes.data, width, len(words), out.ctypes.data))
        return out


def _column(texts: pl.Series) -> tuple[Column, object]:
    """A column of texts as compiled code reads it, and what has to live as long."""
    texts = texts.cast(pl.String)
    filled = texts.fill_null("")
    data = str(filled.str.join("").item()).encode() if len(texts) else b""
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(filled.str.len_bytes().to_numpy(), out=starts[1:])
    known = texts.is_not_null().to_numpy().view(np.uint8) if texts.null_count() else None
    column = Column(address(data), starts.ctypes.data, None if known is None else known.ctypes.data, len(texts))
    return column, (data, starts, known)


class Scratch:
    """Arrays that are used again for the next block: the system clears new memory, which takes longer than using it."""

    def __init__(self) -> None:
        self._arrays: dict[str, npt.NDArray[Any]] = {}

    def array(self, name: str, count: int, dtype: Any) -> npt.NDArray[Any]:
        """Room for so many values, with whatever was left there; it holds until the name is asked for again."""
        have = self._arrays.get(name)
        if have is None or len(have) < count:
            self._arrays.pop(name, None)
            have = self._arrays[name] = np.empty(count + count // 8, dtype)
        return have[:count]


class Table:
    """What is known of each place + 1, as an array that grows; row 0 stands for null."""

    def __init__(self, null: int, dtype: Any) -> None:
        self._array: npt.NDArray[Any] = np.full(1024, null, dtype)
        self.length = 1

    @property
    def pointer(self) -> int:
        """Address of the first row; changes when the table grows."""
        return int(self._array.ctypes.data)

    @property
    def array(self) -> npt.NDArray[Any]:
        """All rows."""
        return self._array[: self.length]

    def add(self, values: npt.NDArray[Any]) -> None:
        """Rows for new places, in order."""
        end = self.length + len(values)
        if end > len(self._array):
            longer = np.empty(max(end, 2 * len(self._array)), self._array.dtype)
            longer[: self.length] = self.array
            self._array = longer
        self._array[self.length : end] = values
        self.length = end


def address(data: bytes | memoryview) -> int:
    """Where bytes lie; who calls keeps them alive."""
    return int(np.frombuffer(data, np.uint8).ctypes.data) if len(data) else 0


def lines_from(data: bytes | memoryview, sign: str, most: int) -> list[int]:
    """Where lines begin with a sign, up to so many of them."""
    out = np.empty(most, np.uint64)
    count = library().lines_from(address(data), len(data), ord(sign), out.ctypes.data, most)
    return [int(at) for at in out[:count]]


class Survey(NamedTuple):
    """What one look at some bytes tells."""

    lines: int
    """Line ends."""
    ascii: bool
    """No byte is above 127."""

    @classmethod
    def of(cls, data: bytes | memoryview) -> "Survey":
        """Look at all bytes once."""
        ascii_ = ctypes.c_uint8()
        lines = library().survey(address(data), len(data), ctypes.byref(ascii_))
        return cls(int(lines), bool(ascii_.value))


def hashes(texts: pl.Series, key: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """SipHash-2-4 of each text under a key of two words; 0 for null, never 0 for a text."""
    out = np.zeros(len(texts), np.uint64)
    column, kept = _column(texts)
    library().hash_texts(ctypes.byref(column), key.ctypes.data, out.ctypes.data)
    del kept
    return out


def list_hashes(texts: list[str], key: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """As `hashes`, of a list without nulls."""
    raw = [text.encode() for text in texts]
    starts = np.zeros(len(raw) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, raw), np.int64, len(raw)), out=starts[1:])
    data, out = b"".join(raw), np.zeros(len(raw), np.uint64)
    column = Column(address(data), starts.ctypes.data, None, len(raw))
    library().hash_texts(ctypes.byref(column), key.ctypes.data, out.ctypes.data)
    return out


def pair_hashes(
    first: npt.NDArray[np.uint64], second: npt.NDArray[np.uint64], key: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """SipHash-2-4 of the 16 bytes of each pair of words under a key of two words."""
    first, second = np.ascontiguousarray(first), np.ascontiguousarray(second)
    out = np.empty(len(first), np.uint64)
    library().hash_pairs(first.ctypes.data, second.ctypes.data, len(first), key.ctypes.data, out.ctypes.data)
    return out
