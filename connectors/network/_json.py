"""JSON lines as columns: DuckDB reads each line once and gives the paths asked for, in the order of the lines."""

from functools import cache
from typing import TYPE_CHECKING, cast

import polars as pl

from connectors.network._digits import by_form
from connectors.network._times import utc
from schemas.table import INSTANT

if TYPE_CHECKING:
    import duckdb

_FIRST = -62_135_596_800_000_000
_LAST = 253_402_300_799_999_999
"""Microseconds of the years 1 to 9999: what a date can hold."""
_ZONED = r"^[0-9]{4}-[0-9-]+[T ][0-9:.]+(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)$"


@cache
def _database() -> "duckdb.DuckDBPyConnection":
    import duckdb  # costs 50 ms, and quick reading does without

    return duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})


def values(lines: pl.Series, paths: dict[str, str]) -> pl.DataFrame:
    """Text at each JSON path, one column a name, and `whole`: whether the line is JSON. Same height and order.

    Null where there is nothing, JSON's null or "". Numbers, booleans and lists come as JSON writes them. One call
    uses one core; calls from several threads do not wait for each other.
    """
    wanted = ", ".join(f"'{path}'" for path in paths.values())
    extract = f"json_extract_string(line, [{wanted}])"
    import duckdb

    try:
        found = _select(lines, extract)
    except (duckdb.InvalidInputException, UnicodeDecodeError):  # its message quotes the line, cut inside a letter
        found = _select(lines, f"try({extract})")
    texts = (pl.col("found").list.get(place, null_on_oob=True).alias(name) for place, name in enumerate(paths))
    return (
        found.to_frame()
        .select(pl.col("found").is_not_null().alias("whole"), *texts)
        .with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in paths)
    )


def instants(texts: pl.Series) -> pl.Series:
    """Instants of ISO 8601 times that state their zone (`Z`, `+0200`, `+02:00`, `+02`); null for anything else."""
    return by_form(texts, "9999-99-99T99:99:99.999999+0000", utc, _instants)


def _instants(texts: pl.Series) -> pl.Series:
    micros = _select(texts, "epoch_us(try_cast(line AS TIMESTAMPTZ))")
    zoned = texts.str.contains(_ZONED) & micros.is_between(_FIRST, _LAST)
    return pl.select(pl.when(zoned).then(micros)).to_series().cast(INSTANT)


def _select(lines: pl.Series, expression: str) -> pl.Series:
    with _database().cursor() as cursor:
        cursor.register("lines", lines.alias("line").to_frame().to_arrow(compat_level=pl.CompatLevel.newest()))
        return cast("pl.DataFrame", cursor.sql(f"SELECT {expression} AS found FROM lines").pl())["found"]
