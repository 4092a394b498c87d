"""Purchase documents at the site: kept by their key, the newest version counts; each becomes observations."""

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from catalogue.match import Directory
from catalogue.never import Never
from catalogue.words import fold, without_legal_form
from schemas.events import PROCUREMENT
from schemas.observation import OBSERVATION
from streams.site.assign import EXCLUDED
from streams.site.border import Egress
from streams.site.emit import LEAVING
from streams.site.feed import Feed
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.observed import identified

TITLE = 200
"""Characters of a title that leave."""

_BODY = pl.Struct({name: dtype for name, dtype in PROCUREMENT.schema.items() if name not in {"place", "rejected"}})
_CONTACT = re.compile(
    r"(?i)\b(?:ansprechpartner(?:in)?|ansprechperson|kontakt|contact|z\. ?hd\.|attn\.?|tel(?:efon|\.)?|fax|e-?mail)\b.*"
    r"|\S+@\S+|https?://\S+|\+?\d[\d /()-]{7,}\d",
)
"""Contact data in a title, from the word that announces it to the end of the text."""
_MONEY = ("paid", "committed", "estimated")


@dataclass(frozen=True)
class Places:
    """Places of a document by what became of them."""

    idle: int = 0
    unassigned: int = 0
    dropped: int = 0
    duplicate: int = 0


def keep(db: sqlite3.Connection, key: SiteKey, feed: Feed, never: Never, rows: pl.DataFrame) -> Places:
    """Write the rows of one document; a row that is known is a duplicate, a newer version of a key replaces."""
    rows = rows.with_columns(never=_never(rows, never))
    fates: dict[int, str] = {}
    for row in rows.iter_rows(named=True):
        place, hidden = row.pop("place"), row.pop("never")
        row.pop("rejected")
        fate = _keep(db, key, feed, row, hidden=hidden)
        fates[place] = max(fate, fates.get(place, ""), key=_WEIGHT.index)
    counts = {name: sum(fate == name for fate in fates.values()) for name in _WEIGHT}
    return Places(**{name: counts[name] for name in ("idle", "unassigned", "dropped", "duplicate")})


_WEIGHT = ("", "idle", "duplicate", "dropped", "unassigned", "counted")
"""What a place with several rows counts as: the last of these."""


def _keep(db: sqlite3.Connection, key: SiteKey, feed: Feed, row: dict[str, Any], *, hidden: bool) -> str:
    if row["day"] is None:
        return "idle"
    ids = [one["value"] for one in sorted(row["buyer_ids"] or (), key=lambda one: one["scheme"] != "leitweg")]
    unit = feed.reducer.units.buyer(ids)
    if hidden or unit == EXCLUDED:
        return "dropped"
    if unit is None:
        return "unassigned"
    body = json.dumps(row, default=str, ensure_ascii=False, sort_keys=True)
    received = feed.receipt.date().isoformat()
    values = (
        feed.name,
        key.mark(*document_key(row)),
        key.mark(unit, body),
        row["day"].isoformat(),
        unit,
        body,
        received,
    )
    added = db.execute("INSERT OR IGNORE INTO documents VALUES(?, ?, ?, ?, ?, ?, ?)", values).rowcount
    return "counted" if added else "duplicate"


