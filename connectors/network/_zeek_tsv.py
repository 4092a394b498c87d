"""Zeek's tab-separated logs: the header says separator, empty and unset values, and the fields' names."""

import re
from dataclasses import dataclass

import polars as pl

from connectors.lines import by_distinct, put
from connectors.network._zeek_events import FIELDS, MARKS, events
from schemas.errors import NotThisFormatError

ALIASES = {
    "id.orig_h": ("id_orig_h", "orig_h", "src", "src_ip", "src_addr"),
    "id.resp_h": ("id_resp_h", "resp_h", "dst", "dst_ip", "dst_addr", "dest_ip"),
    "id.resp_p": ("id_resp_p", "resp_p", "dst_port", "dest_port"),
}
"""Other names of fields: another scope separator, or a field-name map."""
_EXPECTED = "expected Zeek's header (#separator, #fields, #types) or JSON with ts"
_MOST_FIELDS = 1_000
_REJECTED = "expected all fields that the header names"
_TEXTS = {"uid", "id.orig_h", "query", "answers", "host", "user_agent", "username", "server_name", "method"}
_MAY_BE_ESCAPED = {"query", "host", "user_agent", "username", "server_name"}


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a log says."""

    prefix: str
    """Starts each line of the header: `#`, or what the site has set."""
    separator: str
    values: dict[str, str]
    """Of set_separator, empty_field, unset_field, path."""
    columns: tuple[str, ...]
    """Names of the fields in order, brought to Zeek's own where a site has renamed them."""

    @property
    def kind(self) -> str:
        """conn, dns, http, quic, ssl or other: from the path, else from fields that only one kind has."""
        path = self.values.get("path", "")
        if path in FIELDS:
            return path
        return next((kind for kind, mark in MARKS.items() if mark in self.columns), "other")


def header(lines: list[str]) -> Header:
    """The header at the start of a log. Raises NotThisFormatError."""
    first = next((line for line in lines if "separator" in line.split(" ", 1)[0]), None)
    if first is None:
        raise NotThisFormatError(_EXPECTED)
    prefix = first[: first.index("separator")]
    separator = _unescaped(first[len(prefix) + len("separator ") :])
    if not separator:
        raise NotThisFormatError(_EXPECTED)
    values: dict[str, str] = {}
    for line in lines:
        name, _, value = line.removeprefix(prefix).partition(separator)
        if line.startswith(prefix) and line != first and name.isidentifier():
            values.setdefault(name, value)
    columns = tuple(_own_name(name) for name in values.pop("fields", "").split(separator))
    if columns == ("",) or len(columns) > _MOST_FIELDS:
        raise NotThisFormatError(_EXPECTED)
    return Header(prefix, separator, {name: _unescaped(value) for name, value in values.items()}, columns)


def parse(lines: pl.DataFrame, head: Header) -> pl.DataFrame:
    """NETWORK columns of the lines; lines of the header are idle."""
    place, texts = lines["place"], lines["line"]
    wanted = [name for name in FIELDS.get(head.kind, ()) if name in head.columns]
    if "ts" not in wanted:
        return place.to_frame()
    last = behind(head)
    fields = texts.str.split_exact(head.separator, last).struct
    frame = pl.DataFrame([fields.field(f"field_{head.columns.index(name)}").alias(name) for name in wanted])
    ends = fields.field(f"field_{last}")
    frame = _given(frame, head).with_columns(
        pl.lit(None, pl.String).alias(name) for name in FIELDS[head.kind] if name not in wanted
    )
    read = events(head.kind, frame).with_columns(place)
    return _with_torn(read, ends, texts.str.starts_with(head.prefix))


def behind(head: Header) -> int:
    """Place of the field behind the last one that is read: a line that lacks it is torn."""
    wanted = [head.columns.index(name) for name in FIELDS[head.kind] if name in head.columns]
    return min(max(wanted) + 1, len(head.columns) - 1)


def nothing(head: Header) -> list[str]:
    """What stands for no value."""
    return [head.values.get("unset_field", "-"), head.values.get("empty_field", "(empty)"), ""]


def _with_torn(read: pl.DataFrame, ends: pl.Series, comment: pl.Series) -> pl.DataFrame:
    torn = ends.is_null()
    if not (torn.any() or comment.any()):
        return read
    rejected = pl.when(comment).then(None).when(torn).then(pl.lit(_REJECTED)).otherwise(pl.col("rejected"))
    return read.with_columns(rejected=rejected, at=pl.when(~comment).then(pl.col("at")))


def _given(frame: pl.DataFrame, head: Header) -> pl.DataFrame:
    """Unset and empty values are null, escapes in names and agents are read."""
    none = nothing(head)
    between = head.values.get("set_separator", ",")
    frame = frame.with_columns(
        pl.when(~pl.col(name).is_in(none)).then(pl.col(name)) for name in frame.columns if name in _TEXTS
    )
    if between != "," and "answers" in frame.columns:
        frame = frame.with_columns(pl.col("answers").str.replace_all(between, ",", literal=True))
    return frame.with_columns(read_escapes(frame[name]) for name in frame.columns if name in _MAY_BE_ESCAPED)


def read_escapes(texts: pl.Series) -> pl.Series:
    """Texts with escaped bytes read."""
    escaped = texts.str.contains("\\x", literal=True).fill_null(value=False)
    if not escaped.any():
        return texts
    read = by_distinct(
        texts.filter(escaped), lambda values: pl.DataFrame({"text": [_unescaped(value) for value in values]})
    )
    return put(texts, escaped, read["text"])


def _unescaped(text: str) -> str:
    r"""Text with `\x09` and the like as the bytes they stand for; what is not UTF-8 then stays escaped."""
    first, *others = text.split("\\x")
    raw = bytearray(first.encode())
    for other in others:
        try:
            raw += bytes.fromhex(other[:2]) + other[2:].encode()
        except ValueError:
            return text
    return raw.decode(errors="backslashreplace")


def _own_name(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower())
    return next((own for own, others in ALIASES.items() if plain in others or name == own), name)
