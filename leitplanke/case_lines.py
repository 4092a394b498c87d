"""The lines of a finding that say which thing it is, what the catalogue says, and how the finding came to be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from detectors.registry import rules
from detectors.weights import word
from leitplanke.texts import Lang, listed, t
from schemas.events import SIGNALS

if TYPE_CHECKING:
    from leitplanke.show import Case
    from schemas.entries import DirectoryEntry, Standard

ID_SHOWN = 4
"""Characters of an id that a reader sees; `show` takes any unique prefix from here."""
HASH_SHOWN = 6
CHECKED = timedelta(365)
"""A legal basis that nobody has looked at for so long is to be checked."""


def kind(case: Case) -> str:
    """`service`, `software`, `domain` or `purchases`."""
    return str(case.finding["subject"]).split(":", 1)[0]


def entry(case: Case, subject: str | None = None) -> DirectoryEntry | None:
    """Directory entry of the subject, or of another one; editions share their entry."""
    return case.snapshot.directory.get((subject or str(case.finding["subject"])).split("#")[0])


def signals(case: Case) -> list[str]:
    """Signals that saw it."""
    return list(case.finding["signals"])


def sentences(*found: str | None) -> str | None:
    """Those that say something, in order; None when none does."""
    return " ".join(s for s in found if s) or None


def named(case: Case, lang: Lang) -> str:
    """Name of the subject as people say it."""
    what, _, rest = str(case.finding["subject"]).partition(":")
    if what == "purchases":
        supplier = fact(case, "supplier_name") or t("name.supplier_hidden", lang)
        return t("name.purchases", lang, supplier=supplier, cpv=rest.rsplit("/", 1)[-1])
    known = entry(case)
    if known is None:
        product = " ".join(f for f in (fact(case, "vendor"), fact(case, "product")) if f)
        return t("name.without_entry", lang, name=product or rest)
    name = getattr(known.name, lang)
    edition = rest.partition("#")[2]
    variant = next((e for e in known.editions if e.edition == edition), None)
    provider = (variant and variant.provider) or known.provider
    full = f"{name} ({provider.name})" if provider and provider.name != name else name
    if edition:
        return t("name.edition", lang, name=full, edition=edition)
    return t("name.edition_unknown", lang, name=full) if known.editions else full


def fact(case: Case, name: str) -> str | None:
    """First fact of this name among the purchase documents."""
    documents = case.numbers.get("purchases") or []
    facts = (f for document in documents for f in document.get("facts") or [])
    return next((f["value"] for f in facts if f["name"] == name and f["value"]), None)


def standard(case: Case) -> Standard | None:
    """The standard that the reasons name."""
    ids = {r["params"].get("standard") for r in case.finding["reasons"]}
    return next((s for s in case.snapshot.standards if s.id in ids), None)


def header(case: Case, lang: Lang) -> str:
    """Which thing at which unit, as of which day."""
    unit = case.snapshot.unit(case.finding["unit"])
    name, path = getattr(unit.name, lang), unit.path
    return t(
        "header",
        lang,
        id=case.finding["id"][:ID_SHOWN],
        name=named(case, lang),
        unit=name,
        path=path,
        day=case.basis.day,
    )


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
        key, editions = "verdict.unclear_edition", [e.edition for e in known.editions]
    this = t(f"thing.this.{what}", lang)
    text = t(key, lang, thing=thing, this=this, editions=listed(editions, lang))
    return sentences(text, _enacted(case, lang))


def _enacted(case: Case, lang: Lang) -> str | None:
    enacted = standard(case)
    if enacted is None:
        return None
    title = t("verdict.standard", lang, id=enacted.id, title=getattr(enacted.title, lang))
    ended = next((r["params"]["ended"] for r in case.finding["reasons"] if r["params"].get("ended")), None)
    basis = case.snapshot.legal.get(enacted.legal_basis or "")
    legal = None
    if basis:
        day = case.basis.day
        stale = day - basis.checked_on > CHECKED or (basis.valid_to is not None and basis.valid_to < day)
        legal = t("verdict.legal_check" if stale else "verdict.legal", lang, citation=basis.citation)
    return sentences(title, t("verdict.ended", lang, day=ended) if ended else None, legal)


def urgency(case: Case, lang: Lang) -> str:
    """Word and points, the grade of the evidence, and what each signal could see."""
    points = case.finding["urgency"]
    states = []
    for signal in SIGNALS:
        state = "seen" if signal in signals(case) else "nothing" if case.coverage.get(signal) else "no_data"
        state_text = t(f"coverage.{state}", lang)
        states.append(t("coverage.signal", lang, signal=t(f"signal.{signal}", lang), state=state_text))
    grade = t(f"grade.{case.finding['grade']}", lang)
    level = t(f"urgency.{word(points)}", lang)
    return t("urgency.line", lang, word=level, points=points, grade=grade, coverage=", ".join(states))


def deadline(case: Case, lang: Lang) -> str | None:
    """Until when an answer was asked for."""
    return t("deadline.line", lang, day=case.deadline) if case.deadline else None


def history(case: Case, lang: Lang) -> str:
    """What happened when, and what the finding was judged by."""
    events = []
    for item in case.history:
        outcome = item.get("outcome")
        event = t(f"event.{item['event']}", lang) + (f" ({t(f'outcome.{outcome}', lang)})" if outcome else "")
        events.append(t("history.event", lang, day=item["day"], event=event))
    shown = case.basis.catalogue[:HASH_SHOWN]
    if case.catalogue_day:
        catalogue = t("history.catalogue", lang, hash=shown, day=case.catalogue_day)
    else:
        catalogue = t("history.catalogue_undated", lang, hash=shown)
    versions = {rule.name: rule.version for rule in rules()}
    codes = [f"{r['code']} {versions[r['code']]}" for r in case.finding["reasons"] if r["code"] in versions]
    return " · ".join(filter(None, [*events, catalogue, ", ".join(codes)]))


def purpose(case: Case, lang: Lang) -> str:
    """What the finding is for, and the agreement that allows it."""
    found = case.agreement
    if not found or not found.get("reference"):
        agreement = t("purpose.none", lang)
    elif isinstance(found.get("date"), date | str):
        agreement = t("purpose.agreement", lang, day=found["date"], reference=found["reference"])
    else:
        agreement = t("purpose.agreement_undated", lang, reference=found["reference"])
    return t("purpose.line", lang, agreement=agreement)
