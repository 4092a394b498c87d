"""The made-up state: four ministries with a site each, twelve units, about 400 people, their addresses and accounts.

Authorities are invented. The court carries the code of a court in the bundled catalogue, so that it is `local_only`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from ipaddress import IPv4Network
from pathlib import Path

import numpy as np
import polars as pl
import yaml

import catalogue
from schemas.errors import ConfigurationError

LAST_DAY = date(2026, 11, 20)
"""Last day of every simulation; a Friday."""
OWN_DOMAIN = "landesverwaltung.example"
"""Domain of the administration itself."""
HOLIDAYS = frozenset({date(2026, 10, 3), date(2026, 11, 1)})
"""Public holidays of Baden-Württemberg that the weekend does not already cover are rare in autumn; both are kept."""
COURT = "court"
"""Stands for the code of the bundled court until `units` replaces it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the made-up state."""

    code: str
    name: str
    site: str
    people: int
    network: str
    """Client addresses; people start at the tenth."""
    town: str = "Stuttgart"

    @property
    def short(self) -> str:
        """Prefix of account names: `umlfg`."""
        return "".join(c for c in self.code if c.isalnum())

    @property
    def leitweg_id(self) -> str:
        """Leitweg-ID with valid check digits (ISO 7064, mod 97-10)."""
        coarse, fine = "08", self.short.upper()[:20] + "0001"
        digits = "".join(str(int(c, 36)) for c in coarse + fine) + "00"
        return f"{coarse}-{fine}-{98 - int(digits) % 97:02d}"

    @property
    def buyer_id(self) -> str:
        """Identifier under which the unit buys in published notices."""
        return f"LAND-{self.short.upper()}"


_UNITS = (
    Unit("im", "Ministerium des Inneren", "im", 60, "10.16.4.0/24"),
    Unit("im/lsp", "Landesamt für Sicherheitsplanung", "im", 40, "10.16.5.0/24", "Karlsruhe"),
    Unit("im/ldv", "Landesstelle für Datenverkehr", "im", 25, "10.16.6.0/24", "Ulm"),
    Unit("im/bhw", "Beauftragte Stelle für Hochwasserhilfe", "im", 3, "10.16.7.0/24"),
    Unit("um", "Ministerium für Umwelt", "um", 45, "10.32.4.0/24"),
    Unit("um/lfg", "Landesamt für Gewässerkunde", "um", 100, "10.32.5.0/24", "Karlsruhe"),
    Unit("um/lbn", "Landesamt für Bodennutzung", "um", 30, "10.32.6.0/24", "Freiburg"),
    Unit("mwk", "Ministerium für Wissenschaft", "mwk", 40, "10.48.4.0/24"),
    Unit("mwk/lfd", "Landesstelle für Denkmaldaten", "mwk", 25, "10.48.5.0/24", "Esslingen"),
    Unit("jum", "Ministerium der Justiz", "jum", 20, "10.64.4.0/24"),
    Unit("jum/lvj", "Landesstelle für Justizverwaltung", "jum", 14, "10.64.5.0/24", "Rottweil"),
    Unit(COURT, "Gericht", "jum", 20, "10.64.6.0/24"),
)
SITES = ("im", "um", "mwk", "jum")
"""One site a ministry."""


@cache
def court_code() -> str:
    """Code of the first court below the ministry of justice that is `local_only` in the bundled catalogue."""
    folder = Path(catalogue.__file__).parent / "units"
    for path in sorted(folder.rglob("*.yaml")):
        with path.open(encoding="utf-8") as file:
            records = yaml.safe_load(file)
        for record in records if isinstance(records, list) else [records]:
            below = str(record["code"]).startswith("jum/")
            if below and record.get("kind") == "court" and record.get("exposure") == "local_only":
                return str(record["code"])
    raise ConfigurationError(f"{folder.name}: the simulation needs a court with exposure local_only")


@cache
def units() -> dict[str, Unit]:
    """Units by code, the court with its bundled code."""
    known = {unit.code: unit for unit in _UNITS}
    court = known.pop(COURT)
    code = court_code()
    known[code] = Unit(code, court.name, court.site, court.people, court.network)
    return known


def of_site(site: str) -> list[Unit]:
    """Units of a site, in order."""
    return [unit for unit in units().values() if unit.site == site]


def real_code(code: str) -> str:
    """The code of a unit, also for the stand-in of the court."""
    return court_code() if code == COURT else code


_CHROMIUM = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0",
    f"{_CHROMIUM} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:154.0) Gecko/20100101 Firefox/154.0",
)


def people(site: str) -> pl.DataFrame:
    """Everyone at a site: unit, account, client, browser; the row number is the person."""
    rows = []
    for unit in of_site(site):
        first = int(IPv4Network(unit.network).network_address) + 10
        rows += [
            {
                "unit": unit.code,
                "account": f"{unit.short}-{i + 1:03d}",
                "client": str(IPv4Network(first + i).network_address),
                "browser": BROWSERS[(i * 7 + len(unit.code)) % len(BROWSERS)],
            }
            for i in range(unit.people)
        ]
    return pl.DataFrame(rows)


def days(count: int) -> list[date]:
    """The days of the simulation, oldest first."""
    return [LAST_DAY - timedelta(days=back) for back in range(count - 1, -1, -1)]


def is_working(day: date) -> bool:
    """Monday to Friday, not a public holiday."""
    return day.weekday() < 5 and day not in HOLIDAYS


def presence(site: str, span: list[date], seed: int) -> np.ndarray:
    """Who works inside the state network on which day: people x days.

    Home office without VPN, leave and part time are simply missing; a few work at weekends.
    """
    rng = np.random.default_rng([seed, 1, SITES.index(site)])
    chance = np.array([0.82 if is_working(day) else 0.02 for day in span])
    count = sum(unit.people for unit in of_site(site))
    return rng.random((count, len(span))) < chance


def start_of(site: str, code: str) -> int:
    """Row of a unit's first person in `people(site)`."""
    row = 0
    for unit in of_site(site):
        if unit.code == code:
            return row
        row += unit.people
    raise KeyError(code)
