"""Host names: what is one, its registrable domain, and the longest of some names that it lies below.

The whole Public Suffix List counts, with its private part: `foo.github.io` is a registrable domain of its own, so two
tenants of one platform are never one thing. Everything works on columns and on distinct values.
"""

from functools import cache
from itertools import accumulate, pairwise

import polars as pl

from catalogue.remember import Remembered
from catalogue.suffixes import Rule, suffixes

NAME_BYTES = 253
"""Longest host name in DNS."""
KEPT_LABELS = 2
"""Labels below the registrable domain that `split` keeps."""

_NO_NAME = r"^[0-9.]*$|^\.|\.$|\.\.|:|^\[|(?:^|\.)[0-9]+$"
"""Empty labels, addresses, and names whose last label is a number: never a host."""

_SHORTER = pl.col("name").str.splitn(".", 2).struct.field("field_1").alias("name")
"""A name without its first label; null for a single label."""


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


@cache
def _rules() -> pl.DataFrame:
    rules = suffixes().rules
    return pl.DataFrame(
        {"name": list(rules), "rule": [int(rule) for rule in rules.values()]},
        schema={"name": pl.String, "rule": pl.UInt8},
    )


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


def registrable(hosts: pl.Series) -> pl.Series:
    """The registrable domain of each host; null where there is none."""
    return _split(canonical(hosts))["domain"]


_remembered = Remembered(_split_or_itself)


_NO_LEVEL = pl.DataFrame(schema={"row": pl.UInt32, "name": pl.String})


def _levels(names: pl.Series) -> list[pl.DataFrame]:
    """Frames (row, name): the names, then without their first label, and so on until nothing is left."""
    level = names.rename("name").to_frame().with_row_index("row").drop_nulls("name")
    levels = []
    while level.height:
        levels.append(level)
        level = level.with_columns(_SHORTER).drop_nulls("name")
    return levels


def _split(names: pl.Series) -> pl.DataFrame:
    """Walk from the whole name to its last label; the first rule met ends the walk.

    `longer1`..`longer4` are the suffixes one to four labels longer than the present one: the domain is one label longer
    than the public suffix, the host at most two labels longer than the domain.
    """
    levels = _levels(names)
    longer = [f"longer{n}" for n in range(1, KEPT_LABELS + 3)]
    walking = names.is_not_null()
    shifted = pl.select(pl.lit(None, dtype=pl.String).alias(name) for name in longer).clear()
    found = [pl.DataFrame(schema={"row": pl.UInt32, "host": pl.String, "domain": pl.String})]
    for depth, (level, rule) in enumerate(zip(levels, _lookup(levels), strict=True)):
        present = level.with_columns(rule).filter(walking.gather(level["row"]))
        shifted = shifted if depth else shifted.clear(present.height)
        present = pl.concat([present, shifted], how="horizontal")
        done = present["rule"].is_not_null() | ~present["name"].str.contains(".", literal=True)
        found.append(present.filter(done).select("row", *_cut(longer)))
        walking = walking.scatter(present["row"].filter(done), values=False)
        shifted = present.filter(~done).select(pl.col(a).alias(b) for a, b in pairwise(("name", *longer)))
    rows = pl.DataFrame({"row": pl.int_range(len(names), dtype=pl.UInt32, eager=True)})
    return rows.join(pl.concat(found), on="row", how="left", maintain_order="left").select("host", "domain")


def _lookup(levels: list[pl.DataFrame]) -> list[pl.Series]:
    """The rule of every suffix, all levels in one join."""
    if not levels:
        return []
    every = pl.concat([level.select("name") for level in levels])
    rules = every.join(_rules(), on="name", how="left", maintain_order="left")["rule"]
    ends = list(accumulate((level.height for level in levels), initial=0))
    return [rules[start:end] for start, end in pairwise(ends)]


def _cut(longer: list[str]) -> list[pl.Expr]:
    """Host and domain once a rule has been met; null where the name is not long enough to have a domain."""
    names = ["name", *longer]
    start = {Rule.EXCEPTION: 0, Rule.WILDCARD: 2}

    def host(offset: int) -> pl.Expr:
        last = offset + KEPT_LABELS
        return pl.when(pl.col(names[offset]).is_not_null()).then(
            pl.coalesce(names[last : offset - 1 if offset else None : -1])
        )

    def domain(offset: int) -> pl.Expr:
        return pl.col(names[offset])

    rule = pl.col("rule")
    return [
        pl.when(rule == Rule.EXCEPTION)
        .then(at(start[Rule.EXCEPTION]))
        .when(rule == Rule.WILDCARD)
        .then(at(start[Rule.WILDCARD]))
        .otherwise(at(1))
        .alias(at.__name__)
        for at in (host, domain)
    ]


def longest_suffix(hosts: pl.Series, among: pl.Series) -> pl.Series:
    """For each canonical host the longest member of `among` that it is or lies below; null where there is none."""
    wanted = among.rename("name").to_frame().unique()
    every = pl.concat([_NO_LEVEL, *_levels(hosts)])
    longest = every.join(wanted, on="name", how="semi", maintain_order="left").unique("row", keep="first")
    rows = pl.DataFrame({"row": pl.int_range(len(hosts), dtype=pl.UInt32, eager=True)})
    return rows.join(longest, on="row", how="left", maintain_order="left")["name"]
