"""Zeek: conn, dns, http, ssl and quic logs, tab-separated or JSON.

Format    TSV with a header that names separator and fields; or one JSON object a line, time in seconds or ISO 8601
Gives     at account_raw client_raw host address port action bytes_up bytes_down duration agent_raw method flow
Lacks     application; bytes of encrypted http; names in a conn record (flow joins it with its ssl, http and dns)
Idle      records of other kinds: files, x509, notice, ssh ...
Source    docs.zeek.org, Log Files; scripts base/protocols and base/frameworks/logging/writers/ascii.zeek
Blind to  the server behind a proxy that is asked for it: address and port are the proxy's
"""

import re

import polars as pl

from connectors.lines import event_frame, first_lines, in_parts, is_record, refuse_documents, without_return
from connectors.native.plan import Quick
from connectors.network import _zeek_json as in_json
from connectors.network import _zeek_quick as quickly
from connectors.network import _zeek_tsv as in_tsv
from schemas.connector import Layout, Options

SHAPE = "lines"
VIEWS = ("dns", "tls", "http", "flow")
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
    "agent_raw",
    "method",
    "flow",
    "evidence",
)
_ISO = re.compile(r'"ts" *: *"')
LACKS = "application; bytes of encrypted http; names in a conn record (flow joins it with its ssl, http and dns)"


def layout(head: bytes, options: Options) -> Layout:
    """The header of TSV, or what JSON lines most likely are. Raises NotThisFormatError."""
    lines = first_lines(head)
    refuse_documents(lines, "Zeek's TSV or one JSON object a line")
    objects = [line for line in lines if line.lstrip().startswith("{")]
    if objects and objects[0] == next(line for line in lines if not line.startswith("#")):
        iso = any(_ISO.search(line) for line in objects[:1])
        return Layout(kind=f"json/{in_json.kind_of(objects)}", options=options, extra={"iso": iso})
    found = in_tsv.header(lines)
    return Layout(
        f"tsv/{found.kind}", found.columns, found.separator, options, {"prefix": found.prefix, **found.values}
    )


def split(_lines: pl.DataFrame) -> pl.Expr:
    """Lines that start a new header, where logs were joined: what follows needs its own layout."""
    return pl.col("line").str.starts_with("#separator").fill_null(value=False)


def records(_lines: pl.DataFrame) -> pl.Expr:
    """Every line that is neither blank nor starts with `#`: Zeek escapes that sign in data."""
    return is_record()


def quick(layout: Layout) -> Quick | None:
    """How compiled code reads nearly every line of a known kind; None for others."""
    form, _, kind = layout.kind.partition("/")
    if form == "json":
        return quickly.of_json(kind, layout.options.view, iso=layout.extra["iso"])
    return quickly.of_tsv(_header(layout), layout.options.view)


def _header(layout: Layout) -> in_tsv.Header:
    extra = dict(layout.extra)
    return in_tsv.Header(extra.pop("prefix"), layout.separator, extra, layout.columns)


def parse(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """NETWORK rows; `allowed` is what was answered (DNS: NOERROR), the rest `unknown`: Zeek blocks nothing."""
    form, _, kind = layout.kind.partition("/")
    if form == "json":
        return in_parts(lines, lambda part: event_frame(in_json.parse(part, kind), layout.options.view))
    head = _header(layout)
    return in_parts(lines, lambda part: event_frame(in_tsv.parse(without_return(part), head), layout.options.view))
