"""How fast is the centre? Judging again everything stored, and observations arriving at usages that hold 1 and 30 days.

Prints one JSON object: rates, and ratios to a plain baseline of the same run: one observation at a time, a JSON document
a usage in SQLite, merged in Python, without any judging. Run as `python -m bench.judge --usages 100000`.
"""

import argparse
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from catalogue.load import load
from catalogue.snapshot import Snapshot
from leitplanke.start import quick, started
from schemas.observation import OBSERVATION
from schemas.topics import OBSERVATIONS
from streams.centre.centre import Centre
from streams.centre.settle import settle

FRAME = 5000
LAST = date(2026, 11, 20)
SUBJECTS = 500


def observations(usages: int, days: int, snapshot: Snapshot, last: date = LAST) -> Iterator[pl.DataFrame]:
    """Frames of 5,000 rows: every usage seen on each of the days, day after day."""
    services = [s for s, entry in snapshot.directory.items() if entry.kind in {"service", "software"}]
    subjects = [*services, *(f"domain:candidate-{i}.example" for i in range(SUBJECTS))][:SUBJECTS]
    rng = np.random.default_rng(1)
    for back in range(days - 1, -1, -1):
        day = last - timedelta(days=back)
        for start in range(0, usages, FRAME):
            number = np.arange(start, min(start + FRAME, usages))
            yield _frame(number, subjects, day, rng)


def _frame(number: np.ndarray, subjects: list[str], day: date, rng: np.random.Generator) -> pl.DataFrame:
    size = len(number)
    names = pl.Series(subjects).gather(number % len(subjects))
    actors = rng.integers(5, 60, size)
    frame = pl.DataFrame(
        {
            "id": [f"{n:010d}{day:%Y%m%d}BENCHJUD" for n in number],
            "unit": [f"m{n // len(subjects) % 12}/u{n // len(subjects)}" for n in number],
            "subject": names,
            "events": rng.integers(1, 10_000, size),
            "blocked": rng.integers(0, 3, size),
            "bytes_up": rng.integers(0, 10**8, size),
            "bytes_down": rng.integers(0, 10**9, size),
            "actors": actors,
            "actors_30d": actors * 2,
            "active_days": rng.integers(1, 30, size),
        }
    )
    feature = pl.struct(name=pl.lit("upload_actors"), value=(pl.col("actors") // 10).cast(pl.Float64))
    matched = pl.struct(
        identifier=pl.col("subject"),
        identifier_kind=pl.lit("domain"),
        how=pl.lit("exact"),
        confidence=pl.lit(1.0),
        entry_hash=pl.lit("0123456789ab"),
    )
    return OBSERVATION.complete(
        frame.with_columns(
            site=pl.lit("im"),
            signal=pl.lit("network"),
            view=pl.lit("tls"),
            day=pl.lit(day),
            revision=pl.lit(1_700_000_000_000, dtype=pl.Int64),
            matched=matched,
            actors_kind=pl.lit("device"),
            features=pl.concat_list(feature),
        )
    )


def filled(folder: Path, usages: int, days: int, snapshot: Snapshot) -> Centre:
    """A settled centre whose usages hold this many days."""
    centre = Centre.open(folder)
    centre.publish_catalogue(snapshot)
    for frame in observations(usages, days, snapshot):
        centre.bus.publish(OBSERVATIONS, [frame])
        if days > 1:
            centre.drain()
    settle(centre)
    return centre


def again(folder: Path, usages: int, snapshot: Snapshot) -> dict[str, float]:
    """Everything judged again: once as it is, once by a catalogue that changes what is said of every usage."""
    rates = {}
    with filled(folder, usages, 1, snapshot) as centre:
        start = time.perf_counter()
        report = settle(centre, everything=True)
        rates["rejudge_seconds"] = time.perf_counter() - start
        rates["rejudge_per_second"] = report.judged / rates["rejudge_seconds"]
        centre.publish_catalogue(Snapshot())
        start = time.perf_counter()
        report = settle(centre)
        rates["rejudge_changed"] = report.changed
        rates["rejudge_changed_seconds"] = time.perf_counter() - start
    return rates


def arriving(folder: Path, usages: int, days: int, snapshot: Snapshot) -> float:
    """Observations per second: one more day of every usage, from the bus to judged and durable."""
    with filled(folder, usages, days, snapshot) as centre:
        frames = list(observations(usages, 1, snapshot, LAST + timedelta(days=1)))
        centre.bus.publish(OBSERVATIONS, frames)
        start = time.perf_counter()
        taken = centre.drain()
        return taken / (time.perf_counter() - start)


def plain(folder: Path, usages: int, days: int, snapshot: Snapshot) -> float:
    """The baseline's observations per second; it merges and sums, and judges nothing."""
    connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE usage (id TEXT PRIMARY KEY, body TEXT)")
    taken, seconds = 0, 0.0
    for day in (LAST, LAST + timedelta(days=1)):
        start = time.perf_counter()
        for frame in observations(usages, days if day == LAST else 1, snapshot, day):
            connection.execute("BEGIN")
            for row in frame.iter_rows(named=True):
                key = f"{row['unit']}\n{row['subject']}"
                found = connection.execute("SELECT body FROM usage WHERE id = ?", (key,)).fetchone()
                held = json.loads(found[0]) if found else {"observations": {}}
                old = held["observations"].get(row["id"])
                if old is None or old["revision"] < row["revision"]:
                    held["observations"][row["id"]] = {k: v for k, v in row.items() if v is not None}
                for name in ("events", "bytes_up", "bytes_down"):
                    held[name] = sum(o.get(name) or 0 for o in held["observations"].values())
                body = json.dumps(held, default=str)
                connection.execute("INSERT OR REPLACE INTO usage VALUES (?, ?)", (key, body))
            connection.execute("COMMIT")
            taken += frame.height if day != LAST else 0
        seconds = time.perf_counter() - start
    connection.close()
    return taken / seconds


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--usages", type=int, default=1_000_000, help="usages judged again")
    parser.add_argument("--arriving", type=int, default=40_000, help="usages that one more day arrives at")
    parser.add_argument("--folder", type=Path, help="where the files are made; a temporary folder by default")
    options = parser.parse_args()
    quick()
    snapshot = load()
    started()  # as the commands do that judge
    result: dict[str, float] = {"cores": os.cpu_count() or 0, "usages": options.usages}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        for days in (1, 30):
            rate = arriving(folder / f"arriving-{days}", options.arriving, days, snapshot)
            place = folder / f"plain-{days}"
            place.mkdir()
            baseline = plain(place, min(options.arriving, FRAME), days, snapshot)
            result |= {f"arriving_{days}_per_second": rate, f"plain_{days}_per_second": baseline}
            result[f"arriving_{days}_ratio"] = rate / baseline
        result |= again(folder / "again", options.usages, snapshot)
        result["seconds_for_a_million"] = 1e6 / result["rejudge_per_second"]
    print(json.dumps({name: round(value, 2) for name, value in result.items()}, indent=1))


if __name__ == "__main__":
    main()
