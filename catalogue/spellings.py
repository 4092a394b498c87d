"""What the schema cannot say of one catalogue record: how identifiers are spelled, which days fit, what is missing."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator

from catalogue.documents import Key
from catalogue.identifiers import PRODUCTS_COUNT, identifiers
from catalogue.suffixes import is_icann_suffix, is_listed
from schemas.entries import DirectoryEntry, Standard
from schemas.record import Record
from schemas.sentence import Sentence, said
from schemas.unit import UNIT_KINDS, Unit

Remark = tuple[tuple[Key, ...], Sentence]
"""Path of a key, and a sentence about it."""

OPINIONS = ("approved", "tolerated", "phase_out", "prohibited")
"""Verdicts a standard may give, from loose to strict; the others follow from records."""
_LABELS = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_HOST_WORD = re.compile(r"[a-z0-9-]{5,}")
_PURL = re.compile(r"pkg:[a-z0-9.+-]+(/[^/@?#\s]+|/@[^/@?#\s]+/[^/@?#\s]+)+")
_CPE = re.compile(r"cpe:2\.3:[aoh](:[^:\s]+){2,}")


def within(record: Record) -> Iterator[Remark]:
    """What is wrong inside one record."""
    start, end = getattr(record, "valid_from", None), getattr(record, "valid_to", None)
    if start is not None and end is not None and end < start:
        yield ("valid_to",), said("{end} is before valid_from {start}", end=end, start=start)
    if isinstance(record, DirectoryEntry):
        yield from _entry(record)
    elif isinstance(record, Standard):
        yield from _standard(record)
    elif isinstance(record, Unit) and record.kind not in UNIT_KINDS:
        yield ("kind",), _none_of(record.kind, UNIT_KINDS)


def _none_of(given: str, known: Iterable[str]) -> Sentence:
    return said("{given} is not one of {expected}", given=repr(given), expected=", ".join(known))


def _entry(entry: DirectoryEntry) -> Iterator[Remark]:
    if entry.kind in {"service", "software"} and entry.function is None:
        yield ("function",), said("is missing; a {kind} needs one", kind=entry.kind)
    if "#" in entry.subject:
        yield ("subject",), said("an edition is written under editions, not as an entry")
    names = [edition.edition for edition in entry.editions]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield ("editions", index, "edition"), said("{given} stands here twice", given=repr(name))
    yield from _host_words(entry)
    for identifier in identifiers(entry):
        test = _SPELLING.get(identifier.kind)
        wrong = test(identifier.spelling) if test is not None else None
        if wrong is None and identifier.kind == "domain" and _everybodys(identifier.key, entry.kind):
            wrong = said("is a public suffix; everybody registers below it")
        if wrong is not None:
            yield identifier.path, said("{given} {problem}", given=repr(identifier.spelling), problem=wrong)


def _host_words(entry: DirectoryEntry) -> Iterator[Remark]:
    """Words find hosts that nobody listed; a service that they found would be somebody else's."""
    for index, word in enumerate(entry.host_words):
        if entry.kind not in PRODUCTS_COUNT:
            yield (
                ("host_words", index),
                said("only entries of kind never or assistive have host words, not {kind}", kind=entry.kind),
            )
        elif not _HOST_WORD.fullmatch(word):
            yield (
                ("host_words", index),
                said("{given} is not a word of 5 or more small letters, digits and hyphens", given=repr(word)),
            )


def _domain(text: str) -> Sentence | None:
    if text != text.lower():
        return said("has upper-case letters; hosts are written in lower case")
    if not text.isascii():
        return said("has other letters than ASCII; write the name as A-label (xn--...)")
    name = text.removeprefix(".")
    if not _LABELS.fullmatch(name) or name.rpartition(".")[2].isdecimal():
        return said("is not a host name (no scheme, path, star, port, address or dot at the end)")
    return None


def _everybodys(name: str, kind: str) -> bool:
    """A public suffix is nobody's own. Other kinds than services may be one: `gov.uk` a website, `arpa` infrastructure."""
    if kind not in {"service", "software"}:
        return "." not in name and name != "arpa" and is_listed(name)
    return is_icann_suffix(name)


def _range(text: str) -> Sentence | None:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        loose = _loose(text)
        if loose is None:
            return said("is not an address range in CIDR, such as 203.0.113.0/24")
        return said("is not an address range in CIDR (did you mean {loose})", loose=loose)
    return None


def _loose(text: str) -> str | None:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return None


def _fits(pattern: re.Pattern[str], sentence: Sentence) -> Callable[[str], Sentence | None]:
    return lambda text: None if pattern.fullmatch(text) else sentence


_LABEL = said("has upper-case letters; labels are in lower case")
_SPELLING: dict[str, Callable[[str], Sentence | None]] = {
    "domain": _domain,
    "range": _range,
    "application": lambda text: None if text == text.lower() else _LABEL,
    "purl": _fits(_PURL, said("is not a package URL without version (pkg:type/namespace/name)")),
    "cpe": _fits(_CPE, said("is not a CPE 2.3 prefix (cpe:2.3:a:vendor:product)")),
    "cpv": _fits(re.compile(r"\d{8}"), said("is not a CPV code of 8 digits without check digit")),
}


def _standard(standard: Standard) -> Iterator[Remark]:
    if not standard.subjects and not standard.functions:
        yield (), said("covers nothing: it needs subjects or functions")
    if standard.verdict not in OPINIONS:
        yield ("verdict",), _none_of(standard.verdict, OPINIONS)
