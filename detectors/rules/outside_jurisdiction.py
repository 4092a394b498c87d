"""Could data reach a country where its transfer has to be checked?

Reads     usages with signal network, assets or procurement; catalogue: directory (seat, parent, place of processing),
          parameters eu_eea and adequacy_decision
Says      outside_jurisdiction: which of the three facts lies outside, what is disputed, which facts are unknown
Score     facts outside without any adequacy decision / known facts, 0 to 1; 0 where all that lies outside is disputed
Answer    check the transfer (chapter V GDPR), or use a service inside the EU
Source    Regulation (EU) 2016/679, Art. 44-49; IT strategy BW 2025, sovereignty; BSI C3A SOV-2, SOV-3
Blind to  subprocessors; where the single tenant was placed; whether personal data went there at all
"""

import polars as pl

from detectors.context import Context
from detectors.say import in_use, say

DIMENSION = "sovereignty"
VERSION = "1.0"
SINCE = "2026-01-01"
ANSWER = "check_transfer"

JUDGED = ("unlisted", "unclear", "tolerated", "phase_out", "prohibited")
"""Verdicts under which nobody has settled the question; an approval has."""
FACTS = ("provider_seat", "parent_seat", "processed_in")
COUNTRIES = pl.Schema({"country": pl.String, "settled": pl.Boolean, "disputed": pl.Boolean})


def reasons(usages: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows of (unit, subject, code, score, params); no row where there is nothing to say."""
    rows = in_use(usages, context, *JUDGED)
    subjects = _places(context).filter(pl.col("outside").list.len() + pl.col("disputed").list.len() > 0)
    rows = rows.join(subjects, on="subject", how="inner", maintain_order="left")
    places = pl.col("provider", "provider_seat", "parent", "parent_seat", "processed_in")
    found = pl.col("outside", "disputed", "outside_facts", "disputed_facts", "unknown")
    return say(rows, "outside_jurisdiction", pl.col("weight"), places, found)


def _places(context: Context) -> pl.DataFrame:
    """Of each subject: countries outside, countries with a disputed decision, facts nobody knows, and the score."""
    facts = context.subjects.select("subject", *(_listed(context, name) for name in FACTS))
    long = facts.unpivot(FACTS, index="subject", variable_name="fact", value_name="country").explode("country")
    long = long.join(_countries(context, long["country"]), on="country", how="left", maintain_order="left")
    outside = pl.col("country").is_not_null() & ~pl.col("settled")
    disputed = pl.col("settled") & pl.col("disputed")
    known = pl.col("fact").filter(pl.col("country").is_not_null()).n_unique()
    return long.group_by("subject", maintain_order=True).agg(
        pl.col("country").filter(outside).unique(maintain_order=True).alias("outside"),
        pl.col("country").filter(disputed).unique(maintain_order=True).alias("disputed"),
        pl.col("fact").filter(outside).unique(maintain_order=True).alias("outside_facts"),
        pl.col("fact").filter(disputed).unique(maintain_order=True).alias("disputed_facts"),
        pl.col("fact").filter(pl.col("country").is_null()).unique(maintain_order=True).alias("unknown"),
        (pl.col("fact").filter(outside).n_unique() / known).alias("weight"),
    )


def _listed(context: Context, name: str) -> pl.Expr:
    listed = context.subjects.schema[name] == pl.List(pl.String)
    return pl.col(name) if listed else pl.concat_list(name).alias(name)


def _countries(context: Context, seen: pl.Series) -> pl.DataFrame:
    """Of each country: does membership or a decision in force on the day settle it, and is that decision disputed."""
    rows = []
    for country in seen.drop_nulls().unique().sort().to_list():
        held = [
            context.snapshot.parameter(name, "eu", context.day, country) for name in ("eu_eea", "adequacy_decision")
        ]
        decision = next((p for p in held if p is not None and p.scope == country and p.value is not False), None)
        rows.append((country, decision is not None, decision is not None and decision.disputed is not None))
    return pl.DataFrame(rows, schema=COUNTRIES, orient="row")