def document_key(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What stays the same when a document is published again: its kind, number, procedure and lot, or its content."""
    number = row["document_id"]
    if number is None:
        number = "|".join(str(row[name]) for name in ("day", "title", *_MONEY))
    party = "" if row["process_id"] else supplier_key(row["supplier_name"], row["supplier_ids"])[0] or ""
    return row["document"], row["process_id"] or "", number, row["lot"] or "", party


def supplier_key(name: str | None, ids: list[dict[str, str | None]] | None) -> tuple[str | None, bool]:
    """How a supplier is called in a subject, and whether it is a person (then the name must not leave)."""
    by_scheme = {one["scheme"]: one["value"] for one in reversed(ids or ()) if one["value"]}
    number = by_scheme.get("vat") or by_scheme.get("register")
    if number:
        return re.sub(r"[\s/]+", "", number).lower(), False
    if not name:
        return None, False
    folded = fold(name)
    return folded.replace(" ", "-"), folded == without_legal_form(folded)


def observations(file: SiteFile, key: SiteKey, directory: Directory, egress: Egress) -> pl.DataFrame:
    """OBSERVATION rows of the newest version of every document that still holds.

    One for the purchase, and one for each service or software that its words or its supplier name.
    """
    documents = _newest(file)
    if not documents.height:
        return OBSERVATION.empty()
    reported = egress.reported(documents["unit"])
    documents = (
        documents.join(reported, on="unit").filter(pl.col("reported").is_not_null()).with_columns(unit="reported")
    )
    documents = _described(documents, key, egress)
    purchases = documents.with_columns(
        subject=pl.format("purchases:{}/{}", pl.col("supplier"), pl.col("cpv_group").fill_null("-")),
    )
    goods = _goods(documents, directory)
    wanted = [*(name for name in OBSERVATION.names if name in purchases.columns or name == "matched"), "key"]
    both = pl.concat([purchases, goods], how="diagonal_relaxed")
    return identified(both.select(name for name in wanted if name in both.columns), "key")


def words(file: SiteFile) -> pl.DataFrame:
    """(unit, word) of what units bought: single words and neighbours written together, folded."""
    rows = []
    for unit, body in file.db.execute("SELECT unit, body FROM documents"):
        document = json.loads(body)
        texts = [document["title"], document["supplier_name"], *(line["text"] for line in document["lines"] or ())]
        for text in filter(None, texts):
            parts = fold(text).split()
            rows += [(unit, word) for word in (*parts, *map("".join, pairwise(parts))) if len(word) >= SHORTEST]
    return pl.DataFrame(rows, schema={"unit": pl.String, "word": pl.String}, orient="row").unique()


def coverage(observed: pl.DataFrame) -> pl.DataFrame:
    """(unit, signal, view, day, records) of purchase observations."""
    documents = observed.filter(pl.col("subject").str.starts_with("purchases:"))
    return documents.group_by("unit", "signal", "view", "day").agg(pl.len().cast(pl.Int64).alias("records"))


SHORTEST = 5
"""Letters a word needs to name a candidate."""


def _newest(file: SiteFile) -> pl.DataFrame:
    rows = file.db.execute(
        "SELECT unit, body FROM (SELECT unit, body, row_number() OVER (PARTITION BY source, mark ORDER BY issued DESC, digest DESC)"
        " AS age FROM documents) WHERE age = 1",
    ).fetchall()
    frame = pl.DataFrame(rows, schema={"unit": pl.String, "body": pl.String}, orient="row")
    decoded = frame["body"].str.json_decode(_BODY).struct.unnest()
    return frame.drop("body").hstack(decoded).filter(~pl.col("cancelled").fill_null(value=False))


def _described(documents: pl.DataFrame, key: SiteKey, egress: Egress) -> pl.DataFrame:
    """Documents with the columns of an observation; suppliers that are persons only as a keyed hash."""
    suppliers, facts, titles, keys = [], [], [], []
    for row in documents.iter_rows(named=True):
        name, person = supplier_key(row["supplier_name"], row["supplier_ids"])
        if person and name:
            name = f"person-{key.word('supplier', name):016x}"
        suppliers.append(name or "-")
        keys.append("|".join((*document_key(row)[:4], name or "-")))
        stated = {"supplier_name": None if person else row["supplier_name"], "legal_basis": row["legal_basis"]}
        facts.append([{"name": n, "value": _clean(v)} for n, v in stated.items() if v])
        titles.append(_clean(row["title"]))
    cpv = pl.col("cpv").list.first().str.slice(0, 3)
    return documents.with_columns(
        pl.Series("supplier", suppliers, dtype=pl.String),
        pl.Series("key", keys, dtype=pl.String),
        pl.Series("facts", [fact or None for fact in facts], dtype=OBSERVATION.schema["facts"]),
        pl.Series("title", titles, dtype=pl.String),
        pl.lit(egress.site).alias("site"),
        pl.lit("procurement").alias("signal"),
        pl.col("document").alias("view"),
        pl.lit(0, dtype=pl.Int64).alias("revision"),
        pl.when(cpv.str.contains(r"^\d{3}$")).then(cpv).alias("cpv_group"),
    )


def _goods(documents: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Documents once more for each service or software they name; with the money of its lines where lines name it."""
    indexed = documents.with_row_index("row")
    titles = indexed.select(
        "row",
        pl.col("title").alias("text"),
        "supplier_name",
        "supplier_ids",
        "cpv",
        pl.lit(None, pl.Decimal(18, 2)).alias("amount"),
        pl.lit(value=True).alias("whole"),
    )
    lines = (
        indexed.select("row", "supplier_name", "supplier_ids", "lines")
        .explode("lines")
        .filter(pl.col("lines").is_not_null())
        .unnest("lines")
        .select("row", "text", pl.lit(None, dtype=pl.String).alias("supplier_name"), pl.col("supplier_ids").list.head(0), pl.concat_list("cpv").alias("cpv"), "amount", pl.lit(value=False).alias("whole"))
    )  # fmt: skip
    texts = pl.concat([titles, lines])
    found = directory.purchases(texts.select("text", "supplier_name", "supplier_ids", "cpv"))
    named = (
        texts.select("row", "amount", "whole")
        .with_columns(found["subject"], found["kind"], matched=found.select(pl.struct("identifier", "identifier_kind", "how", "confidence", "entry_hash")).to_series())
        .filter(pl.col("kind").is_in(LEAVING))
        .sort("row", "subject", "whole", descending=[False, False, True])
        .group_by("row", "subject", maintain_order=True)
        .agg(pl.col("whole").any(), pl.col("amount").sum(), pl.col("amount").count().alias("amounts"), pl.col("matched").first())
    )  # fmt: skip
    part = ~pl.col("whole") & (pl.col("amounts") > 0)
    first = [pl.col(name).is_not_null() for name in _MONEY]
    return (
        named.join(indexed, on="row")
        .with_columns(
            pl.when(part & first[0]).then("amount").otherwise("paid").alias("paid"),
            pl.when(part & ~first[0] & first[1]).then("amount").otherwise("committed").alias("committed"),
            pl.when(part & ~first[0] & ~first[1] & first[2]).then("amount").otherwise("estimated").alias("estimated"),
        )
        .drop("row", "whole", "amount", "amounts")
    )


def _never(rows: pl.DataFrame, never: Never) -> pl.Series:
    """True for documents whose good or supplier is never reported: by title, supplier, or every one of their lines."""
    whole = never.purchases(rows.select(pl.col("title").alias("text"), "supplier_name", "supplier_ids", "cpv"))
    lines = (
        rows.with_row_index("row")
        .select("row", "supplier_ids", "lines")
        .explode("lines")
        .filter(pl.col("lines").is_not_null())
        .unnest("lines")
    )
    texts = lines.select(
        "text",
        pl.lit(None, dtype=pl.String).alias("supplier_name"),
        pl.col("supplier_ids").list.head(0),
        pl.concat_list("cpv").alias("cpv"),
    )
    every = lines.select("row", never.purchases(texts).alias("never")).group_by("row").agg(pl.col("never").all())
    by_lines = pl.DataFrame({"row": pl.int_range(rows.height, dtype=pl.UInt32, eager=True)}).join(
        every, on="row", how="left", maintain_order="left"
    )
    return whole | by_lines["never"].fill_null(value=False)


def _clean(text: str | None) -> str | None:
    return None if text is None else " ".join(_CONTACT.sub(" ", text).split())[:TITLE] or None
