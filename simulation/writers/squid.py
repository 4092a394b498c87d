"""Squid, native access.log: `time elapsed client result/status bytes method URL user hierarchy/peer type`."""

from datetime import date
from pathlib import Path

import polars as pl

from simulation.writers.files import Rotated

PROXY = "10.16.0.5"
"""Address of the proxy."""


class Squid:
    """Writes `squid/access.log-<week>`, past weeks as .gz."""

    def __init__(self, folder: Path, last: date) -> None:
        self.logs = (Rotated(folder / "squid" / "access.log-{week}", last),)

    def write(self, day: date, visits: pl.DataFrame) -> None:
        """A browser asks ahead by DNS and media goes past the proxy: neither is here."""
        through = visits.filter(pl.col("seen") == "all")
        asked = through.filter((pl.col("dice") < 0.03) & pl.col("account").is_not_null())
        lines = pl.concat(
            [
                through.select("at", line=_line(denied=False)),
                # the first request of a session is refused with 407 until the browser says who it is
                asked.select(pl.col("at") - pl.duration(milliseconds=40), line=_line(denied=True)),
            ]
        )
        self.logs[0].write(day, lines.sort("at", maintain_order=True)["line"])


def _line(*, denied: bool) -> pl.Expr:
    at = pl.col("at") - pl.duration(milliseconds=40) if denied else pl.col("at")
    stamp = at.dt.epoch("ms")
    plain, blocked = pl.col("plain"), pl.col("blocked")
    if denied:
        result, size, user = pl.lit("TCP_DENIED/407"), pl.lit("3974"), pl.lit("-")
        peer, mime, elapsed = pl.lit("HIER_NONE/-"), pl.lit("text/html"), pl.lit(0)
    else:
        result = (
            pl.when(blocked)
            .then(pl.lit("TCP_DENIED/403"))
            .when(~plain)
            .then(pl.lit("TCP_TUNNEL/200"))
            .when(pl.col("dice") > 0.8)
            .then(pl.lit("TCP_MEM_HIT/200"))
            .otherwise(pl.lit("TCP_MISS/200"))
        )
        size = pl.when(blocked).then(pl.lit("3900")).otherwise(pl.col("down").cast(pl.String))
        user = pl.col("account").fill_null("-")
        from_peer = pl.concat_str(pl.lit("HIER_DIRECT/"), "address")
        peer = pl.when(blocked | (plain & (pl.col("dice") > 0.8))).then(pl.lit("HIER_NONE/-")).otherwise(from_peer)
        mime = pl.when(plain | blocked).then(pl.lit("text/html")).otherwise(pl.lit("-"))
        elapsed = pl.col("ms")
    return pl.concat_str(
        (stamp // 1000).cast(pl.String),
        pl.lit("."),
        (stamp % 1000).cast(pl.String).str.zfill(3),
        pl.lit(" "),
        elapsed.cast(pl.String).str.pad_start(6),
        pl.lit(" "),
        "client",
        pl.lit(" "),
        result,
        pl.lit(" "),
        size,
        pl.when(plain).then(pl.lit(" GET http://")).otherwise(pl.lit(" CONNECT ")),
        "host",
        pl.when(plain).then("path").otherwise(pl.lit(":443")),
        pl.lit(" "),
        user,
        pl.lit(" "),
        peer,
        pl.lit(" "),
        mime,
    )
