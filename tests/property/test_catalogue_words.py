"""Texts fold to one spelling, the same on columns and one at a time; purchases find a name wherever it stands."""

from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.load import load
from catalogue.match import Directory
from catalogue.words import fold, fold_column, without_legal_form, without_legal_form_column

ALPHABET = "abzAZ09 .,;-_/()[]{}'\"&+#®™äöüÄÖÜßẞéÉçñøŁ\u0130\u0131\u017f\ufb01\u00bd\u00b2\u0308\u00ad\u200b\u00a0\n\t\u0416\u0436\u03a3\u03c2\u03bb\u6f22"
TEXTS = st.lists(st.text(ALPHABET, max_size=30) | st.none(), max_size=20)
DIRECTORY = Directory(load(Path(__file__).parents[1] / "fixtures" / "catalogue" / "good"))


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.booleans())
def test_columns_fold_as_single_texts(texts: list[str | None], lower: bool) -> None:  # noqa: FBT001 - drawn
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    found = frame.select(fold_column(pl.col("text"), lower=lower))["text"].to_list()
    assert found == [None if text is None else fold(text, lower=lower) for text in texts]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["acme", "gmbh", "co", "kg", "e", "v", "ag", "inc", "as"]), min_size=1, max_size=5))
def test_legal_forms_end_a_name_and_never_are_it(words: list[str]) -> None:
    name = " ".join(words)
    frame = pl.DataFrame({"name": [name]})
    assert frame.select(without_legal_form_column(pl.col("name")))["name"].to_list() == [without_legal_form(name)]
    assert without_legal_form(name).split(" ")[0] == words[0]


AROUND = st.text("abcäß -,;:/()0123456789", max_size=20)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(AROUND, AROUND), min_size=1, max_size=10))
def test_a_distinctive_name_is_found_as_a_whole_word_and_only_so(around: list[tuple[str, str]]) -> None:
    texts = [f"{before} Dropbox-{after}" for before, after in around] + [f"{a}xDropbox{b}" for a, b in around]
    frame = pl.DataFrame({"text": texts}).with_columns(
        supplier_name=pl.lit(None, dtype=pl.String),
        supplier_ids=pl.lit(None, dtype=pl.List(pl.Struct({"scheme": pl.String, "value": pl.String}))),
        cpv=pl.lit(None, dtype=pl.List(pl.String)),
    )
    found = DIRECTORY.purchases(frame)["subject"].to_list()
    assert found == ["service:dropbox"] * len(around) + [None] * len(around)
