"""Palo Alto PAN-OS: traffic and URL logs as comma-separated syslog, versions 6 to 11.

Format    [syslog header] 1,receive time,serial,type,subtype,version,generated time,source,destination ...; later
          versions append fields; times are local, so a time zone has to be given
Gives     at account_raw client_raw host address port action bytes_up bytes_down duration application agent_raw method
Lacks     flow: session numbers are used again within hours; bytes of a URL log
Idle      SYSTEM, CONFIG, HIPMATCH, USERID, DECRYPTION ...; THREAT other than url
Source    docs.paloaltonetworks.com, Syslog Field Descriptions (Traffic, Threat, URL Filtering), PAN-OS 6.1 to 11.1
Blind to  the server behind network address translation of the destination; a session logged at its start and its end is two events
"""

from collections.abc import Callable

import polars as pl

from connectors.lines import event_frame, first_lines, in_parts, is_record, put, refuse_documents, upper, without_return
from connectors.network._csv import plain, quoted
from connectors.network._hosts import servers
from connectors.network._numbers import count, port
from connectors.network._times import local
from schemas.connector import Layout, Options
from schemas.errors import ConfigurationError

SHAPE = "lines"
GIVES = (
    "at",
    "account_raw",
    "client_raw",
    "host",
    "address",
    "port",
    "action",
    "bytes_up",
    "bytes_down",
    "duration",
    "application",
    "agent_raw",
    "method",
    "evidence",
)
LACKS = "flow: session numbers are used again within hours; bytes of a URL log"

_FIELDS = {
    "type": 3,
    "subtype": 4,
    "time": 6,
    "client": 7,
    "server": 8,
    "user": 12,
    "app": 14,
    "port": 25,
    "verdict": 30,
    "url": 31,
}
_TRAFFIC = {"sent": 32, "received": 33, "elapsed": 36}
_PAGE = {"url": 31, "agent": 46, "method": 63}
_LEAST = 37
"""Fields that every version writes in traffic and threat logs; fewer is a torn line."""
_URL_ENDS = 32
_SUBTYPE_ENDS = 5
"""Fields up to the URL, and up to the subtype: what is needed of other lines."""
_SAMPLE = 100
_SLACK = 32
"""Lines and characters for the guess where these fields end; a wrong guess costs time only."""
Read = Callable[[pl.Series, dict[str, int]], pl.DataFrame]
_KINDS = (
    "TRAFFIC",
    "THREAT",
    "SYSTEM",
    "CONFIG",
    "HIPMATCH",
    "HIP-MATCH",
    "USERID",
    "DECRYPTION",
    "GLOBALPROTECT",
    "AUTHENTICATION",
    "CORRELATION",
    "TUNNEL",
    "GTP",
    "SCTP",
    "IPTAG",
    "AUDIT",
)
_FORM = "%Y/%m/%d %H:%M:%S"
_ALLOWED = ("allow", "alert", "continue", "override", "syncookie-sent")
_BLOCKED = (
    "deny",
    "drop",
    "drop ICMP",
    "drop-icmp",
    "drop-packet",
    "drop-all-packets",
    "reset client",
    "reset server",
    "reset both",
    "reset-client",
    "reset-server",
    "reset-both",
    "block",
    "block-ip",
    "block-url",
    "block-continue",
    "block-override",
    "override-lockout",
    "random-drop",
    "sinkhole",
)
_GENERIC = (
    "",
    "any",
    "dhcp",
    "dns",
    "dns-base",
    "ftp",
    "http2",
    "http-audio",
    "http-proxy",
    "http-video",
    "icmp",
    "imap",
    "incomplete",
    "insufficient-data",
    "ipv6-icmp",
    "kerberos",
    "ldap",
    "ms-ds-smb",
    "msrpc",
    "netbios-dg",
    "netbios-ns",
    "netbios-ss",
    "non-syn-tcp",
    "not-applicable",
    "ntp",
    "ntp-base",
    "ocsp",
    "ping",
    "ping6",
    "pop3",
    "quic",
    "quic-base",
    "smtp",
    "snmp",
    "ssh",
    "ssl",
    "stun",
    "syslog",
    "traceroute",
    "undecided",
    "unknown",
    "unknown-p2p",
    "unknown-tcp",
    "unknown-udp",
    "web-browsing",
    "websocket",
)
"""Labels that name a protocol or say that nothing was recognised."""
_NO_ZONE = "paloalto: times state no zone; set timezone in site.toml, or --timezone"
_REJECTED_FIELDS = "expected the comma-separated fields of a PAN-OS log"
_REJECTED_KIND = "type: expected TRAFFIC, THREAT or another type of PAN-OS log"
_REJECTED_TIME = "generated time: expected year/month/day hours:minutes:seconds"


