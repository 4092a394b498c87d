"""Suricata EVE: tls, quic, dns, http and flow records.

Format    one JSON object a line, with or without a syslog header; DNS in versions 1, 2 and 3
Gives     at client_raw host address port action bytes_up bytes_down duration agent_raw method flow
Lacks     account_raw and application (app_proto is a protocol); bytes of tls; bytes_up of http
Idle      records of other kinds: alert, stats, fileinfo, anomaly ...
Source    docs.suricata.io, EVE JSON Format
Blind to  a look-up logged as request and as response is two events; a drop that is logged as an alert only
"""

import polars as pl

from connectors.lines import event_frame, first_lines, in_parts, is_record, put, refuse_documents, upper
from connectors.native.plan import ANYTHING, JsonLines, Kind, Quick, Take
from connectors.network._hosts import canonical_addresses, first_address, servers
from connectors.network._json import instants, values
from connectors.network._numbers import count, port
from connectors.network._times import minutes
from schemas.connector import Layout, Options

SHAPE = "lines"
VIEWS = ("dns", "tls", "http", "flow")
GIVES = (
    "at",
    "client_raw",
    "host",
    "address",
    "port",
    "action",
    "bytes_up",
    "bytes_down",
    "duration",
    "agent_raw",
    "method",
    "flow",
    "evidence",
)
LACKS = "account_raw and application (app_proto is a protocol); bytes of tls; bytes_up of http"

_PATHS = {
    "type": "$.event_type",
    "time": "$.timestamp",
    "flow": "$.flow_id",
    "client_raw": "$.src_ip",
    "server": "$.dest_ip",
    "port": "$.dest_port",
    "tls_name": "$.tls.sni",
    "quic_name": "$.quic.sni",
    "http_name": "$.http.hostname",
    "agent_raw": "$.http.http_user_agent",
    "method": "$.http.http_method",
    "length": "$.http.length",
    "status": "$.http.status",
    "asked": "$.dns.rrname",
    "asked_3": "$.dns.queries[0].rrname",
    "rcode": "$.dns.rcode",
    "a": "$.dns.grouped.A[0]",
    "aaaa": "$.dns.grouped.AAAA[0]",
    "up": "$.flow.bytes_toserver",
    "down": "$.flow.bytes_toclient",
    "start": "$.flow.start",
    "end": "$.flow.end",
    "state": "$.flow.state",
    "verdict": "$.flow.action",
}
_OLD_DNS = {"rdata": "$.dns.rdata", "answers": "$.dns.answers", "client_port": "$.src_port"}
"""Paths of look-ups that do not group their answers: version 1, or the format `detailed` alone."""
_NAMES = ("tls_name", "http_name", "asked", "asked_3", "quic_name")
_ANSWERS = ("a", "aaaa")
_EVIDENCE = {"tls": "tls", "quic": "tls", "http": "http", "dns": "dns", "flow": "flow"}
_REJECTED_JSON = "expected one JSON object"
_REJECTED_TYPE = "event_type: expected a name"
_REJECTED_TIME = "timestamp: expected ISO 8601 with a zone"


def layout(head: bytes, options: Options) -> Layout:
    """The one form there is; refuses a JSON document over several lines."""
    refuse_documents(first_lines(head), "one EVE record a line")
    return Layout(kind="json", options=options)


def records(_lines: pl.DataFrame) -> pl.Expr:
    """Every line that is neither blank nor a comment."""
    return is_record()


def quick(layout: Layout) -> Quick:
    """How compiled code reads nearly every record; look-ups that do not group their answers are left."""
    all_kinds = (
        Take("time", ("time",), "iso"), Take("flow", ("flow",), "flow"), Take("client", ("client_raw",)),
        Take("agent", ("agent_raw",)), Take("up", ("up",), "count"), Take("down", ("down", "length"), "count"),
        Take("mark", ("type",)), Take("mark", ("verdict",)),
    )  # fmt: skip
    name, server = Take("name", _NAMES), Take("address", ("server",))
    dns = (*all_kinds, name, Take("address", _ANSWERS), Take("mark", ("rcode",)))
    kinds = (
        Kind({"type": "tls"}, (*all_kinds, name, server)),
        Kind({"type": "quic"}, (*all_kinds, name, server)),
        Kind({"type": "http"}, (*all_kinds, name, server, Take("mark", ("status",)))),
        Kind({"type": "flow"}, (*all_kinds, server, Take("mark", ("state",)))),
        *(
            Kind({"type": "dns", given: said}, dns)
            for given, said in (("rcode", None), ("a", ANYTHING), ("aaaa", ANYTHING))
        ),
        Kind({"type": "dns"}, becomes="odd"),
        Kind({"type": ANYTHING}, becomes="idle"),
    )
    paths = {name: _keys(path) for name, path in _PATHS.items() if name not in {"port", "method", "start", "end"}}

    def marks(frame: pl.DataFrame) -> pl.DataFrame:
        evidence = pl.lit(layout.options.view) if layout.options.view else pl.col("type").replace_strict(_EVIDENCE)
        return frame.select(evidence=evidence, action=_action(), odd=pl.lit(value=False))

    return Quick(
        JsonLines(paths, kinds),
        times=minutes,
        marks=marks,
        names=lambda names: servers(names).select("host", "address"),
        addresses=canonical_addresses,
    )


