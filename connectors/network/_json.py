"""JSON lines as columns: DuckDB reads each line once and gives the paths asked for, in the order of the lines."""

from functools import cache

import duckdb
import polars as pl


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})


def values(lines: pl.Series, paths: dict[str, str]) -> pl.DataFrame:
    """Text at each JSON path, one column a name, and `whole`: whether the line is JSON. Same height and order.

    Null where there is nothing, JSON's null or "". Numbers, booleans and lists come as JSON writes them. One call
    uses one core; calls from several threads do not wait for each other.
    """
    wanted = ", ".join(f"'{path}'" for path in paths.values())
    named = ", ".join(f"nullif(l[{place}], '') AS \"{name}\"" for place, name in enumerate(paths, 1))
    with _database().cursor() as cursor:
        cursor.register("lines", lines.alias("line").to_frame())
        return cursor.sql(
            f"SELECT l IS NOT NULL AS whole, {named} "
            f"FROM (SELECT try(json_extract_string(line, [{wanted}])) AS l FROM lines)"
        ).pl()
