"""What a usage's observations say: its days, its views, and the summary that detectors read.

Inside a view sums add, over the 30 days that end on the usage's last day. Each site's view is one of its own; over views
the largest value counts, never the sum: proxy, TLS and DNS see the same visit.
"""

from datetime import date

import numpy as np
import polars as pl

from connectors.store.loose import NULL, Loose, listed, numbers
from connectors.store.seen import loosened
from schemas.observation import SIGNS
from schemas.usage import VIEW
from streams.centre.document import SUMMARY
from streams.centre.growth import growth
from streams.centre.purchases import bought
from streams.centre.windows import SUMMED, WINDOW, Windows, begins, largest_of

__all__ = ["WINDOW", "facts", "measured"]

_BOUGHT = "procurement"
_MAXIMAL = ("active_days", *SUMMED, "upload_actors", "program_days", *SIGNS)
"""Columns of which the largest value over a usage's current views counts."""
_NO_VIEWS = pl.DataFrame(schema={"row": pl.UInt32, "signal": pl.String, "view": pl.String, "site": pl.String})


def measured(usages: pl.DataFrame, day: date | None = None) -> pl.DataFrame:
    """The usages with days, active_days, views and summary from their observations, of days up to `day`.

    Withdrawn observations count for nothing; a usage without any other has null days.
    """
    rows = loosened(usages)
    if day is not None:
        rows = rows.take(np.flatnonzero(rows.number("day") <= (day - date(1970, 1, 1)).days))
    said = facts(rows)
    return usages.drop(said.columns, strict=False).hstack(said)


def facts(observations: Loose) -> pl.DataFrame:
    """Columns first_day, last_day, active_days, views, summary; one row a usage."""
    rows = _counting(observations)
    usages = len(rows.lengths)
    is_bought = (rows.texts["signal"] == _BOUGHT).to_numpy()[rows.text]
    used = rows.take(np.flatnonzero(~is_bought)) if is_bought.any() else rows
    found = {series.name: series for series in (*_days(rows), _matched(rows))}
    views, money = _NO_VIEWS, None
    if len(used.numbers):
        windows = Windows.of(used)
        views = windows.views
        found |= {series.name: series for series in (*_largest(windows, usages), _releases(windows, usages))}
    if is_bought.any():
        places = np.flatnonzero(is_bought)
        money = bought(rows.frame(places).with_columns(_rows(rows.document[places])))
        every = _rows(np.arange(usages)).to_frame().join(money.usages, on="row", how="left", maintain_order="left")
        found |= {series.name: series for series in every.drop("row")}
    absent = {name: dtype for name, dtype in SUMMARY.items() if name not in found}
    found |= {name: pl.repeat(None, usages, dtype=dtype, eager=True) for name, dtype in absent.items()}
    summary = pl.DataFrame([found[name].cast(dtype).alias(name) for name, dtype in SUMMARY.items()])
    shown = _listed(views, None if money is None else money.views, usages)
    days = [found[name].alias(name) for name in ("first_day", "last_day", "active_days")]
    return pl.DataFrame([*days, shown.alias("views"), summary.to_struct("summary")])


def _counting(rows: Loose) -> Loose:
    """The observations that are not withdrawn."""
    withdrawn = rows.texts["withdrawn"].fill_null(value=False).to_numpy()[rows.text]
    return rows.take(np.flatnonzero(~withdrawn)) if withdrawn.any() else rows


def _days(rows: Loose) -> tuple[pl.Series, ...]:
    """First and last day, and the signals that saw it."""
    day, usages = rows.number("day"), len(rows.lengths)
    signals = rows.texts["signal"].unique().sort()
    signal = rows.texts["signal"].rank("dense").cast(pl.Int64).to_numpy() - 1
    run = begins(rows.document, rows.text)
    pairs = np.unique(rows.document[run] * max(1, len(signals)) + signal[rows.text[run]])
    usage, which = np.divmod(pairs, max(1, len(signals)))
    return (
        numbers(-largest_of(rows.document, -day, usages), pl.Date()).alias("first_day"),
        numbers(largest_of(rows.document, day, usages), pl.Date()).alias("last_day"),
        _of_each(signals.gather(_at(which)), usage, usages).alias("signals"),
    )


def _matched(rows: Loose) -> pl.Series:
    """Of each usage the most confident match; of equal ones the newest, then by spelling."""
    matches = rows.texts.select(pl.col("matched").struct.unnest()).with_row_index("text")
    matches = matches.drop_nulls("identifier")
    spelled = matches.sort(["identifier", "identifier_kind", "how", "entry_hash"], nulls_last=True)
    sure = pl.col("confidence").rank("dense", descending=True).fill_null(len(matches) + 1)
    ranks = spelled.select("text", sure.cast(pl.Int64).alias("sure"), spelling=pl.int_range(pl.len()))
    by_text = np.full((2, rows.texts.height), NULL)
    by_text[:, ranks["text"].to_numpy()] = ranks.select("sure", "spelling").to_numpy().T
    run = begins(rows.document, rows.text)
    usage, text = rows.document[run], rows.text[run]
    newest = np.maximum.reduceat(rows.number("day"), run) if len(run) else run
    known = by_text[0][text] != NULL
    usage, text, newest = usage[known], text[known], newest[known]
    order = np.lexsort((by_text[1][text], -newest, by_text[0][text], usage))
    best = order[begins(usage[order])]
    found = _scattered(text[best], usage[best], len(rows.lengths))
    return rows.texts["matched"].gather(found)


