"""Cuts an input's bytes into blocks at line ends. The cuts depend on the content only, never on how it was read."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.native.distinct import Survey
from schemas.errors import InputError

BLOCK = 32 * 1024 * 1024
"""Largest block in bytes; a line longer than this is one rejected record."""

_NEWLINE = 10
_SEARCHED = 64 * 1024
"""Bytes that are copied at a time while a line end is looked for."""


Data = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of an input, or its unterminated last line, or a piece of an overlong line."""

    data: Data
    place: int
    """Number of the first line, from 1."""
    tail: bool = False
    """The last line of an input that ends without a line end."""
    overlong: bool = False
    """A piece of a line longer than BLOCK."""
    first_piece: bool = False
    """The first piece of an overlong line: the one that counts as a record."""
    seen: Survey | None = None
    """What was seen of its bytes, where somebody has looked."""


def blocks(stream: BufferedReader) -> Iterator[Block]:
    """Blocks of a stream in order; every byte is in exactly one block.

    When the stream breaks off (InputError) its whole lines are given before the error; the cut last line is not.
    """
    rooms = _Rooms()
    room = rooms.free()
    have, place, inside = 0, 1, False
    while True:
        have, error = _filled(stream, room, have)
        if not have:
            if error is not None:
                raise error
            break
        cut = _first_end(room[:have]) if inside else _last_end(room[:have])
        size = cut or have
        seen = Survey.of(room[:size])
        if inside or (not cut and have == BLOCK):
            block = Block(room[:size], place, overlong=True, first_piece=not inside, seen=seen)
            inside = not cut
        elif cut:
            block = Block(room[:size], place, seen=seen)
        elif error is None:
            yield Block(room[:have], place, tail=True, seen=seen)
            break
        else:
            raise error
        place += seen.lines
        rest, room = room[size:have], rooms.free()
        have = len(rest)
        room[:have] = rest
        yield block
        del block, rest  # a block that nobody holds any more gives its memory to the next
        if error is not None:
            raise error


class _Rooms:
    """Memory for blocks, used again: the system clears new pages, which costs more than reading into old ones."""

    def __init__(self) -> None:
        self._rooms: list[npt.NDArray[Any]] = []

    def free(self) -> memoryview:
        """Memory that no block lies in. numpy asks for large pages."""
        for place in range(len(self._rooms)):
            if sys.getrefcount(self._rooms[place]) == _UNUSED:
                return self._rooms[place].data
        self._rooms.append(np.empty(BLOCK, dtype=np.uint8))
        return self._rooms[-1].data


_UNUSED = 2
"""References to an array that only the list of rooms and the question know; every view of it is one more."""


def _filled(stream: BufferedReader, room: memoryview, have: int) -> tuple[int, InputError | None]:
    """Read until the room is full; gives how many bytes it holds, and the error that ended it."""
    while have < BLOCK:
        try:
            got = stream.readinto1(room[have:])
        except InputError as error:
            return have, error
        if not got:
            break
        have += got
    return have, None


def _last_end(data: memoryview) -> int:
    """Behind the last line end; 0 where there is none."""
    for stop in range(len(data), 0, -_SEARCHED):
        start = max(0, stop - _SEARCHED)
        found = bytes(data[start:stop]).rfind(b"\n")
        if found >= 0:
            return start + found + 1
    return 0


def _first_end(data: memoryview) -> int:
    """Behind the first line end; 0 where there is none."""
    for start in range(0, len(data), _SEARCHED):
        found = bytes(data[start : start + _SEARCHED]).find(b"\n")
        if found >= 0:
            return start + found + 1
    return 0


def lines(data: Data, place: int, encodings: tuple[str, ...] = ("utf-8",)) -> pl.DataFrame:
    """Frame of (place, line) without line ends; one row a line.

    Bytes that are not UTF-8 are decoded line by line with the first of `encodings` that takes them, else with U+FFFD.
    """
    data = bytes(data)
    if not data.endswith(b"\n"):
        data += b"\n"
    try:
        data.decode()
    except UnicodeDecodeError:
        return _decoded(data, place, encodings)
    import pyarrow as pa  # takes 40 ms, and most blocks are read quickly

    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _NEWLINE)
    offsets = np.empty(len(ends) + 1, dtype=np.int64)
    offsets[0] = 0
    offsets[1:] = ends + 1
    array = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
    return _frame(pl.Series(pl.from_arrow(array)), place)


def _decoded(data: bytes, place: int, encodings: tuple[str, ...]) -> pl.DataFrame:
    out = []
    for line in data.split(b"\n")[:-1]:
        for encoding in encodings:
            try:
                out.append(line.decode(encoding))
                break
            except UnicodeDecodeError:
                continue
        else:
            out.append(line.decode("utf-8", errors="replace"))
    return _frame(pl.Series(out, dtype=pl.String), place)


def _frame(series: pl.Series, place: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "place": pl.int_range(place, place + len(series), dtype=pl.Int64, eager=True),
            "line": series.str.strip_chars_end("\r\n"),
        },
    )
