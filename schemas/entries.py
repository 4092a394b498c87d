"""Records of the catalogue: directory (facts), standards and initiatives (opinions), parameters, legal bases.

One YAML file a thing, in `catalogue/directory`, `standards`, `initiatives`, `parameters`, `legal`, `units`.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from schemas.record import Bilingual, Record, SubjectId, UnitCode

Kind = Literal["service", "software", "infrastructure", "website", "assistive", "never"]
Verdict = Literal["approved", "registered", "tolerated", "phase_out", "prohibited", "unlisted", "unclear"]
Function = Literal[
    "file_sharing",
    "file_storage",
    "chat",
    "meetings",
    "generative_ai",
    "translation",
    "low_code",
    "forms",
    "surveys",
    "notes",
    "whiteboard",
    "project_management",
    "remote_access",
    "mail",
    "newsletter",
    "calendar",
    "office_suite",
    "developer",
    "source_code",
    "hosting",
    "database",
    "design",
    "video",
    "social_media",
    "password_management",
    "vpn",
    "messaging",
    "signature",
    "scheduling",
    "transcription",
    "analytics",
    "crm",
    "erp",
    "hr",
    "learning",
    "document_management",
    "records_management",
    "identity",
    "security",
    "monitoring",
    "backup",
    "browser",
    "operating_system",
    "pdf",
    "mapping",
    "identity_provider",
    "case_management",
    "citizen_portal",
    "workplace",
    "cloud_platform",
    "ticketing",
    "print",
    "other",
]
"""What a service or software is for; a standard can cover a function."""
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class Provider(Record):
    """Who offers it: contract party and parent are two facts."""

    name: str
    """Legal name of the contract party."""
    seat: Country | None = None
    """Country of the contract party's seat."""
    parent: str | None = None
    """Ultimate parent company; None when there is none or it is unknown."""
    parent_seat: Country | None = None
    """Country of the parent's seat."""


class Edition(Record):
    """An edition that has its own identifiers or its own standards: `service:zoom#cloud`."""

    edition: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    """Short name of the edition: free, cloud, data-center, tenant-land, on-premises."""
    domains: tuple[str, ...] = ()
    """Hosts that show this edition; a leading dot or none, both mean the host and all below it."""
    applications: tuple[str, ...] = ()
    """Application labels that show this edition."""
    software: tuple["SoftwareName", ...] = ()
    """Installed names that show this edition."""
    names: tuple[str, ...] = ()
    """Words in purchase texts that show this edition."""
    provider: Provider | None = None
    """Who runs this edition, where it differs from the entry's provider."""
    processed_in: tuple[Country, ...] | None = None
    """Where this edition processes data, where it differs."""


class SoftwareName(Record):
    """A product as inventories name it."""

    publisher: str | None = None
    """Publisher as written; None matches any."""
    name: str
    """Name as written, without version; matches whole words at the start, case ignored."""


class Release(Record):
    """A release cycle and the day its support ends."""

    cycle: str
    """Leading part of the version: `10`, `3.8`, `2019`."""
    eol: date | None = None
    """Last day with security updates; None when announced as open."""


class Fact(Record):
    """A statement with its source, for what a reader will doubt."""

    fact: str
    """Which field or question it supports."""
    value: str
    """What the source says."""
    url: str
    """Where it was read."""
    read_on: date
    """When it was read."""


class DirectoryEntry(Record):
    """Facts about a service, software or supplier. No opinion."""

    subject: SubjectId
    """Id of the thing; its file is named after it."""
    kind: Kind
    """What the thing is; `never` and `assistive` are dropped before storing."""
    name: Bilingual
    """Name as people say it; the provider in brackets is added by the texts."""
    function: Function | None = None
    """What it is for; required for services and software."""
    provider: Provider | None = None
    """Who offers it."""
    processed_in: tuple[Country, ...] = ()
    """Countries where data is processed; empty when unknown."""
    editions: tuple[Edition, ...] = ()
    """Editions with identifiers of their own."""
    applications: tuple[str, ...] = ()
    """Application labels of sensors (App-ID and the like), lower case."""
    domains: tuple[str, ...] = ()
    """Hosts: the host itself and all below it. A host below another entry's domain wins by length."""
    host_words: tuple[str, ...] = ()
    """Words in a host name that mean this; only for kinds never and assistive; matched inside labels."""
    ranges: tuple[str, ...] = ()
    """Address ranges in CIDR; the narrowest range wins."""
    purls: tuple[str, ...] = ()
    """Package URLs without version."""
    cpes: tuple[str, ...] = ()
    """CPE 2.3 prefixes: `cpe:2.3:a:vendor:product`."""
    software: tuple[SoftwareName, ...] = ()
    """Names in inventories."""
    names: tuple[str, ...] = ()
    """Further names in purchase texts, whole words, case ignored; the entry's own name always counts."""
    supplier_ids: tuple[str, ...] = ()
    """VAT ids or register numbers of the supplier that sells this and nothing else."""
    supplier_names: tuple[str, ...] = ()
    """Names of suppliers that sell this and nothing else."""
    cpv: tuple[str, ...] = ()
    """CPV codes that mean this thing and nothing else."""
    releases: tuple[Release, ...] = ()
    """Release cycles with their end of support."""
    alternatives: tuple[SubjectId, ...] = ()
    """Subjects that do the same, best first."""
    was: tuple[SubjectId, ...] = ()
    """Former ids of the subject."""
    facts: tuple[Fact, ...] = ()
    """Statements with sources."""


