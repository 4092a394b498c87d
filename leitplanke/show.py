"""One finding as a page of text: the lines of the agreed example, in order, each from data.

Lines without content are left out; nothing is guessed. `render` gives label and text, `text` the page, `as_json` the
same for programs.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import Any, Protocol

from catalogue.snapshot import Snapshot
from leitplanke import case_history
from leitplanke import case_lines as lines
from leitplanke import case_seen as sight
from leitplanke import case_why as why
from leitplanke.texts import Lang, t
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
    def agreement(self) -> Mapping[str, Any] | None:
        """Works agreement of the sources: {reference, date}; None when none is on file."""

    @property
    def catalogue_day(self) -> date | None:
        """Day the catalogue was published."""

    @property
    def deadline(self) -> date | None:
        """Day until which an answer was asked for; None while nobody has asked."""


INDENT = 15
"""Column in which the text of a line begins."""
LINES: tuple[tuple[str, Callable[[Any, Lang], str | None]], ...] = (
    ("verdict", lines.verdict),
    ("urgency", lines.urgency),
    ("seen", sight.seen),
    ("not_seen", sight.not_seen),
    ("recognised", sight.recognised),
    ("why", why.why),
    ("points", why.points),
    ("instead", why.instead),
    ("others", why.others),
    ("answer", why.answers),
    ("deadline", lines.deadline),
    ("settled", why.settled),
    ("history", case_history.history),
    ("purpose", lines.purpose),
)
"""Lines in their order; a line that gives None has no content."""


def render(case: Case, lang: Lang) -> list[tuple[str, str]]:
    """Label and text of each line; the first is the header, without a label."""
    found = ((t(f"label.{key}", lang), line(case, lang)) for key, line in LINES)
    return [("", lines.header(case, lang)), *((label, text) for label, text in found if text)]


def text(case: Case, lang: Lang, width: int | None = None) -> str:
    """The page; with a width, long lines are wrapped below their text."""
    header, *rest = render(case, lang)
    page = [header[1]]
    for label, sentence in rest:
        room = max(20, width - INDENT) if width else None
        folded = wrap(sentence, room, break_long_words=False, break_on_hyphens=False) if room else [sentence]
        page.append(label.ljust(INDENT) + ("\n" + " " * INDENT).join(folded))
    return "\n".join(page)


def as_json(case: Case, lang: Lang) -> dict[str, Any]:
    """Ready for JSON: finding, numbers and views, and the lines as read by people, each with its key."""
    found = {key: line(case, lang) for key, line in LINES}
    return {
        "id": case.finding["id"],
        "title": lines.header(case, lang),
        "lines": [
            {"key": key, "label": t(f"label.{key}", lang), "text": sentence}
            for key, sentence in found.items()
            if sentence
        ],
        "finding": _plain(case.finding),
        "numbers": _plain(case.numbers),
        "views": _plain(case.views),
        "others": case.others,
        "coverage": dict(case.coverage),
        "basis": case.basis.model_dump(mode="json"),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, date | Decimal) else value
