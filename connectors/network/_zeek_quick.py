"""How compiled code reads Zeek's logs, tab-separated or JSON; what it leaves is read the long way."""

import polars as pl

from connectors.native.plan import ANYTHING, Delimited, JsonLines, Kind, Quick, Take, quarters
from connectors.network._hosts import canonical_addresses, first_address, servers
from connectors.network._times import minutes
from connectors.network._zeek_events import EVIDENCE, MARKS, allowed
from connectors.network._zeek_tsv import Header, behind, nothing, read_escapes

_WHO = (Take("flow", ("uid",), "flow"), Take("client", ("id.orig_h",)))
_SERVER = (Take("name", ("server_name",)), Take("address", ("id.resp_h",)))
_TAKES: dict[str, tuple[Take, ...]] = {
    "conn": (
        *_WHO, Take("address", ("id.resp_h",)), Take("mark", ("conn_state",)),
        Take("up", ("orig_bytes",), "count"), Take("down", ("resp_bytes",), "count"),
    ),
    "dns": (
        *_WHO, Take("name", ("query",)), Take("address", ("answers",)), Take("mark", ("rejected",)),
        Take("mark", ("rcode_name",)),
    ),
    "http": (
        *_WHO, Take("name", ("host",)), Take("address", ("id.resp_h",)), Take("agent", ("user_agent",)),
        Take("account", ("username",)), Take("mark", ("status_code",)),
        Take("up", ("request_body_len",), "count"), Take("down", ("response_body_len",), "count"),
    ),
    "quic": (*_WHO, *_SERVER),
    "ssl": (*_WHO, *_SERVER, Take("mark", ("established",))),
}  # fmt: skip
_NULLS_MAX, _LONGEST_NULL = 3, 12


def of_tsv(head: Header, view: str | None) -> Quick | None:
    """Quick reading of logs with this header; None where it is none for compiled code."""
    nulls = nothing(head)
    texts = all(len(text.encode()) <= _LONGEST_NULL for text in nulls)
    if head.kind not in _TAKES or "ts" not in head.columns or len(head.separator.encode()) > 1 or not texts:
        return None
    takes = [take for take in (Take("time", ("ts",), "epoch"), *_TAKES[head.kind]) if take.values[0] in head.columns]
    columns = {take.values[0]: head.columns.index(take.values[0]) for take in takes}
    kinds = (Kind(takes=tuple(takes)),)
    between = head.values.get("set_separator", ",")
    lines = Delimited(head.separator, columns, behind(head) + 1, kinds, nulls=tuple(nulls), comment=head.prefix or "#")
    return _quick(lines, head.kind, view, between=between, escaped=True)


def of_json(kind: str, view: str | None, *, iso: bool) -> Quick | None:
    """Quick reading of JSON lines that are most likely of this kind."""
    if kind not in _TAKES:
        return None
    takes = (Take("time", ("ts",), "iso" if iso else "epoch"), *_TAKES[kind])
    names = dict.fromkeys(("_path", MARKS[kind], *(take.values[0] for take in takes)))
    kinds = (
        Kind({"_path": kind, "id.orig_h": ANYTHING}, takes),
        Kind({"_path": None, MARKS[kind]: ANYTHING, "id.orig_h": ANYTHING}, takes),
    )
    array = "answers" if kind == "dns" else "tags" if kind == "http" else ""
    lines = JsonLines({name: (name,) for name in names}, kinds, decimal="" if iso else "ts", array=array)
    return _quick(lines, kind, view, iso=iso)


def _quick(
    lines: Delimited | JsonLines,
    kind: str,
    view: str | None,
    *,
    between: str = ",",
    escaped: bool = False,
    iso: bool = False,
) -> Quick:
    said = [take.values[0] for take in _TAKES[kind] if take.slot == "mark"]

    def marks(frame: pl.DataFrame) -> pl.DataFrame:
        missing = [pl.lit(None, pl.String).alias(name) for name in said if name not in frame.columns]
        return frame.with_columns(missing).select(
            evidence=pl.lit(view or EVIDENCE[kind]), action=allowed(kind), odd=pl.lit(value=False)
        )

    def texts(values: pl.Series) -> pl.Series:
        return read_escapes(values) if escaped else values

    def addresses(values: pl.Series) -> pl.Series:
        if kind == "dns":
            values = first_address(values.str.replace_all(between, ",", literal=True))
        return canonical_addresses(values)

    return Quick(
        lines,
        times=minutes if iso else quarters,
        marks=marks,
        names=lambda names: servers(texts(names)).select("host", "address"),
        addresses=addresses,
        accounts=texts,
        agents=texts,
    )
