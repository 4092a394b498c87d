"""Inventories at the site: what is installed where. The newest of a scope ends what it no longer names."""

import sqlite3
from datetime import date

import numpy as np
import polars as pl

from catalogue.match import Directory
from catalogue.never import Never
from catalogue.words import fold
from schemas.observation import OBSERVATION
from streams.site.assign import EXCLUDED
from streams.site.border import Egress
from streams.site.emit import LEAVING, identified
from streams.site.feed import Feed
from streams.site.file import SiteFile, signed
from streams.site.keys import SiteKey
from streams.site.purchases import SHORTEST, Places
from streams.site.reduce import days
from streams.site.rows import UNIT
from streams.site.windows import Windows

DAYS = 30
"""Days that an inventory speaks for when no newer one of its scope comes."""
SERVERS = ("cyclonedx", "nmap")
"""Inventories of servers and products: no person stands behind a device, so no group size applies."""

INSTALL = pl.Schema(
    {
        "name": pl.UInt64(), "package": pl.UInt64(), "unit": UNIT, "view": pl.String(), "day": pl.Date(), "at": pl.Int64(),
        "inventory": pl.UInt64(), "scope": pl.UInt64(), "device": pl.UInt64(),
    },
)  # fmt: skip
"""A row of a run: one product on one device in one inventory. `scope` and `device` are pseudonyms keyed with the package
(the product without its version), so that nobody can tell which packages are on one device."""

_PRODUCT = ("asset", "vendor", "product", "version", "purl", "cpe", "publisher")
_TEXTS: dict[str, pl.DataType] = dict.fromkeys(_PRODUCT, pl.String())


def keep(
    db: sqlite3.Connection,
    key: SiteKey,
    windows: Windows,
    feed: Feed,
    never: Never,
    rows: pl.DataFrame,
    scope: str | None,
) -> Places:
    """Write one inventory; the same content of the same scope and instant is a duplicate."""
    events = rows.filter(pl.col("at").is_not_null())
    idle = rows["place"].n_unique() - events["place"].n_unique()
    hidden = never.assets(events.select("vendor", "product", "version", "purl", "cpe", "publisher"))
    units = _units(events["device_raw"], feed)
    events = events.with_columns(unit=units, hidden=hidden | (units == EXCLUDED).fill_null(value=False))
    fates = events.group_by("place").agg(pl.col("hidden").all(), pl.col("unit").drop_nulls().len().alias("units"))
    dropped = int(fates["hidden"].sum())
    unassigned = int((~fates["hidden"] & (fates["units"] == 0)).sum())
    kept = events.filter(
        ~pl.col("hidden")
        & pl.col("unit").is_not_null()
        & pl.any_horizontal(pl.col("product", "purl", "cpe").is_not_null())
    )
    if kept.height and not _keep(db, key, windows, feed, kept, scope):
        return Places(idle=0, duplicate=rows["place"].n_unique())
    return Places(idle=idle, unassigned=unassigned, dropped=dropped)


def _keep(
    db: sqlite3.Connection, key: SiteKey, windows: Windows, feed: Feed, rows: pl.DataFrame, scope: str | None
) -> bool:
    at = rows["at"].max()
    instant = int(rows.select(pl.col("at").max().dt.timestamp("us")).item())
    day = date.fromordinal(719_163 + int(days(pl.Series([at]).cast(pl.Datetime("us", "UTC")))[0]))
    content = (
        rows.select(pl.struct(*_PRODUCT, "device_raw", "unit").struct.json_encode())
        .to_series()
        .sort()
        .str.join("\n")
        .item()
    )
    digest = key.mark(content)
    inventory = int.from_bytes(digest[:8], "little")
    scope_word = key.word("scope", scope) if scope is not None else inventory
    values = (feed.name, signed(scope_word), instant, day.isoformat(), digest)
    if not db.execute("INSERT OR IGNORE INTO inventories VALUES(?, ?, ?, ?, ?)", values).rowcount:
        return False
    products = rows.select(_PRODUCT).unique(maintain_order=True)
    products = products.with_columns(
        name=pl.Series(key.words("product", products.select(pl.struct(_PRODUCT).struct.json_encode()).to_series())),
        package=pl.Series(key.words("package", pl.Series(_packages(products), dtype=pl.String))),
    )
    db.executemany(
        "INSERT OR IGNORE INTO products VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        ((signed(row[0]), *row[1:]) for row in products.select("name", *_PRODUCT).iter_rows()),
    )
    installs = rows.join(products, on=list(_PRODUCT), nulls_equal=True)
    packages = installs["package"].to_numpy()
    device = np.fromiter(
        (key.word("device", d or "") for d in installs["device_raw"]), dtype=np.uint64, count=len(packages)
    )
    has_device = installs["device_raw"].is_not_null().to_numpy()
    frame = installs.select(
        "name",
        "package",
        pl.col("unit").cast(UNIT),
        pl.lit(feed.connector.NAME).alias("view"),
        pl.lit(day).alias("day"),
        pl.lit(instant, dtype=pl.Int64).alias("at"),
        pl.lit(inventory, dtype=pl.UInt64).alias("inventory"),
        pl.Series("scope", key.pairs(np.full(len(packages), np.uint64(scope_word)), packages)),
        pl.Series("device", key.pairs(np.where(has_device, device, np.uint64(scope_word)), packages)),
    )
    windows.append_frame(db, feed.name, "asset", frame.unique(), feed.receipt.date().isoformat())
    return True


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
        current.join(_matched(windows.file, directory), on="name")
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


