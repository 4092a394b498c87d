"""Runs as arrays: what is read is what was written, slices and small runs change nothing, flows find their host."""

import random
from pathlib import Path

import polars as pl
import pytest
import state
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemas.events import EVIDENCE
from schemas.observation import ACTOR_KINDS
from streams.embedded import outside
from streams.site import glossary, packed, slices, windows
from streams.site.connections import Connections, flows_of, hosts_of, joined, together
from streams.site.flows import best
from streams.site.rows import FLOW, HOST, VIEW, WINDOW
from streams.site.table import TOTALS, Table, coded, slots_of

QUICK = settings(
    max_examples=150,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def rows(pick: random.Random, count: int, schema: pl.Schema = WINDOW) -> pl.DataFrame:
    """Rows with every kind of number: constants, nulls, nothing but nulls, negative and very large ones."""
    most = pick.choice((0, 200, 70_000, 2**33, 2**62))
    least = pick.choice((0, 0, 0, -5))
    nulls = {name: pick.choice((0, 0.5, 1)) for name in ("bytes_up", "bytes_down", "actor")}
    names = [(pick.randrange(2**64), pick.randrange(32)) for _ in range(pick.choice((1, 3, 40)))]
    units = pick.sample(("im", "im/amt", "gericht"), pick.choice((1, 3)))
    flags = pick.choice(((False,), (False, True)))
    found = []
    for _ in range(count):
        name, bucket = pick.choice(names)
        row = {
            "flow": pick.randrange(pick.choice((8, 2**64))),
            "name": name,
            "bucket": bucket,
            "unit": pick.choice(units),
            "view": pick.choice(EVIDENCE),
            "kind": pick.choice(ACTOR_KINDS),
            "day": state.FIRST + state.timedelta(days=pick.choice((0, 1, 40))),
            "actor": pick.randrange(1, 5),
            "events": pick.choice((0, 1, 300)),
            "blocked": pick.choice((0, 1)),
            "bytes_up": pick.randint(least, most),
            "bytes_down": pick.randint(least, most),
            "program": pick.choice(flags),
            "internal": pick.choice(flags),
            "rank": pick.randrange(3),
            "domain": name % 3,
        }
        found.append(row | {name: None for name, share in nulls.items() if pick.random() < share})
    return pl.DataFrame([{name: row[name] for name in schema} for row in found], schema=schema, orient="row")


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    texts = [frame.with_columns(pl.col("unit").cast(pl.String)) for frame in (one, other)]
    return texts[0].sort(one.columns).equals(texts[1].sort(one.columns))


@QUICK
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_what_is_read_is_what_was_written(seed: int, count: int) -> None:
    frame = rows(random.Random(seed), count)
    table = Table.read(Table.of(*coded(frame)).written())
    assert same(table.frame(), frame)
    parts = [part for first in range(0, 32, 4) if (part := table.part(range(first, first + 4)))]
    back = [Table.read(part.written()) for part in parts]
    assert same(pl.concat([part.frame() for part in back]), frame)
    keys = ["unit", "view", "kind", "day"]
    told = slots_of(back).group_by(keys).agg(pl.col(TOTALS).sum())
    sums = frame.group_by(keys).agg(
        pl.len().cast(pl.Int64).alias("rows"),
        pl.col("events", "blocked").cast(pl.Int64).sum(),
        pl.col("bytes_up", "bytes_down").sum(),
        pl.col("bytes_up").count().cast(pl.Int64).alias("known_up"),
        pl.col("bytes_down").count().cast(pl.Int64).alias("known_down"),
    )
    assert same(told, sums)


def expected(flows: pl.DataFrame, hosts: pl.DataFrame) -> pl.DataFrame:
    """Flows with their hosts, said in joins."""
    found = flows.join(best(hosts), on="flow", how="left", suffix="_host")
    taken = pl.col("name_host").is_not_null()
    dns = pl.when(pl.col("rank") == 2).then(pl.lit("dns").cast(VIEW)).otherwise("view")
    named = {
        name: pl.when(taken).then(f"{name}_host").otherwise(name) for name in ("name", "bucket", "kind", "actor")
    } | {"view": pl.when(taken).then(dns).otherwise("view")}
    return found.select(named.get(name, pl.col(name)).alias(name) for name in WINDOW)


@QUICK
@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(0, 40))
def test_flows_find_their_host(seed: int, count: int, said: int) -> None:
    pick = random.Random(seed)
    flows = [rows(pick, count, FLOW) for _ in range(pick.choice((1, 3)))]
    hosts = [rows(pick, said, HOST).unique() for _ in range(pick.choice((1, 3)))] if said else []
    table = joined([flows_of(frame) for frame in flows], [hosts_of(frame) for frame in hosts])
    assert table is not None
    assert same(table.frame(), expected(pl.concat(flows), pl.concat([pl.DataFrame(schema=HOST), *hosts])))
    assert slots_of([table])["rows"].min() != 0
    whole = [
        [together([run(frame) for frame in frames])] if frames else []
        for run, frames in ((flows_of, flows), (hosts_of, hosts))
    ]
    again = joined(*([Connections.read(run.written()) for run in runs] for runs in whole))
    assert again is not None
    assert same(again.frame(), table.frame())
    width = pick.choice((4, 16))
    parts = []
    for first in range(0, 32, width):
        some = [
            [part.small() for frame in frames if (part := run(frame).part(range(first, first + width)))]
            for run, frames in ((flows_of, flows), (hosts_of, hosts))
        ]
        parts += [part.frame() for part in (joined(*some),) if part]
    assert same(pl.concat(parts), table.frame())


