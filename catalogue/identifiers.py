"""Every identifier of an entry: by what the three signals recognise it."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from catalogue.words import fold, without_legal_form
from schemas.entries import DirectoryEntry, Edition

IDENTIFIER_KINDS = (
    "domain",
    "application",
    "range",
    "purl",
    "cpe",
    "software",
    "supplier_id",
    "supplier_name",
    "name",
    "cpv",
)
"""The closed list of `identifier_kind`."""

OWN_NAME_COUNTS = frozenset({"service", "software", "assistive"})
"""Kinds whose own name is a word to look for in purchases. Other kinds bear names of groups ("Banken"), which are
ordinary words of any purchase: of these only `names` count."""

PRODUCTS_COUNT = frozenset({"never", "assistive"})
"""Kinds whose software names are words to look for in purchases too, unless the name asks for its publisher ("Fusion"):
what must not be stored is found by product, not only by the entry's own name."""


class Identifier(NamedTuple):
    """One identifier as the entry spells it, and the key it is compared by."""

    kind: str
    spelling: str
    key: str
    subject: str
    """With the edition where the identifier is the edition's own."""
    path: tuple[str | int, ...]
    """Where it stands in the entry."""
    publisher: str = ""
    """Folded publisher of installed software; empty when any will do."""


def identifiers(entry: DirectoryEntry) -> Iterator[Identifier]:
    """All identifiers of an entry and its editions."""
    yield from _shared(entry, entry.subject, ())
    for index, edition in enumerate(entry.editions):
        yield from _shared(edition, f"{entry.subject}#{edition.edition}", ("editions", index))
    plain = {
        "range": entry.ranges,
        "purl": entry.purls,
        "cpe": entry.cpes,
        "supplier_id": entry.supplier_ids,
        "supplier_name": entry.supplier_names,
        "cpv": entry.cpv,
    }
    for kind, values in plain.items():
        for place, value in enumerate(values):
            yield Identifier(kind, value, KEYS[kind](value), entry.subject, (_FIELD[kind], place))
    if entry.kind in PRODUCTS_COUNT:
        for place, item in enumerate(entry.software):
            if item.publisher is None:
                yield Identifier("name", item.name, fold(item.name), entry.subject, ("software", place, "name"))
    if entry.kind in OWN_NAME_COUNTS:
        for language in ("de", "en"):
            name: str = getattr(entry.name, language)
            if fold(name) != fold(entry.name.de) or language == "de":
                yield Identifier("name", name, fold(name), entry.subject, ("name", language))


def _shared(thing: DirectoryEntry | Edition, subject: str, path: tuple[str | int, ...]) -> Iterator[Identifier]:
    """What entries and editions both have."""
    for place, value in enumerate(thing.domains):
        yield Identifier("domain", value, value.lower().removeprefix("."), subject, (*path, "domains", place))
    for place, value in enumerate(thing.applications):
        yield Identifier("application", value, value.lower(), subject, (*path, "applications", place))
    for place, value in enumerate(thing.names):
        yield Identifier("name", value, fold(value), subject, (*path, "names", place))
    for place, item in enumerate(thing.software):
        publisher = without_legal_form(fold(item.publisher)) if item.publisher else ""
        key = f"{fold(item.name)}|{publisher}"
        yield Identifier("software", item.name, key, subject, (*path, "software", place), publisher)


def purl_key(purl: str) -> str:
    """A package URL without version, qualifiers and subpath, in lower case."""
    text = purl.lower().replace("%40", "@").partition("#")[0].partition("?")[0]
    return re.sub(r"(?<=[^/])@[^/]*$", "", text)


def cpe_key(cpe: str) -> str:
    """Part, vendor, product and what follows of a CPE 2.3 prefix, unescaped, without open ends (`*`)."""
    parts = cpe.lower().replace("\\", "").split(":")[2:]
    while parts and parts[-1] in {"*", "-", ""}:
        parts.pop()
    return ":".join(parts)


def range_key(text: str) -> str:
    """An address range in its shortest spelling; what is none stays as it is."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        return text


def id_key(value: str) -> str:
    """A supplier's identifier without blanks and punctuation, in upper case."""
    return re.sub(r"[^A-Z0-9]", "", value.upper())


KEYS: dict[str, Callable[[str], str]] = {
    "range": range_key,
    "purl": purl_key,
    "cpe": cpe_key,
    "supplier_id": id_key,
    "supplier_name": lambda text: without_legal_form(fold(text)),
    "cpv": str,
}
_FIELD = {
    "range": "ranges",
    "purl": "purls",
    "cpe": "cpes",
    "supplier_id": "supplier_ids",
    "supplier_name": "supplier_names",
    "cpv": "cpv",
}
