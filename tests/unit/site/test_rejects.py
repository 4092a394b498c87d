"""Rejected records: of a last line that grows, of a connector that was mended, and when their time is over."""

import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import state

from connectors.network import squid
from schemas.events import NETWORK
from streams.embedded import ledgers, redrive
from streams.site import limits, mend

LINES = state.people(7, 0, "share.example.com")


def silent(_: str) -> None:
    """Takes what is told."""


def cut(path: Path, *lines: str, last: str) -> str:
    path.write_text("".join(line + "\n" for line in lines) + last, encoding="utf-8")
    return str(path)


def ledger(data: Path) -> tuple[int, int, int, int]:
    ((_, _, tally),) = ledgers(data)
    return tally.received, tally.counted, tally.duplicate, tally.rejected


def deaf(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """The connector cannot read lines with this word."""
    parse = squid.parse

    def parsed(lines: pl.DataFrame, layout: Any) -> pl.DataFrame:
        rows = parse(lines, layout)
        bad = lines["line"].str.contains(word)
        empty = NETWORK.complete(rows.select("place").with_columns(rejected=pl.lit("a word expected")))
        return pl.concat([rows.filter(~bad), empty.filter(bad)]).sort("place")

    monkeypatch.setattr(squid, "parse", parsed)
    monkeypatch.setattr(squid, "quick", lambda _layout: None)


def test_a_last_line_that_was_cut_leaves_no_reject_when_it_has_grown(tmp_path: Path) -> None:
    data, path = tmp_path / "d", tmp_path / "a.log"
    state.run(data, cut(path, *LINES[:5], last=LINES[5][:40]))
    assert (ledger(data), len(mend.listed(data))) == ((6, 5, 0, 1), 1)
    state.run(data, cut(path, *LINES[:6], last="broken"))
    assert ledger(data)[3] == 1
    assert [(row.place, row.id) for row in mend.listed(data)] == [(7, 2)]
    state.run(data, cut(path, *LINES[:6], "broken", "broken again", last=""))
    assert [row.place for row in mend.listed(data)] == [7, 8]
    assert ledger(data)[3] == 2


def test_a_mended_last_line_may_still_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, path = tmp_path / "d", tmp_path / "a.log"
    with monkeypatch.context() as hearing:
        deaf(hearing, "user6")
        whole = f"{LINES[6][:-1]}text/html"
        state.run(data, cut(path, *LINES[:6], last=whole[:-2]))
    assert ledger(data)[3] == 1
    assert redrive(data, silent) == (1, 1)
    assert ledger(data)[1:] == (7, 0, 0)
    state.run(data, cut(path, *LINES[:6], whole, *state.people(7, 1, "share.example.com"), last=""))
    state.run(tmp_path / "fresh", str(path))
    assert state.observations(data) == state.observations(tmp_path / "fresh")
    assert ledger(data)[1:] == (14, 6, 0)


def test_many_rejects_are_mended_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "d"
    many = [state.squid(0, f"user{n % 9}", "share.example.com", minute=n % 60) for n in range(3000)]
    with monkeypatch.context() as hearing:
        deaf(hearing, "user[2-8]")
        state.run(data, state.written(tmp_path / "a.log", [*many, "broken"]))
    calls = []
    parse = squid.parse
    monkeypatch.setattr(squid, "parse", lambda lines, layout: (calls.append(lines.height), parse(lines, layout))[1])
    tried, mended = redrive(data, silent)
    assert (tried - mended, len(calls)) == (1, 2)
    assert ledger(data)[1:] == (3000, 0, 1)


def test_what_is_over_goes_with_its_head(tmp_path: Path) -> None:
    data = tmp_path / "d"
    state.run(data, state.written(tmp_path / "a.log", [*LINES, "broken"]))
    state.run(data, state.written(tmp_path / "b.log", [*LINES, "broken too"]))
    with sqlite3.connect(data / "site-im.db") as db:
        db.execute("UPDATE rejects SET at = date('now', ?) WHERE id = 1", (f"-{limits.REJECTS + 1} days",))
        db.execute("DELETE FROM meta WHERE key = 'retained'")
    state.run(data, str(tmp_path / "a.log"))
    with sqlite3.connect(data / "site-im.db") as db:
        assert db.execute("SELECT id FROM rejects").fetchall() == [(2,)]
        assert db.execute("SELECT name FROM heads").fetchall() == [("b.log",)]
    assert ledger(data)[3] == 2
