"""Runs a connector over a file, block by block, and prints the canonical columns. Memory does not grow with the file."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl

from connectors.registry import Connector
from leitplanke import output
from leitplanke.help import Language
from leitplanke.texts import t
from schemas.connector import Layout, Options
from schemas.errors import InputError, NotThisFormatError
from schemas.events import EVENTS
from streams.site import blocks, inputs
from streams.site.feed import Feed, in_time, segments
from streams.site.rejects import HEAD
from streams.site.taken import TRIED

SHOWN = 40
"""Rows of a table; programs get all."""
SLICE = 10_000
"""Rows turned into objects at a time."""


def frames(connector: Connector, options: Options, path: str) -> Iterator[pl.DataFrame]:
    """Rows of a file as `ingest` would read them: of each record its events, an idle row, or a rejected one.

    Raises NotThisFormatError like `ingest`, before the first frame; InputError after what could be read.
    """
    receipt = datetime.now(UTC)
    parts = _document(connector, options, path) if connector.SHAPE == "document" else _lines(connector, options, path)
    for frame in parts:
        yield in_time(frame, receipt)


def _document(connector: Connector, options: Options, path: str) -> Iterator[pl.DataFrame]:
    with inputs.opened(path) as stream:
        try:
            yield from connector.read(stream, options)
        except InputError as error:
            yield EVENTS[connector.SIGNAL].complete(pl.DataFrame({"place": [0], "rejected": [str(error)]}))


def _lines(connector: Connector, options: Options, path: str) -> Iterator[pl.DataFrame]:
    layout: Layout | None = None
    unread: Any = None  # nothing is reduced
    feed = Feed(connector.NAME, connector, options, unread, datetime.now(UTC), "")
    with inputs.lines(path) as stream:
        for block in blocks.blocks(stream):
            first = layout is None
            layout = layout or connector.layout(bytes(block.data[:HEAD]), options)
            if block.overlong:
                reason = f"a line of at most {blocks.BLOCK} bytes"
                if block.first_piece:
                    yield EVENTS[connector.SIGNAL].complete(
                        pl.DataFrame({"place": [block.place], "rejected": [reason]})
                    )
                continue
            for part in segments(block, 0, layout, feed):
                lines = blocks.lines(part.data, part.place, connector.ENCODINGS)
                lines = lines.filter(connector.records(lines))
                events = connector.parse(lines, part.layout)
                if first and events.height >= TRIED and events["rejected"][:TRIED].is_not_null().all():
                    raise NotThisFormatError(
                        "{name}: none of the first {tried} records is {format}; `leitplanke formats` lists other formats",
                        name=inputs.name_of(path),
                        tried=TRIED,
                        format=connector.NAME,
                    )
                layout, first = part.layout, False
                yield events


class Printer:
    """Prints rows as they come and counts them."""

    def __init__(self, signal: str, form: str, lang: Language) -> None:
        """`form` is table, ndjson or csv."""
        self.columns = EVENTS[signal].names
        self.form, self.lang = form, lang
        self.records = self.rows = self.idle = self.rejected = 0
        self._place: int | None = None
        self._head: list[dict[str, Any]] = []
        if form == "csv":
            output.header(self.columns)

    def add(self, frame: pl.DataFrame) -> None:
        """Print the events and the rejected records of a frame; idle rows are counted only."""
        moment = "day" if "day" in frame.columns else "at"
        rejected = pl.col("rejected").is_not_null()
        idle = ~rejected & pl.col(moment).is_null()
        self._count(frame["place"])
        self.rejected += frame.filter(rejected)["place"].n_unique()
        self.idle += frame.filter(idle).height
        shown = frame.filter(~idle)
        self.rows += shown.filter(~rejected).height
        for part in shown.iter_slices(SLICE):
            self._print(part.to_dicts())

    def _count(self, places: pl.Series) -> None:
        """Distinct places; rows of one record may be cut over two frames."""
        if places.len():
            self.records += places.n_unique() - (places[0] == self._place)
            self._place = places[-1]

    def _print(self, rows: list[dict[str, Any]]) -> None:
        if self.form == "ndjson":
            sys.stdout.writelines(output.dumped(output.present(row)) + "\n" for row in rows)
        elif self.form == "csv":
            output.csv_rows(rows, self.columns)
        else:
            self._head += rows[: SHOWN - len(self._head)]

    def end(self) -> None:
        """Print the table: its first rows, and only the columns that hold something."""
        if self.form != "table":
            return
        columns = [name for name in self.columns if any(row[name] is not None for row in self._head)]
        for line in output.table(self._head, columns) if columns else ():
            sys.stdout.write(line + "\n")
        behind = self.rows + self.rejected - len(self._head)
        if behind > 0:
            sys.stdout.write(t("cli.parse.more", self.lang, n=behind) + "\n")
