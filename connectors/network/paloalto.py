"""Palo Alto PAN-OS: traffic and URL logs as comma-separated syslog, versions 6 to 11.

Format    [syslog header] 1,receive time,serial,type,subtype,version,generated time,source,destination ...; later
          versions append fields; times are local, so a time zone has to be given
Gives     at account_raw client_raw host address port action bytes_up bytes_down duration application agent_raw method
Lacks     flow: session numbers are used again within hours; bytes of a URL log
Idle      SYSTEM, CONFIG, HIPMATCH, USERID, DECRYPTION ...; THREAT other than url
Source    docs.paloaltonetworks.com, Syslog Field Descriptions (Traffic, Threat, URL Filtering), PAN-OS 6.1 to 11.1
Blind to  the server behind a translated destination; a session logged at its start and at its end is two events
"""

import polars as pl

from connectors.lines import event_frame, first_lines, in_parts, is_record, refuse_documents, upper, without_return
from connectors.native.plan import Delimited, Kind, Quick, Take
from connectors.network._hosts import canonical_addresses, servers
from connectors.network._numbers import count, port
from connectors.network._panos import LEAST, PLACES, given, logs
from connectors.network._times import local
from schemas.connector import Layout, Options
from schemas.errors import ConfigurationError

SHAPE = "lines"
VIEWS = ("flow", "proxy")
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


def quick(layout: Layout) -> Quick:
    """How compiled code reads nearly every traffic and URL log."""
    zone, view = layout.options.timezone, layout.options.view
    if zone is None:
        raise ConfigurationError(_NO_ZONE)
    both = (
        Take("time", ("time",), "local"), Take("client", ("client",)), Take("address", ("server",)),
        Take("account", ("user",), quoted=True), Take("application", ("app",)), Take("mark", ("type",)),
        Take("mark", ("verdict",)),
    )  # fmt: skip
    kinds = (
        Kind({"type": "TRAFFIC"}, (*both, Take("up", ("sent",), "count"), Take("down", ("received",), "count"))),
        Kind(
            {"type": "THREAT", "subtype": "url"},
            (*both, Take("name", ("url",), "web", quoted=True), Take("agent", ("agent",), quoted=True)),
        ),
    )

    def marks(frame: pl.DataFrame) -> pl.DataFrame:
        kind = pl.when(pl.col("type") == "TRAFFIC").then(pl.lit("flow")).otherwise(pl.lit("proxy"))
        return frame.select(evidence=pl.lit(view) if view else kind, action=_action(), odd=pl.lit(value=False))

    return Quick(
        Delimited(",", PLACES, LEAST, kinds, nulls=("",), quote='"'),
        times=lambda minutes: local(minutes + ":00", _FORM, zone),
        marks=marks,
        names=lambda urls: servers(_asked(urls), bare=False).select("host", "address"),
        addresses=canonical_addresses,
        applications=lambda labels: labels.to_frame("app").select(_application())["app"],
    )


def parse(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """NETWORK rows; what the firewall dropped, reset or stopped with a page is `blocked`."""
    return in_parts(lines, lambda part: event_frame(_parse(without_return(part), layout.options), layout.options.view))


def _parse(lines: pl.DataFrame, options: Options) -> pl.DataFrame:
    if options.timezone is None:
        raise ConfigurationError(_NO_ZONE)
    frame = logs(lines["line"])
    traffic = pl.col("evidence") == "flow"
    frame = frame.with_columns(lines["place"], at=local(frame["time"], _FORM, options.timezone))
    return frame.select(
        "place",
        "evidence",
        *_servers(frame),
        "agent_raw",
        at=pl.when(pl.col("evidence").is_not_null()).then("at"),
        rejected=_rejected(),
        account_raw=given("user"),
        client_raw=given("client"),
        action=_action(),
        bytes_up=pl.when(traffic).then(count("sent")),
        bytes_down=pl.when(traffic).then(count("received")),
        duration=pl.when(traffic).then(count("elapsed")),
        application=_application(),
        method=upper(frame["method"]),
    )


def _servers(frame: pl.DataFrame) -> pl.DataFrame:
    url = frame.select(pl.when(pl.col("evidence") == "proxy").then(pl.col("url"))).to_series()
    return servers(_asked(url), frame["server"], frame.select(port("port")).to_series(), bare=False)


def _asked(urls: pl.Series) -> pl.Series:
    """What stands before the path of URLs, with or without a scheme."""
    return urls.str.strip_prefix("http://").str.strip_prefix("https://").str.split_exact("/", 0).struct.field("field_0")


def _rejected() -> pl.Expr:
    used = pl.col("evidence").is_not_null()
    return (
        pl.when(pl.col("subtype").is_null() | (used & (pl.col("count") < LEAST)))
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
