"""What a command changed: the findings before and after it, compared."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from leitplanke.help import Language
from leitplanke.texts import t
from schemas.ports import Query
from streams.centre.centre import FILE, Centre

SHOWN = 10
"""Findings of a kind that are named; the others are counted."""
PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Stand:
    """The findings at one time: id to its content's hash, and to its name."""

    content: dict[str, int]
    names: dict[str, str]


def stand(data: Path) -> Stand:
    """The findings as they are stored now."""
    content: dict[str, int] = {}
    names: dict[str, str] = {}
    if (data / FILE).exists():
        with Centre.open(data) as centre:
            query: Query | None = Query(limit=PAGE)
            while query is not None:
                page = centre.store.search(query, ["id", "unit", "subject", "finding"])
                for name, unit, subject, finding in page.documents.iter_rows():
                    content[name] = hash(finding)
                    names[name] = f"{name[:8]}  {unit}  {subject}"
                query = replace(query, after=page.after) if page.after is not None else None
    return Stand(content, names)


def counts(before: Stand, after: Stand) -> dict[str, int]:
    """Findings now, new ones, changed ones, and those that are gone."""
    return {"n": len(after.content)} | {kind: len(ids) for kind, ids in _kinds(before, after).items()}


def lines(before: Stand, after: Stand, lang: Language) -> Iterator[str]:
    """The difference in words, with the first findings of each kind."""
    yield t("cli.changes", lang, **counts(before, after))
    for kind, ids in _kinds(before, after).items():
        mark = {"new": "+", "changed": "~", "gone": "-"}[kind]
        for name in ids[:SHOWN]:
            yield f"{mark} {after.names.get(name) or before.names[name]}"
        if len(ids) > SHOWN:
            yield f"{mark} " + t("cli.changes.more", lang, n=len(ids) - SHOWN)


def _kinds(before: Stand, after: Stand) -> dict[str, list[str]]:
    both = before.content.keys() & after.content.keys()
    return {
        "new": sorted(after.content.keys() - both),
        "changed": sorted(name for name in both if before.content[name] != after.content[name]),
        "gone": sorted(before.content.keys() - both),
    }
