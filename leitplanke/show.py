"""One finding as a page of text: the lines of the agreed example, in order, each from data.

Lines without content are left out; nothing is guessed. `render` gives label and text, `text` the page, `as_json` the
same for programs.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import Any

from leitplanke import case_history
from leitplanke import case_lines as lines
from leitplanke import case_seen as sight
from leitplanke import case_why as why
from leitplanke.case import Case
from leitplanke.texts import Lang, t

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
        "partial": _plain(case.partial),
        "basis": case.basis.model_dump(mode="json"),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, date | Decimal) else value
