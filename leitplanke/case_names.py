"""Names as people say them: a subject, its provider, an edition, a source of law."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from leitplanke.texts import Lang, has, messages, t

if TYPE_CHECKING:
    from leitplanke.case import Case
    from schemas.entries import DirectoryEntry, Provider

NO_GROUP = "-"
"""Stands in a subject for a CPV group that nobody stated."""
_BRACKET = re.compile(r"\(([^()]+)\)")
_DATE = re.compile(r"\b\d{2}\.\d{2}\.\d{4}\b")


def kind(case: Case) -> str:
    """`service`, `software`, `domain` or `purchases`."""
    return str(case.finding["subject"]).split(":", 1)[0]


def entry(case: Case, subject: str | None = None) -> DirectoryEntry | None:
    """Directory entry of the subject, or of another one; editions share their entry."""
    return case.snapshot.directory.get((subject or str(case.finding["subject"])).split("#")[0])


def fact(case: Case, name: str) -> str | None:
    """First fact of this name among the purchase documents."""
    documents = case.numbers.get("purchases") or []
    facts = (f for document in documents for f in document.get("facts") or [])
    return next((f["value"] for f in facts if f["name"] == name and f["value"]), None)


def named(case: Case, lang: Lang) -> str:
    """Name of the subject as people say it."""
    rest = str(case.finding["subject"]).partition(":")[2]
    if kind(case) == "purchases":
        return bought_from(case, lang, "name.purchases")
    known = entry(case)
    if known is None:
        product = " ".join(f for f in (fact(case, "vendor"), fact(case, "product")) if f)
        return t("name.without_entry", lang, name=product or rest)
    edition = rest.partition("#")[2]
    variant = next((e for e in known.editions if e.edition == edition), None)
    full = offered_by(getattr(known.name, lang), (variant and variant.provider) or known.provider, lang)
    if edition:
        return t("name.edition", lang, name=full, edition=edition_name(edition, lang))
    return t("name.edition_unknown", lang, name=full) if known.editions else full


def bought_from(case: Case, lang: Lang, key: str) -> str:
    """The message with supplier and CPV group, or the one without a group where nobody stated it."""
    supplier = fact(case, "supplier_name") or t("name.supplier_hidden", lang)
    group = str(case.finding["subject"]).rsplit("/", 1)[-1]
    if group == NO_GROUP:
        return t(f"{key}.no_group", lang, supplier=supplier)
    return t(key, lang, supplier=supplier, cpv=group)


def offered_by(name: str, provider: Provider | None, lang: Lang) -> str:
    """The name with its provider, unless the name says it or has a bracket already; brackets are never nested."""
    if provider is None or "(" in name:
        return name
    short = short_name(provider.name)
    if short in name:
        return name
    return t("name.by" if "(" in short else "name.provider", lang, name=name, provider=short)


def short_name(name: str) -> str:
    """What a name puts in brackets as its own short form, else the name; a country in brackets is no short form.

    >>> short_name("IT Baden-Württemberg (BITBW)"), short_name("Box.com (UK) Ltd")
    ('BITBW', 'Box.com (UK) Ltd')
    """
    found = _BRACKET.search(name)
    if found is None:
        return name
    letters = iter(name[: found.start()].lower())
    abbreviates = all(letter in letters for letter in found[1].lower())
    return found[1] if abbreviates or found.end() == len(name) else name


def edition_name(code: str, lang: Lang) -> str:
    """An edition as people say it; unknown codes as written."""
    key = f"edition.{code}"
    return t(key, lang) if has(key) else code


def cited(source: str, lang: Lang) -> str:
    """A source of law in the words of the language: German terms from `citation.*`, dates in its form.

    >>> cited("Kapitel V DSGVO (Art. 44 bis 50)", "en")
    'chapter V GDPR (Art. 44 to 50)'
    """
    if lang == "de":
        return source
    terms = {str(m["de"]): str(m[lang]) for key, m in messages().items() if key.startswith("citation.")}
    longest = sorted(terms, key=len, reverse=True)
    known = re.compile("|".join(rf"(?<!\w){re.escape(term)}(?!\w)" for term in longest))
    return _DATE.sub(lambda day: _day(day[0], lang), known.sub(lambda term: terms[term[0]], source))


def _day(written: str, lang: Lang) -> str:
    try:
        day = datetime.strptime(written, "%d.%m.%Y").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        return written
    return t("date.plain", lang, day=day)