def layout(head: bytes, options: Options) -> Layout:
    """The one form there is. Raises ConfigurationError without a time zone, for the times state none."""
    refuse_documents(first_lines(head), "PAN-OS logs as comma-separated syslog")
    if options.timezone is None:
        raise ConfigurationError(_NO_ZONE)
    return Layout(kind="syslog", separator=",", options=options)


def records(_lines: pl.DataFrame) -> pl.Expr:
    """Every line that is neither blank nor a comment."""
    return is_record()


def parse(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """NETWORK rows; what the firewall dropped, reset or stopped with a page is `blocked`."""
    return in_parts(lines, lambda part: event_frame(_parse(without_return(part), layout.options), layout.options.view))


def _parse(lines: pl.DataFrame, options: Options) -> pl.DataFrame:
    if options.timezone is None:
        raise ConfigurationError(_NO_ZONE)
    frame = _logs(lines["line"])
    traffic = pl.col("evidence") == "flow"
    frame = frame.with_columns(lines["place"], at=local(frame["time"], _FORM, options.timezone))
    return frame.select(
        "place",
        "evidence",
        *_servers(frame),
        "agent_raw",
        at=pl.when(pl.col("evidence").is_not_null()).then("at"),
        rejected=_rejected(),
        account_raw=_given("user"),
        client_raw=_given("client"),
        action=_action(),
        bytes_up=pl.when(traffic).then(count("sent")),
        bytes_down=pl.when(traffic).then(count("received")),
        duration=pl.when(traffic).then(count("elapsed")),
        application=_application(),
        method=upper(frame["method"]),
    )


def _logs(lines: pl.Series) -> pl.DataFrame:
    """Text of the fields, and the kind of evidence."""
    wanted = _FIELDS | _TRAFFIC
    short = lines.str.head(_near(lines))
    frame = _with_evidence(plain(short, wanted))
    ends = pl.when(pl.col("evidence") == "flow").then(_LEAST).when(pl.col("evidence") == "proxy").then(_URL_ENDS)
    cut = frame.select(pl.col("count") <= ends.otherwise(_SUBTYPE_ENDS)).to_series()
    cut &= short.str.len_bytes() < lines.str.len_bytes()
    frame = _again(frame, cut, lines, plain)
    shifted = ~_in_place(frame) & lines.str.contains('"', literal=True)
    frame = _with_evidence(_again(frame, shifted, lines, quoted))
    pages = (frame["evidence"] == "proxy").fill_null(value=False)
    frame = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in ("agent_raw", "method"))
    if not pages.any():
        return frame
    read = _pages(lines.filter(pages), frame["url"].filter(pages))
    return frame.with_columns(put(frame[name], pages, read[name]) for name in read.columns)


