"""Usages judged: verdict, reasons, urgency, status and the finding, from the numbers and the law.

A finding on use is open only if its reasons hold on the last observed day and on the judging day; a purchase is judged
by the law of its own day.
"""

from datetime import date

import polars as pl

from detectors.context import Context
from detectors.registry import answer
from detectors.urgency import urgency
from schemas.basis import Basis
from streams.centre.agreed import left
from streams.centre.document import JUDGED
from streams.centre.law import Law
from streams.centre.numbers import told
from streams.centre.status import status

_REASONED = ["unit", "subject", "code"]


def judge(usages: pl.DataFrame, basis: Basis, law: Law) -> pl.DataFrame:
    """The usages with verdict, entries, grade, mode, basis and finding; same rows in the same order.

    Needs `summary` or the observations, and `views` where agreements limit something (`read_by`); a column `words` is added for the store's full text.
    """
    rows = told(usages, headcounts=law.headcounts(usages["unit"]))
    rows, reasons = _judged(rows, law)
    reasons = left(reasons, usages, law.agreed)
    decided = usages.select("id", pl.col("decisions").list.last().alias("decision"))
    rows = rows.join(decided, on="id", how="left", maintain_order="left")
    answers = rows.select("id", "verdict", "entries", "grade", "mode").join(
        _findings(rows, reasons, law), on="id", how="left", maintain_order="left"
    )
    judged = (
        usages.select("id")
        .join(answers, on="id", how="left", maintain_order="left")
        .select(
            pl.col("verdict").fill_null("unlisted"),
            pl.col("entries").fill_null([]),
            pl.col("grade").fill_null("contact"),
            pl.col("mode").fill_null("unknown"),
            pl.lit(basis.number, dtype=pl.Int64).alias("basis"),
            "finding",
            "words",
        )
    )
    return usages.with_columns(judged.get_columns())


def read_by(law: Law) -> list[str]:
    """Columns of a usage that judging again reads."""
    return JUDGED if law.agreed.is_empty() else [*JUDGED, "views"]


def graded(usages: pl.DataFrame, headcounts: pl.DataFrame | None = None) -> pl.DataFrame:
    """The usages with grade and mode, not judged: where no basis exists yet, and to take a population."""
    rows = told(usages, headcounts=headcounts).select("id", "grade", "mode")
    joined = usages.select("id").join(rows, on="id", how="left", maintain_order="left")
    return usages.with_columns(joined["grade"].fill_null("contact"), joined["mode"].fill_null("unknown"))


def _judged(rows: pl.DataFrame, law: Law) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with the catalogue's answers, and the reasons that count."""
    used, bought = rows.filter(pl.col("used_day").is_not_null()), rows.filter(pl.col("used_day").is_null())
    today = law.judged(used, law.day)
    reasons = _still(today, law.reasons(today, law.day), law)
    parts, said = [today], [reasons]
    for day, group in _by_law(bought, "last_day", law):
        judged = law.judged(group, day)
        parts.append(judged)
        said.append(law.reasons(judged, day))
    return pl.concat(parts, rechunk=True), pl.concat(said, rechunk=True)


