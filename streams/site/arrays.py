"""Named arrays as bytes: what a run is stored as. Each column takes the narrowest numbers that hold it, a constant one place.

Nothing is compressed: pseudonyms are random, and what is left is narrow already (docs/decisions.md).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from connectors.native.distinct import Distinct

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_ALIGN = 8
_WIDTHS = (np.uint8, np.uint16, np.uint32, np.uint64)
UNKNOWN = np.iinfo(np.int64).min
"""Stands for null in a column of bytes that has negative numbers."""


def written(texts: Sequence[str], columns: Mapping[str, Array]) -> bytes:
    """Texts and arrays as bytes."""
    packed = {name: np.ascontiguousarray(array) for name, array in columns.items()}
    head = [[name, array.dtype.str, len(array)] for name, array in packed.items()]
    parts = [json.dumps([list(texts), head]).encode()]
    parts[0] = len(parts[0]).to_bytes(4, "little") + parts[0]
    for array in packed.values():
        parts += [b"\0" * (-sum(map(len, parts)) % _ALIGN), array.tobytes()]
    return b"".join(parts)


def opened(data: bytes) -> tuple[list[str], dict[str, Array]]:
    """What `written` was given; the arrays are views of the bytes."""
    length = int.from_bytes(data[:4], "little")
    texts, head = json.loads(data[4 : 4 + length])
    place = 4 + length
    columns: dict[str, Array] = {}
    for name, kind, count in head:
        place += -place % _ALIGN
        columns[name] = np.frombuffer(data, dtype=kind, count=count, offset=place)
        place += columns[name].nbytes
    return texts, columns


def narrow(values: Array) -> Array:
    """Numbers of at least 0 in the narrowest type; one place where all are equal."""
    if not len(values):
        return values
    # a copy: what stands in one place must not go on to hold, or change with, the memory of all
    return fitted(values[:1].copy() if values.min() == values.max() else values)


def fitted(values: Array) -> Array:
    """Numbers in the narrowest type; never one place for all."""
    if values.dtype == np.uint8 or not len(values):
        return values
    least, most = int(values.min()), int(values.max())
    return values if least < 0 else values.astype(next(w for w in _WIDTHS if most <= np.iinfo(w).max))


def wide(values: Array, count: int) -> Array:
    """A column of `count` rows: a constant stands in one place."""
    return np.broadcast_to(values, count) if len(values) == 1 else values


def without_null(values: Numbers, known: Flags | None) -> Array:
    """Bytes with their nulls as narrow numbers: 0 for null, else one more; UNKNOWN for null where some are negative."""
    if known is not None and not known.any():
        return np.zeros(1, dtype=np.uint8)
    if len(values) and (values.min() < 0 or values.max() == np.iinfo(np.int64).max):
        return values if known is None else np.where(known, values, UNKNOWN)
    return narrow(values + 1 if known is None else (values + 1) * known)


def with_null(stored: Array) -> tuple[Numbers, Flags]:
    """Values (0 for null) and which are known, from what `without_null` gave."""
    known = stored != (UNKNOWN if stored.dtype == np.int64 else 0)
    values = stored.astype(np.int64) - (stored.dtype != np.int64)
    return values if known.all() else values * known, known


def below(parts: Sequence[Array]) -> Array:
    """Columns of bytes, as `without_null` gives them, one below the other."""
    if len({part.dtype == np.int64 for part in parts}) > 1:
        values, known = zip(*map(with_null, parts), strict=True)
        return without_null(np.concatenate(values), np.concatenate(known))
    return np.concatenate(parts)


def places(keys: Array, most: int) -> tuple[Array, Numbers]:
    """Place of each key among the distinct ones, and these in order; keys are numbers from 0 to below `most`."""
    if most <= max(4 * len(keys), 1 << 20):
        present = np.zeros(most, dtype=np.bool_)
        present[keys] = True
        distinct: Numbers = np.flatnonzero(present)
        if len(distinct) == most:
            return keys, distinct
        numbers = np.empty(most, dtype=np.int64)
        numbers[distinct] = np.arange(len(distinct))
        return numbers[keys], distinct
    distinct, place = np.unique(keys, return_inverse=True)
    return place, distinct


def distinct(words: Words) -> tuple[Words, Numbers, Numbers]:
    """Distinct words in the order of their first row, that row, and the place of each word among them."""
    found = Distinct()
    place = found.numbers(np.ascontiguousarray(words)).astype(np.int64) - 1
    first = np.empty(len(found), dtype=np.int64)
    first[place[::-1]] = np.arange(len(words) - 1, -1, -1)
    return words[first], first, place


def added(place: Array, values: Array, count: int) -> Numbers:
    """Sum of the values at each of `count` places; one value for all is a constant."""
    if len(values) == 1:
        return np.bincount(place, minlength=count) * values.astype(np.int64)
    if count == 1:
        return np.array([values.sum(dtype=np.int64)])
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, place, values.astype(np.int64))
    return sums
