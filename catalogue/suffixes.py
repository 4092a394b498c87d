"""The Public Suffix List as a table, from the copy that publicsuffixlist brings along; never fetched."""

from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import publicsuffixlist

from catalogue import compiled


class Rule(IntEnum):
    """What a line of the list says about a name."""

    EXACT = 1
    """The name is a suffix."""
    WILDCARD = 2
    """Every name right below is a suffix (and so is the name itself)."""
    EXCEPTION = 3
    """The name is no suffix although a wildcard says so."""


class Suffixes(NamedTuple):
    """The list: rule by name, and the names of its ICANN part (`com`, `co.uk`, not `github.io`)."""

    rules: dict[str, Rule]
    icann: frozenset[str]


LIST = Path(publicsuffixlist.PSLFILE)
"""The list as the package brings it."""
_ICANN = "ICANN"


@cache
def suffixes() -> Suffixes:
    """The list, read once. Names stand in it as U-labels and as A-labels."""
    key = compiled.key_of([LIST, Path(__file__)])
    parts = compiled.kept("suffixes", key)
    if parts is None or not parts.keys() >= {_ICANN, *Rule.__members__}:
        found = _read()
        names = {rule.name: [name for name, its in found.rules.items() if its is rule] for rule in Rule}
        parts = {kind: "\n".join(listed).encode() for kind, listed in {**names, _ICANN: [*found.icann]}.items()}
        compiled.keep("suffixes", key, parts)
    rules: dict[str, Rule] = {}
    for rule in Rule:
        rules |= dict.fromkeys(parts[rule.name].decode().split(), rule)
    return Suffixes(rules, frozenset(parts[_ICANN].decode().split()))


def _read() -> Suffixes:
    rules: dict[str, Rule] = {}
    icann: set[str] = set()
    in_icann = False
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("// ==="):
            in_icann = "BEGIN ICANN" in line
        if not line or line.startswith("//"):
            continue
        name, rule = _rule(line.split()[0].lower())
        for spelling in {name, name if name.isascii() else name.encode("idna").decode()}:
            rules[spelling] = max(rule, rules.get(spelling, rule))
            if in_icann and rule is not Rule.EXCEPTION:
                icann.add(spelling)
    return Suffixes(rules, frozenset(icann))


def _rule(text: str) -> tuple[str, Rule]:
    if text.startswith("!"):
        return text[1:], Rule.EXCEPTION
    if text.startswith("*."):
        return text[2:], Rule.WILDCARD
    return text, Rule.EXACT


def is_icann_suffix(name: str) -> bool:
    """True for a name under which registries register (`com`, `co.uk`, any single label), not for `github.io`."""
    rules, icann = suffixes()
    if "." not in name or name in icann:
        return True
    parent = name.partition(".")[2]
    return parent in icann and rules[parent] is Rule.WILDCARD and rules.get(name) is not Rule.EXCEPTION


def is_listed(name: str) -> bool:
    """True for a name that the ICANN part of the list itself names."""
    return name in suffixes().icann
