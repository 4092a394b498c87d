"""By id, the highest revision counts."""

from datetime import timedelta

import polars as pl
from usages import DAY, NO_DECISIONS, decided, frame, seen, withdrawn

from schemas.names import finding_id
from schemas.observation import OBSERVATION
from schemas.usage import USAGE
from streams.centre.document import DECISIONS
from streams.centre.merge import empty, merge

SHARE = "service:share"


def test_revisions_are_compared_as_numbers() -> None:
    rows = [seen(SHARE, revision=9, actors=9), seen(SHARE, revision=10, actors=10), seen(SHARE, revision=8, actors=8)]
    merged = merge(empty(), frame(*rows), NO_DECISIONS)
    assert [o["actors"] for o in merged["observations"][0]] == [10]


def test_two_contents_of_one_revision_end_the_same_whichever_came_first() -> None:
    one, two = frame(seen(SHARE, actors=9)), frame(seen(SHARE, actors=10))
    first = merge(merge(empty(), one, NO_DECISIONS), two, NO_DECISIONS)
    second = merge(merge(empty(), two, NO_DECISIONS), one, NO_DECISIONS)
    assert first.equals(second)


def test_usages_are_documents_with_what_nobody_has_judged_yet() -> None:
    merged = merge(empty(), frame(seen(SHARE), seen(SHARE, unit="fm")), NO_DECISIONS)
    assert merged.select(USAGE.names).schema == USAGE.schema
    assert merged["id"].to_list() == sorted([finding_id("im", SHARE), finding_id("fm", SHARE)])
    assert USAGE.problems(merged.select(USAGE.names)) == []
    assert merged.select("version", "basis", "finding").unique().rows() == [(0, 0, None)]


def test_what_was_judged_stays_until_it_is_judged_again() -> None:
    merged = merge(empty(), frame(seen(SHARE)), NO_DECISIONS)
    held = merged.with_columns(version=pl.lit(4, pl.Int64), verdict=pl.lit("approved"), basis=pl.lit(7, pl.Int64))
    later = merge(held, frame(seen(SHARE, DAY + timedelta(days=1))), NO_DECISIONS)
    assert later.select("version", "verdict", "basis").row(0) == (4, "approved", 7)
    assert later["last_day"][0] == DAY + timedelta(days=1)


def test_a_withdrawal_keeps_no_number() -> None:
    row = seen(SHARE)
    merged = merge(empty(), frame(row, withdrawn(row) | {"actors": 12, "title": "kept by mistake"}), NO_DECISIONS)
    (stone,) = merged["observations"][0].to_list()
    assert stone["withdrawn"] is True
    assert stone["actors"] is stone["title"] is stone["matched"] is None
    assert set(stone) == set(OBSERVATION.names)


def test_decisions_come_once_in_order_of_time() -> None:
    made = [decided("stop", SHARE).model_dump(), decided("migrate", SHARE).model_dump()]
    made[0]["at"] += timedelta(days=1)
    decisions = pl.DataFrame(made, schema=DECISIONS)
    merged = merge(merge(empty(), frame(seen(SHARE)), decisions), frame(), decisions.reverse())
    assert [d["outcome"] for d in merged["decisions"][0]] == ["migrate", "stop"]
    assert merge(empty(), frame(), decisions).is_empty()
