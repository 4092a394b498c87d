"""Observations lie packed in the store and come back as they were."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usages import bought, frame, seen

from connectors.store import loose
from connectors.store.loose import listed, together
from connectors.store.packed import Packing
from connectors.store.rows import Form
from connectors.store.seen import PACKING
from schemas.observation import FEATURE_NAMES, OBSERVATION
from streams.centre.document import COLUMNS, SUMMARY
from streams.centre.merge import empty, merge

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
NUMBER = st.one_of(st.none(), st.integers(-(2**62), 2**62))


@st.composite
def observed(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.sampled_from([(), FEATURE_NAMES[:1], FEATURE_NAMES[1:], FEATURE_NAMES]))
    features = [{"name": name, "value": draw(st.floats(allow_nan=False))} for name in names] or None
    if draw(st.booleans()):
        day = draw(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
        return seen("service:share", day, events=draw(NUMBER), actors=draw(NUMBER), features=features)
    return bought(
        "purchases:acme/480",
        "contract",
        draw(st.text("abc", min_size=1, max_size=3)),
        committed=draw(st.decimals(-(10**12), 10**12, places=2).map(str)),
        title=draw(st.one_of(st.none(), TEXT)),
        references=draw(st.one_of(st.none(), st.lists(TEXT, max_size=3))),
        quantity=draw(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))),
        facts=draw(st.sampled_from([None, [{"name": "buyer_name", "value": '":null,"'}]])),
        in_house=draw(st.sampled_from([None, True, False])),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(observed(), max_size=3), max_size=4))
def test_few_lists_are_as_many(lists: list[list[dict[str, Any]]]) -> None:
    lengths = np.array([len(rows) for rows in lists], np.int64)
    told = frame(*(row for rows in lists for row in rows))
    for values in (told["title"], told["day"], told["events"], told.to_struct("observations")):
        few = listed(values, lengths)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loose, "_FEW", -1)
            many = listed(values, lengths)
        assert few.name == many.name
        assert few.dtype == many.dtype == pl.List(values.dtype)
        assert few.equals(many, check_dtypes=True)
        assert few.null_count() == many.null_count() == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(observed(), max_size=12), st.integers(1, 4))
def test_rows_of_several_documents_come_back(rows: list[dict[str, Any]], documents: int) -> None:
    told = frame(*rows).with_columns(id=pl.int_range(pl.len()).cast(pl.String))
    numbers = ("revision", "day", "events", "blocked", "actors")
    packing = Packing(OBSERVATION.schema, numbers, ids="id")
    owner = np.sort(np.arange(len(rows)) % documents)
    lengths = np.bincount(owner, minlength=documents)
    packed = packing.pack(told, lengths)
    assert packed.height == documents
    back, found = packing.unpack(packed)
    assert found.tolist() == lengths.tolist()
    assert back.equals(told)


@settings(max_examples=40, deadline=None)
@given(st.lists(observed(), max_size=12), st.lists(observed(), max_size=3), st.data())
def test_loose_rows_are_those_of_the_frame(first: list[Any], second: list[Any], data: st.DataObject) -> None:
    frames = [PACKING.loosen(_packed(frame(*rows))).frame() for rows in (first, second)]
    whole = together(*(PACKING.gather(rows, np.array([rows.height])) for rows in frames))
    assert whole.frame().equals(pl.concat(frames))
    places = np.array(
        data.draw(st.lists(st.integers(0, max(0, len(whole.text) - 1)), max_size=5 * bool(whole.text.size)))
    )
    places = np.sort(places).astype(np.int64)
    columns = data.draw(st.permutations(whole.schema.names()))[:4]
    expected = pl.concat(frames)[places].select(columns)
    assert whole.frame(places, columns).equals(expected)
    assert whole.take(places).frame().select(columns).equals(expected)
    assert whole.take(places).lengths.sum() == len(places)


def _packed(rows: pl.DataFrame) -> pl.DataFrame:
    return PACKING.pack(rows, np.array([rows.height]))


def test_whole_documents_come_back() -> None:
    first = seen("service:share", matched=None, features=None)
    second = bought("service:share", "invoice", "R-1", paid="12.34", title="a\nb", references=["C-1"])
    documents = merge(empty(), frame(first, second), pl.DataFrame(schema={"finding": pl.String}).head(0))
    documents = documents.with_columns(words=pl.lit("x"), entries=pl.lit(["a", "b"], pl.List(pl.String)))
    form = Form(SUMMARY)
    fields = form.encode(documents)
    columns = [name for name in COLUMNS if name != "version"]
    names, _ = form.select(columns, "")
    stored = {**fields.to_dict(as_series=False), "unit": ["im"], "subject": ["service:share"]}
    places = [f"{'summary_' if name.startswith('summary_') else ''}{name.removeprefix('summary_')}" for name in names]
    back = form.decode(names, [tuple(stored[place][0] for place in places)], columns)
    assert back.equals(documents.select(columns))
    assert back["summary"][0]["paid"] == Decimal("12.34")
