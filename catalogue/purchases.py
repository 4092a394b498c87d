"""Recognises what is bought: by supplier, by words of the text, by CPV code."""

import polars as pl

from catalogue.bought import itself, not_referred, provider_words, speaks_of_software
from catalogue.known import Known
from catalogue.words import AMBIGUOUS, ORDINARY, SHORT, fold, fold_column, without_legal_form_column

_RANK = {"supplier_id": 0, "name": 1, "supplier_name": 2, "cpv": 3}
"""A supplier that sells one thing says more than a word; a word says more than a supplier's name or a class of goods."""
_FOUND = pl.Schema({"row": pl.UInt32, "ref": pl.UInt32, "how": pl.String, "rank": pl.Int32})


class Purchases:
    """Order of precedence, per row: supplier id, name in the text, supplier name, CPV code.

    A name counts as whole words, case ignored, accents not. A name of one short word counts in its exact spelling; an
    ambiguous one ("Teams", "Asana") only where the text, its CPV code or its supplier also shows that software is meant.
    Of several names the longer one wins over its parts, then the first in the text. What is only referred to ("Ersatz
    für ...") or what something is about ("Seminar zu ...") is not bought: `bought` holds these rules.
    `generous` leaves all this out and finds suppliers' names anywhere: for what must not be stored.
    """

    def __init__(self, known: Known, *, generous: bool = False) -> None:
        self._generous = generous
        subject = pl.col("subject")
        self._subjects = known.table.select(
            "ref", base=subject.str.split("#").list.first(), edition=subject.str.contains("#", literal=True)
        )
        self._by_key = {kind: known.of(kind).select("ref", "key") for kind in ("supplier_id", "supplier_name", "cpv")}
        names = known.of("name").filter(pl.col("key") != "").select("ref", "key", "provider", "identifier")
        names = pl.concat(
            [names.with_columns(accents=pl.lit(value=kept)) for kept in ((False,) if generous else (False, True))]
        )
        one_word = ~pl.col("key").str.contains(" ", literal=True)
        special = pl.lit(value=not generous)
        names = names.with_columns(
            _spelled(names, lower=False).alias("spelled"),
            _spelled(names, lower=True).alias("word"),
            ordinary=special & pl.col("key").is_in(sorted(AMBIGUOUS)),
            exact=special
            & one_word
            & ((pl.col("key").str.len_chars() <= SHORT) | pl.col("key").is_in(sorted(ORDINARY))),
            provider=provider_words(pl.col("provider")),
        )
        self._names = _patterns(names)

    def find(self, frame: pl.DataFrame) -> pl.DataFrame:
        """HIT columns for columns text, supplier_name, supplier_ids, cpv."""
        rows = frame.select("text", "supplier_name", "supplier_ids", "cpv").with_row_index("row")
        found = pl.concat(
            [
                pl.DataFrame(schema=_FOUND),
                self._keyed("supplier_id", _ids(rows)),
                self._in_texts(rows),
                self._suppliers(rows),
                self._keyed("cpv", _codes(rows)),
            ]
        ).join(self._subjects, on="ref")
        first = found.sort("row", "rank", "ref").unique("row", keep="first", maintain_order=True)
        same_thing = found.join(first.select("row", "base"), on=["row", "base"], how="semi")
        best = same_thing.sort("row", "edition", "rank", "ref", descending=[False, True, False, False])
        best = best.unique("row", keep="first", maintain_order=True)
        return rows.select("row").join(best, on="row", how="left", maintain_order="left").select("ref", "how")

    def _keyed(self, kind: str, keys: pl.DataFrame) -> pl.DataFrame:
        """Rows whose key is an entry's: supplier ids exactly, CPV codes by their class."""
        how = "exact" if kind == "supplier_id" else kind
        hits = keys.join(self._by_key[kind], on="key")
        return hits.select("row", "ref", how=pl.lit(how), rank=pl.lit(_RANK[kind]))

    def _suppliers(self, rows: pl.DataFrame) -> pl.DataFrame:
        distinct = rows.select("supplier_name").unique().drop_nulls()
        key = without_legal_form_column(fold_column(pl.col("supplier_name")))
        names = self._by_key["supplier_name"].filter(pl.col("key") != "")
        distinct = distinct.with_columns(key=key)
        if self._generous:
            padded = pl.format(" {} ", "key").str.extract_many(_some(" " + names["key"] + " "), overlapping=True)
            distinct = distinct.with_columns(padded.alias("key")).explode("key").drop_nulls("key")
            distinct = distinct.with_columns(pl.col("key").str.strip_chars(" "))
        hits = rows.select("row", "supplier_name").join(distinct, on="supplier_name").join(names, on="key")
        return hits.select("row", "ref", how=pl.lit("supplier_name"), rank=pl.lit(_RANK["supplier_name"]))

    def _in_texts(self, rows: pl.DataFrame) -> pl.DataFrame:
        accents = not self._generous
        texts = rows.select("text").unique().drop_nulls()
        texts = texts.with_columns(
            pl.format(" {} ", fold_column(pl.col("text"), accents=accents)).alias("lower"),
            pl.format(" {} ", fold_column(pl.col("text"), lower=False, accents=accents)).alias("cased"),
        )
        mentions = pl.concat([self._mentions(texts, column) for column in ("lower", "cased")])
        if not self._generous:
            mentions = _whole(mentions).filter(not_referred())
        hits = rows.select("row", "text", "supplier_name", "cpv").join(mentions, on="text")
        if not self._generous:
            hits = hits.filter(itself() & (~pl.col("ordinary") | speaks_of_software()))
        hits = hits.sort("row", "at", "length", "ref", descending=[False, False, True, False])
        hits = hits.unique("row", keep="first", maintain_order=True)
        how = pl.when("ordinary").then(pl.lit("ordinary_word")).otherwise(pl.lit("words"))
        return hits.select("row", "ref", how=how, rank=pl.lit(_RANK["name"]))

    def _mentions(self, texts: pl.DataFrame, column: str) -> pl.DataFrame:
        """Names in the texts: those that ignore case in `lower`, the others in `cased`."""
        names = self._names.filter(pl.col("column") == column).drop("column")
        found = texts.with_columns(
            pl.col(column).str.extract_many(_some(names["pattern"]), overlapping=True).alias("pattern")
        )
        parts = pl.col(column).str.splitn(pl.col("pattern"), 2).struct
        return (
            found.explode("pattern")
            .drop_nulls("pattern")
            .unique(["text", "pattern"], maintain_order=True)
            .join(names, on="pattern", maintain_order="left")
            .with_columns(
                parts.field("field_0").str.to_lowercase().alias("before"),
                parts.field("field_1").str.to_lowercase().alias("after"),
            )
            .with_columns(at=pl.col("before").str.len_bytes(), length=pl.col("pattern").str.len_bytes())
            .drop("cased")
        )


