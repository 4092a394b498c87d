"""What may be outside: group size, bands, candidates, units that stay or are reported with their parent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from catalogue.snapshot import Snapshot
from catalogue.suffixes import suffixes
from schemas.settings import SiteSettings
from schemas.unit import Unit

SMALL_UNIT = 20
"""A unit with fewer people is reported with its parent (design.md, 3)."""
CANDIDATE = "domain:"
"""How the subject of a destination begins that no entry of the directory names."""
UPLOAD = 1_000_000
"""Bytes that one actor uploads on one day before it counts as an upload."""
UPLOAD_SHARE = 0.25
"""Least share of an upload in what comes down, for a candidate."""
PROGRAM_DAYS = 3
"""Days of 30 with a program's user agent that make a candidate."""
COUNTED = ("person", "device", "account")
"""Kinds of actors whose number means something."""


@dataclass(frozen=True)
class Egress:
    """The settings that decide what leaves; equal settings and windows give equal observations."""

    site: str
    group_size: int
    own_domains: frozenset[str]
    snapshot: Snapshot
    program_days: int = PROGRAM_DAYS

    @classmethod
    def of(cls, settings: SiteSettings, snapshot: Snapshot) -> "Egress":
        """From site.toml and the catalogue's units."""
        own = frozenset(domain.strip(".").lower() for domain in settings.own_domains)
        return cls(settings.site, settings.group_size, own, snapshot)

    def reported(self, units: pl.Series) -> pl.DataFrame:
        """Frame (unit, reported): under which code a unit is reported; null when nothing of it leaves."""
        codes = units.cast(pl.String).unique()
        return pl.DataFrame(
            {"unit": codes, "reported": [reported_unit(code, self.snapshot) for code in codes]},
            schema={"unit": pl.String, "reported": pl.String},
        )

    @property
    def band(self) -> str:
        """What is said instead of an exact number below the group size."""
        return f"1-{self.group_size - 1}"


def reported_unit(code: str, snapshot: Snapshot) -> str | None:
    """Code under which a unit is reported: its own, its parent's when it is small, None when nothing of it leaves."""
    line = lineage(code, snapshot)
    return None if any(member.exposure != "normal" for member in line) else large_enough(line)


def lineage(code: str, snapshot: Snapshot) -> list[Unit]:
    """A unit with all above it, the highest first."""
    unit = snapshot.unit(code)
    parts = unit.path.split("/")
    return [snapshot.unit("/".join(parts[: n + 1])) for n in range(len(parts) - 1)] + [unit]


def large_enough(line: Sequence[Unit]) -> str | None:
    """Code of the lowest unit of a lineage that is not small; None when all are."""
    for member in reversed(line):
        if member.headcount is None or member.headcount >= SMALL_UNIT:
            return member.code
    return None


def may_be_candidate(own_domains: frozenset[str]) -> pl.Expr:
    """Which names (NAMES columns) may become a candidate: hosts under a real top-level domain that are not our own."""
    own = pl.any_horizontal(
        pl.lit(value=False),
        *(
            (pl.col("host") == d) | pl.col("host").str.ends_with("." + d) | (pl.col("domain") == d)
            for d in sorted(own_domains)
        ),
    )
    top = pl.col("domain").str.split(".").list.last()
    return (
        pl.col("host").is_not_null() & pl.col("domain").str.contains(".", literal=True) & top.is_in(_top_level()) & ~own
    )


@cache
def _top_level() -> list[str]:
    """Top-level domains of the Public Suffix List; `local`, `lan`, `corp` are none."""
    return sorted(rule for rule in suffixes().rules if "." not in rule)
