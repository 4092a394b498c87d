"""What the catalogue says of units' uses of subjects on a day, for a whole frame at once."""

from datetime import date

import polars as pl

from catalogue.applies import Scope
from catalogue.law import Law
from catalogue.snapshot import Snapshot
from schemas.table import TEXT_LIST

VERDICTS = pl.Schema(
    {
        "verdict": pl.String(),
        "entries": TEXT_LIST,
        "standard": pl.String(),
        "successor": pl.String(),
        "initiative": pl.String(),
        "alternative": pl.String(),
    }
)
"""Columns that `verdicts` gives: `entries` are the hashes of the entry, the standards and the initiative read for the
verdict; `successor` is what the standard names, `alternative` an approved subject that is offered to the unit."""

_NOT_NAMED = ""
"""Stands for every subject that no record speaks of: candidates and purchases, as many as there may be."""


def verdicts(frame: pl.DataFrame, snapshot: Snapshot, day: date) -> pl.DataFrame:
    """VERDICTS columns for columns unit and subject: same height and order. The mode of a usage changes no verdict.

    Each subject is judged once for each scope (units that the records do not tell apart), not for each row.
    """
    law = _law(snapshot, day)
    scopes, units = _scopes(law, frame["unit"])
    base = pl.col("subject").str.split("#").list.first()
    known = pl.col("subject").is_not_null() & base.is_in(list(law.named))
    subjects = (
        frame.select("subject").unique().with_columns(key=pl.when(known).then("subject").otherwise(pl.lit(_NOT_NAMED)))
    )
    pairs = (
        frame.select("unit", "subject")
        .join(units, on="unit", how="left", nulls_equal=True, maintain_order="left")
        .join(subjects, on="subject", how="left", nulls_equal=True, maintain_order="left")
        .select("key", "scope")
    )
    distinct = pairs.unique()
    rows = [law.opinion(key, scopes[scope]) for key, scope in distinct.select("key", "scope").iter_rows()]
    said = pl.concat([distinct, pl.DataFrame(rows, schema=VERDICTS, orient="row")], how="horizontal")
    return pairs.join(said, on=["key", "scope"], how="left", maintain_order="left").select(VERDICTS.names())


def _law(snapshot: Snapshot, day: date) -> Law:
    """The law of a day; it remembers its opinions."""
    key = ("law", day)
    if key not in snapshot.worked_out:
        snapshot.worked_out[key] = Law(snapshot, day)
    found: Law = snapshot.worked_out[key]
    return found


def _scopes(law: Law, codes: pl.Series) -> tuple[list[Scope], pl.DataFrame]:
    """The distinct scopes, and a frame that gives each unit the number of its scope."""
    units = codes.rename("unit").to_frame().unique()
    each = [law.scope(code or "") for code in units["unit"]]
    scopes = list(dict.fromkeys(each))
    numbers = {scope: number for number, scope in enumerate(scopes)}
    return scopes, units.with_columns(scope=pl.Series([numbers[scope] for scope in each], dtype=pl.UInt32))
