"""Squid access.log, native format.

Format    time elapsed client result/status bytes method URL user hierarchy/peer type
Gives     at account_raw client_raw host address port action bytes_down duration method
Lacks     bytes_up; agent_raw; the host behind a CONNECT to an address; the address behind a parent proxy
Idle      requests between caches (UDP_), URLs without a server (error:, cache_object:)
Source    wiki of the Squid project, Features/LogFormat
"""

import polars as pl

from connectors.lines import (
    event_frame,
    first_lines,
    in_parts,
    is_record,
    put,
    refuse_documents,
    upper,
    without_return,
)
from connectors.native.plan import Delimited, Kind, Quick, Take, quarters
from connectors.network._hosts import LONGEST_NAME, PLAIN_ADDRESS, PLAIN_NAME, canonical_addresses, servers
from connectors.network._numbers import count
from connectors.network._times import epoch
from schemas.connector import Layout, Options

SHAPE = "lines"
VIEWS = ("proxy",)
GIVES = (
    "at",
    "account_raw",
    "client_raw",
    "host",
    "address",
    "port",
    "action",
    "bytes_down",
    "duration",
    "method",
    "evidence",
)

LACKS = "bytes_up and agent_raw; the host behind a CONNECT to an address; the address behind another cache"

_FIELDS = ("elapsed", "client", "result", "bytes", "method", "url", "user", "peer", "type")
_TEXTS = ("client", "result", "method", "url", "user", "peer")
_TIME = 14
"""Characters of `1461576382.642`."""
_REJECTED_FIELDS = "expected ten fields: time elapsed client result/status bytes method URL user hierarchy/peer type"
_REJECTED_TIME = "time: expected seconds since 1970"
_REJECTED_NUMBERS = "elapsed and bytes: expected whole numbers"
_SCHEMES = {"http:": 80, "https:": 443, "ftp:": 21, "ws:": 80, "wss:": 443}
_TUNNEL_PORT = ":443"
_TUNNEL = PLAIN_NAME.removesuffix("$") + _TUNNEL_PORT + "$"
"""Nearly every CONNECT: a name that needs no change, and this port."""
_LONGEST = LONGEST_NAME + len(_TUNNEL_PORT)
_DIRECT = "HIER_DIRECT/"
_PLAIN_PEER = f"^{_DIRECT}{PLAIN_ADDRESS.removeprefix('^')}"
"""Most peers: the server itself, by an IPv4 address."""
_SERVER_CODES = tuple(
    prefix + code
    for prefix in ("HIER_", "", "TIMEOUT_HIER_", "TIMEOUT_")
    for code in ("DIRECT", "ORIGINAL_DST", "PINNED", "NO_PARENT_DIRECT", "CLOSEST_DIRECT", "NO_CACHE_DIGEST_DIRECT")
)
"""Hierarchy codes whose peer is the server itself; every other peer is a cache."""


def layout(head: bytes, options: Options) -> Layout:
    """The one form there is; refuses JSON documents."""
    refuse_documents(first_lines(head), "Squid's native access.log")
    return Layout(kind="native", separator=" ", options=options)


def records(_lines: pl.DataFrame) -> pl.Expr:
    """Every line that is neither blank nor a comment."""
    return is_record()


def quick(layout: Layout) -> Quick:
    """How compiled code reads nearly every line."""
    takes = (
        Take("time", ("at",), "epoch"), Take("nothing", ("elapsed",), "digits"), Take("client", ("client",)),
        Take("mark", ("result",)), Take("down", ("bytes",), "digits"), Take("name", ("url",), "third_slash"),
        Take("account", ("user",)), Take("address", ("peer",)),
    )  # fmt: skip
    columns = {name: place for place, name in enumerate(("at", *_FIELDS)) if name not in {"method", "type"}}
    view = pl.lit(layout.options.view or "proxy")

    def marks(frame: pl.DataFrame) -> pl.DataFrame:
        answered = pl.when(~_between_caches().fill_null(value=False)).then(view)
        return frame.select(evidence=answered, action=_action(), odd=pl.lit(value=False))

    lines = Delimited(" ", columns, len(_FIELDS) + 1, (Kind(takes=takes),), nulls=("-",), padded=True)
    return Quick(
        lines, quarters, marks, lambda urls: _asked(urls).select("host", "address", odd="idle"), _answered, bare=False
    )