def story() -> list[str]:
    """Records of EVE over 40 days: flows with and without host, uploads, programs, and a domain with 300 names."""
    pick = random.Random(5)
    lines = []
    for n in range(1500):
        day, client = pick.choice((0, 1, 2, 39)), f"10.1.0.{pick.randrange(9)}"
        host = pick.choice(
            ("share.example.com", "board.org", "up.stranger.com", "news.de", "solo.com", f"n{n % 300}.many.org")
        )
        lines.append(state.eve("tls", day, client, n, tls={"sni": host}))
        if n % 3:
            up = pick.choice((10, 2_000_000))
            lines.append(state.eve("flow", day, client, n - n % 2, flow={"bytes_toserver": up, "bytes_toclient": 3000}))
        if n % 5 == 0 and host != "solo.com":
            agent = {"hostname": host, "http_user_agent": "Syncer/1.0"}
            lines.append(state.eve("http", day, client, 10_000 + n, http=agent))
    return lines


@pytest.mark.parametrize(("small", "names"), [(60, 250_000), (150, 20)])
def test_slices_and_small_runs_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int, names: int
) -> None:
    lines = story()
    state.run(tmp_path / "whole", state.written(tmp_path / "a", lines), source="suricata")
    monkeypatch.setattr(windows, "SLICE", 100)
    monkeypatch.setattr(windows, "LOOSE", 200)
    monkeypatch.setattr(packed, "SMALL", small)
    monkeypatch.setattr(slices, "MOST", small // 3)
    monkeypatch.setattr(glossary, "TOGETHER", names)
    monkeypatch.setattr(windows, "TOGETHER", names)
    monkeypatch.setattr(glossary, "MEMORY", min(names, 100))
    monkeypatch.setattr(glossary, "MANY", 3)
    for n in range(0, len(lines), 150):
        state.run(tmp_path / "cut", state.written(tmp_path / f"c{n}", lines[n : n + 150]), source="suricata")
    assert state.observations(tmp_path / "cut") == state.observations(tmp_path / "whole")
    subjects = {row["subject"] for frame in outside(tmp_path / "whole") for row in frame.to_dicts()}
    assert {"service:share", "service:board", "domain:stranger.com", "domain:solo.com", "domain:many.org"} <= subjects
