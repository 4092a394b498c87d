"""What a connector is given and what it says of an input."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Options:
    """What the user said about an input."""

    timezone: ZoneInfo | None = None
    """Zone of times that carry none; a format that needs it raises ConfigurationError when it is None."""
    at: datetime | None = None
    """UTC instant of a document that states none (`--at`)."""
    view: str | None = None
    """Overrides the kind of evidence, where site.toml says so."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How an input is laid out: what `layout` read from its head and `parse` needs. Plain data, equal by value."""

    kind: str
    """Variant of the format: `tsv/dns`, `json`, `traffic`."""
    columns: tuple[str, ...] = ()
    """Names of the fields in order, where the format has a header."""
    separator: str = "\t"
    options: Options = field(default_factory=Options)
    extra: dict[str, Any] = field(default_factory=dict)
    """What else the connector keeps from the head."""
