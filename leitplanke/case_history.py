"""The line of a finding that says what happened when, and what the finding was judged by."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from detectors.registry import rules
from leitplanke.texts import Lang, t

if TYPE_CHECKING:
    from leitplanke.case import Case

HASH_SHOWN = 6


def history(case: Case, lang: Lang) -> str:
    """Events in order of time, then catalogue and detectors. Days of another year than the judging day's carry theirs."""
    events = [_event(case, day, event, outcome, lang) for day, event, outcome in _events(case)]
    shown = case.basis.catalogue[:HASH_SHOWN]
    if case.catalogue_day:
        catalogue = t("history.catalogue", lang, hash=shown, day=case.catalogue_day)
    else:
        catalogue = t("history.catalogue_undated", lang, hash=shown)
    versions = {rule.name: rule.version for rule in rules()}
    codes = [f"{r['code']} {versions[r['code']]}" for r in case.finding["reasons"] if r["code"] in versions]
    return " · ".join(filter(None, [*events, catalogue, ", ".join(codes)]))


def _events(case: Case) -> list[tuple[date, str, str | None]]:
    """A finding dated to the first sighting is that sighting: the day of the finding is only said where it is known."""
    first = _date(case.finding["first_seen"])
    found = []
    for item in case.history:
        day, event = _date(item["day"]), item["event"]
        found.append((day, "first_seen" if event == "finding" and day == first else event, item.get("outcome")))
    reached = next((r["params"].get("reached") for r in case.finding["reasons"] if r["code"] == "split_award"), None)
    if reached and all(event != "finding" for _, event, _ in found):
        found.append((_date(reached), "finding", None))
    return sorted(found, key=lambda item: item[0])


def _event(case: Case, day: date, event: str, outcome: str | None, lang: Lang) -> str:
    text = t(f"event.{event}", lang) + (f" ({t(f'outcome.{outcome}', lang)})" if outcome else "")
    key = "history.event" if day.year == case.basis.day.year else "history.event_dated"
    return t(key, lang, day=day, event=text)


def _date(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
