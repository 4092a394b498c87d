"""Every folder tests/fixtures/connectors/<name>/<case>/ is run: raw.* gives events.jsonl and rejected.jsonl.

`settings.yaml` beside them may say `timezone` and `at`, as the command line does.
"""

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import yaml

from connectors import registry
from schemas.connector import Options
from schemas.events import EVENTS

FIXTURES = Path(__file__).parents[2] / "fixtures/connectors"
CASES = sorted(path.parent for path in FIXTURES.glob("*/*/raw.*"))
DAY = {"network": "at", "assets": "at", "procurement": "day"}


def options(case: Path) -> Options:
    file = case / "settings.yaml"
    said = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    zone, at = said.get("timezone"), said.get("at")
    at = datetime.fromisoformat(at).astimezone(UTC) if isinstance(at, str) else at
    return Options(timezone=ZoneInfo(zone) if zone else None, at=at)


def lines_of(data: bytes) -> pl.DataFrame:
    texts = data.decode("utf-8", errors="replace").split("\n")
    texts = texts[:-1] if texts[-1] == "" else texts
    return pl.DataFrame(
        {
            "place": pl.int_range(1, len(texts) + 1, dtype=pl.Int64, eager=True),
            "line": pl.Series(texts, dtype=pl.String),
        }
    )


def rows_of_lines(connector: registry.Connector, data: bytes, said: Options) -> pl.DataFrame:
    """Cut where a header starts, as streams does; lines that are no records are left out."""
    lines = lines_of(data)
    marks = lines.select(connector.split(lines).alias("starts"))["starts"] if connector.split else pl.Series([False])
    starts = sorted({0, *marks.arg_true().to_list(), lines.height})
    parts = []
    for start, end in pairwise(starts):
        part = lines[start:end]
        layout = connector.layout("\n".join(part["line"]).encode() + b"\n", said)
        records = part.filter(connector.records(part))
        parts.append(connector.parse(records, layout))
        assert parts[-1]["place"].equals(records["place"]), "same height and order"
    return pl.concat(parts)


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def expected(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def numbers_as_text(rows: list[dict[str, Any]], table: pl.Schema) -> list[dict[str, Any]]:
    """Amounts of money compare as text with two places, however a fixture writes them."""
    money = {name for name, dtype in table.items() if isinstance(dtype, pl.Decimal)}

    def text(name: str, value: Any) -> Any:
        if name in money or name == "amount":
            return str(Decimal(str(value)).quantize(Decimal("0.01")))
        if name == "lines":
            return [{key: text(key, item) for key, item in line.items()} for line in value]
        return value

    return [{name: text(name, value) for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_raw_gives_events_and_rejected(case: Path) -> None:
    connector = registry.get(case.parent.name)
    table = EVENTS[connector.SIGNAL]
    data = next(case.glob("raw.*")).read_bytes()
    if connector.SHAPE == "lines":
        rows = rows_of_lines(connector, data, options(case))
    else:
        rows = pl.concat(list(connector.read(io.BytesIO(data), options(case))))
    assert rows.schema == table.schema
    events = rows.filter(pl.col(DAY[connector.SIGNAL]).is_not_null())
    rejected = rows.filter(pl.col("rejected").is_not_null())
    assert table.problems(events) == []
    assert events["rejected"].null_count() == events.height
    nothing = rows.filter(pl.col(DAY[connector.SIGNAL]).is_null()).drop("place", "rejected")
    assert nothing.null_count().sum_horizontal().sum() == nothing.height * nothing.width, (
        "rejected and idle rows are empty"
    )
    given = [{name: value for name, value in plain(row).items() if value is not None} for row in events.to_dicts()]
    wanted = expected(case / "events.jsonl")
    assert numbers_as_text(given, table.schema) == numbers_as_text(wanted, table.schema)
    assert rejected.select("place", "rejected").to_dicts() == expected(case / "rejected.jsonl")


def test_every_connector_has_fixtures() -> None:
    assert {case.parent.name for case in CASES} == set(registry.names())


@pytest.mark.parametrize("name", registry.names())
def test_a_connector_says_what_it_gives(name: str) -> None:
    about = registry.describe(name)
    assert set(about.gives) <= set(EVENTS[about.signal].names)
    assert about.card.splitlines()[0].endswith(".")
    assert [line.split()[0] for line in about.card.splitlines() if line[:1].isupper()][1:3] == ["Format", "Gives"]
    for case in (case for case in CASES if case.parent.name == name):
        for row in expected(case / "events.jsonl"):
            assert set(row) - {"place"} <= set(about.gives), f"{case.name} gives what the card does not name"
