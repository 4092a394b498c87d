"""Stored inventories to observations: what is installed at a unit, on how many devices, in which versions, until when."""

import polars as pl

from catalogue.match import Directory
from schemas.observation import OBSERVATION
from streams.site.border import Egress
from streams.site.differences import hidden
from streams.site.emit import LEAVING
from streams.site.file import SiteFile
from streams.site.inventories import INSTALL, TEXTS
from streams.site.keys import SiteKey
from streams.site.observed import identified
from streams.site.rows import UNIT
from streams.site.windows import Windows

DAYS = 30
"""Days that an inventory speaks for when no newer one of its scope comes."""
SERVERS = ("cyclonedx", "nmap")
"""Inventories of servers and products: no person stands behind a device, so no group size applies."""


def observations(
    windows: Windows, key: SiteKey, directory: Directory, egress: Egress
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """OBSERVATION rows of inventories, and coverage (unit, signal, view, day, records)."""
    installs = windows.frames("asset", INSTALL)
    inventories = _inventories(windows.file)
    current = installs.join(_current(inventories), on=["at", "inventory"], how="semi")
    coverage = (
        current.group_by("unit", "view", "day")
        .agg(pl.len().cast(pl.Int64).alias("records"))
        .with_columns(
            pl.col("unit").cast(pl.String),
            signal=pl.lit("assets"),
        )
    )
    reported = egress.reported(current["unit"]).with_columns(pl.col("unit").cast(UNIT))
    rows = (
        current.filter(pl.col("device").is_not_null())  # without devices their number stands as it was sent
        .join(_matched(windows.file, directory), on="name")
        .join(reported, on="unit")
        .filter(pl.col("reported").is_not_null())
    )
    coverage = coverage.join(egress.reported(coverage["unit"]), on="unit").filter(pl.col("reported").is_not_null())
    coverage = (
        coverage.with_columns(unit="reported")
        .drop("reported")
        .group_by("unit", "signal", "view", "day")
        .agg(pl.col("records").sum())
    )
    if not rows.height:
        return OBSERVATION.empty(), coverage
    spans = _spans(rows.with_columns(unit=pl.col("reported")), inventories, key)
    return _observed(spans, egress), coverage


def _inventories(file: SiteFile) -> pl.DataFrame:
    rows = file.db.execute(
        "SELECT source, scope, at, day, digest FROM inventories ORDER BY scope, at, digest"
    ).fetchall()
    schema = pl.Schema(
        {"source": pl.String(), "scope": pl.Int64(), "at": pl.Int64(), "day": pl.String(), "digest": pl.Binary()}
    )
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.col("day").str.to_date(),
        pl.col("scope").reinterpret(signed=False),
        pl.Series("inventory", [int.from_bytes(row[4][:8], "little") for row in rows], dtype=pl.UInt64),
    )


def _current(inventories: pl.DataFrame) -> pl.DataFrame:
    """The newest inventory of each scope and day."""
    return inventories.sort("at", "digest").group_by("source", "scope", "day").agg(pl.col("at", "inventory").last())


def _matched(file: SiteFile, directory: Directory) -> pl.DataFrame:
    rows = file.db.execute(
        "SELECT name, asset, vendor, product, version, purl, cpe, publisher FROM products"
    ).fetchall()
    products = pl.DataFrame(rows, schema=pl.Schema({"name": pl.Int64(), **TEXTS}), orient="row")
    found = directory.assets(products.select("vendor", "product", "version", "purl", "cpe", "publisher"))
    matched = found.select(pl.struct("identifier", "identifier_kind", "how", "confidence", "entry_hash")).to_series()
    return products.select(pl.col("name").reinterpret(signed=False), "version").with_columns(
        found["subject"], found["kind"], matched=matched,
    ).filter(pl.col("kind").is_in(LEAVING))  # fmt: skip