def _still(today: pl.DataFrame, reasons: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Of today's reasons those that held on the last observed day too."""
    suspects = today.join(reasons, on=["unit", "subject"], how="semi")
    for day, group in _by_law(suspects, "used_day", law):
        if day != law.day:
            then = law.reasons(law.judged(group, day), day)
            gone = reasons.join(group, on=["unit", "subject"], how="semi").join(then, on=_REASONED, how="anti")
            reasons = reasons.join(gone, on=_REASONED, how="anti", maintain_order="left")
    return reasons


def _by_law(rows: pl.DataFrame, column: str, law: Law) -> list[tuple[date, pl.DataFrame]]:
    """The rows grouped by days of the same law."""
    if rows.is_empty():
        return []
    dated = rows.with_columns(law.same_law(rows[column]).alias("law"))
    return [(group["law"][0], group.drop("law")) for group in dated.partition_by("law", maintain_order=True)]


def _findings(rows: pl.DataFrame, reasons: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Columns id, finding (JSON), words: of usages with a reason, and of those that somebody decided on."""
    said = _said(reasons)
    found = rows.join(said, on=["unit", "subject"], how="left", maintain_order="left")
    found = found.filter(pl.col("said").is_not_null() | pl.col("decision").is_not_null())
    if found.is_empty():
        return pl.DataFrame(schema={"id": pl.String, "finding": pl.String, "words": pl.String})
    context = law.context(found, law.day)
    weighed = urgency(found.drop("said", "codes", "decision"), reasons, context)
    open_ = pl.col("said").is_not_null()
    found = found.hstack(weighed.select("urgency", "parts")).with_columns(
        pl.when(open_).then("urgency").otherwise(0).alias("urgency"),
        pl.when(open_).then("parts").otherwise(pl.lit("[]")).alias("parts"),
        status(law.day),
        pl.col("unit").alias("addressee"),
        pl.col("decision").struct.field("outcome").alias("decision"),
        _formerly(found, law),
        _answers(found["codes"]),
    )
    return found.select("id", _json(), _words(found, context))


def _said(reasons: pl.DataFrame) -> pl.DataFrame:
    """Of each usage its reasons as a JSON list, and their codes; detectors speak in order of their names."""
    score = pl.struct("code", "score").struct.json_encode().str.strip_suffix("}")
    texts = reasons.select(
        "unit", "subject", "code", pl.concat_str(score, pl.lit(',"params":'), "params", pl.lit("}")).alias("text")
    )
    # joining lists is three times as fast as joining inside the groups
    lists = texts.group_by("unit", "subject", maintain_order=True).agg("text", "code")
    return lists.select(
        "unit", "subject", pl.col("text").list.join(",").alias("said"), pl.col("code").list.join(" ").alias("codes")
    )


def _json() -> pl.Expr:
    """The finding, fields in the order of Finding."""
    head = pl.struct("id", "unit", "subject", "formerly", "verdict", "entries").struct.json_encode()
    seen = ("grade", "mode", "signals", "first_seen", "last_seen", "status")
    tail = (*seen, "addressee", "alternative", "answer", "decision")
    renamed = {"first_seen": "first_day", "last_seen": "last_day"}
    rest = pl.struct(pl.col(renamed.get(name, name)).alias(name) for name in tail).struct.json_encode()
    return pl.concat_str(
        head.str.strip_suffix("}"),
        pl.lit(',"reasons":['),
        pl.col("said").fill_null(""),
        pl.lit('],"urgency":'),
        pl.col("urgency").cast(pl.String),
        pl.lit(',"parts":'),
        "parts",
        pl.lit(","),
        rest.str.strip_prefix("{"),
    ).alias("finding")


def _answers(codes: pl.Series) -> pl.Series:
    """The proposed answer of each set of reasons."""
    distinct = codes.drop_nulls().unique().to_list()
    proposed = [answer(names.split()) for names in distinct]
    return codes.replace_strict(distinct, proposed, default=None, return_dtype=pl.String).alias("answer")


def _formerly(rows: pl.DataFrame, law: Law) -> pl.Series:
    """The former subject, where the directory says that the entry was called something else."""
    renamed = {s: entry.was[0] for s, entry in law.snapshot.directory.items() if entry.was}
    base = rows["subject"].str.split("#").list.first()
    return base.replace_strict(list(renamed), list(renamed.values()), default=None, return_dtype=pl.String).alias(
        "formerly"
    )


def _words(rows: pl.DataFrame, context: Context) -> pl.Series:
    """Words that a finding is searched by: unit, subject, their names, reasons."""
    units, subjects = context.units, context.subjects
    named = rows.select("unit", "subject", "codes").join(
        units.select("unit", unit_de="name_de", unit_en="name_en"), on="unit", how="left", maintain_order="left"
    )
    named = named.join(
        subjects.select("subject", "name_de", "name_en", "provider"), on="subject", how="left", maintain_order="left"
    )
    names = ("unit", "unit_de", "unit_en", "subject", "name_de", "name_en", "provider", "codes")
    return named.select(pl.concat_str(names, separator=" ", ignore_nulls=True).alias("words"))["words"]
