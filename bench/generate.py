"""Raw files for the edge benchmark: made up, seeded, in real formats; the same bytes on every machine.

Two worlds: (a) one day, 5,000 people, 20,000 names; (b) ten days, 15,000 people, 60,000 names, a third in the catalogue.
A name has three addresses. In EVE a connection has two records: what its TLS handshake said, then its flow.
Names and people follow Zipf's law. A third of the names of (b) lie under domains of the bundled catalogue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

CHUNK = 200_000
"""Lines made at a time."""
_DAY = 86_400
_START = 1_790_000_000
"""Some Monday in September 2026, as seconds since 1970."""


@dataclass(frozen=True)
class World:
    """Who looks at what, and when."""

    name: str
    days: int
    people: int
    names: int
    listed: float
    """Share of the names that lie under domains of the catalogue."""


WORLDS = {"a": World("a", 1, 5_000, 20_000, 0.02), "b": World("b", 10, 15_000, 60_000, 1 / 3)}


def hosts(world: World, domains: list[str]) -> np.ndarray:
    """Host names of a world; the listed ones are spread over all ranks of popularity."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 40, world.names)
    own = [f"h{label}.site{i}.{'de' if i % 3 else 'com'}" for i, label in enumerate(labels)]
    listed = rng.random(world.names) < world.listed
    picks = rng.integers(0, len(domains), world.names)
    return np.array([f"h{labels[i]}.{domains[picks[i]]}" if listed[i] else own[i] for i in range(world.names)])


def write(path: Path, form: str, world: World, size: int, domains: list[str]) -> int:
    """Write a file of at least `size` bytes in one format; gives its number of lines."""
    rng = np.random.default_rng(11)
    names = hosts(world, domains)
    lines = 0
    with path.open("wb") as file:
        file.write(_HEADS.get(form, b""))
        while file.tell() < size:
            sample = _sample(rng, world, names, lines)
            if form == "suricata":
                sample = _in_pairs(sample)
            text = sample.select(_LINES[form]()).to_series()
            file.write(text.str.join("\n").item().encode() + b"\n")
            lines += len(text)
    return lines


def _sample(rng: np.random.Generator, world: World, names: np.ndarray, done: int) -> pl.DataFrame:
    count = CHUNK
    rank = np.searchsorted(_popularity(world.names), rng.random(count))
    person = np.searchsorted(_popularity(world.people), rng.random(count))
    server = rank * 3 + rng.integers(0, 3, count)
    moment = rng.integers(0, world.days * _DAY, count).astype(np.float64) + rng.random(count)
    return pl.DataFrame(
        {
            "host": names[rank],
            "person": person,
            "client": [f"10.{p // 62_500}.{p // 250 % 250}.{p % 250 + 1}" for p in person],
            "at": _START + moment,
            "up": rng.lognormal(7, 2, count).astype(np.int64),
            "down": rng.lognormal(9, 2, count).astype(np.int64),
            "port": rng.integers(20_000, 65_000, count),
            "server": server,
            "ms": rng.integers(1, 60_000, count),
            "n": np.arange(done, done + count),
        },
    ).with_columns(
        user=pl.format("user{}", "person"),
        address=pl.format(
            "93.{}.{}.{}", pl.col("server") // 62_500, pl.col("server") // 250 % 250, pl.col("server") % 250 + 1
        ),
        seconds=pl.col("at").floor().cast(pl.Int64),
        fraction=(pl.col("at") % 1 * 1e6).cast(pl.Int64).cast(pl.String).str.zfill(6),
        uid=pl.format("C{}", (pl.col("n") * 2_654_435_761 % 10**15).cast(pl.String).str.zfill(16)),
    )


