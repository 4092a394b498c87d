"""Names in the site's file: written once, found again by slice, never lost when they are laid out."""

from pathlib import Path

import polars as pl
import pytest

from streams.site import glossary
from streams.site.file import SiteFile
from streams.site.glossary import Glossary
from streams.site.keys import SiteKey
from streams.site.rows import BUCKETS, NAMES


def names(key: SiteKey, start: int, count: int) -> pl.DataFrame:
    """Hosts, addresses and labels, as blocks bring them."""
    kinds = [
        {"host": f"www.d{n}.com", "domain": f"d{n}.com"}
        if n % 3
        else {"address" if n % 2 else "application": f"198.{n}"}
        for n in range(start, start + count)
    ]
    frame = pl.DataFrame([dict.fromkeys(NAMES) | kind | {"name": 0} for kind in kinds], schema=NAMES)
    words = key.words("name", pl.Series([f"{n}" for n in range(start, start + count)]))
    return frame.with_columns(name=pl.Series(words, dtype=pl.UInt64))


@pytest.mark.parametrize(("together", "many", "sliced"), [(100, 3, True), (10_000, 3, False), (10_000, 99, False)])
def test_names_are_found_by_slice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: int, many: int, *, sliced: bool
) -> None:
    monkeypatch.setattr(glossary, "TOGETHER", together)
    monkeypatch.setattr(glossary, "MANY", many)
    monkeypatch.setattr(glossary, "MEMORY", 50)
    key = SiteKey.open(tmp_path, "im")
    with SiteFile(tmp_path / "site-im.db", writing=True) as file:
        for start in range(0, 600, 40):
            # opened anew each time, and every name comes twice
            book = Glossary(file, key)
            with file.transaction() as db:
                book.add(db, names(key, start, 80))
            if start % 200 == 0:
                book.tidy()
        book.tidy()
        runs = file.db.execute("SELECT bucket, rows FROM runs WHERE kind = 'name'").fetchall()
        assert any(bucket >= 0 for bucket, _ in runs) is sliced
        assert sum(rows for bucket, rows in runs if bucket < 0) <= together
        expected = names(key, 0, 640).sort("name")
        assert book.of(range(BUCKETS)).equals(expected)
        place = expected.select(pl.coalesce("domain", "address", "application")).to_series()
        bucket = pl.Series(key.words("domain", place) % BUCKETS)
        for first in range(0, BUCKETS, 8):
            wanted = expected.filter(bucket.is_between(first, first + 7))
            found = book.of(range(first, first + 8))
            assert wanted.height
            assert wanted.join(found, on="name", how="anti").is_empty()
            assert not sliced or found.height < expected.height


def test_a_name_that_is_known_is_not_written_again(tmp_path: Path) -> None:
    key = SiteKey.open(tmp_path, "im")
    with SiteFile(tmp_path / "site-im.db", writing=True) as file:
        for _ in range(2):
            book = Glossary(file, key)
            with file.transaction() as db:
                book.add(db, names(key, 0, 30))
                book.add(db, names(key, 10, 20))
        assert file.db.execute("SELECT sum(rows) FROM runs").fetchone() == (30,)
