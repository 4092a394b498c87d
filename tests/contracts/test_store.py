"""What every store promises. A second implementation is one more parameter of `opened`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import polars as pl
import pytest
import usages

from connectors.store.sqlite import SqliteStore
from schemas.ports import Query
from schemas.usage import USAGE
from streams.centre.document import COLUMNS, SUMMARY, UsageStore
from streams.centre.merge import empty, merge

Opened = Callable[[], UsageStore]


def sqlite(folder: Path) -> Opened:
    return lambda: SqliteStore(folder / "centre.db", SUMMARY)


@pytest.fixture(params=[sqlite])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens the same store each time."""
    return request.param(tmp_path)


@pytest.fixture
def store(opened: Opened) -> UsageStore:
    return opened()


def finding(name: str, status: str = "new", urgency: int = 30) -> str:
    return f'{{"id":"{name}","reasons":[],"urgency":{urgency},"parts":[],"status":"{status}","addressee":"im"}}'


def documents(count: int = 3, unit: str = "im", *, found: bool = True) -> pl.DataFrame:
    rows = [usages.seen(f"service:s{n}", unit=unit) for n in range(count)]
    rows += [
        usages.bought(f"service:s{n}", "contract", "C-1", unit=unit, committed="12.50") for n in range(0, count, 2)
    ]
    merged = merge(empty(), usages.frame(*rows), usages.NO_DECISIONS)
    text = pl.Series([finding(name) if found else None for name in merged["id"]], dtype=pl.String)
    words = pl.Series([f"{unit} {subject}" for subject in merged["subject"]])
    return merged.with_columns(text.alias("finding"), words.alias("words"))


def told(store: UsageStore, query: Query) -> list[str]:
    return store.search(query).documents["subject"].to_list()


def test_documents_come_back_as_they_were_saved(store: UsageStore) -> None:
    saved = documents()
    assert store.save(saved) == ["stored"] * 3
    loaded = store.load(saved["id"].to_list(), COLUMNS).sort("id")
    assert loaded["version"].to_list() == [1, 1, 1]
    assert loaded.drop("version").equals(saved.select(COLUMNS).drop("version"))
    assert store.load([*saved["id"], "UNKNOWN"]).columns == USAGE.names


def test_a_document_is_saved_only_over_the_version_it_was_made_from(store: UsageStore) -> None:
    first = documents()
    store.save(first)
    assert store.save(first) == ["conflict"] * 3
    mine, theirs = (store.load([first["id"][0]]) for _ in range(2))
    assert store.save(theirs.with_columns(mode=pl.lit("guest"))) == ["stored"]
    assert store.save(mine.with_columns(mode=pl.lit("through"))) == ["conflict"]
    assert store.load([first["id"][0]]).select("mode", "version").row(0) == ("guest", 2)


def test_each_row_has_its_own_outcome(store: UsageStore) -> None:
    known = documents(1)
    store.save(known)
    broken = documents(4).filter(pl.col("subject") == "service:s3").with_columns(unit=pl.lit(None, dtype=pl.String))
    mixed = pl.concat([known, documents(3).filter(pl.col("subject") == "service:s2"), broken], how="vertical_relaxed")
    assert store.save(mixed) == ["conflict", "stored", "refused"]


def test_one_id_twice_in_a_frame_is_stored_once(store: UsageStore) -> None:
    one = documents(1)
    assert store.save(pl.concat([one, one])) == ["stored", "conflict"]


def test_writers_at_the_same_time_lose_no_update(opened: Opened) -> None:
    first = documents(1)
    opened().save(first)

    def add(_: int) -> int:
        mine = opened()
        while True:
            held = mine.load([first["id"][0]])
            if mine.save(held.with_columns(active_days=pl.col("active_days") + 1)) == ["stored"]:
                return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(add, range(12))) == 12
    assert opened().load([first["id"][0]])["active_days"][0] == first["active_days"][0] + 12


def test_what_is_judged_is_saved_without_the_observations(store: UsageStore) -> None:
    store.save(documents())
    light = store.load(documents()["id"].to_list(), ["id", "unit", "subject", "version", *_JUDGED])
    assert set(store.save(light.with_columns(verdict=pl.lit("approved")))) == {"stored"}
    loaded = store.load(light["id"].to_list(), COLUMNS).sort("id")
    assert loaded["verdict"].to_list() == ["approved"] * 3
    assert loaded.select("observations", "views", "summary").equals(
        documents().select("observations", "views", "summary")
    )


