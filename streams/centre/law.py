"""What a judgement reads besides the usages, prepared once for a basis: catalogue, judging day, population."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from catalogue.snapshot import Snapshot
from catalogue.verdict import verdicts
from detectors.context import Context
from detectors.registry import rules
from schemas.usage import REASON
from streams.centre.agreed import AGREED

_DAY = timedelta(days=1)
_ANSWERS = ("verdict", "entries", "standard", "successor", "initiative", "alternative")


@dataclass(frozen=True)
class Law:
    """A snapshot on a judging day, with the prevalence of subjects."""

    snapshot: Snapshot
    day: date
    prevalence: pl.DataFrame
    """Columns subject, units."""
    agreed: pl.DataFrame = field(default_factory=AGREED.to_frame)
    """Columns AGREED: what the works agreements of the sites limit."""

    @cached_property
    def changes(self) -> list[date]:
        """Days on which some record begins or ends; between two of them the law is the same."""
        units = self.snapshot.units.values()
        legal = self.snapshot.legal.values()
        records = (*self.snapshot.standards, *self.snapshot.initiatives, *self.snapshot.parameters, *units, *legal)
        found = {day for record in records for day in _dates(record.model_dump())}
        found |= {r.eol for entry in self.snapshot.directory.values() for r in entry.releases if r.eol is not None}
        # a first day begins with itself, a last day ends the day after: both are taken of every date
        return sorted(found | {day + _DAY for day in found})

    def same_law(self, days: pl.Series) -> pl.Series:
        """Of each day the last day, up to the judging day, on which the law is still the same."""
        last = {day: self._until(day) for day in days.unique().to_list()}
        return days.replace_strict(list(last), list(last.values()), return_dtype=pl.Date)

    def _until(self, day: date) -> date:
        later = bisect_right(self.changes, day)
        return min(self.changes[later] - _DAY, self.day) if later < len(self.changes) else max(self.day, day)

    def headcounts(self, units: pl.Series) -> pl.DataFrame:
        """Columns unit, headcount."""
        codes = units.unique().to_list()
        counts = [self.snapshot.unit(code).headcount for code in codes]
        return pl.DataFrame({"unit": codes, "headcount": counts}, schema={"unit": pl.String, "headcount": pl.Int64})

    def context(self, rows: pl.DataFrame, day: date) -> Context:
        """What detectors may read for these rows."""
        return Context.of(self.snapshot, day, rows["subject"], rows["unit"], self.prevalence)

    def judged(self, rows: pl.DataFrame, day: date) -> pl.DataFrame:
        """The rows with what the catalogue says on a day: verdict, entries, standard, successor, initiative, alternative."""
        said = verdicts(rows.select("unit", "subject", "mode"), self.snapshot, day).select(_ANSWERS)
        return rows.drop(_ANSWERS, strict=False).hstack(said)

    def reasons(self, rows: pl.DataFrame, day: date) -> pl.DataFrame:
        """What detectors say on a day of rows that `judged` gave; only usages at grade `use` or above have reasons."""
        used = rows.filter(pl.col("grade") != "contact")
        if used.is_empty():
            return pl.DataFrame(schema=REASON)
        context = self.context(used, day)
        said = (rule.reasons(used, context).select(REASON.names()) for rule in rules())
        return pl.concat([frame.cast(dict(REASON)) for frame in said], rechunk=True)  # type: ignore[arg-type]


def _dates(value: Any) -> Iterator[date]:
    if isinstance(value, date):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _dates(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _dates(inner)
