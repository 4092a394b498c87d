"""The vocabulary of cases: who does, buys or installs what. Writers turn these into files; truth.jsonl says what they mean."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Visits:
    """Some people of a unit visit a host on some days."""

    host: str
    people: int = 0
    """Different people, drawn once; who is not at work that day is missing."""
    days: int = 10
    """Working days, drawn once."""
    a_day: int = 1
    """Connections of each person on such a day."""
    up: int = 6_000
    """Usual bytes from client to server, of each connection."""
    down: int = 120_000
    """Usual bytes from server to client."""
    agent: str | None = None
    """Program that calls; None is the person's browser."""
    plain: bool = False
    """HTTP without TLS, where a sensor sees the user agent."""
    application: str | None = None
    """PAN-OS label; None is `ssl`."""
    path: str = "/"
    blocked: bool = False
    """The proxy or firewall refused it."""
    seen: Literal["all", "lookup", "media"] = "all"
    """`lookup`: only a name was asked for, as browsers do ahead; `media`: UDP to an address without a name."""
    server: str | None = None
    """Address of one machine that does it instead of people."""
    port: int = 443
    """Port of `media`."""
    address: str | None = None
    """Address of the server; None is one of nobody in particular."""


@dataclass(frozen=True, slots=True)
class Supplier:
    """A company that sells to units; VAT id and register number are made up."""

    name: str
    vat: str
    register: str
    town: str
    country: str = "DE"

    def subjects(self, cpv: str) -> tuple[str, ...]:
        """How a finding may name purchases from it: by VAT id, register number or name, with the CPV group."""
        spellings = (self.vat, self.register, self.name)
        return tuple(f"purchases:{'-'.join(text.lower().split())}/{cpv[:3]}" for text in spellings)


@dataclass(frozen=True, slots=True)
class Award:
    """A procedure with one supplier, as published or exported from the purchasing system in OCDS."""

    number: str
    """Last part of the ocid; also the number of the contract."""
    day: date
    title: str
    cpv: str
    supplier: Supplier
    amounts: tuple[int, ...]
    """Net EUR; several amounts are lots of one procedure."""
    method: Literal["direct", "open", "limited"] = "direct"
    tag: Literal["tender", "award", "contract"] = "award"
    months: int = 0
    """Term of the contract; 0 when it is a single delivery."""
    framework: str = ""
    """Number of the framework agreement that this calls off from."""
    is_framework: bool = False
    in_house: bool = False
    """Bought from the state's own IT provider without a market."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice in XRechnung."""

    number: str
    day: date
    supplier: Supplier
    lines: tuple[tuple[str, int, Decimal, str], ...]
    """Text, quantity, net price of one, CPV (may be empty)."""
    syntax: Literal["ubl", "cii"] = "ubl"
    contract: str = ""
    order: str = ""
    months: int = 0
    """Term that is billed, from the first of the month of `day`."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A program on some machines of a unit, as the GLPI agent reports it."""

    name: str
    publisher: str
    version: str
    machines: int
    where: Literal["workplace", "server"] = "workplace"


@dataclass(frozen=True, slots=True)
class Component:
    """A component of an application, in its CycloneDX bill of materials."""

    name: str
    version: str
    purl: str
    cpe: str = ""
    kind: Literal["library", "framework", "application"] = "library"


@dataclass(frozen=True, slots=True)
class Listener:
    """A server with an open port, as Nmap sees it."""

    port: int
    service: str
    product: str
    version: str
    cpe: str
    servers: int = 1


LURE: tuple[str, ...] = ()
"""No reason may come of it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case with its truth: planted ones must become a finding of the unit on the subject, lures must not."""

    case: str
    unit: str
    subject: str
    codes: tuple[str, ...]
    """Reasons of which at least one is expected; LURE when no finding may come."""
    story: str
    visits: tuple[Visits, ...] = ()
    awards: tuple[Award, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    installed: tuple[Installed, ...] = ()
    components: tuple[Component, ...] = ()
    listeners: tuple[Listener, ...] = ()
    forbidden: tuple[str, ...] = ()
    """Reasons that a lure must not give, when a finding as such is right; empty: no finding at all."""
    subjects: tuple[str, ...] = ()
    """Other spellings of the subject, or everything else the same lure must not become."""

    @property
    def kind(self) -> Literal["planted", "lure"]:
        """Whether a finding is expected."""
        return "planted" if self.codes else "lure"

    @property
    def signals(self) -> tuple[str, ...]:
        """Signals that see the case, sorted."""
        found = {
            "network": bool(self.visits),
            "procurement": bool(self.awards or self.invoices),
            "assets": bool(self.installed or self.components or self.listeners),
        }
        return tuple(sorted(name for name, there in found.items() if there))