def _in_pairs(sample: pl.DataFrame) -> pl.DataFrame:
    """Both records of a connection speak of the same person, name and address."""
    first = sample.gather_every(2).with_row_index("pair")
    own = sample.select("n").with_columns(pair=pl.int_range(pl.len(), dtype=pl.UInt32) // 2)
    return own.join(first.drop("n"), on="pair", maintain_order="left").drop("pair")


@cache
def _popularity(count: int) -> np.ndarray:
    """Cumulated shares by rank, Zipf with exponent 0.8."""
    weights = 1 / np.arange(1, count + 1) ** 0.8
    return np.cumsum(weights) / weights.sum()


def _filled(template: str, *values: pl.Expr | str) -> pl.Expr:
    """The template with each `@` replaced by a value."""
    texts = template.split("@")
    parts = [pl.lit(texts[0])]
    for value, text in zip(values, texts[1:], strict=True):
        column = pl.col(value) if isinstance(value, str) else value
        parts += [column.cast(pl.String), pl.lit(text)]
    return pl.concat_str(parts)


def _squid() -> pl.Expr:
    return pl.format(
        "{}.{} {} {} TCP_TUNNEL/200 {} CONNECT {}:443 {} HIER_DIRECT/{} -",
        "seconds", pl.col("fraction").str.slice(0, 3), pl.col("ms").cast(pl.String).str.pad_start(6), "client", "down", "host", "user", "address",
    )  # fmt: skip


def _paloalto() -> pl.Expr:
    local = pl.from_epoch(pl.col("seconds")).dt.strftime("%Y/%m/%d %H:%M:%S")
    return pl.format(
        "<14>{} fw-1 1,{},007901004140,TRAFFIC,end,2560,{},{},{},198.51.100.4,{},allow-web,{},,ssl,vsys1,trust,untrust,ethernet1/2,ethernet1/1,"
        "log-central,{},{},1,{},443,{},443,0x400053,tcp,allow,{},{},{},31,{},{},any,,7262134,0x8000000000000000,10.0.0.0-10.255.255.255,"
        "Germany,,15,16,tcp-fin,0,0,0,0,,fw-1,from-policy,,,0,,0,,N/A,0,0,0,0",
        pl.from_epoch(pl.col("seconds")).dt.strftime("%b %d %H:%M:%S"), local, local, "client", "address", "address",
        pl.format("land\\{}", "user"), local, pl.col("n") % 900_000, "port", "port", pl.col("up") + pl.col("down"), "up", "down", local,
        pl.col("ms") // 1000,
    )  # fmt: skip


def _zeek() -> pl.Expr:
    return pl.format(
        "{}.{}\t{}\t{}\t{}\t{}\t443\tTLSv12\tTLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\tsecp256r1\t{}\tF\t-\th2\tT\tCsxknGIi\t-\t-\tT\tok",
        "seconds", "fraction", "uid", "client", "port", "address", "host",
    )  # fmt: skip


def _eve() -> pl.Expr:
    head = _filled(
        '{"timestamp":"@.@+0000","flow_id":@,"in_iface":"eth0","event_type":',
        pl.from_epoch(pl.col("seconds")).dt.strftime("%Y-%m-%dT%H:%M:%S"), "fraction", pl.col("n") // 2 * 7_919 + 1_000_000_000_000,
    )  # fmt: skip
    peers = _filled(
        '"src_ip":"@","src_port":@,"dest_ip":"@","dest_port":443,"proto":"TCP"', "client", "port", "address"
    )
    tls = _filled(
        '"tls",@,"tls":{"subject":"CN=@","issuerdn":"C=US, O=Some Authority, CN=R3","serial":"03:5A:9E:61:10:44:B1:09",'
        '"fingerprint":"9f:11:2b:2c:76:52:40:13:e8:01:cc:d1:90:8f:33:bb:a7:21:e1:5f","sni":"@","version":"TLS 1.2",'
        '"notbefore":"2026-08-01T00:00:00","notafter":"2026-10-30T23:59:59"}}',
        peers, "host", "host",
    )  # fmt: skip
    flow = _filled(
        '"flow",@,"app_proto":"tls","flow":{"pkts_toserver":@,"pkts_toclient":@,"bytes_toserver":@,"bytes_toclient":@,'
        '"start":"2026-09-21T08:00:00.000000+0000","end":"2026-09-21T08:00:09.000000+0000","age":9,"state":"closed",'
        '"reason":"timeout","alerted":false},"tcp":{"tcp_flags":"1b","syn":true,"fin":true,"psh":true,"ack":true,"state":"closed"}}',
        peers, pl.col("ms") % 90, pl.col("ms") % 70, "up", "down",
    )  # fmt: skip
    return pl.concat_str(head, pl.when(pl.col("n") % 2 == 0).then(tls).otherwise(flow))


_FIELDS = (
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p version cipher curve server_name resumed last_alert next_protocol established "
    "ssl_history cert_chain_fps client_cert_chain_fps sni_matches_cert validation_status"
)
_TYPES = "time string addr port addr port string string string string bool string string bool string vector[string] vector[string] bool string"
_HEADS = {
    "zeek": "\n".join(
        (
            "#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\tssl",
            "#fields\t" + _FIELDS.replace(" ", "\t"), "#types\t" + _TYPES.replace(" ", "\t"), "",
        ),
    ).encode(),
}  # fmt: skip
_LINES: dict[str, Callable[[], pl.Expr]] = {"squid": _squid, "paloalto": _paloalto, "zeek": _zeek, "suricata": _eve}
FORMATS = tuple(_LINES)
