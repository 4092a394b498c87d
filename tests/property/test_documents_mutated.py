"""Whatever a document looks like: only errors of ours, only rows that the contract allows, no value in a rejection."""

import copy
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.connector import Options
from schemas.errors import LeitplankeError
from schemas.events import EVENTS

FIXTURES = Path(__file__).parents[1] / "fixtures/connectors"
CONNECTORS = {
    "xrechnung": "procurement",
    "ocds": "procurement",
    "cyclonedx": "assets",
    "glpi": "assets",
    "nmap": "assets",
}
OPTIONS = Options(at=datetime(2026, 11, 1, tzinfo=UTC))
CANARY = "kanari7"
FEW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""A slow machine is no finding; the same examples every time."""


def module(name: str) -> ModuleType:
    return import_module(f"connectors.{CONNECTORS[name]}.{name}")


def raws(*suffixes: str) -> list[tuple[str, Path]]:
    found = [(name, path) for name in CONNECTORS for path in sorted((FIXTURES / name).glob("*/raw.*"))]
    return [(name, path) for name, path in found if path.suffix in suffixes]


def checked(name: str, data: bytes) -> pl.DataFrame:
    """Rows of a document, each held against the contract; an empty frame where it is refused."""
    table = EVENTS[CONNECTORS[name]]
    read = module(name)
    refused = ""
    try:
        frames = list(read.read(io.BytesIO(data), OPTIONS))
    except LeitplankeError as error:
        frames, refused = [table.empty()], str(error)
    assert CANARY not in refused
    assert frames
    rows = pl.concat(frames)
    events = rows.filter(pl.col("day" if CONNECTORS[name] == "procurement" else "at").is_not_null())
    assert table.problems(events) == []
    assert events["rejected"].null_count() == events.height
    others = rows.filter(pl.col("day" if CONNECTORS[name] == "procurement" else "at").is_null())
    rest = [column for column in table.names if column not in {"place", "rejected"}]
    assert others.select(pl.all_horizontal(pl.col(rest).is_null()).all()).item()
    assert (rows["place"] >= 0).all()
    assert CANARY not in "".join(rows["rejected"].drop_nulls())
    rejected_places = set(rows.filter(pl.col("rejected").is_not_null())["place"])
    assert not rejected_places & set(events["place"])
    return rows


@pytest.mark.parametrize(
    ("name", "path"), raws(".xml", ".json", ".jsonl"), ids=lambda value: getattr(value, "parent", value)
)
def test_cut_off_anywhere(name: str, path: Path) -> None:
    data = path.read_bytes()
    for end in range(0, len(data), max(1, len(data) // 60)):
        checked(name, data[:end])


@pytest.mark.parametrize(
    ("name", "path"), raws(".xml", ".json", ".jsonl"), ids=lambda value: getattr(value, "parent", value)
)
@FEW
@given(edits=st.lists(st.tuples(st.floats(0, 0.999), st.binary(max_size=3), st.integers(0, 4)), min_size=1, max_size=4))
def test_bytes_replaced_inserted_and_dropped(name: str, path: Path, edits: list[tuple[float, bytes, int]]) -> None:
    data = path.read_bytes()
    for place, new, dropped in edits:
        at = int(place * len(data))
        data = data[:at] + new + data[at + dropped :]
    checked(name, data)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(
        [CANARY, [], {}, [CANARY], {"id": CANARY}, [[CANARY]], [None], "2026-02-30", "9999-12-31T23:59:59Z"]
    ),
)


def spots(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON document that holds a value, as (container, key)."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield node, key
        yield from spots(value)


@cache
def whole(name: str) -> list[Any]:
    found = []
    for owner, path in raws(".json"):
        if owner == name:
            try:
                found.append(json.loads(path.read_bytes().decode("utf-8-sig")))
            except (UnicodeDecodeError, json.JSONDecodeError):
                continue
    return found


@pytest.mark.parametrize("name", ["ocds", "cyclonedx", "glpi"])
def test_every_value_replaced_by_another_kind(name: str) -> None:
    odd = [None, True, 7, -1.5, CANARY, [], {}, [CANARY], {"id": CANARY, "name": [1]}, [[{}]], "9999-12-31T23:59:59Z"]
    for document in whole(name):
        for number in range(sum(1 for _ in spots(document))):
            changed = copy.deepcopy(document)
            owner, key = list(spots(changed))[number]
            owner[key] = copy.deepcopy(odd[number % len(odd)])
            checked(name, json.dumps(changed).encode())


@pytest.mark.parametrize("name", ["ocds", "cyclonedx", "glpi"])
@FEW
@given(data=st.data())
def test_values_replaced_by_anything(name: str, data: st.DataObject) -> None:
    documents = whole(name)
    document = copy.deepcopy(documents[data.draw(st.integers(0, len(documents) - 1))])
    for _ in range(data.draw(st.integers(1, 6))):
        places = list(spots(document))
        owner, key = places[data.draw(st.integers(0, 10_000)) % len(places)]
        owner[key] = copy.deepcopy(data.draw(ODD))  # drawn lists are shared, and a later round may write into them
    checked(name, json.dumps(document).encode())


@pytest.mark.parametrize(("name", "path"), raws(".xml"), ids=lambda value: getattr(value, "parent", value))
def test_every_text_and_attribute_of_xml_replaced(name: str, path: Path) -> None:
    pieces = path.read_bytes().split(b">")
    for number, piece in enumerate(pieces):
        kept, _, tag = piece.partition(b"<")
        changed = [*pieces[:number], CANARY.encode() + b"<" + tag if kept.strip() else piece, *pieces[number + 1 :]]
        checked(name, b">".join(changed))
        quoted = piece.split(b'"')
        if len(quoted) > 1 and not piece.lstrip().startswith(b"<?"):
            quoted[-2] = CANARY.encode()
            checked(name, b">".join([*pieces[:number], b'"'.join(quoted), *pieces[number + 1 :]]))


def test_the_check_sees_a_row_that_is_both(monkeypatch: pytest.MonkeyPatch) -> None:
    table = EVENTS["assets"]
    both = table.complete(pl.DataFrame({"place": [1], "rejected": ["x"], "at": [OPTIONS.at], "asset": ["host"]}))
    monkeypatch.setattr(module("nmap"), "read", lambda *_: iter([both]))
    with pytest.raises(AssertionError):
        checked("nmap", b"<nmaprun/>")
