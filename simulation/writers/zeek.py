"""Zeek: conn, dns, ssl and http as TSV with headers, or as JSON lines."""

from datetime import date
from pathlib import Path

import polars as pl

from simulation.writers.files import Rotated

_ENDS = {"ts": "time", "uid": "string", "id.orig_h": "addr", "id.orig_p": "port", "id.resp_h": "addr"}
_ENDS |= {"id.resp_p": "port"}
TYPES = {
    "conn": _ENDS
    | {"proto": "enum", "service": "string", "duration": "interval", "orig_bytes": "count", "resp_bytes": "count"}
    | {"conn_state": "string", "local_orig": "bool", "local_resp": "bool", "missed_bytes": "count"}
    | {"history": "string", "orig_pkts": "count", "orig_ip_bytes": "count", "resp_pkts": "count"}
    | {"resp_ip_bytes": "count", "tunnel_parents": "set[string]"},
    "dns": _ENDS
    | {"proto": "enum", "trans_id": "count", "rtt": "interval", "query": "string", "qclass": "count"}
    | {"qclass_name": "string", "qtype": "count", "qtype_name": "string", "rcode": "count", "rcode_name": "string"}
    | {"AA": "bool", "TC": "bool", "RD": "bool", "RA": "bool", "Z": "count", "answers": "vector[string]"}
    | {"TTLs": "vector[interval]", "rejected": "bool"},
    "ssl": _ENDS
    | {"version": "string", "cipher": "string", "curve": "string", "server_name": "string", "resumed": "bool"}
    | {"last_alert": "string", "next_protocol": "string", "established": "bool"},
    "http": _ENDS
    | {"trans_depth": "count", "method": "string", "host": "string", "uri": "string", "referrer": "string"}
    | {"version": "string", "user_agent": "string", "request_body_len": "count", "response_body_len": "count"}
    | {"status_code": "count", "status_msg": "string", "tags": "set[enum]", "resp_mime_types": "vector[string]"},
}
"""Fields and types of each log, in Zeek's order."""


class Zeek:
    """Writes `zeek/<week>/<log>.log`, past weeks as .gz; as TSV or JSON.

    With a `proxy`, the sensor stands between clients and the proxy: connections go to it, names are inside the tunnel.
    """

    def __init__(
        self,
        folder: Path,
        last: date,
        kinds: tuple[str, ...],
        resolver: str,
        *,
        json: bool = False,
        proxy: str | None = None,
    ) -> None:
        self.kinds, self.resolver, self.json, self.proxy = kinds, resolver, json, proxy
        logs = folder / "zeek" / "{week}"
        self._of = {
            kind: Rotated(logs / f"{kind}.log", last)
            if json
            else Rotated(logs / f"{kind}.log", last, header=_header(kind), footer="#close\t2026-11-21-00-00-00\n")
            for kind in kinds
        }
        self.logs = tuple(self._of.values())

    def write(self, day: date, visits: pl.DataFrame) -> None:
        """One connection per visit, a TLS or HTTP record for each that has one, a look-up for every second."""
        seen = visits.filter(~pl.col("blocked"))
        if self.proxy:
            tunnel = pl.col("seen") == "all"
            seen = seen.with_columns(
                address=pl.when(tunnel).then(pl.lit(self.proxy)).otherwise("address"),
                port=pl.when(tunnel).then(3128).otherwise("port"),
            )
        connected = seen.filter(pl.col("seen") != "lookup")
        parts = {
            "conn": connected.select(**_conn()),
            "dns": seen.filter(pl.col("host").is_not_null() & ((pl.col("dice") < 0.5) | (pl.col("seen") == "lookup")))
            .with_columns(uid=pl.concat_str(pl.lit("C"), pl.col("uid").str.reverse().str.head(17)))
            .select(**_dns(self.resolver)),
            "ssl": connected.filter(~pl.col("plain") & (pl.col("seen") == "all")).select(**_ssl()),
            "http": connected.filter("plain").select(**_http()),
        }
        for kind in self.kinds:
            self._of[kind].write(day, _json(parts[kind]) if self.json else _tsv(parts[kind]))


def _header(kind: str) -> str:
    fields = "\t".join(TYPES[kind])
    types = "\t".join(TYPES[kind].values())
    header = f"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{kind}\n"
    header += f"#open\t2026-10-22-00-00-00\n#fields\t{fields}\n#types\t{types}\n"
    return header


def _ends(port: pl.Expr | None = None, server: pl.Expr | None = None) -> dict[str, pl.Expr]:
    return {
        "ts": pl.col("at"),
        "uid": pl.col("uid"),
        "id.orig_h": pl.col("client"),
        "id.orig_p": pl.col("source_port"),
        "id.resp_h": pl.col("address") if server is None else server,
        "id.resp_p": pl.col("port") if port is None else port,
    }


