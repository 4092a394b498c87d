"""The lines of a finding that say which thing it is, what the catalogue says, how urgent it is, and what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from detectors.weights import word
from leitplanke.case_beside import beside
from leitplanke.case_candidate import same_name
from leitplanke.case_names import cited, edition_name, entry, kind, named
from leitplanke.texts import Lang, listed, t
from schemas.events import SIGNALS

if TYPE_CHECKING:
    from leitplanke.case import Case
    from schemas.entries import DirectoryEntry, Standard

ID_SHOWN = 4
"""Characters of an id that a reader sees; `show` takes any unique prefix from here."""
CHECKED = timedelta(365)
"""A legal basis that nobody has looked at for so long is to be checked."""


def signals(case: Case) -> list[str]:
    """Signals that saw it."""
    return list(case.finding["signals"])


def sentences(*found: str | None) -> str | None:
    """Those that say something, in order, each with a capital; None when none does."""
    return " ".join(s[:1].upper() + s[1:] for s in found if s) or None


def standard(case: Case) -> Standard | None:
    """The standard that excludes or ends it, else the one that the verdict was read from."""
    name = (excluded(case) or {}).get("standard")
    read = set(case.finding.get("entries") or ())
    given = case.finding["verdict"]
    every = case.snapshot.standards
    named = next((s for s in every if s.id == name), None)
    return named or next((s for s in every if s.verdict == given and case.snapshot.entry_hash(s) in read), None)


def excluded(case: Case) -> Mapping[str, Any] | None:
    """Parameters of `prohibited_service`; other reasons use the same names for other things."""
    return next((r["params"] for r in case.finding["reasons"] if r["code"] == "prohibited_service"), None)


def header(case: Case, lang: Lang) -> str:
    """Which thing at which unit, as of which day."""
    unit = case.snapshot.unit(case.finding["unit"])
    name = getattr(unit.name, lang)
    where = name if name == unit.path else t("header.unit", lang, unit=name, path=unit.path)
    return t("header", lang, id=case.finding["id"][:ID_SHOWN], name=named(case, lang), unit=where, day=case.basis.day)


def verdict(case: Case, lang: Lang) -> str | None:
    """What the catalogue says, with the standard that says it; a question where it cannot say."""
    what = kind(case)
    if what == "purchases":
        return t("verdict.purchases", lang)
    given = case.finding["verdict"]
    thing = t(f"thing.{what}", lang)
    known = entry(case)
    key = f"verdict.{given}"
    editions: list[str] = []
    if given == "unclear" and known and known.editions and "#" not in case.finding["subject"]:
        key, editions = "verdict.unclear_edition", _editions(case, known, lang)
    if given == "approved" and case.finding.get("answer") == "update_or_replace":
        key = "verdict.approved_version"
    words: dict[str, Any] = {"editions": listed(editions, lang, most=len(editions))}
    if given == "unlisted":
        key, words = beside(case, lang) or (key, words)
    this = t(f"thing.this.{what}", lang)
    return sentences(t(key, lang, thing=thing, this=this, **words), _enacted(case, lang))


def _editions(case: Case, known: DirectoryEntry, lang: Lang) -> list[str]:
    """Editions by name, each with its verdict where a reason says it."""
    asked = next((r["params"]["editions"] for r in case.finding["reasons"] if r["code"] == "edition_unknown"), None)
    if asked is None:
        return [edition_name(e.edition, lang) for e in known.editions]
    words = ((edition_name(e["edition"], lang), t(f"verdict.word.{e['verdict']}", lang)) for e in asked)
    return [t("verdict.edition", lang, edition=name, verdict=word) for name, word in words]


def _enacted(case: Case, lang: Lang) -> str | None:
    enacted = standard(case)
    if enacted is None:
        return None
    title = t("verdict.standard", lang, id=enacted.id, title=getattr(enacted.title, lang))
    ended = (excluded(case) or {}).get("ended")
    basis = case.snapshot.legal.get(enacted.legal_basis or "")
    legal = None
    if basis:
        day = case.basis.day
        stale = day - basis.checked_on > CHECKED or (basis.valid_to is not None and basis.valid_to < day)
        legal = t("verdict.legal_check" if stale else "verdict.legal", lang, citation=cited(basis.citation, lang))
    return sentences(title, t("verdict.ended", lang, day=ended) if ended else None, legal)


def urgency(case: Case, lang: Lang) -> str:
    """Word and points, the grade of the evidence, and what each signal could see."""
    points = case.finding["urgency"]
    states = []
    for signal in SIGNALS:
        if same_name(case) and signal != "network" and signal not in signals(case):
            continue
        state = "seen" if signal in signals(case) else "nothing" if case.coverage.get(signal) else "no_data"
        state_text = t(f"coverage.{state}", lang)
        if state != "no_data" and any(one["signal"] == signal for one in case.partial):
            state_text = t("coverage.partial", lang, state=state_text)
        states.append(t("coverage.signal", lang, signal=t(f"signal.{signal}", lang), state=state_text))
    if same_name(case):
        states.append(t("coverage.same_name", lang))
    grade = t(f"grade.{case.finding['grade']}", lang)
    level = t(f"urgency.{word(points)}", lang)
    return t("urgency.line", lang, word=level, points=points, grade=grade, coverage=", ".join(states))


def deadline(case: Case, lang: Lang) -> str | None:
    """Until when an answer was asked for."""
    return t("deadline.line", lang, day=case.deadline) if case.deadline else None


def _dated(agreement: Mapping[str, Any]) -> bool:
    """The reference names the day itself."""
    return t("date.plain", "de", day=agreement["date"]) in agreement["reference"]


def purpose(case: Case, lang: Lang) -> str:
    """What the finding is for, and the agreement that allows it."""
    found = case.agreement
    if not found or not found.get("reference"):
        agreement = t("purpose.none", lang)
    elif isinstance(found.get("date"), date | str) and not _dated(found):
        agreement = t("purpose.agreement", lang, day=found["date"], reference=found["reference"])
    else:
        agreement = t("purpose.agreement_undated", lang, reference=cited(found["reference"], lang))
    return t("purpose.line", lang, agreement=agreement)
