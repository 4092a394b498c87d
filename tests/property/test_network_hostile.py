"""Whatever a line looks like: same height and order, rows that the contract allows, each line read by itself."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import CANARY, CASES, many, source

from connectors import registry
from schemas.connector import Layout
from schemas.events import NETWORK

FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def frame(lines: list[str]) -> pl.DataFrame:
    places = pl.int_range(1, len(lines) + 1, dtype=pl.Int64, eager=True)
    return pl.DataFrame({"place": places, "line": pl.Series(lines, dtype=pl.String)})


def checked(connector: registry.Connector, layout: Layout, lines: list[str]) -> pl.DataFrame:
    given_lines = frame(lines)
    rows = connector.parse(given_lines, layout)
    assert rows.schema == NETWORK.schema
    assert rows["place"].equals(given_lines["place"])
    events = rows.filter(pl.col("at").is_not_null())
    assert NETWORK.problems(events) == []
    assert events["rejected"].null_count() == events.height
    empty = rows.filter(pl.col("at").is_null()).drop("place", "rejected")
    assert empty.null_count().sum_horizontal().sum() == empty.height * empty.width
    assert (
        events["at"]
        .is_between(pl.datetime(1, 1, 1, time_zone="UTC"), pl.datetime(9999, 12, 31, 23, 59, 59, time_zone="UTC"))
        .all()
    )
    assert events["host"].drop_nulls().str.contains(r"^[a-z0-9_.-]{1,253}$").all()
    assert events["address"].drop_nulls().str.contains(r"^[0-9a-f.:]+$").all()
    assert events["port"].drop_nulls().is_between(0, 65_535).all()
    assert not rows["rejected"].str.contains(CANARY).any()
    return rows


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_mutated_lines_keep_the_contract_and_stand_alone(case: Path) -> None:
    connector, layout, _ = source(case)
    lines = many(case, 240)
    whole = checked(connector, layout, lines)
    step = 12
    pieces = [checked(connector, layout, lines[start : start + step]) for start in range(0, len(lines), step)]
    cut = pl.concat(pieces).with_columns(whole["place"])
    different = [i for i in range(len(lines)) if cut.row(i) != whole.row(i)]
    assert different == [], lines[different[0]]


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_nothing_long_or_empty_breaks_a_connector(case: Path) -> None:
    connector, layout, lines = source(case)
    long = "a" * 1_000_000
    odd = ["", " ", "\r", "#", long, "," * 100_000, "\t" * 100_000, '"' * 100_001, "[" * 100_000, '{"a":' * 50_000]
    odd += [line.replace("example", long) for line in lines[-2:]]
    checked(connector, layout, [*odd, *lines])
    assert checked(connector, layout, []).height == 0


def table(lines: list[str], name: str) -> Callable[[str], list[str]]:
    """Places a value in the named spot of a good line, so that it gets past the first field."""
    return lambda value: [line.replace(name, value) for line in lines if name in line]


@FEW
@given(name=st.text(alphabet=st.characters(exclude_characters='\n\r\t |,"\\/', exclude_categories=["Cs"]), max_size=80))
@pytest.mark.parametrize(
    "case",
    [path for path in CASES if "org" in path.read_text(encoding="utf-8")],
    ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}",
)
def test_any_name_is_a_host_an_address_or_nothing(case: Path, name: str) -> None:
    connector, layout, lines = source(case)
    checked(connector, layout, table(lines, "example")(name))
