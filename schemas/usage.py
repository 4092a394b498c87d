"""One unit x subject at the centre: its observations merged, judged; its finding is part of the same document."""

import polars as pl

from schemas.observation import FACTS, MATCHED, OBSERVATION, RELEASES
from schemas.table import MONEY, TEXT_LIST, Column, Table

VIEW = pl.Struct(
    {
        "view": pl.String,
        "signal": pl.String,
        "site": pl.String,
        "first_day": pl.Date,
        "last_day": pl.Date,
        "active_days": pl.Int64,
        "events": pl.Int64,
        "blocked": pl.Int64,
        "bytes_up": pl.Int64,
        "bytes_down": pl.Int64,
        "actors": pl.Int64,
        "actors_kind": pl.String,
        "band": pl.String,
        "estimated": MONEY,
        "committed": MONEY,
        "paid": MONEY,
        "documents": pl.Int64,
    },
)
"""One view of a usage. Events and bytes are sums over the 30 days ending on the usage's last day; `actors` is the
30-day count of the view's last day; money is summed over its documents."""

DECIDED = pl.Struct(
    {
        "id": pl.String,
        "level": pl.String,
        "outcome": pl.String,
        "reason": pl.String,
        "conditions": pl.String,
        "due": pl.Date,
        "by": pl.String,
        "at": pl.Datetime("us", "UTC"),
    },
)

USAGE = Table(
    "usage",
    (
        Column("id", pl.String(), "finding_id(unit, subject)", required=True),
        Column("unit", pl.String(), "code of the unit", required=True),
        Column("subject", pl.String(), "the thing judged", required=True),
        Column("version", pl.Int64(), "version in the store; 0 for a document that is not stored yet", required=True),
        Column("observations", pl.List(pl.Struct(OBSERVATION.schema)), "newest revision of each observation, by id"),
        Column("decisions", pl.List(DECIDED), "decisions by id, in order of time"),
        Column("verdict", pl.String(), "what the catalogue says", required=True),
        Column("entries", TEXT_LIST, "hashes of the catalogue records that were read", required=True),
        Column("grade", pl.String(), "contact, use or reliance", required=True),
        Column("mode", pl.String(), "own_contract, through, guest, free_account, unknown", required=True),
        Column("first_day", pl.Date(), "first day observed"),
        Column("last_day", pl.Date(), "last day observed"),
        Column("active_days", pl.Int64(), "largest active_days over the views' last days"),
        Column("views", pl.List(VIEW), "numbers of each view"),
        Column("basis", pl.Int64(), "number of the basis it was judged by", required=True),
        Column("finding", pl.String(), "the finding as JSON; null when there is none"),
    ),
)

PURCHASE = pl.Struct(
    {
        "site": pl.String,
        "day": pl.Date,
        "view": pl.String,
        "document_id": pl.String,
        "process_id": pl.String,
        "references": TEXT_LIST,
        "procedure": pl.String,
        "framework_of": pl.String,
        "lot": pl.String,
        "in_house": pl.Boolean,
        "amends": pl.String,
        "estimated": MONEY,
        "committed": MONEY,
        "paid": MONEY,
        "currency": pl.String,
        "title": pl.String,
        "seats": pl.Int64,
        "period_start": pl.Date,
        "period_end": pl.Date,
        "cpv_group": pl.String,
        "facts": FACTS,
    },
)
"""One purchase document as a detector reads it."""

NUMBERS = Table(
    "numbers",
    (
        Column("id", pl.String(), "id of the usage", required=True),
        Column("unit", pl.String(), "code of the unit", required=True),
        Column("subject", pl.String(), "the thing judged, with edition", required=True),
        Column("signals", TEXT_LIST, "signals that saw it, sorted", required=True),
        Column("verdict", pl.String(), "what the catalogue says", required=True),
        Column("grade", pl.String(), "what the evidence carries", required=True),
        Column("mode", pl.String(), "whose contract", required=True),
        Column("first_day", pl.Date(), "first day observed", required=True),
        Column("last_day", pl.Date(), "last day observed", required=True),
        Column("matched", MATCHED, "most confident match"),
        Column("actors", pl.Int64(), "30-day count of the largest view; null below the group size or unknown"),
        Column("actors_kind", pl.String(), "what was counted in that view"),
        Column("band", pl.String(), "band of the largest view when no exact number left the site"),
        Column("active_days", pl.Int64(), "days of 30 on which the group size was reached, largest view"),
        Column("events", pl.Int64(), "sightings in 30 days, not blocked, largest view"),
        Column("blocked", pl.Int64(), "blocked sightings in 30 days, largest view"),
        Column("bytes_up", pl.Int64(), "bytes uploaded in 30 days, largest view"),
        Column("bytes_down", pl.Int64(), "bytes downloaded in 30 days, largest view"),
        Column("upload_actors", pl.Int64(), "largest daily number of actors that uploaded 1 MB or more"),
        Column("program_days", pl.Int64(), "days of 30 with a program's user agent"),
        Column(
            "shown_by", TEXT_LIST, "signs that made a domain a candidate: by_upload, by_program, by_label, by_purchase"
        ),
        Column(
            "growth_weeks",
            pl.Int64(),
            "weeks in a row that actors grew, ending at the last day; null under 3 weeks of data",
        ),
        Column("releases", RELEASES, "versions installed and devices, newest inventory"),
        Column("purchases", pl.List(PURCHASE), "purchase documents, by day and document"),
        Column("estimated", MONEY, "largest estimated value over the documents of each procedure, summed"),
        Column("committed", MONEY, "committed value, each purchase once"),
        Column("paid", MONEY, "invoices minus credit notes"),
    ),
)
"""What detectors, grade and urgency read of a usage: its views brought to one row (largest over views, never the sum)."""

REASON = pl.Schema(
    {"unit": pl.String, "subject": pl.String, "code": pl.String, "score": pl.Float64, "params": pl.String}
)
"""Rows that a detector gives; params is JSON with numbers and catalogue words only."""
