"""Suricata EVE: flow, tls, http and dns records of the same flow share their flow_id."""

from datetime import date
from pathlib import Path

import polars as pl

from simulation.writers.files import Rotated

_FORMAT = "%Y-%m-%dT%H:%M:%S%.6f%z"


class Suricata:
    """Writes `suricata/eve-<week>.json`, past weeks as .gz."""

    def __init__(self, folder: Path, last: date, resolver: str) -> None:
        self.resolver = resolver
        self.logs = (Rotated(folder / "suricata" / "eve-{week}.json", last),)

    def write(self, day: date, visits: pl.DataFrame) -> None:
        """Records in order of time; what a firewall refused never reaches the sensor."""
        seen = visits.filter(~pl.col("blocked")).with_columns(local=pl.col("at").dt.convert_time_zone("Europe/Berlin"))
        connected = seen.filter(pl.col("seen") != "lookup")
        named = connected.filter(pl.col("seen") == "all")
        asked = seen.filter(pl.col("host").is_not_null() & ((pl.col("dice") < 0.5) | (pl.col("seen") == "lookup")))
        end = pl.col("at") + pl.duration(milliseconds=pl.col("ms"))
        parts = [
            asked.select("at", line=_json(_dns(self.resolver))),
            named.filter(~pl.col("plain")).select("at", line=_json(_tls())),
            named.filter("plain").select("at", line=_json(_http())),
            connected.select(at=end, line=_json(_flow())),
        ]
        lines = pl.concat([part for part in parts if part.height] or [parts[0]])
        self.logs[0].write(day, lines.sort("at", maintain_order=True)["line"])


def _json(fields: dict[str, pl.Expr]) -> pl.Expr:
    return pl.struct(value.alias(name) for name, value in fields.items()).struct.json_encode()


def _head(kind: str, at: pl.Expr | None = None, proto: pl.Expr | None = None) -> dict[str, pl.Expr]:
    return {
        "timestamp": (pl.col("local") if at is None else at).dt.strftime(_FORMAT),
        "flow_id": pl.col("flow"),
        "in_iface": pl.lit("ens5"),
        "event_type": pl.lit(kind),
        "src_ip": pl.col("client"),
        "src_port": pl.col("source_port"),
        "dest_ip": pl.col("address"),
        "dest_port": pl.col("port"),
        "proto": pl.lit("TCP") if proto is None else proto,
    }


def _tls() -> dict[str, pl.Expr]:
    tls = pl.struct(sni=pl.col("host"), version=pl.lit("TLS 1.3"))
    return _head("tls") | {"pkt_src": pl.lit("wire/pcap"), "tls": tls}


def _http() -> dict[str, pl.Expr]:
    http = pl.struct(
        hostname=pl.col("host"),
        url=pl.col("path"),
        http_user_agent=pl.col("agent"),
        http_content_type=pl.lit("text/html"),
        http_method=pl.when(pl.col("up") > pl.col("down")).then(pl.lit("POST")).otherwise(pl.lit("GET")),
        protocol=pl.lit("HTTP/1.1"),
        status=pl.lit(200),
        length=pl.col("down"),
    )
    return _head("http") | {"tx_id": pl.lit(0), "http": http}


def _dns(resolver: str) -> dict[str, pl.Expr]:
    answer = pl.struct(rrname=pl.col("host"), rrtype=pl.lit("A"), ttl=pl.lit(300), rdata=pl.col("address"))
    dns = pl.struct(
        version=pl.lit(2),
        type=pl.lit("answer"),
        id=pl.col("flow") % 65_536,
        flags=pl.lit("8180"),
        qr=pl.lit(value=True),
        rd=pl.lit(value=True),
        ra=pl.lit(value=True),
        rrname=pl.col("host"),
        rrtype=pl.lit("A"),
        rcode=pl.lit("NOERROR"),
        answers=pl.concat_list(answer),
        grouped=pl.struct(A=pl.concat_list("address")),
    )
    # a look-up is a flow of its own
    own = {"flow_id": pl.col("flow") + 1, "dest_ip": pl.lit(resolver), "dest_port": pl.lit(53)}
    return _head("dns", proto=pl.lit("UDP")) | own | {"dns": dns}


def _flow() -> dict[str, pl.Expr]:
    media = pl.col("seen") == "media"
    end = pl.col("local") + pl.duration(milliseconds=pl.col("ms"))
    flow = pl.struct(
        pkts_toserver=pl.col("up") // 1200 + 5,
        pkts_toclient=pl.col("down") // 1400 + 5,
        bytes_toserver=pl.col("up"),
        bytes_toclient=pl.col("down"),
        start=pl.col("local").dt.strftime(_FORMAT),
        end=end.dt.strftime(_FORMAT),
        age=pl.col("ms") // 1000,
        state=pl.lit("closed"),
        reason=pl.lit("timeout"),
        alerted=pl.lit(value=False),
    )
    proto = pl.when(media).then(pl.lit("UDP")).otherwise(pl.lit("TCP"))
    app = pl.when(media).then(pl.lit("failed")).when("plain").then(pl.lit("http")).otherwise(pl.lit("tls"))
    return _head("flow", end, proto) | {"app_proto": app, "flow": flow}
