"""Fields of PAN-OS traffic and URL logs, whichever version wrote them: quick for most lines, right for all."""

from collections.abc import Callable

import polars as pl

from connectors.lines import put
from connectors.network._csv import plain, quoted

Read = Callable[[pl.Series, dict[str, int]], pl.DataFrame]
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
_TEXTS = ("client", "server", "user", "app", "verdict")
_NUMBERS = (*_TRAFFIC, "port")
_PAGE = {"url": 31, "agent": 46, "method": 63}
PLACES = {**{name: place for name, place in _FIELDS.items() if name != "port"}, "sent": 32, "received": 33, "agent": 46}
"""Places of the fields that quick reading takes."""
LEAST = 37
"""Fields that every version writes in traffic and threat logs; fewer is a torn line."""
_URL_ENDS = 32
_SUBTYPE_ENDS = 5
"""Fields up to the URL, and up to the subtype: what is needed of other lines."""
_SAMPLE = 100
_SLACK = 32
"""Lines and characters for the guess where these fields end; a wrong guess costs time only."""


def logs(lines: pl.Series) -> pl.DataFrame:
    """The fields as text or number, and the kind of evidence."""
    wanted = _FIELDS | _TRAFFIC
    short = lines.str.head(_near(lines))
    frame = _with_evidence(plain(short, wanted))
    ends = pl.when(pl.col("evidence") == "flow").then(LEAST).when(pl.col("evidence") == "proxy").then(_URL_ENDS)
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
    width = sample.str.split(",").list.head(LEAST + 1).list.join(",").str.len_chars().quantile(0.9)
    return int(width or 0) + _SLACK


def _with_evidence(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        evidence=pl.when(pl.col("type") == "TRAFFIC")
        .then(pl.lit("flow"))
        .when((pl.col("type") == "THREAT") & (pl.col("subtype") == "url"))
        .then(pl.lit("proxy")),
    ).with_columns(pl.col(*_NUMBERS).cast(pl.Int64, strict=False))


def _in_place(frame: pl.DataFrame) -> pl.Series:
    """Whether no quoted comma has moved the fields: numbers of traffic, and the quote of a URL, stand where they should."""
    return frame.select(
        pl.when(pl.any_horizontal(pl.col(_TEXTS).str.contains('"', literal=True)))
        .then(pl.lit(value=False))
        .when(pl.col("evidence") == "flow")
        .then(pl.all_horizontal(pl.col(*_NUMBERS).is_not_null()))
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
        pl.col("begin").str.starts_with('"')
        & ('"' + pl.col("url")).str.starts_with(pl.col("begin").str.strip_suffix('"'))
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
    return frame.select(given("url"), given("agent_raw"), given("method"), "count")


def given(name: str) -> pl.Expr:
    """The field, null when it is empty."""
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)
