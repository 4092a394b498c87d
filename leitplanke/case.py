"""One finding with everything that a page about it needs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from catalogue.snapshot import Snapshot
from schemas.basis import Basis


class Case(Protocol):
    """What `streams.centre.read.case` gives; everything a page needs."""

    @property
    def finding(self) -> Mapping[str, Any]:
        """Columns of Finding; `reasons` and `parts` as lists of dicts, days as dates or in ISO form."""

    @property
    def numbers(self) -> Mapping[str, Any]:
        """One row of NUMBERS, named; `purchases` and `releases` as lists of dicts."""

    @property
    def views(self) -> Sequence[Mapping[str, Any]]:
        """Rows of VIEW."""

    @property
    def history(self) -> Sequence[Mapping[str, Any]]:
        """In order of time: {day, event} with event one of `event.*`, and `outcome` of a decision."""

    @property
    def basis(self) -> Basis:
        """What it was judged by."""

    @property
    def snapshot(self) -> Snapshot:
        """The catalogue of the basis."""

    @property
    def others(self) -> int:
        """Other units that use the subject at grade `use` or above."""

    @property
    def coverage(self) -> Mapping[str, int]:
        """Days with data of the unit in the 30 ending on the judging day, by signal; the largest view counts."""

    @property
    def partial(self) -> Sequence[Mapping[str, Any]]:
        """Why less was seen than there was: {signal, source, code, days}, days of the 30 ending on the judging day."""

    @property
    def agreement(self) -> Mapping[str, Any] | None:
        """Works agreement of the sources: {reference, date}; None when none is on file."""

    @property
    def catalogue_day(self) -> date | None:
        """Day the catalogue was published."""

    @property
    def deadline(self) -> date | None:
        """Day until which an answer was asked for; None while nobody has asked."""
