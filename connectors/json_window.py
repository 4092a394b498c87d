"""A sliding window over JSON text: values one after the other, also behind a broken or oversized one.

Every number becomes a Decimal. Bytes that are not UTF-8 are taken as ISO-8859-1, one by one. An object that names a
key twice is broken: which value holds is not known.
"""

import codecs
import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.documents import RejectedError, Source

ITEM_MAX = 16_000_000
"""Characters of one item; a longer one is rejected without being held."""
_PIECE = 1_000_000
_TAKEN = 16_000
"""Characters taken that the window keeps: an error of the decoder costs time with its place in the window."""
DEPTH_MAX = 100_000
"""Levels of an item through which its end is sought; what is nested deeper than a few hundred is rejected anyway."""
_BLANK = re.compile(r"[ \t\n\r]*")
_STRUCTURE = re.compile(r'["{}\[\]]')
_STRING_END = re.compile(r'["\\\n]')
_SCALAR_END = re.compile(r"[,:\]}\s]")


def _latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("iso-8859-1"), error.end


codecs.register_error("leitplanke-latin-1", _latin)


def _number(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation:  # an exponent beyond what Decimal holds
        return Decimal("NaN")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise RejectedError("an object that names each key once expected")
    return read


_DECODER = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=_number, object_pairs_hook=_object)


def decode(written: str) -> Any:
    """One JSON text; a RejectedError as value where it is broken."""
    try:
        read, end = _DECODER.raw_decode(written)
    except RejectedError as error:
        return error
    except RecursionError:
        return RejectedError("JSON nested less deeply expected")
    except ValueError:
        return RejectedError("well-formed JSON expected")
    return read if not written[end:].strip() else RejectedError("one JSON value expected")


class Window:
    """Decoded text from `at` on; `more` reads at least as much again, so that growing costs linear time."""

    def __init__(self, source: Source) -> None:
        self._source = source
        head = source.read(_PIECE)
        utf16 = head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
        self._decode = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8-sig")(
            "replace" if utf16 else "leitplanke-latin-1"
        ).decode
        self.text = self._decode(head)
        self.at = 0
        self.ended = False

    def more(self) -> bool:
        if self.ended:
            return False
        data = self._source.read(max(_PIECE, len(self.text) - self.at))
        self.ended = not data
        self.text = self.text[self.at :] + self._decode(data, final=self.ended)
        self.at = 0
        return not self.ended

    def peek(self) -> str:
        """Next character that is not blank, without taking it; empty at the end."""
        while True:
            self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]  # * always matches
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def take(self, expected: str) -> str:
        found = self.peek()
        if not found or found not in expected:
            raise RejectedError("complete JSON expected: it breaks off or is malformed between two values")
        self.at += 1
        return found

    def value(self) -> Any:
        """The next value; a RejectedError as value where it is broken but its end is known."""
        first = self.peek()
        if not first:
            raise RejectedError("complete JSON expected: the document breaks off")
        if self.at > max(_TAKEN, len(self.text) // 16):
            self.text, self.at = self.text[self.at :], 0
        if first in '{["':  # these end by themselves; a number at the end of the window may go on
            try:
                read, self.at = _DECODER.raw_decode(self.text, self.at)
            except (RecursionError, ValueError):  # broken, or not all of it is in the window
                pass
            else:
                return read
        size, whole = self._close()
        if not whole:
            self.at += size
            return RejectedError("an item of at most {most} million characters expected", most=ITEM_MAX // 1_000_000)
        start, self.at = self.at, self.at + size
        return decode(self.text[start : self.at])

    def _close(self) -> tuple[int, bool]:
        """Length of the value at `at`, and whether it is all in the window (false for an oversized one)."""
        end = _End()
        whole = True
        while not end.found(self.text, self.at):
            if len(self.text) - self.at > ITEM_MAX:
                self.at, end.length, whole = self.at + end.length, 0, False
            if not self.more() and not end.scalar:
                raise RejectedError("complete JSON expected: the document breaks off inside an item")
            if self.ended and end.scalar:
                end.length = len(self.text) - self.at
                break
        if not end.length:
            raise RejectedError("complete JSON expected: a value is missing")
        return end.length, whole


class _End:
    """Finds where a value ends by brackets and quotes alone; goes on where it stopped when the window has grown."""

    def __init__(self) -> None:
        self.length = 0
        self.scalar = False
        self._depth = 0
        self._quoted = False

    def found(self, window: str, start: int) -> bool:
        if not self.length and not self._depth and not self._quoted:
            self.scalar = window[start] not in '{["'
        if self.scalar:
            match = _SCALAR_END.search(window, start + self.length)
            self.length = (match.start() if match else len(window)) - start
            return match is not None
        return self._brackets(window, start)

    def _brackets(self, window: str, start: int) -> bool:
        at = start + self.length
        while match := (_STRING_END if self._quoted else _STRUCTURE).search(window, at):
            found, at = match.group(), match.end()
            if found == "\\":
                if at == len(window):
                    at -= 1
                    break
                at += 1
            elif found in '"\n':  # a raw line end is not allowed in a string: there the damage ends
                self._quoted = not self._quoted
            else:
                self._depth += 1 if found in "{[" else -1
                if self._depth > DEPTH_MAX:
                    raise RejectedError("JSON of at most {most} levels expected", most=DEPTH_MAX)
            if not self._depth and not self._quoted:
                self.length = at - start
                return True
        else:
            at = len(window)
        self.length = at - start
        return False
