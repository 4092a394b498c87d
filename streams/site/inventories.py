"""Inventories at the site: what is installed where. The newest of a scope ends what it no longer names."""

import sqlite3
from datetime import date

import numpy as np
import polars as pl

from catalogue.never import Never
from catalogue.words import fold
from streams.site import closed
from streams.site.assign import EXCLUDED
from streams.site.closed import CLOSED
from streams.site.columns import days
from streams.site.feed import Feed
from streams.site.file import SiteFile, signed
from streams.site.keys import SiteKey
from streams.site.purchases import SHORTEST, Places
from streams.site.rows import UNIT
from streams.site.windows import Windows

INSTALL = pl.Schema(
    {
        "name": pl.UInt64(), "package": pl.UInt64(), "unit": UNIT, "view": pl.String(), "day": pl.Date(), "at": pl.Int64(),
        "inventory": pl.UInt64(), "scope": pl.UInt64(), "device": pl.UInt64(),
    },
)  # fmt: skip
"""A row of a run: one product on one device in one inventory. `scope` and `device` are pseudonyms keyed with the package
(the product without its version), so that nobody can tell which packages are on one device."""

_PRODUCT = ("asset", "vendor", "product", "version", "purl", "cpe", "publisher")
TEXTS: dict[str, pl.DataType] = dict.fromkeys(_PRODUCT, pl.String())
"""Columns of a product."""


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
    late = closed.day(windows.file, CLOSED, "assets")
    if late is not None and events.height and _day(events) <= late:
        return Places(idle=idle, dropped=events["place"].n_unique())
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
    instant = int(rows.select(pl.col("at").max().dt.timestamp("us")).item())
    day = _day(rows)
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
    values = (feed.name, signed(scope_word), instant, day.isoformat(), digest, feed.receipt.date().isoformat())
    if not db.execute("INSERT OR IGNORE INTO inventories VALUES(?, ?, ?, ?, ?, ?)", values).rowcount:
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
    packages, period = installs["package"].to_numpy(), key.periods.of(day)
    device = key.words("device", installs["device_raw"].fill_null(""))
    has_device = installs["device_raw"].is_not_null().to_numpy()
    frame = installs.select(
        "name",
        "package",
        pl.col("unit").cast(UNIT),
        pl.lit(feed.connector.NAME).alias("view"),
        pl.lit(day).alias("day"),
        pl.lit(instant, dtype=pl.Int64).alias("at"),
        pl.lit(inventory, dtype=pl.UInt64).alias("inventory"),
        pl.Series("scope", key.pairs(np.full(len(packages), np.uint64(scope_word)), packages, period)),
        pl.Series("device", key.pairs(np.where(has_device, device, np.uint64(scope_word)), packages, period)),
    )
    windows.append_frame(db, feed.name, "asset", frame.unique(), feed.receipt.date().isoformat())
    return True


def _day(rows: pl.DataFrame) -> date:
    """Day of an inventory: that of its newest row."""
    newest = pl.Series([rows["at"].max()]).cast(pl.Datetime("us", "UTC"))
    return date.fromordinal(719_163 + int(days(newest)[0]))


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