_JUDGED = ["basis", "verdict", "entries", "grade", "mode", "first_day", "last_day", "active_days", "finding"]


def test_observations_can_stay_packed(store: UsageStore) -> None:
    first = documents()
    store.save(first)
    light = [name for name in COLUMNS if name != "observations"]
    held = store.load(first["id"].to_list(), [*light, "packed"])
    assert set(store.save(held)) == {"stored"}
    loaded = store.load(first["id"].to_list(), COLUMNS).sort("id")
    assert loaded["version"].to_list() == [2, 2, 2]
    assert loaded.drop("version").equals(first.select(COLUMNS).drop("version"))


def test_pages_follow_each_other_in_order_of_id(store: UsageStore) -> None:
    store.save(documents(25))
    found, after = [], None
    while True:
        page = store.search(Query(after=after, limit=10))
        found += page.documents["id"].to_list()
        if page.after is None:
            break
        after = page.after
    assert found == sorted(documents(25)["id"])
    assert store.search(Query(limit=25)).after is None


def test_a_query_limits_by_fields(store: UsageStore) -> None:
    store.save(pl.concat([documents(3), documents(2, unit="fm"), documents(1, unit="um", found=False)]))
    assert len(told(store, Query())) == 5
    assert len(told(store, Query(findings_only=False))) == 6
    assert sorted(told(store, Query(where={"unit": ("fm", "um")}))) == ["service:s0", "service:s1"]
    assert told(store, Query(where={"unit": ("im",), "subject": ("service:s2",)})) == ["service:s2"]
    assert told(store, Query(where={"status": ("closed",)})) == []
    with pytest.raises(ValueError, match="person"):
        store.search(Query(where={"person": ("x",)}))


def test_words_are_found_and_forgotten(store: UsageStore) -> None:
    store.save(documents(3))
    assert told(store, Query(words="im S1")) == ["service:s1"]
    held = store.load(documents(3)["id"].to_list(), COLUMNS).filter(pl.col("subject") == "service:s1")
    store.save(held.with_columns(words=pl.lit('whiteboard "quoted" OR')))
    assert told(store, Query(words="s1")) == []
    assert told(store, Query(words='white "quot')) == ["service:s1"]


def test_a_finding_that_ends_is_found_no_more(store: UsageStore) -> None:
    store.save(documents(2))
    held = store.load(documents(2)["id"].to_list())
    store.save(held.with_columns(finding=pl.lit(None, dtype=pl.String)))
    assert told(store, Query()) == []
    assert store.ids("", 10) == []


def test_slices_are_disjoint_and_together_everything(store: UsageStore) -> None:
    store.save(documents(60))
    slices = [[name for page in store.scan(part, 3) for name in page["id"]] for part in range(3)]
    assert sorted(chain(*slices)) == sorted(documents(60)["id"])
    pages = list(store.scan(page=25))
    assert [page.height for page in pages] == [25, 25, 10]
    assert pages[0].columns == USAGE.names


def test_a_scan_does_not_see_its_own_writes_twice(store: UsageStore) -> None:
    store.save(documents(30))
    seen = []
    for page in store.scan(page=10):
        seen += page["id"].to_list()
        store.save(page.with_columns(verdict=pl.lit("approved")))
    assert len(seen) == len(set(seen)) == 30


def test_marked_documents_are_left_out_by_their_basis(store: UsageStore) -> None:
    store.save(documents(4))
    held = pl.concat([*store.scan()])
    store.mark(held.head(2), 7)
    stale = held[2:3].with_columns(version=pl.lit(9, dtype=pl.Int64))
    store.mark(stale, 7)
    assert sum(page.height for page in store.scan(but_basis=7)) == 2
    assert pl.concat([*store.scan()])["version"].to_list() == [1] * 4


def test_days_units_and_prefixes(store: UsageStore) -> None:
    assert store.newest_day() is None
    store.save(pl.concat([documents(2), documents(1, unit="fm")]))
    assert store.newest_day() == usages.DAY
    assert store.units() == ["fm", "im"]
    name = documents(1, unit="fm")["id"][0]
    assert store.ids(name[:6], 5) == [name]
    assert len(store.ids("", 2)) == 2