def _spans(rows: pl.DataFrame, inventories: pl.DataFrame, key: SiteKey) -> pl.DataFrame:
    """Rows with the day their inventory stops to speak for them (`until`), and whether a newer inventory ended it."""
    scopes, packages = inventories["scope"].unique(), rows["package"].unique()
    grid = scopes.to_frame("scope_word").join(packages.to_frame("package"), how="cross")
    scope_words, words = grid["scope_word"].to_numpy(), grid["package"].to_numpy()
    grid = pl.concat(
        [grid.with_columns(scope=pl.Series(key.pairs(scope_words, words, period))) for period in key.periods]
    )
    following = (
        inventories.select("scope", "day").unique().sort("scope", "day")
        .with_columns(pl.col("day").shift(-1).over("scope").alias("next"))
        .rename({"scope": "scope_word"})
    )  # fmt: skip
    rows = rows.join(grid, on=["scope", "package"], how="left").join(following, on=["scope_word", "day"], how="left")
    lapse = pl.col("day").dt.offset_by(f"{DAYS}d")
    return rows.with_columns(
        ended=(pl.col("next") <= lapse).fill_null(value=False), until=pl.min_horizontal("next", lapse)
    )


def _observed(spans: pl.DataFrame, egress: Egress) -> pl.DataFrame:
    """Observations on each day on which an inventory names the subject or no longer does."""
    place = ["subject", "unit", "view"]
    days_of = pl.concat(
        [spans.select(*place, "day"), spans.filter("ended").select(*place, pl.col("until").alias("day"))]
    ).unique()
    devices = (
        _standing(days_of, spans, [*place, "package"], "actors_30d")
        .group_by(*place, "day")
        .agg(pl.col("actors_30d").max())
    )
    today = spans.group_by(*place, "package", "day").agg(pl.col("device").n_unique().cast(pl.Int64).alias("actors"))
    today = today.group_by(*place, "day").agg(pl.col("actors").max())
    server = pl.col("view").is_in(SERVERS)
    exact = server | (pl.col("actors_30d") >= egress.group_size)
    best = spans.sort(
        pl.col("matched").struct.field("confidence"),
        pl.col("matched").struct.field("identifier"),
        descending=[True, False],
    )
    matched = best.group_by(place).agg(pl.col("matched").first())
    releases = _releases(days_of, spans.filter(pl.col("version").is_not_null()), egress)
    rows = (
        days_of.join(devices, on=[*place, "day"], how="left")
        .join(today, on=[*place, "day"], how="left")
        .join(matched, on=place, how="left")
        .join(releases, on=[*place, "day"], how="left")
        .with_columns(
            pl.when(exact).then(pl.col("actors").fill_null(0)).alias("actors"),
            pl.when(exact | (pl.col("actors_30d") == 0)).then("actors_30d").alias("actors_30d"),
            pl.when(~exact & (pl.col("actors_30d") > 0)).then(pl.lit(egress.band)).alias("band"),
            actors_kind=pl.lit("device"),
            site=pl.lit(egress.site),
            signal=pl.lit("assets"),
            revision=pl.lit(0, dtype=pl.Int64),
        )
    )
    return identified(rows)


def _standing(days_of: pl.DataFrame, spans: pl.DataFrame, by: list[str], name: str) -> pl.DataFrame:
    """How many distinct devices stand on each day, by the columns `by`: opened spans minus closed ones."""
    once = spans.group_by(*by, "device", "day").agg(pl.col("until").max())
    steps = pl.concat(
        [once.select(*by, "day", pl.lit(1, dtype=pl.Int64).alias(name)), once.select(*by, pl.col("until").alias("day"), pl.lit(-1, dtype=pl.Int64).alias(name))],
    )  # fmt: skip
    running = (
        steps.group_by(*by, "day")
        .agg(pl.col(name).sum())
        .sort(*by, "day")
        .with_columns(pl.col(name).cum_sum().over(by))
        .sort("day")
    )
    places = spans.select(by).unique()
    wanted = days_of.join(places, on=[c for c in days_of.columns if c != "day"]).sort("day")
    return wanted.join_asof(running, on="day", by=by, strategy="backward", check_sortedness=False).with_columns(
        pl.col(name).fill_null(0)
    )


def _releases(days_of: pl.DataFrame, spans: pl.DataFrame, egress: Egress) -> pl.DataFrame:
    place = ["subject", "unit", "view"]
    counts = _standing(days_of, spans, [*place, "version", "package"], "devices")
    counts = (
        counts.group_by(*place, "version", "day")
        .agg(pl.col("devices").max())
        .filter(pl.col("devices") > 0)
        .sort("version")
    )
    counts = counts.sort("devices", "version")
    stays = ~pl.col("view").is_in(SERVERS) & hidden("devices", [*place, "day"], egress.group_size)
    counts = counts.with_columns(pl.when(~stays).then("devices").alias("devices")).sort("version")
    return counts.group_by(*place, "day", maintain_order=True).agg(releases=pl.struct("version", "devices"))
