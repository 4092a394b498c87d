"""What names stand for, kept as lists and arrays while blocks are read: a frame is made of what is new only."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.native.distinct import Table
from streams.site.books import Met, Texts
from streams.site.keys import Words
from streams.site.rows import NAMES


class Known:
    """What was met so far, row by row; the first row is of nothing."""

    def __init__(self) -> None:
        self.texts: dict[str, Texts] = {name: [None] for name in ("host", "domain", "address", "application")}
        """NAMES columns but `name`."""
        self.name, self.domain, self.never = Table(0, np.uint64), Table(0, np.uint64), Table(0, np.uint8)

    def add(self, met: Met) -> npt.NDArray[np.int64]:
        """Remember some more; gives their rows."""
        first = self.name.length
        for name, texts in self.texts.items():
            texts.extend(getattr(met, name))
        self.name.add(met.names)
        self.domain.add(met.domains)
        self.never.add(met.never)
        return np.arange(first, self.name.length)


@dataclass(frozen=True)
class Named:
    """The names of a block. Texts are looked up when somebody asks for them: most are known where they are stored."""

    words: Words = field(default_factory=lambda: np.zeros(0, np.uint64))
    rows: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    known: Known = field(default_factory=Known)

    @classmethod
    def of(cls, names: pl.DataFrame) -> "Named":
        """Of a frame with NAMES columns."""
        known = Known()
        for name, texts in known.texts.items():
            texts.extend(names[name].to_list())
        return cls(names["name"].to_numpy(), np.arange(1, names.height + 1), known)

    def frame(self, chosen: npt.NDArray[Any] | slice = slice(None)) -> pl.DataFrame:
        """NAMES of those at some places, each once."""
        rows = self.rows[chosen].tolist()
        columns = {name: [texts[row] for row in rows] for name, texts in self.known.texts.items()}
        frame = pl.DataFrame({"name": self.words[chosen], **columns}, schema=NAMES)
        return frame.unique("name", keep="first", maintain_order=True)