def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.removeprefix("$.").replace("[0]", ".[0]").split("."))


def parse(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """NETWORK rows. `allowed` is what was answered, `blocked` a flow that Suricata dropped, the rest `unknown`."""
    return in_parts(lines, lambda part: event_frame(_parse(part), layout.options.view))


def _parse(lines: pl.DataFrame) -> pl.DataFrame:
    texts = _without_syslog(lines["line"])
    frame = values(texts, _PATHS).with_columns(lines["place"])
    frame = frame.with_columns(evidence=pl.col("type").replace_strict(_EVIDENCE, default=None))
    frame = frame.with_columns(pl.when(pl.col("evidence").is_not_null()).then(instants(frame["time"])).alias("at"))
    frame = _with_lookups(frame, texts)
    return frame.select(
        "place",
        "at",
        "flow",
        "client_raw",
        "agent_raw",
        "evidence",
        *_servers(frame),
        rejected=_rejected(),
        action=_action(),
        bytes_up=count("up"),
        bytes_down=pl.coalesce(count("down"), count("length")),
        duration=_duration(frame),
        method=upper(frame["method"]),
    )


def _with_lookups(frame: pl.DataFrame, texts: pl.Series) -> pl.DataFrame:
    """With `answer`: the first address of a DNS answer. Version 1 logs answers from the server to the client."""
    frame = frame.with_columns(answer=pl.coalesce(_ANSWERS))
    old = (
        frame.select((pl.col("type") == "dns") & pl.col("answer").is_null() & pl.col("rcode").is_not_null())
        .to_series()
        .fill_null(value=False)
    )
    if not old.any():
        return frame
    more = values(texts.filter(old), _OLD_DNS).with_columns(frame.filter(old).select("client_raw", "server", "port"))
    from_server = (pl.col("client_port") == "53") & (pl.col("port") != "53")
    found = more.select(
        first_address(more.select(pl.coalesce("answers", "rdata")).to_series()).alias("answer"),
        pl.when(from_server).then("server").otherwise("client_raw").alias("client_raw"),
    )
    return frame.with_columns(put(frame[name], old, found[name]) for name in found.columns)


def _servers(frame: pl.DataFrame) -> pl.DataFrame:
    """Host, address and port. A look-up has no port: it would be the resolver's."""
    dns = pl.col("type") == "dns"
    asked = frame.select(
        name=pl.when(pl.col("type") != "flow").then(pl.coalesce(_NAMES)),
        address=pl.when(dns).then("answer").otherwise("server"),
        port=pl.when(~dns).then(port("port")),
    )
    return servers(asked["name"], asked["address"], asked["port"])


def _rejected() -> pl.Expr:
    return (
        pl.when(~pl.col("whole"))
        .then(pl.lit(_REJECTED_JSON))
        .when(pl.col("type").is_null())
        .then(pl.lit(_REJECTED_TYPE))
        .when(pl.col("evidence").is_not_null() & pl.col("at").is_null())
        .then(pl.lit(_REJECTED_TIME))
    )


def _action() -> pl.Expr:
    answered = (
        pl.when(pl.col("type") == "dns")
        .then(pl.col("rcode") == "NOERROR")
        .when(pl.col("type") == "http")
        .then(pl.col("status").is_not_null())
        .when(pl.col("type") == "flow")
        .then(pl.col("state") != "new")
        .otherwise(pl.lit(value=True))
    )
    return (
        pl.when(pl.col("verdict") == "drop")
        .then(pl.lit("blocked"))
        .when(answered)
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
    )


def _duration(frame: pl.DataFrame) -> pl.Series:
    flows = frame["start"].is_not_null()
    seconds = frame["start"].clear(frame.height).cast(pl.Float64)
    if not flows.any():
        return seconds
    ends = instants(pl.concat([frame["end"].filter(flows), frame["start"].filter(flows)]))
    half = len(ends) // 2
    took = (ends[:half] - ends[half:]).dt.total_microseconds() / 1e6
    return put(seconds, flows, took.zip_with(took >= 0, seconds[:half]))


def _without_syslog(lines: pl.Series) -> pl.Series:
    """A record starts at its first brace."""
    headed = ~lines.str.starts_with("{").fill_null(value=True)
    if not headed.any():
        return lines
    return put(lines, headed, "{" + lines.filter(headed).str.splitn("{", 2).struct.field("field_1"))
