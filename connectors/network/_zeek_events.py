"""Zeek's records as events, from text columns with Zeek's names; TSV and JSON come here alike."""

import polars as pl

from connectors.lines import upper
from connectors.network._hosts import canonical_addresses, first_address, servers
from connectors.network._numbers import count, port
from connectors.network._times import epoch

_WHO = ("ts", "uid", "id.orig_h")
_WHERE = ("id.resp_h", "id.resp_p")
FIELDS: dict[str, tuple[str, ...]] = {
    "conn": (*_WHO, *_WHERE, "conn_state", "duration", "orig_bytes", "resp_bytes"),
    "dns": (*_WHO, "rejected", "query", "answers", "rcode_name"),
    "http": (
        *_WHO,
        *_WHERE,
        "method",
        "host",
        "user_agent",
        "username",
        "request_body_len",
        "response_body_len",
        "status_code",
    ),
    "quic": (*_WHO, *_WHERE, "client_initial_dcid", "server_name"),
    "ssl": (*_WHO, *_WHERE, "established", "server_name"),
}
"""Fields read of each kind of record; records of other kinds are idle."""
MARKS = {"conn": "conn_state", "dns": "rejected", "quic": "client_initial_dcid", "ssl": "established", "http": "tags"}
"""Field that only this kind of record has and that Zeek always writes: tells the kind where no path does."""
REJECTED_TIME = "ts: expected seconds since 1970 or an ISO 8601 time"
_ESTABLISHED = ("S1", "S2", "S3", "SF", "RSTO", "RSTR", "OTH")
"""States of a connection in which both sides spoke; OTH is one seen from its middle."""


EVIDENCE = {"conn": "flow", "dns": "dns", "http": "http", "quic": "tls", "ssl": "tls"}
ANSWERED: dict[str, pl.Expr] = {
    "conn": pl.col("conn_state").is_in(_ESTABLISHED),
    "dns": (pl.col("rcode_name") == "NOERROR") & pl.col("rejected").is_in(["F", "false"]),
    "http": pl.col("status_code").cast(pl.Int64, strict=False).is_not_null(),
    "quic": pl.lit(value=True),
    "ssl": pl.col("established").is_in(["T", "true"]),
}
"""Which records of each kind were answered."""


def events(kind: str, frame: pl.DataFrame, at: pl.Series | None = None) -> pl.DataFrame:
    """Columns of NETWORK (without place) of records of one kind; `at` where the times are read already."""
    frame = frame.with_columns((epoch(frame["ts"]) if at is None else at).alias("at"))
    shared = frame.select(
        "at",
        rejected=pl.when(pl.col("at").is_null()).then(pl.lit(REJECTED_TIME)),
        client_raw="id.orig_h",
        flow="uid",
    )
    return pl.concat([shared, _KINDS[kind](frame)], how="horizontal")


def _conn(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        _address(frame),
        port("id.resp_p").alias("port"),
        count("orig_bytes").alias("bytes_up"),
        count("resp_bytes").alias("bytes_down"),
        action=allowed("conn"),
        duration=_seconds(),
        evidence=pl.lit("flow"),
    )


def _dns(frame: pl.DataFrame) -> pl.DataFrame:
    """Host asked for and first address answered. The port is null: it would be the resolver's."""
    server = servers(frame["query"], first_address(frame["answers"]))
    return frame.select(server["host"], server["address"], action=allowed("dns"), evidence=pl.lit("dns"))


def _tls(frame: pl.DataFrame) -> pl.DataFrame:
    server = servers(frame["server_name"], frame["id.resp_h"], frame.select(port("id.resp_p")).to_series())
    return frame.select(*server, action=allowed("ssl"), evidence=pl.lit("tls"))


def _quic(frame: pl.DataFrame) -> pl.DataFrame:
    server = servers(frame["server_name"], frame["id.resp_h"], frame.select(port("id.resp_p")).to_series())
    return frame.select(*server, action=allowed("quic"), evidence=pl.lit("tls"))


def _http(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        *servers(frame["host"], frame["id.resp_h"], frame.select(port("id.resp_p")).to_series()),
        count("request_body_len").alias("bytes_up"),
        count("response_body_len").alias("bytes_down"),
        upper(frame["method"]).alias("method"),
        agent_raw="user_agent",
        account_raw="username",
        action=allowed("http"),
        evidence=pl.lit("http"),
    )


_KINDS = {"conn": _conn, "dns": _dns, "http": _http, "quic": _quic, "ssl": _tls}


def _seconds() -> pl.Expr:
    """Duration to the microsecond, as TSV has it: JSON writes all digits."""
    seconds = pl.col("duration").cast(pl.Float64, strict=False).round(6)
    return pl.when(seconds.is_finite() & (seconds >= 0)).then(seconds)


def _address(frame: pl.DataFrame) -> pl.Series:
    return canonical_addresses(frame["id.resp_h"]).alias("address")


def allowed(kind: str) -> pl.Expr:
    """Zeek blocks nothing: what was answered was allowed; of the rest, who stopped it is unknown."""
    return pl.when(ANSWERED[kind]).then(pl.lit("allowed")).otherwise(pl.lit("unknown"))