class Standard(Record):
    """An opinion with dates: verdict for subjects or functions, enacted by somebody."""

    id: str
    """Stable id; its file is named after it."""
    verdict: Verdict
    """approved, tolerated, phase_out or prohibited."""
    subjects: tuple[SubjectId, ...] = ()
    """What it covers; a subject without edition covers all editions not named elsewhere."""
    functions: tuple[Function, ...] = ()
    """Or: every subject of these functions that no standard names."""
    editions: tuple[str, ...] = ()
    """Editions it is limited to; empty means all."""
    versions: str | None = None
    """Version range it is limited to, as `vers`."""
    jurisdictions: tuple[Country, ...] = ()
    """Seats of providers it is limited to; empty means all."""
    units: tuple[UnitCode, ...] = ("land",)
    """Unit subtrees it holds for; `land` is the state as a whole."""
    data_class: str | None = None
    """Class of data it is limited to."""
    title: Bilingual
    """One sentence: what the standard says."""
    dimension: Literal["sovereignty", "transformation", "governance", "workplace", "green"]
    """Dimension of the IT strategy."""
    successor: SubjectId | None = None
    """What to use instead."""
    enacted_by: UnitCode
    """Who enacted it; `land` for the state."""
    force: Literal["binding", "recommended"]
    """Binding or recommended."""
    legal_basis: str | None = None
    """Id of a legal basis."""
    offered_from: date | None = None
    """First day on which the offer can be used."""
    open_to: tuple[UnitCode, ...] = ()
    """Units that may use an offer; empty means all it holds for."""
    valid_from: date
    """First day it holds."""
    valid_to: date | None = None
    """Last day it holds; None while open."""
    source: str
    """Document it was enacted in, or where the fact was read."""


class Initiative(Record):
    """A registered, limited exception: a unit tries something before it is a standard."""

    id: str
    """Stable id; its file is named after it."""
    units: tuple[UnitCode, ...]
    """Codes of the units that take part; others may join while it runs."""
    subject: SubjectId
    """What is tried."""
    owner_role: str
    """Role that answers for it, never a person's name."""
    purpose: Bilingual
    """What is to be learned."""
    data_class: str | None = None
    """Highest class of data allowed."""
    users_max: PositiveInt | None = None
    """Distinct actors in 30 days; None when the initiative sets no cap."""
    budget_max: Decimal | None = None
    """Committed money over the whole term, EUR net; None when the initiative sets no cap."""
    interfaces: tuple[str, ...] = ()
    """Catalogue systems it exchanges data with."""
    valid_from: date
    """First day."""
    valid_to: date
    """Last day."""
    review_on: date | None = None
    """Day of the review."""
    migration: str | None = None
    """What was promised for afterwards."""


class Parameter(Record):
    """A value that a law or the state sets, with dates."""

    name: str
    """`direct_award_threshold`, `adequacy_decision`, ..."""
    value: str | Decimal | bool
    """The value; money in EUR net."""
    unit: str
    """EUR, days, actors, country ..."""
    jurisdiction: str
    """Who it holds for: `land-bw`, `municipalities-bw`, `bund`, `eu`."""
    scope: str | None = None
    """What it is limited to."""
    valid_from: date
    """First day."""
    valid_to: date | None = None
    """Last day; None while open."""
    disputed: str | None = None
    """What sources disagree on; texts name it."""
    source: str
    """Where the value was read."""


class LegalBasis(Record):
    """A law or rule that standards and reasons cite."""

    id: str
    """Stable id; its file is named after it."""
    citation: str
    """How it is cited."""
    content: Bilingual
    """What it says, in one sentence."""
    valid_from: date
    """First day."""
    valid_to: date | None = None
    """Last day."""
    checked_on: date
    """Day somebody last looked whether it still holds."""
    url: str
    """Where it can be read."""
