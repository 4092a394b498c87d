"""Tells how far long work is: a bar on a terminal, plain lines elsewhere."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from leitplanke.help import Language
from leitplanke.texts import t

Progress = Callable[[int], None]

EVERY = 10.0
"""Seconds between two plain lines."""
_PACKED = frozenset({".gz", ".zst", ".xz"})


def plain() -> bool:
    """True where no bar may be drawn: not a terminal, or NO_COLOR or CI is set."""
    return not sys.stderr.isatty() or bool(os.environ.get("NO_COLOR") or os.environ.get("CI"))


@contextmanager
def told(paths: list[str], lang: Language) -> Iterator[Progress]:
    """Gives what is to be told the bytes read since the last call. The total is known when no input is packed."""
    if plain():
        yield _Lines(lang)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(t("cli.reading", lang), total=_total(paths))
        yield lambda count: bar.advance(task, count)


def _total(paths: list[str]) -> int | None:
    files = [Path(path) for path in paths]
    if any(path == "-" for path in paths) or any(file.suffix in _PACKED for file in files):
        return None
    return sum(file.stat().st_size for file in files if file.is_file())


class _Lines:
    """One line every EVERY seconds."""

    def __init__(self, lang: Language) -> None:
        self.lang, self.count, self.next = lang, 0, time.monotonic() + EVERY

    def __call__(self, count: int) -> None:
        self.count += count
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + EVERY
            sys.stderr.write(t("cli.read_so_far", self.lang, bytes=self.count) + "\n")
