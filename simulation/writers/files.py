"""Log files that are rotated weekly and compressed, byte for byte the same for the same content."""

import gzip
from datetime import date
from pathlib import Path
from typing import IO

import polars as pl


class Rotated:
    """Appends lines to the file of the day's week; past weeks are closed, and compressed where the product does so.

    `header` and `footer` are written at the top and the end of each file.
    """

    def __init__(self, pattern: Path, last: date, *, compress: bool = True, header: str = "", footer: str = "") -> None:
        """`pattern` holds `{week}`, the ISO week; the file of the week of `last` is never compressed."""
        self.pattern, self.last, self.compress = pattern, last, compress
        self.header, self.footer = header, footer
        self.week = ""
        self.count = 0
        self._files: list[IO[bytes] | gzip.GzipFile] = []

    def write(self, day: date, lines: pl.Series) -> None:
        """Append the lines of a day; days come in order."""
        week = _week(day)
        if week != self.week:
            self.close()
            self._open(week)
        if lines.len():
            self._files[-1].write(("\n".join(lines.to_list()) + "\n").encode())
            self.count += lines.len()

    def _open(self, week: str) -> None:
        self.week = week
        path = Path(str(self.pattern).replace("{week}", week))
        packed = self.compress and week != _week(self.last)
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = (path.with_name(path.name + ".gz") if packed else path).open("wb")
        self._files = [plain]
        if packed:
            # no name and no time in the header: the same content gives the same bytes
            self._files.append(gzip.GzipFile(filename="", mode="wb", fileobj=plain, compresslevel=5, mtime=0))
        self._files[-1].write(self.header.encode())

    def close(self) -> None:
        """Finish the open file."""
        if self._files:
            self._files[-1].write(self.footer.encode())
        for file in reversed(self._files):
            file.close()
        self._files = []


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"
