"""What a judgement stands on: one numbered record on catalogue.v1, written by `settle` only."""

from datetime import date

from schemas.record import Record


class Basis(Record):
    """Catalogue, models, population and judging day, each by its hash."""

    number: int
    """Counts up; 0 is the basis of an empty store."""
    catalogue: str
    """Hash of the snapshot."""
    models: str
    """Hash of the fitted models; `-` while there are none."""
    population: str
    """Hash of the population: prevalence of subjects, peers of units, functions per ministry, and what agreements allow."""
    day: date
    """Judging day: the newest day stored, or the day asked for; never the clock."""