def _largest(windows: Windows, usages: int) -> list[pl.Series]:
    """Of each usage the largest values over its views that were seen in the window."""
    views = windows.views
    held = {name: views[name].fill_null(NULL).to_numpy() for name in ("row", "kind", "ago", "actors", "events")}
    current = np.flatnonzero(held["ago"] < WINDOW)
    keys = ("kind", "events", "actors", "row")
    order = np.lexsort([_descending(held[k][current]) if k in {"events", "actors"} else held[k][current] for k in keys])
    order = current[order]
    first = begins(held["row"][order])
    largest, row = order[first], held["row"][order[first]]
    at = _scattered(largest, row, usages)
    found = {name: views[name].gather(at) for name in ("actors", "actors_kind", "band", "used_day")}
    for name in _MAXIMAL:
        found[name] = _scattered(_most(views[name], order, first), row, usages).alias(name)
    found["growth_weeks"] = growth(windows, largest, usages)
    kept = pl.DataFrame([series.alias(name) for name, series in found.items()])
    signs = pl.concat_list(pl.when(pl.col(name) > 0).then(pl.lit(name)) for name in SIGNS).list.drop_nulls()
    kept = kept.with_columns(
        pl.when(pl.col("actors").is_null()).then("band").alias("band"),
        pl.when(signs.list.len() > 0).then(signs).alias("shown_by"),
    )
    return [*kept.drop(SIGNS), _evidence(windows, current, usages)]


def _evidence(windows: Windows, current: np.ndarray, usages: int) -> pl.Series:
    """The network views of each usage with sightings that were not blocked; null where nothing was used."""
    views = windows.views
    unblocked = ((views["signal"] == "network") & (views["events"] > 0)).fill_null(value=False).to_numpy()
    seen = current[unblocked[current]]
    row, kind = views["row"].to_numpy()[seen], views["kind"].to_numpy()[seen]
    view = windows.kinds["view"].rank("dense").to_numpy()[kind]
    # kinds of one signal are in order of their views, those of several sites next to each other
    distinct = begins(row, view)
    used = np.zeros(usages, bool)
    used[views["row"].to_numpy()] = True
    return _of_each(views["view"].gather(_at(seen[distinct])), row[distinct], usages, used).alias("evidence")


def _releases(windows: Windows, usages: int) -> pl.Series:
    """Versions and devices of the newest inventory; where two sites name a version, the larger number."""
    texts = windows.rows.texts
    listing = texts.select((pl.col("signal") == "assets") & (pl.col("releases").list.len() > 0)).to_series()
    named = listing.fill_null(value=False).to_numpy()[windows.rows.text[windows.order]]
    places = np.flatnonzero(named)
    if not len(places):
        return pl.repeat(None, usages, dtype=SUMMARY["releases"], eager=True).alias("releases")
    assets = windows.rows.frame(windows.order[places], ["releases"]).with_columns(
        _rows(windows.usage[places]),
        pl.Series("kind", windows.kind[places]),
        pl.Series("ago", windows.ago[places]),
    )
    newest = assets.filter(pl.col("ago") == pl.col("ago").min().over("row", "kind"), pl.col("ago") < WINDOW)
    long = newest.select("row", "releases").explode("releases").unnest("releases")
    versions = long.group_by("row", "version").agg(pl.col("devices").max()).sort("row", "version", nulls_last=True)
    lists = versions.group_by("row", maintain_order=True).agg(pl.struct("version", "devices").alias("releases"))
    every = _rows(np.arange(usages)).to_frame()
    return every.join(lists, on="row", how="left", maintain_order="left")["releases"]


def _listed(views: pl.DataFrame, documents: pl.DataFrame | None, usages: int) -> pl.Series:
    """All views of each usage as VIEW structs, sorted."""
    rows = views
    if documents is not None:
        rows = pl.concat([views.with_columns(_rows(views["row"].to_numpy())), documents], how="diagonal_relaxed")
        rows = rows.sort("row", "signal", "view", "site")
    structs = rows.select(pl.struct(_as(rows, field) for field in VIEW.fields)).to_series()
    return _of_each(structs, rows["row"].to_numpy(), usages)


def _as(rows: pl.DataFrame, field: pl.Field) -> pl.Expr:
    found = pl.col(field.name) if field.name in rows.columns else pl.lit(None)
    return found.cast(field.dtype).alias(field.name)


def _rows(values: np.ndarray) -> pl.Series:
    return pl.Series("row", values, dtype=pl.UInt32)


def _at(values: np.ndarray) -> pl.Series:
    return pl.Series(values, dtype=pl.UInt32)


def _descending(values: np.ndarray) -> np.ndarray:
    """Numbers that sort the other way round, NULL last."""
    return np.where(values == NULL, np.iinfo(np.int64).max, -values)


def _most(values: pl.Series, order: np.ndarray, first: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.maximum.reduceat(values.fill_null(NULL).to_numpy()[order], first)
    return found


def _scattered(values: np.ndarray, places: np.ndarray, height: int) -> pl.Series:
    """The values at these places, null elsewhere."""
    found = np.full(height, NULL)
    found[places] = values
    return numbers(found, pl.Int64())


def _of_each(values: pl.Series, owner: np.ndarray, owners: int, told: np.ndarray | None = None) -> pl.Series:
    """The values of each owner as a list; `owner` is in order. Null where there are none, or where `told` is false."""
    counts = np.bincount(owner, minlength=owners)
    told = counts > 0 if told is None else told
    lists = listed(values, counts)
    return lists if told.all() else pl.select(pl.when(pl.Series(told)).then(lists)).to_series()
