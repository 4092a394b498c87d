"""PAN-OS by syslog: TRAFFIC (bytes, application, no name) and THREAT url (name, user agent, no bytes).

Both carry the session id; times are local and name no zone.
"""

from datetime import date
from pathlib import Path

import polars as pl

from simulation.writers.files import Rotated

SERIAL = "013201020735"
DEVICE = "pa-mwk-01"


class PaloAlto:
    """Writes `paloalto/panos-<week>.log`, uncompressed, as a syslog server collects it."""

    def __init__(self, folder: Path, last: date) -> None:
        self.logs = (Rotated(folder / "paloalto" / "panos-{week}.log", last, compress=False),)

    def write(self, day: date, visits: pl.DataFrame) -> None:
        """A url record when a session starts, a traffic record when it ends."""
        local = visits.filter(pl.col("seen") != "lookup").with_columns(
            start=pl.col("at").dt.convert_time_zone("Europe/Berlin"),
            who=pl.concat_str(pl.lit("mwk\\"), "account").fill_null(""),
            rule=pl.when("blocked").then(pl.lit("url-sperre")).otherwise(pl.lit("internet-frei")),
        )
        ended = local.with_columns(end=pl.col("start") + pl.duration(milliseconds=pl.col("ms")))
        lines = pl.concat(
            [
                local.filter(pl.col("host").is_not_null()).select(when="start", line=_url()),
                ended.select(when="end", line=_traffic()),
            ]
        )
        self.logs[0].write(day, lines.sort("when", maintain_order=True)["line"])


def _cells(*cells: pl.Expr | str | int) -> pl.Expr:
    return pl.concat_str([c if isinstance(c, pl.Expr) else pl.lit(str(c)) for c in cells], separator=",")


def _head(kind: str, subtype: pl.Expr | str, when: str) -> tuple[pl.Expr | str | int, ...]:
    """From the syslog header to the protocol."""
    time = pl.col(when)
    stamp = time.dt.strftime("%Y/%m/%d %H:%M:%S")
    header = pl.concat_str(time.dt.strftime("<14>%b %e %H:%M:%S "), pl.lit(f"{DEVICE} 1"))
    ends = (pl.col("client"), pl.col("address"), pl.lit("193.197.150.4"), pl.col("address"))
    proto = pl.when(pl.col("seen") == "media").then(pl.lit("udp")).otherwise(pl.lit("tcp"))
    before = (header, stamp, SERIAL, kind, subtype, 2561, stamp, *ends, pl.col("rule"), pl.col("who"), "")
    middle = (pl.col("application"), "vsys1", "intern", "internet", "ae1", "ae2", "an-panorama", stamp)
    ports = (pl.col("source_port"), pl.col("port"), pl.col("source_port"), pl.col("port"))
    return (*before, *middle, pl.col("session"), 1, *ports, "0x400053", proto)


def _traffic() -> pl.Expr:
    blocked = pl.col("blocked")
    subtype = pl.when(blocked).then(pl.lit("deny")).otherwise(pl.lit("end"))
    action = pl.when(blocked).then(pl.lit("reset-both")).otherwise(pl.lit("allow"))
    up = pl.when(blocked).then(310).otherwise("up")
    down = pl.when(blocked).then(0).otherwise("down")
    packets_up, packets_down = up // 1200 + 3, down // 1400 + 2
    reason = pl.when(blocked).then(pl.lit("policy-deny")).otherwise(pl.lit("tcp-fin"))
    begun = pl.col("start").dt.strftime("%Y/%m/%d %H:%M:%S")
    after = (up + down, up, down, packets_up + packets_down, begun, pl.col("ms") // 1000, "any", 0)
    tail = (pl.col("flow"), "0x8000000000000000", "10.0.0.0-10.255.255.255", "Germany", 0)
    last = (packets_up, packets_down, reason, 31, 12, 0, 0, "", DEVICE, "from-policy", "", "", 0, "", 0, "", "N/A")
    return _cells(*_head("TRAFFIC", subtype, "end"), action, *after, *tail, *last, 0, 0, 0, 0)


def _url() -> pl.Expr:
    action = pl.when("blocked").then(pl.lit("block-url")).otherwise(pl.lit("alert"))
    url = pl.concat_str(pl.lit('"'), "host", "path", pl.lit('"'))
    agent = pl.concat_str(pl.lit('"'), "agent", pl.lit('"'))
    what = (action, url, "(9999)", "computer-and-internet-info", "informational", "client-to-server", pl.col("flow"))
    places = ("0x8000000000000000", "10.0.0.0-10.255.255.255", "Germany", 0, "text/html", 0, "", "", 1)
    blanks = ("", "", "", "", "", "", 0, 31, 12, 0, 0, "", DEVICE, "", "", "")
    return _cells(
        *_head("THREAT", "url", "start"), *what, *places, agent, *blanks, "get", 0, "", 0, "", "N/A", "unknown"
    )
