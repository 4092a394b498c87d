"""What a site sees and does not send: for the ministry's own picture, in memory, never stored and never sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from catalogue.snapshot import Snapshot
from schemas.settings import SiteSettings
from streams.site import baseline, guard
from streams.site.border import Egress, large_enough, lineage, reported_unit
from streams.site.emit import Emission
from streams.site.everything import everything
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.site import Law, file_of
from streams.site.table import Table
from streams.site.windows import Windows

LOCAL_ONLY, BASELINE = "local_only", "baseline"


@dataclass(frozen=True)
class Inside:
    """One site's picture of itself."""

    settings: SiteSettings
    counted: Emission
    """Everything in exact numbers, candidates from the first sign on: not to be shown as it is."""
    staying: pl.DataFrame
    """OBSERVATION rows of what stays, as it would leave; `why`: LOCAL_ONLY or BASELINE."""


def seen(data: Path, site: str, snapshot: Snapshot) -> Inside:
    """Look at a site that may be in use: what it stores does not change, and nobody has to wait."""
    guard.guarded(data, site)
    with _still(file_of(data, site)) as file:
        settings = file.settings() or SiteSettings(site=site)
        key = SiteKey.open(data / "keys", site)
        windows, directory = _Windows(file, key), Law.of(snapshot).directory
        leaving = Egress.of(settings, snapshot)
        inside = _Inside(**vars(leaving))
        counted = everything(file, key, windows, directory, replace(inside, group_size=1, program_days=1))
        every = everything(file, key, windows, directory, inside)
        staying = _staying(every, baseline.remembered(file, settings.baseline_days), settings, snapshot)
    return Inside(settings, counted, staying)


def _staying(every: Emission, known: pl.DataFrame, settings: SiteSettings, snapshot: Snapshot) -> pl.DataFrame:
    units = every.coverage["unit"].cast(pl.String).unique().to_list()
    alone = pl.col("unit").is_in([unit for unit in units if reported_unit(unit, snapshot) is None])
    waits = baseline.waiting(every.coverage.filter(~alone), settings.baseline_days, known)
    rows = every.observations
    new = rows.join(waits, on=["unit", "signal"], how="semi").with_columns(why=pl.lit(BASELINE))
    return pl.concat([rows.filter(alone).with_columns(why=pl.lit(LOCAL_ONLY)), new])


class _Inside(Egress):
    """Units that are not reported have a code of their own; nothing of excluded ones."""

    def reported(self, units: pl.Series) -> pl.DataFrame:
        codes = units.cast(pl.String).unique().to_list()
        own = [_own(code, self.snapshot) for code in codes]
        return pl.DataFrame({"unit": codes, "reported": own}, schema={"unit": pl.String, "reported": pl.String})


def _own(code: str, snapshot: Snapshot) -> str | None:
    """Code under which a unit is shown inside: small units that stay are not told from those around them either."""
    line = lineage(code, snapshot)
    if any(member.exposure == "excluded" for member in line):
        return None
    first = next((n for n, member in enumerate(line) if member.exposure == LOCAL_ONLY), None)
    if first is None:
        return reported_unit(code, snapshot)
    return large_enough(line[first:]) or line[first].code


@contextmanager
def _still(path: Path) -> Iterator[SiteFile]:
    """The file as it is now; whoever writes goes on beside it."""
    with _Still(path, writing=False) as file:
        file.db.execute("PRAGMA query_only = ON")
        file.db.execute("BEGIN")
        yield file


class _Still(SiteFile):
    """One snapshot for all that is read; a step that would write something down writes nothing."""

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        yield _Nowhere()


class _Nowhere:
    """Takes what is written, and keeps nothing."""

    lastrowid = 0

    def execute(self, *_: object) -> "_Nowhere":
        return self


class _Windows(Windows):
    """Windows that write nothing down: flows joined with their hosts stay in memory."""

    def _joined(self) -> list[Table]:
        sources = self.file.db.execute("SELECT DISTINCT source FROM runs WHERE kind = 'flow' ORDER BY source")
        return [table for (source,) in sources.fetchall() for table in self._named(source)]

    def _tables(self, kind: str, buckets: range) -> Iterator[Table]:
        return iter(()) if kind == "joined" else super()._tables(kind, buckets)
