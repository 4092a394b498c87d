"""Purchases of a usage: documents joined to purchases, money once, and whose contract it is."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from schemas.usage import PURCHASE

_KEY = ["row", "purchase"]
_COMMITTING = ("award", "contract", "call_off", "order")
"""Documents that commit money; those of one purchase describe the same money, so the largest kind counts."""
_OWN = ("award", "contract", "order", "invoice", "amendment")
_MONEY = ("estimated", "committed", "paid")


@dataclass(frozen=True, slots=True)
class Bought:
    """What the purchase documents of usages say."""

    usages: pl.DataFrame
    """One row a usage: row, purchases, estimated, committed, paid, contract."""
    views: pl.DataFrame
    """One row a usage, kind of document and site, with sums and the number of documents."""


def bought(documents: pl.DataFrame) -> Bought:
    """From observations of procurement with `row`, the number of their usage. Money in other currencies is not summed."""
    euro = pl.col("currency").fill_null("EUR") == "EUR"
    rows = documents.sort("row", "day", "document_id", "view", "site", "id").with_columns(
        pl.when(euro).then(name).alias(name) for name in _MONEY
    )
    rows = rows.with_columns(
        pl.when(pl.col("view") == "credit_note").then(-pl.col("paid").abs()).otherwise("paid").alias("paid")
    )
    rows = rows.with_columns(_purchase(rows))
    usages = _listed(documents).join(_money(rows), on="row", how="left").join(_contract(rows), on="row", how="left")
    views = rows.group_by("row", "signal", "view", "site").agg(
        pl.col("day").min().alias("first_day"),
        pl.col("day").max().alias("last_day"),
        *(_total(name) for name in _MONEY),
        pl.len().cast(pl.Int64).alias("documents"),
    )
    return Bought(usages, views)


def _purchase(rows: pl.DataFrame) -> pl.Series:
    """The purchase of each document: documents of a usage that share a number belong together, over any chain."""
    names = pl.concat_list("document_id", "process_id", "framework_of", "amends", pl.col("references").fill_null([]))
    keys = rows.select("row", pl.int_range(pl.len()).alias("document"), names.alias("name")).explode("name")
    keys = keys.drop_nulls("name").with_columns(pl.struct("row", "name").rank("dense").alias("key") - 1)
    document, key = keys["document"].to_numpy(), keys["key"].to_numpy()
    label = np.arange(rows.height)
    while len(document):
        least = np.full(int(key.max()) + 1, rows.height)
        np.minimum.at(least, key, label[document])
        found = label.copy()
        np.minimum.at(found, document, least[key])
        found = found[found]
        if (found == label).all():
            break
        label = found
    return pl.Series("purchase", label)


def _money(rows: pl.DataFrame) -> pl.DataFrame:
    """Of each usage the three kinds of money, never added to each other."""
    whole = rows.with_columns(pl.coalesce("document_id", "id").alias("number"), pl.col("lot").fill_null(""))
    once = [*_KEY, "view", "number", "lot"]
    paid = whole.group_by(*once).agg(_widest("paid")).group_by("row").agg(_total("paid"))
    committed = _amended(whole).group_by(*once).agg(pl.col("committed").max())
    committed = committed.group_by(*_KEY, "view").agg(_total("committed"))
    committed = committed.group_by(_KEY).agg(pl.col("committed").max()).group_by("row").agg(_total("committed"))
    lots = whole.group_by(*_KEY, "lot").agg(pl.col("estimated").max())
    of_all, of_lot = pl.col("estimated").filter(pl.col("lot") == ""), pl.col("estimated").filter(pl.col("lot") != "")
    known = pl.when(of_lot.count() > 0).then(of_lot.sum())
    estimated = lots.group_by(_KEY).agg(pl.max_horizontal(of_all.max(), known).alias("estimated"))
    estimated = estimated.group_by("row").agg(_total("estimated"))
    joined = estimated.join(committed, on="row", how="left", maintain_order="left")
    return joined.join(paid, on="row", how="left", maintain_order="left")


def _amended(rows: pl.DataFrame) -> pl.DataFrame:
    """Committing documents with the value of their newest amendment: an amendment states the changed value."""
    stated = rows.filter(pl.col("amends").is_not_null() & pl.col("committed").is_not_null())
    newest = stated.sort("day", "number").group_by(*_KEY, "amends").agg(pl.col("committed").last().alias("amended"))
    first = rows.filter(pl.col("view").is_in(_COMMITTING) & pl.col("amends").is_null())
    joined = first.join(newest, left_on=[*_KEY, "number"], right_on=[*_KEY, "amends"], how="left", nulls_equal=False)
    alone = stated.join(first, left_on=[*_KEY, "amends"], right_on=[*_KEY, "number"], how="anti")
    changed = joined.with_columns(pl.coalesce("amended", "committed").alias("committed")).drop("amended")
    return pl.concat([changed.select(rows.columns), alone.select(rows.columns)])


def _contract(rows: pl.DataFrame) -> pl.DataFrame:
    """`own_contract` where some purchase is the unit's own, else `through` where one uses another body's contract."""
    shared = (
        (pl.col("view") == "call_off")
        | pl.col("framework_of").is_not_null()
        | pl.col("in_house").fill_null(value=False)
    )
    alone = pl.col("view").is_in(_OWN) & ~shared
    origin = (alone & pl.col("view").is_in(["award", "contract"])).any()
    each = rows.group_by(_KEY).agg(((alone.any() & ~shared.any()) | origin).alias("own"), shared.any().alias("through"))
    each = each.group_by("row").agg(pl.col("own", "through").any())
    return each.select(
        "row",
        pl.when("own").then(pl.lit("own_contract")).when("through").then(pl.lit("through")).alias("contract"),
    )


def _listed(documents: pl.DataFrame) -> pl.DataFrame:
    """All documents of each usage as PURCHASE structs, by day and document."""
    rows = documents.sort("row", "day", "document_id", "view", "id", nulls_last=True)
    fields = [field.name for field in PURCHASE.fields]
    return (
        rows.select("row", pl.struct(fields).alias("purchases")).group_by("row", maintain_order=True).agg("purchases")
    )


def _total(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


def _widest(name: str) -> pl.Expr:
    """The value furthest from zero: two sites may have read the same document."""
    return pl.col(name).sort_by(pl.col(name).abs()).last()
