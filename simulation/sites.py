"""Sites: which sensors and systems each ministry has, and the site.toml that says so."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from simulation import world
from simulation.acts import Case
from simulation.cases import CASES
from simulation.lures import MAIL_GATEWAY, STAFF_COUNCIL
from simulation.writers import cyclonedx, glpi, nmap, ocds, xrechnung
from simulation.writers.files import Rotated
from simulation.writers.paloalto import PaloAlto
from simulation.writers.squid import PROXY, Squid
from simulation.writers.suricata import Suricata
from simulation.writers.zeek import Zeek


class Sensor(Protocol):
    """Writes down what it sees of a day."""

    @property
    def logs(self) -> tuple[Rotated, ...]:
        """Its files."""
        ...

    def write(self, day: date, visits: pl.DataFrame, /) -> None: ...


EXCLUDED = {
    "im": (f"{MAIL_GATEWAY}/32", "Mail-Gateway, das Verweise in eingehender Post prüft"),
    "um": (STAFF_COUNCIL, "Personalrat"),
}
NETWORK_SOURCES: dict[str, tuple[tuple[str, str, str, str, int], ...]] = {
    "im": (
        ("proxy", "squid", "squid/access.log*", "account", 90),
        ("tls-sensor", "zeek", "zeek/*/*.log*", "device", 90),
    ),
    "um": (("zeek", "zeek", "zeek/*/*.log*", "device", 90),),
    "mwk": (("firewall", "paloalto", "paloalto/*.log", "account", 60),),
    "jum": (("eve", "suricata", "suricata/eve*", "device", 60),),
}
"""Name, connector, path, actor, retention in days."""
INVENTORIES = {"um/lfg": 12, "um": 4, "mwk/lfd": 12}
"""Workplaces in the GLPI inventory of units that keep one."""


def sensors(site: str, folder: Path) -> tuple[Sensor, ...]:
    """The network sensors of a site."""
    last = world.LAST_DAY
    if site == "im":
        zeek = Zeek(folder, last, ("conn", "ssl"), "10.16.0.53", json=True, proxy=PROXY)
        return Squid(folder, last), zeek
    if site == "um":
        return (Zeek(folder, last, ("conn", "dns", "ssl", "http"), "10.32.0.53"),)
    if site == "mwk":
        return (PaloAlto(folder, last),)
    return (Suricata(folder, last, "10.64.0.53"),)


def documents(site: str, folder: Path) -> int:
    """Write invoices, awards and inventories of a site; returns the number of purchase documents."""
    awards, count = [], 0
    taken = world.LAST_DAY - timedelta(days=1)
    for unit in world.of_site(site):
        own = _cases(unit.code)
        awards += [(unit, award) for case in own for award in case.awards]
        invoices = [invoice for case in own for invoice in case.invoices]
        for invoice in invoices:
            xrechnung.write(folder, unit, invoice)
        count += len(invoices)
        installed = [item for case in own for item in case.installed]
        if unit.code in INVENTORIES:
            glpi.write(folder, unit, installed, taken, INVENTORIES[unit.code])
        if components := [item for case in own for item in case.components]:
            cyclonedx.write(folder, unit, components, taken)
        if listeners := [item for case in own for item in case.listeners]:
            nmap.write(folder, unit, listeners, taken)
    ocds.write(folder, awards)
    return count + len(awards)


def _cases(code: str) -> list[Case]:
    return [case for case in CASES if world.real_code(case.unit) == code]


def settings(site: str) -> str:
    """The text of site.toml."""
    parts = [
        _table("", {"site": site, "group_size": 5, "own_domains": [world.OWN_DOMAIN]}),
        *(_table("[[source]]", source) for source in _sources(site)),
        *(_table("[[unit]]", _assignment(unit)) for unit in world.of_site(site)),
    ]
    if site in EXCLUDED:
        network, reason = EXCLUDED[site]
        parts.append(_table("[[excluded]]", {"ranges": [network], "reason": reason}))
    return "\n".join(parts)


def _assignment(unit: world.Unit) -> dict[str, Any]:
    account = f"{unit.short}-*"
    return {
        "unit": unit.code,
        "ranges": [unit.network],
        "accounts": [account, f"*\\{account}"],
        "buyer_ids": [unit.buyer_id],
        "leitweg_ids": [unit.leitweg_id],
    }


def _sources(site: str) -> list[dict[str, Any]]:
    agreement = {"reference": "Dienstvereinbarung vom 12.05.2026", "date": date(2026, 5, 12)}
    agreement |= {"signals": ["network", "procurement", "assets"], "detectors": []}
    why = {"purpose": "Steuerung der IT", "legal_basis": "§ 3 LDSG", "agreement": agreement}
    network, money, machines = (why | {"retention_days": days} for days in (90, 3650, 365))
    found: list[dict[str, Any]] = [
        {"name": name, "connector": connector, "path": [path], "timezone": "Europe/Berlin", "actor": actor}
        | network
        | {"retention_days": days}
        for name, connector, path, actor, days in NETWORK_SOURCES[site]
    ]
    found.append({"name": "einkauf", "connector": "ocds", "path": ["ocds/*.json"], "timezone": "Europe/Berlin"} | money)
    found.append({"name": "rechnungen", "connector": "xrechnung", "path": ["xrechnung/*.xml"]} | money)
    for unit in world.of_site(site):
        own = _cases(unit.code)
        for connector, path, there in (
            ("glpi", f"glpi/{unit.short}/*.json", unit.code in INVENTORIES),
            ("cyclonedx", f"cyclonedx/{unit.short}.cdx.json", any(case.components for case in own)),
            ("nmap", f"nmap/{unit.short}.xml", any(case.listeners for case in own)),
        ):
            if there:
                source = {"name": f"{connector}-{unit.short}", "connector": connector, "path": [path]}
                found.append(source | {"timezone": "Europe/Berlin", "unit": unit.code} | machines)
    return found


def _table(header: str, fields: dict[str, Any]) -> str:
    lines = [f"{name} = {_value(value)}" for name, value in fields.items()]
    return "\n".join([header, *lines] if header else lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
