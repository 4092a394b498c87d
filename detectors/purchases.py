"""Documents brought to purchases: one purchase has many documents, joined by the numbers they share."""

import polars as pl

ROUNDS = 30
"""Rounds of joining; each doubles the length of a chain of documents that is followed, so this never binds."""
BOUGHT = ("award", "contract", "order")
"""Documents that make a purchase of their own; a call-off belongs to its framework, an invoice to its contract."""
PAID = ("invoice", "credit_note")


def documents(usages: pl.DataFrame) -> pl.DataFrame:
    """One row a document of the usages' purchases, with unit, subject and `purchase`, the number of its purchase."""
    rows = (
        usages.select("unit", "subject", "purchases")
        .explode("purchases", keep_nulls=False, empty_as_null=False)
        .unnest("purchases")
        .sort("unit", "subject", "day", "document_id", "view", maintain_order=True)
        .with_row_index("row")
    )
    return rows.join(_joined(rows), on="row", how="left", maintain_order="left")


def _joined(rows: pl.DataFrame) -> pl.DataFrame:
    """Of each row the smallest row that it is connected with: labels spread over shared numbers until none changes."""
    numbers = pl.concat_list("process_id", "document_id", "amends", pl.col("references").fill_null([]))
    keys = (
        rows.select("row", "unit", "subject", number=numbers)
        .explode("number")
        .drop_nulls("number")
        .with_columns(pl.struct("unit", "subject", "number").rank("dense").alias("key"))
        .select("row", "key")
        .unique()
    )
    labels = rows.select("row", purchase="row")
    for _ in range(ROUNDS):
        spread = keys.join(labels, on="row").with_columns(pl.col("purchase").min().over("key"))
        nearest = spread.group_by("row").agg(pl.col("purchase").min())
        # jumping to the label's own label halves the way each round
        jumped = nearest.join(nearest.rename({"row": "purchase", "purchase": "next"}), on="purchase", how="left")
        found = jumped.select("row", pl.min_horizontal("purchase", "next").alias("purchase"))
        new = labels.select("row").join(found, on="row", how="left", maintain_order="left")
        new = new.with_columns(pl.coalesce("purchase", "row"))
        if new["purchase"].equals(labels["purchase"]):
            break
        labels = new
    return labels


def summed(usages: pl.DataFrame) -> pl.DataFrame:
    """One row a purchase: unit, subject, day, documents, procedures, its money by kind, and what kind of purchase it is.

    `awarded`: an award, contract or order names it; `paid_only`: only invoices do, and `named` if they name an order;
    `called_off`: it uses a framework. Amendments add nothing: they change a contract that is counted already.
    """
    own = pl.col("view").is_in(BOUGHT) & pl.col("framework_of").is_null() & pl.col("amends").is_null()
    credit = pl.col("view") == "credit_note"
    rows = documents(usages).with_columns(
        own.alias("own"),
        pl.col("view").is_in(PAID).alias("bill"),
        pl.when(credit).then(-pl.col("paid").abs()).otherwise("paid").alias("paid"),
        ((pl.col("view") == "call_off") | pl.col("framework_of").is_not_null()).alias("called_off"),
        (pl.col("references").list.len() > 0).fill_null(value=False).alias("named"),
        pl.col("in_house").fill_null(value=False),
        (pl.col("currency").fill_null("EUR") == "EUR").alias("euro"),
        *(pl.when(own & (pl.col("view") == view) & _first()).then("committed").alias(view) for view in BOUGHT),
    )
    shown = pl.col("own") | (pl.col("bill") & ~pl.col("own").any())
    result = rows.group_by("unit", "subject", "purchase", maintain_order=True).agg(
        pl.col("own").any().alias("awarded"),
        pl.col("bill").all().alias("paid_only"),
        pl.col("named", "called_off", "in_house").any(),
        pl.col("procedure").drop_nulls().alias("procedures"),
        pl.coalesce(pl.col("day").filter("own").min(), pl.col("day").min()).alias("day"),
        pl.col("document_id").filter(shown).alias("documents"),
        pl.col("estimated").max(),
        pl.col(BOUGHT).sum(),
        pl.col("paid").filter("bill").sum(),
        pl.col("euro").all(),
    )
    numbers = pl.col("documents").list.drop_nulls().list.unique(maintain_order=True)
    committed = pl.max_horizontal(BOUGHT).alias("committed")
    return result.filter("euro").with_columns(numbers, committed).drop("euro", *BOUGHT)


def suppliers(usages: pl.DataFrame) -> pl.DataFrame:
    """Columns unit, subject, supplier: the supplier as the newest document of the usage names it; null where none does."""
    facts = pl.col("purchases").struct.field("facts").list
    named = facts.eval(
        pl.when(pl.element().struct.field("name") == "supplier_name").then(pl.element().struct.field("value"))
    )
    return (
        usages.select("unit", "subject", "purchases")
        .explode("purchases")
        .select(
            "unit",
            "subject",
            pl.col("purchases").struct.field("day", "document_id"),
            named.list.drop_nulls().list.first().alias("supplier"),
        )
        .drop_nulls("supplier")
        .sort("day", "document_id", "supplier")
        .group_by("unit", "subject", maintain_order=True)
        .agg(pl.col("supplier").last())
    )


def _first() -> pl.Expr:
    """One row a document and lot; two sites may have seen the same document."""
    unnumbered = pl.col("document_id").is_null()
    return unnumbered | pl.struct("purchase", "view", "document_id", "lot").is_first_distinct()