def _spelled(names: pl.DataFrame, *, lower: bool) -> pl.Series:
    """The names folded, once without their accents and once with them."""
    rows = names.select("identifier", "accents").iter_rows()
    return pl.Series([fold(name, lower=lower, accents=accents) for name, accents in rows], dtype=pl.String)


def _patterns(names: pl.DataFrame) -> pl.DataFrame:
    """Names as they are looked for: in small letters, or exactly as spelled and in capitals."""
    ignoring = names.filter(~pl.col("exact")).with_columns(column=pl.lit("lower"))
    exact = names.filter("exact").with_columns(word="spelled", column=pl.lit("cased"))
    capitals = exact.with_columns(pl.col("word").str.to_uppercase())
    every = pl.concat([ignoring, exact, capitals]).with_columns(pattern=pl.format(" {} ", "word"))
    every = every.unique(["pattern", "column"], keep="first", maintain_order=True)
    return every.select("ref", "key", "provider", "ordinary", "pattern", "column")


def _some(patterns: pl.Series) -> list[str]:
    """The patterns, or one that no folded text has: polars wants at least one."""
    return patterns.to_list() or ["\0"]


def _whole(mentions: pl.DataFrame) -> pl.DataFrame:
    """Without names that are part of a longer one found in the same text."""
    longer = mentions.select("text", longer=pl.format(" {} ", "key"))
    parts = (
        mentions.select("text", "key")
        .join(longer, on="text")
        .filter(
            (pl.col("longer").str.len_bytes() > pl.col("key").str.len_bytes() + 2)
            & pl.col("longer").str.contains(pl.format(" {} ", "key"), literal=True)
        )
    )
    return mentions.join(parts, on=["text", "key"], how="anti", maintain_order="left")


def _ids(rows: pl.DataFrame) -> pl.DataFrame:
    values = (
        rows.select("row", "supplier_ids").explode("supplier_ids").drop_nulls("supplier_ids").unnest("supplier_ids")
    )
    key = pl.col("value").str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    return values.select("row", key=key).filter(pl.col("key") != "")


def _codes(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("row", "cpv").explode("cpv").drop_nulls("cpv").select("row", key=pl.col("cpv").str.slice(0, 8))
