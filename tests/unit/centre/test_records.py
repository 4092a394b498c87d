"""Records larger than a frame, and those that are not whole."""

import polars as pl

from schemas.topics import FRAME_BYTES, RECORD, encode
from streams.centre.records import PART_CHARS, Assembly, frames

BODY = "".join(chr(0x4E00 + n % 20_000) for n in range(3 * PART_CHARS + 7))


def assembled(*parts: pl.DataFrame, start: int = 0) -> Assembly:
    return Assembly(start).read(enumerate(parts, start))


def test_every_part_is_below_a_frame_and_the_whole_comes_back() -> None:
    parts = frames("snapshot", "x", BODY)
    assert len(parts) == 4
    assert all(len(encode(part)) < FRAME_BYTES for part in parts)
    assert all(part.schema == RECORD for part in parts)
    (found,) = assembled(*parts, start=5).records
    assert (found.body, found.kind, found.name, found.position) == (BODY, "snapshot", "x", 8)


def test_a_record_that_is_not_whole_is_read_again() -> None:
    small, parts = frames("basis", "1", "{}"), frames("snapshot", "x", BODY)
    broken = assembled(*small, *parts[:2])
    assert [r.kind for r in broken.records] == ["basis"]
    assert broken.position == 1
    assert assembled(*parts, *small).position == 5


def test_records_of_two_writers_may_lie_between_each_other() -> None:
    one, two = frames("snapshot", "x", BODY), frames("snapshot", "y", BODY[::-1])
    found = assembled(*(part for pair in zip(one, two, strict=True) for part in pair)).records
    assert {r.name: r.body for r in found} == {"x": BODY, "y": BODY[::-1]}


def test_a_record_with_another_hash_and_what_is_no_record_is_passed_over() -> None:
    (part,) = frames("basis", "1", "{}")
    wrong = part.with_columns(digest=pl.lit("0" * 32))
    assert assembled(wrong, pl.DataFrame({"x": [1]})).records == []
    assert assembled(wrong).position == 1