def _conn() -> dict[str, pl.Expr]:
    media = pl.col("seen") == "media"
    up, down = pl.col("up"), pl.col("down")
    return _ends() | {
        "proto": pl.when(media).then(pl.lit("udp")).otherwise(pl.lit("tcp")),
        "service": pl.when(media).then(None).when("plain").then(pl.lit("http")).otherwise(pl.lit("ssl")),
        "duration": (pl.col("ms") / 1000).round(3),
        "orig_bytes": up,
        "resp_bytes": down,
        "conn_state": pl.lit("SF"),
        "local_orig": pl.lit(value=True),
        "local_resp": pl.lit(value=False),
        "missed_bytes": pl.lit(0),
        "history": pl.when(media).then(pl.lit("Dd")).otherwise(pl.lit("ShADadFf")),
        "orig_pkts": up // 1200 + 5,
        "orig_ip_bytes": up + (up // 1200 + 5) * 40,
        "resp_pkts": down // 1400 + 5,
        "resp_ip_bytes": down + (down // 1400 + 5) * 40,
        "tunnel_parents": pl.lit(None, dtype=pl.List(pl.String)),
    }


def _dns(resolver: str) -> dict[str, pl.Expr]:
    before = {"ts": pl.col("at") - pl.duration(milliseconds=35)}
    return (
        _ends(pl.lit(53), pl.lit(resolver))
        | before
        | {
            "proto": pl.lit("udp"),
            "trans_id": pl.col("flow") % 65_536,
            "rtt": (pl.col("dice") * 0.03).round(6),
            "query": pl.col("host"),
            "qclass": pl.lit(1),
            "qclass_name": pl.lit("C_INTERNET"),
            "qtype": pl.lit(1),
            "qtype_name": pl.lit("A"),
            "rcode": pl.lit(0),
            "rcode_name": pl.lit("NOERROR"),
            "AA": pl.lit(value=False),
            "TC": pl.lit(value=False),
            "RD": pl.lit(value=True),
            "RA": pl.lit(value=True),
            "Z": pl.lit(0),
            "answers": pl.concat_list("address"),
            "TTLs": pl.concat_list(pl.lit(300.0)),
            "rejected": pl.lit(value=False),
        }
    )


def _ssl() -> dict[str, pl.Expr]:
    return _ends() | {
        "version": pl.lit("TLSv13"),
        "cipher": pl.lit("TLS_AES_128_GCM_SHA256"),
        "curve": pl.lit("x25519"),
        "server_name": pl.col("host"),
        "resumed": pl.col("dice") > 0.7,
        "last_alert": pl.lit(None, dtype=pl.String),
        "next_protocol": pl.lit("h2"),
        "established": pl.lit(value=True),
    }


def _http() -> dict[str, pl.Expr]:
    return _ends() | {
        "trans_depth": pl.lit(1),
        "method": pl.when(pl.col("up") > pl.col("down")).then(pl.lit("POST")).otherwise(pl.lit("GET")),
        "host": pl.col("host"),
        "uri": pl.col("path"),
        "referrer": pl.lit(None, dtype=pl.String),
        "version": pl.lit("1.1"),
        "user_agent": pl.col("agent"),
        "request_body_len": pl.when(pl.col("up") > pl.col("down")).then("up").otherwise(0),
        "response_body_len": pl.col("down"),
        "status_code": pl.lit(200),
        "status_msg": pl.lit("OK"),
        "tags": pl.lit([], dtype=pl.List(pl.String)),
        "resp_mime_types": pl.concat_list(pl.lit("text/html")),
    }


def _stamp(at: pl.Expr) -> pl.Expr:
    """Seconds since 1970 with six decimals, as Zeek writes them."""
    micros = at.dt.epoch("us")
    seconds, rest = (micros // 1_000_000).cast(pl.String), (micros % 1_000_000).cast(pl.String)
    return pl.concat_str(seconds, pl.lit("."), rest.str.zfill(6))


def _tsv(frame: pl.DataFrame) -> pl.Series:
    if not frame.height:
        return _NONE
    cells = []
    for name, dtype in frame.schema.items():
        cell = pl.col(name)
        if isinstance(dtype, pl.Datetime):
            cell = _stamp(cell)
        elif dtype == pl.Boolean:
            cell = pl.when(cell).then(pl.lit("T")).otherwise(pl.lit("F"))
        elif isinstance(dtype, pl.List):
            many = cell.cast(pl.List(pl.String)).list.join(",")
            cell = pl.when(cell.list.len() == 0).then(pl.lit("(empty)")).otherwise(many)
        cells.append(cell.cast(pl.String).fill_null("-"))
    return frame.select(line=pl.concat_str(cells, separator="\t"))["line"]


def _json(frame: pl.DataFrame) -> pl.Series:
    if not frame.height:
        return _NONE
    unset = [name for name in frame.columns if frame[name].null_count() == frame.height]
    encoded = pl.struct(pl.all()).struct.json_encode()
    # times as numbers with six decimals; unset fields are left out, as Zeek does
    numbers = encoded.str.replace(r'"ts":"([0-9.]+)"', '"ts":$1').str.replace_all(r',"[a-z_.]+":null', "")
    return frame.drop(unset).with_columns(ts=_stamp(pl.col("ts"))).select(line=numbers)["line"]


_NONE = pl.Series("line", [], dtype=pl.String)