def parse(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """NETWORK rows; a request that the proxy denied (also 407, which asks for a password) is blocked."""
    return in_parts(lines, lambda part: _parse(part, layout.options.view))


def _parse(lines: pl.DataFrame, view: str | None) -> pl.DataFrame:
    frame = _records(without_return(lines)["line"])
    frame = frame.with_columns(*_servers(frame.select(_given("url")).to_series(), frame["peer"]))
    idle = pl.col("idle") | _between_caches()
    return event_frame(
        frame.select(
            lines["place"],
            "host",
            "address",
            "port",
            "bytes_down",
            rejected=_rejected(),
            at=pl.when(~idle).then(pl.col("at")),
            account_raw=_given("user"),
            client_raw=_given("client"),
            action=_action(),
            duration=pl.when(pl.col("elapsed") >= 0).then(pl.col("elapsed") / 1000).round(3),
            method=upper(frame["method"]),
            evidence=pl.lit("proxy"),
        ),
        view,
    )


def _records(lines: pl.Series) -> pl.DataFrame:
    """Text and numbers of the fields; null where there are fewer. Blanks of any width separate them."""
    frame = _split(lines.str.head(_TIME), lines.str.slice(_TIME))
    odd = frame.select(
        pl.any_horizontal(pl.col("at", "elapsed", "bytes_down", "type").is_null(), pl.col(_TEXTS) == "")
    ).to_series()
    if not odd.any():
        return frame
    single = lines.filter(odd).str.strip_chars(" \t").str.replace_all(r"[ \t]+", " ").str.splitn(" ", 2).struct
    again = _split(single.field("field_0"), single.field("field_1"))
    return pl.DataFrame([put(column, odd, again[column.name]) for column in frame])


def _split(time: pl.Series, rest: pl.Series) -> pl.DataFrame:
    fields = rest.str.strip_chars_start(" ").str.splitn(" ", len(_FIELDS)).struct.rename_fields(_FIELDS).struct.unnest()
    return fields.with_columns(
        epoch(time).alias("at"),
        elapsed=pl.col("elapsed").cast(pl.Int64, strict=False),
        bytes_down=count("bytes"),
    )


def _servers(urls: pl.Series, peers: pl.Series) -> pl.DataFrame:
    """Host, address and port of the URL, the peer's address where the peer is the server itself; and `idle`."""
    tunnel = (urls.str.contains(_TUNNEL) & (urls.str.len_bytes() <= _LONGEST)).fill_null(value=False)
    host = urls.str.strip_suffix(_TUNNEL_PORT)
    read = pl.DataFrame({"host": host}).with_columns(
        address=pl.lit(None, pl.String), port=pl.lit(443, pl.Int32), idle=pl.lit(value=False)
    )
    if not tunnel.all():
        others = _asked(urls.filter(~tunnel))
        read = pl.DataFrame([put(column, ~tunnel, others[column.name]) for column in read])
    address = _answered(peers)
    return read.with_columns(address.zip_with(address.is_not_null(), read["address"]))


def _asked(urls: pl.Series) -> pl.DataFrame:
    """Host, address and port of URLs; `idle` are those that name no server."""
    parts = urls.str.split_exact("/", 2).struct.rename_fields(["scheme", "_", "authority"]).struct.unnest()
    name = parts.select(pl.coalesce("authority", "scheme")).to_series()
    port = parts["scheme"].replace_strict(_SCHEMES, default=None, return_dtype=pl.Int32)
    return servers(name, bare=False).with_columns(
        pl.col("port").fill_null(port),
        idle=(urls.str.starts_with("error:") | (parts["scheme"] == "cache_object:")).fill_null(value=False),
    )


def _answered(peers: pl.Series) -> pl.Series:
    """Address of peers that are the server itself."""
    direct = peers.str.contains(_PLAIN_PEER).fill_null(value=False)
    address = peers.str.strip_prefix(_DIRECT)
    if direct.all():
        return address.alias("address")
    parts = peers.filter(~direct).str.split_exact("/", 1).struct.rename_fields(["hierarchy", "name"]).struct.unnest()
    server = pl.when(pl.col("hierarchy").is_in(_SERVER_CODES)).then(pl.col("name"))
    return put(address, ~direct, canonical_addresses(parts.select(server).to_series())).alias("address")


def _between_caches() -> pl.Expr:
    return pl.col("result").str.starts_with("UDP_")


def _given(field: str) -> pl.Expr:
    return pl.when(pl.col(field) != "-").then(pl.col(field))


def _rejected() -> pl.Expr:
    return (
        pl.when(pl.col("type").is_null())
        .then(pl.lit(_REJECTED_FIELDS))
        .when(pl.col("at").is_null())
        .then(pl.lit(_REJECTED_TIME))
        .when(pl.any_horizontal(pl.col("elapsed", "bytes_down").is_null()))
        .then(pl.lit(_REJECTED_NUMBERS))
    )


def _action() -> pl.Expr:
    """Blocked when the proxy denied it, unknown when nothing was answered (status 000)."""
    return (
        pl.when(pl.col("result").str.starts_with("TCP_DENIED"))
        .then(pl.lit("blocked"))
        .when(pl.col("result").str.ends_with("/000"))
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("allowed"))
    )
