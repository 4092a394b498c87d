"""Host names: what is one, its registrable domain, and the longest of some names that it lies below.

The whole Public Suffix List counts, with its private part: `foo.github.io` is a registrable domain of its own, so two
tenants of one platform are never one thing. Every name is asked for once; looking its suffixes up in a dict takes about
a microsecond, and a block that brings ten new names pays for ten.
"""

from collections.abc import Container, Iterable, Mapping

import polars as pl

from catalogue.remember import Remembered
from catalogue.suffixes import Rule, suffixes

NAME_BYTES = 253
"""Longest host name in DNS."""
KEPT_LABELS = 2
"""Labels below the registrable domain that `split` keeps."""

_NO_NAME = r"^[0-9.]*$|^\.|\.$|\.\.|:|^\[|(?:^|\.)[0-9]+$"
"""Empty labels, addresses, and names whose last label is a number: never a host."""
_LAST_TWO, _LAST = r"((?:[^.]+\.)?[^.]+)$", r"([^.]+)$"
_LONGER = {Rule.EXACT: 1, Rule.WILDCARD: 2, Rule.EXCEPTION: 0}
"""Labels that a registrable domain has more than the name of the rule it falls under."""


def canonical(hosts: pl.Series) -> pl.Series:
    """Hosts in lower case without one trailing dot; null for what is no host name (addresses, empty labels, too long)."""
    host = pl.col("host")
    return (
        hosts.rename("host")
        .to_frame()
        .select(host.cast(pl.String).str.to_lowercase().str.strip_suffix("."))
        .select(pl.when(~host.str.contains(_NO_NAME) & (host.str.len_bytes() <= NAME_BYTES)).then(host))["host"]
    )


def ascii_labels(hosts: pl.Series) -> pl.Series:
    """Canonical hosts with A-labels in place of other letters; null where there are none."""
    foreign = hosts.filter(hosts.str.len_bytes() != hosts.str.len_chars()).unique()
    if foreign.is_empty():
        return hosts
    return hosts.replace(foreign, pl.Series([_ascii(name) for name in foreign], dtype=pl.String))


def _ascii(name: str) -> str | None:
    try:
        encoded = name.encode("idna").decode()
    except UnicodeError:
        return None
    (name,) = canonical(pl.Series([encoded], dtype=pl.String)).to_list()
    return name if name is None else str(name)


def split(hosts: pl.Series) -> pl.DataFrame:
    """Columns `host` and `domain`, same height and order as `hosts`.

    `domain` is the registrable domain; `host` is that with at most two labels before it. Both are the name itself where
    the whole name is a suffix (`com`, `github.io`), a single label or no host name at all; null where the host is null.
    """
    asked = hosts.rename("asked").to_frame()
    distinct = asked.unique().drop_nulls()
    parts = pl.concat([distinct, _remembered(distinct["asked"])], how="horizontal")
    return asked.join(parts, on="asked", how="left", maintain_order="left").select("host", "domain")


def _split_or_itself(names: pl.Series) -> pl.DataFrame:
    itself = names.str.to_lowercase().str.strip_suffix(".")
    return _split(canonical(names)).select(pl.col("host", "domain").fill_null(itself))


def cut(names: list[str]) -> list[tuple[str, str]]:
    """As `split`, of canonical names that end with a letter."""
    rules = suffixes().rules
    parts = ((name, *_cut(name, rules)) for name in names)
    return [(name, name) if host is None or domain is None else (host, domain) for name, host, domain in parts]


def registrable(hosts: pl.Series) -> pl.Series:
    """The registrable domain of each host; null where there is none."""
    return _split(canonical(hosts))["domain"]


_remembered = Remembered(_split_or_itself)


def _split(names: pl.Series) -> pl.DataFrame:
    rules = suffixes().rules
    cut = [(None, None) if name is None else _cut(name, rules) for name in names]
    return pl.DataFrame(cut, schema={"host": pl.String, "domain": pl.String}, orient="row")


def _cut(name: str, rules: Mapping[str, Rule]) -> tuple[str | None, str | None]:
    """Host and domain; the first rule on the way from the whole name to its last label decides, else `*` does."""
    starts = [0]
    rule = rules.get(name)
    while rule is None:
        start = name.find(".", starts[-1]) + 1
        if not start:
            rule = Rule.EXACT
            break
        starts.append(start)
        rule = rules.get(name[start:])
    depth = len(starts) - 1
    domain = depth - _LONGER[rule]
    if domain < 0:
        return None, None
    return name[starts[max(domain - KEPT_LABELS, 0)] :], name[starts[domain] :]


def longest_suffix(hosts: pl.Series, among: Container[str]) -> pl.Series:
    """For each canonical host the longest member of `among` that it is or lies below; null where there is none."""
    return pl.Series([None if host is None else _longest(host, among) for host in hosts.to_list()], dtype=pl.String)


class Ends:
    """Last labels of some names: a look at two labels rules out most hosts that lie below none of the names."""

    def __init__(self, names: Iterable[str]) -> None:
        """Of canonical names."""
        names = list(names)
        self._two = pl.Series(sorted({end_of(name) for name in names if "." in name}), dtype=pl.String)
        self._one = pl.Series(sorted({name for name in names if "." not in name}), dtype=pl.String)

    def near(self, hosts: pl.Series) -> pl.Series:
        """True for canonical hosts that may be one of the names or lie below it; never null."""
        end = hosts.str.extract(_LAST_TWO)
        near = end.is_in(self._two.implode())
        if len(self._one):
            near |= end.str.extract(_LAST).is_in(self._one.implode())
        return near.fill_null(value=False)


def end_of(name: str) -> str:
    """The last two labels of a name.

    >>> end_of("h17.site5.de"), end_of("intranet")
    ('site5.de', 'intranet')
    """
    last = name.rfind(".")
    return name[name.rfind(".", 0, last) + 1 :] if last > 0 else name


def _longest(host: str, among: Container[str]) -> str | None:
    while host not in among:
        host = host.partition(".")[2]
        if not host:
            return None
    return host
