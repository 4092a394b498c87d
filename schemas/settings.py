"""site.toml: what a site is told. Unknown keys stop the start."""

from datetime import date
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PositiveInt, field_validator

from schemas.record import Record, UnitCode

Network = IPv4Network | IPv6Network
State = Literal["bb", "be", "bw", "by", "hb", "he", "hh", "mv", "ni", "nw", "rp", "sh", "sl", "sn", "st", "th"]


class Agreement(Record):
    """A works agreement (Dienstvereinbarung): only what it names runs."""

    reference: str
    """How it is cited."""
    date: date
    """Day it was signed."""
    signals: tuple[Literal["network", "procurement", "assets"], ...] = ()
    """Signals it allows; empty allows none."""
    detectors: tuple[str, ...] = ()
    """Detectors it allows; empty allows all of the allowed signals that were in the program on its day."""


class Alarms(Record):
    """From when on `quality` and `doctor` say that something is wrong with a source."""

    silence_hours: PositiveInt | None = None
    """Hours of working days without a record; None: 24 for the network, 240 for inventories, 480 for purchases."""
    delay_hours: PositiveInt | None = None
    """Hours between the newest record of a block and its receipt; None: 48 for the network, 240 for inventories, never for purchases."""
    parse_rate: float = Field(default=0.95, ge=0, le=1)
    """Least share of the records of a day that can be read."""


class SourceSettings(Record):
    """One feed: a connector, a place, purpose and legal basis."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    """Name the ledger prints; unique in the site."""
    connector: str
    """Name of the format, as `leitplanke formats` prints it."""
    path: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Files, folders or patterns, relative to the settings file."""
    spool: bool = False
    """The files are a spool: `watch` deletes each once it is complete and what it holds is in the site's file."""
    timezone: str | None = None
    """IANA zone of times that carry none."""
    view: str | None = None
    """Kind of evidence, where the format leaves it open."""
    actor: Literal["person", "device", "account", "shared", "unknown"] | None = None
    """What its actor is; None: account where the record names one, else device."""
    unit: UnitCode | None = None
    """Unit of records that nothing else assigns."""
    purpose: str | None = None
    """Why it is read."""
    legal_basis: str | None = None
    """On what law it is read."""
    retention_days: PositiveInt | None = None
    """Days until what never left is deleted; None: the signal's default."""
    agreement: Agreement | None = None
    """Works agreement; without one findings and `doctor` say so, and it is not read where another source has one."""
    alarms: Alarms = Alarms()
    """When something is wrong with it."""

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None:
            ZoneInfo(value)
        return value


class UnitSettings(Record):
    """How records are assigned to a unit."""

    unit: UnitCode
    """Code of the unit."""
    ranges: tuple[Network, ...] = ()
    """Client addresses; the narrowest range wins."""
    accounts: tuple[str, ...] = ()
    """Patterns of account names with * and ?, case ignored; the longest pattern wins."""
    buyer_ids: tuple[str, ...] = ()
    """Identifiers under which the unit buys."""
    leitweg_ids: tuple[str, ...] = ()
    """Leitweg-IDs under which the unit receives invoices."""


class Excluded(Record):
    """Ranges that are dropped before anything is stored."""

    ranges: tuple[Network, ...]
    """Client addresses."""
    reason: str
    """Why: staff council, equality representative, judges ..."""


class SiteSettings(Record):
    """The whole of site.toml."""

    site: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    """Name of the site; part of ids and file names."""
    group_size: int = Field(default=5, ge=2)
    """Fewest actors in 30 days whose exact number may leave."""
    baseline_days: int = Field(default=0, ge=0)
    """Days from a unit's first day with data on that only the unit itself sees; 0: none. `site init` writes 30."""
    rotate_days: int = Field(default=90, ge=0)
    """Days until the next key of pseudonyms; 0: it stays. Below 60, people are mostly counted over less than 30 days."""
    own_domains: tuple[str, ...] = ()
    """Domains of the administration itself; never a candidate."""
    state: State = "bw"
    """The state whose holidays are no working days, as the ISO code has it: bw, by, be ..."""
    source: tuple[SourceSettings, ...] = ()
    """The feeds."""
    unit: tuple[UnitSettings, ...] = ()
    """Assignment to units."""
    excluded: tuple[Excluded, ...] = ()
    """What is dropped."""
    folder: Path | None = None
    """Folder of the settings file; set by the loader."""