def words(file: SiteFile, windows: Windows) -> pl.DataFrame:
    """(unit, word) of what is installed at units, folded and written together."""
    products = pl.DataFrame(
        file.db.execute("SELECT name, product FROM products WHERE product IS NOT NULL").fetchall(),
        schema={"name": pl.Int64(), "product": pl.String()}, orient="row",
    ).with_columns(pl.col("name").reinterpret(signed=False))  # fmt: skip
    pairs = (
        windows.frames("asset", INSTALL)
        .select("name", pl.col("unit").cast(pl.String))
        .unique()
        .join(products, on="name")
    )
    rows = [(unit, word) for unit, product in pairs.select("unit", "product").iter_rows() for word in _words(product)]
    return pl.DataFrame(rows, schema={"unit": pl.String(), "word": pl.String()}, orient="row").unique()


def _words(product: str) -> set[str]:
    parts = fold(product).split()
    return {word for word in (*parts, "".join(parts[:2])) if len(word) >= SHORTEST}


def _units(devices: pl.Series, feed: Feed) -> pl.Series:
    units = feed.reducer.units
    distinct = devices.unique()
    of = dict(
        zip(
            distinct,
            (a or b or units.default for a, b in zip(units.names(distinct), units.clients(distinct), strict=True)),
            strict=True,
        )
    )
    return pl.Series("unit", [of[device] for device in devices], dtype=pl.String)


def _packages(products: pl.DataFrame) -> list[str]:
    """What a product is called without its version."""
    rows = products.select("asset", "publisher", "vendor", "product", "purl", "cpe").iter_rows()
    return [
        "\n".join((a, p or v or "", n or "", (u or "").partition("@")[0], ":".join((c or "").split(":")[:5])))
        for a, p, v, n, u, c in rows
    ]


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
    products = pl.DataFrame(rows, schema=pl.Schema({"name": pl.Int64(), **_TEXTS}), orient="row")
    found = directory.assets(products.select("vendor", "product", "version", "purl", "cpe", "publisher"))
    matched = found.select(pl.struct("identifier", "identifier_kind", "how", "confidence", "entry_hash")).to_series()
    return products.select(pl.col("name").reinterpret(signed=False), "version").with_columns(
        found["subject"], found["kind"], matched=matched,
    ).filter(pl.col("kind").is_in(LEAVING))  # fmt: skip


def _spans(rows: pl.DataFrame, inventories: pl.DataFrame, key: SiteKey) -> pl.DataFrame:
    """Rows with the day their inventory stops to speak for them (`until`), and whether a newer inventory ended it."""
    scopes, packages = inventories["scope"].unique(), rows["package"].unique()
    grid = scopes.to_frame("scope_word").join(packages.to_frame("package"), how="cross")
    grid = grid.with_columns(scope=pl.Series(key.pairs(grid["scope_word"].to_numpy(), grid["package"].to_numpy())))
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
    exact = pl.col("view").is_in(SERVERS) | (pl.col("devices") >= egress.group_size)
    counts = counts.with_columns(pl.when(exact).then("devices").alias("devices"))
    return counts.group_by(*place, "day", maintain_order=True).agg(releases=pl.struct("version", "devices"))
