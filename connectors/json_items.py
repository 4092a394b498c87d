"""JSON documents read item by item: memory is bounded by the largest item, not by the document."""

from collections.abc import Iterator
from typing import Any

from connectors.documents import RejectedError, Source
from connectors.json_window import ITEM_MAX, Window, decode
from schemas.errors import NotThisFormatError


def items(source: Source, expected: str, streamed: frozenset[str] = frozenset()) -> Iterator[tuple[str, Any]]:
    """What a document holds, in order, as (member, value).

    Items of a top-level array, and of the top-level members named in `streamed`, come one by one; of an object the
    other members come last, together, as ("", dict). JSON lines and texts one after the other give all of them. A
    broken item is a RejectedError as value. Raises RejectedError where nothing further can be told apart, and
    NotThisFormatError with the sentence `expected` when the document does not begin as JSON.
    """
    first = source.first()
    if not first:
        raise RejectedError("a document expected, the input is empty or blank")
    if first not in "{[":
        raise NotThisFormatError(expected)
    window = Window(source)
    if _in_lines(window):
        yield from _lines(window)
        return
    while first := window.peek():
        if first == "[":
            yield from (("[]", value) for value in _array(window))
        elif first == "{":
            yield from _members(window, streamed)
        else:
            raise RejectedError("a JSON object or array expected")


def _in_lines(window: Window) -> bool:
    window.peek()
    first, _, rest = window.text[window.at :].partition("\n")
    return first.startswith("{") and first.rstrip().endswith("}") and rest.lstrip()[:1] == "{"


def _lines(window: Window) -> Iterator[tuple[str, Any]]:
    while window.peek():
        end = window.text.find("\n", window.at)
        while end < 0 and len(window.text) - window.at <= ITEM_MAX and window.more():
            end = window.text.find("\n", window.at)
        if end < 0 and not window.ended:
            raise RejectedError("lines of at most {most} million characters expected", most=ITEM_MAX // 1_000_000)
        start, window.at = window.at, end if end >= 0 else len(window.text)
        yield "", decode(window.text[start : window.at])


def _array(window: Window) -> Iterator[Any]:
    window.take("[")
    if window.peek() == "]":
        window.take("]")
        return
    while True:
        yield window.value()
        if window.take(",]") == "]":
            return


def _members(window: Window, streamed: frozenset[str]) -> Iterator[tuple[str, Any]]:
    window.take("{")
    rest: dict[str, Any] = {}
    broken: RejectedError | None = None
    if window.peek() == "}":
        window.take("}")
        yield "", rest
        return
    while True:
        key = window.value()
        window.take(":")
        if isinstance(key, str) and key in streamed and window.peek() == "[":
            yield from ((key, value) for value in _array(window))
        else:
            value = window.value()
            if not isinstance(key, str) or key in rest or isinstance(value, RejectedError):
                broken = broken or RejectedError("well-formed members, each named once, expected")
            else:
                rest[key] = value
        if window.take(",}") == "}":
            break
    yield "", broken or rest