def _near(lines: pl.Series) -> int:
    """Characters in which the fields of nearly all traffic logs end: what is cut off need not be split."""
    sample = lines.gather_every(max(1, len(lines) // _SAMPLE))
    width = sample.str.split(",").list.head(_LEAST + 1).list.join(",").str.len_chars().quantile(0.9)
    return int(width or 0) + _SLACK


def _with_evidence(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        evidence=pl.when(pl.col("type") == "TRAFFIC")
        .then(pl.lit("flow"))
        .when((pl.col("type") == "THREAT") & (pl.col("subtype") == "url"))
        .then(pl.lit("proxy")),
    )


def _in_place(frame: pl.DataFrame) -> pl.Series:
    """Whether no quoted comma has moved the fields: numbers of traffic, and the quote of a URL, stand where they should."""
    return frame.select(
        pl.when(pl.col("user").str.starts_with('"'))
        .then(pl.lit(value=False))
        .when(pl.col("evidence") == "flow")
        .then(pl.all_horizontal(pl.col(*_TRAFFIC, "port").cast(pl.Int64, strict=False).is_not_null()))
        .when(pl.col("evidence") == "proxy")
        .then(pl.col("url").str.starts_with('"'))
        .otherwise(pl.col("type").is_not_null())
        .fill_null(value=False)
    ).to_series()


def _again(frame: pl.DataFrame, odd: pl.Series, lines: pl.Series, read: Read) -> pl.DataFrame:
    """The frame with the odd lines read in another way."""
    odd = odd.fill_null(value=False)
    if not odd.any():
        return frame
    again = _with_evidence(read(lines.filter(odd), _FIELDS | _TRAFFIC))
    return pl.DataFrame([put(column, odd, again[column.name]) for column in frame])


def _pages(lines: pl.Series, urls: pl.Series) -> pl.DataFrame:
    """URL, agent, method and count of URL logs. Mostly the URL is the first quoted text and the agent the second.

    `urls` is the URL's field up to its first comma, as a plain reading gives it.
    """
    url, agent, method = _PAGE.values()
    pieces = lines.str.splitn('"', 6).struct.rename_fields(["before", "url", "behind", "agent_raw", "rest", "more"])
    frame = pieces.struct.unnest()
    behind = frame["behind"].str.split(",")
    frame = frame.with_columns(
        urls.alias("begin"),
        size=behind.list.len().cast(pl.Int64),
        plain_agent=behind.list.get(agent - url, null_on_oob=True),
        plain_method=behind.list.get(method - url, null_on_oob=True),
        late_method=frame["rest"].str.split(",").list.get(method - agent, null_on_oob=True),
    )
    unquoted = pl.col("agent_raw").is_null() | (pl.col("size") > method - url + 1)
    second = (pl.col("size") == agent - url + 1) & pl.col("rest").str.starts_with(",")
    tidy = (
        ('"' + pl.col("url")).str.starts_with(pl.col("begin").str.strip_suffix('"'))
        & pl.col("behind").str.starts_with(",")
        & (unquoted | (second & (pl.col("late_method").is_not_null() | pl.col("more").is_null())))
    )
    frame = frame.select(
        "url",
        agent_raw=pl.when(unquoted).then("plain_agent").otherwise("agent_raw"),
        method=pl.when(unquoted).then("plain_method").otherwise("late_method"),
        count=pl.col("size") + url,
        tidy=tidy.fill_null(value=False),
    )
    odd = ~frame["tidy"]
    frame = frame.drop("tidy")
    if odd.any():
        again = quoted(lines.filter(odd), {"url": url, "agent_raw": agent, "method": method})
        frame = pl.DataFrame([put(column, odd, again[column.name]) for column in frame])
    return frame.select(_given("url"), _given("agent_raw"), _given("method"), "count")


def _servers(frame: pl.DataFrame) -> pl.DataFrame:
    url = frame.select(pl.when(pl.col("evidence") == "proxy").then(pl.col("url"))).to_series()
    name = url.str.strip_prefix("http://").str.strip_prefix("https://").str.split_exact("/", 0).struct.field("field_0")
    return servers(name, frame["server"], frame.select(port("port")).to_series(), bare=False)


def _given(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)


def _rejected() -> pl.Expr:
    used = pl.col("evidence").is_not_null()
    return (
        pl.when(pl.col("subtype").is_null() | (used & (pl.col("count") < _LEAST)))
        .then(pl.lit(_REJECTED_FIELDS))
        .when(~pl.col("type").is_in(_KINDS))
        .then(pl.lit(_REJECTED_KIND))
        .when(used & pl.col("at").is_null())
        .then(pl.lit(_REJECTED_TIME))
    )


def _action() -> pl.Expr:
    verdict = pl.col("verdict")
    return (
        pl.when(verdict.is_in(_ALLOWED))
        .then(pl.lit("allowed"))
        .when(verdict.is_in(_BLOCKED))
        .then(pl.lit("blocked"))
        .otherwise(pl.lit("unknown"))
    )


def _application() -> pl.Expr:
    label = pl.col("app").str.to_lowercase()
    return pl.when(~label.is_in(_GENERIC)).then(label)
