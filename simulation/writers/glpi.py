"""GLPI agent: one JSON inventory a machine."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

from simulation.acts import Installed
from simulation.world import Unit

BASELINE = (
    ("Mozilla Firefox ESR (x64 de)", "Mozilla", "153.2.0"),
    ("Microsoft Edge", "Microsoft Corporation", "141.0.3537.85"),
    ("Microsoft Visual C++ 2022 X64 Minimum Runtime", "Microsoft Corporation", "14.44.35211"),
    ("Microsoft Update Health Tools", "Microsoft Corporation", "5.72.0.0"),
    ("Intel(R) Graphics Driver", "Intel Corporation", "32.0.101.7026"),
)
"""What every workplace has."""


def write(folder: Path, unit: Unit, installed: Iterable[Installed], taken: date, machines: int) -> None:
    """Write workplaces and servers of a unit; a program is on the first machines of its kind."""
    programs = tuple(installed)
    for where, count in (("workplace", machines), ("server", max(_most(programs, "server"), 0))):
        for number in range(1, count + 1):
            name = f"{unit.short}-{'pc' if where == 'workplace' else 'srv'}-{number:03d}"
            base = BASELINE if where == "workplace" else ()
            chosen = [(p.name, p.publisher, p.version) for p in programs if p.where == where and p.machines >= number]
            path = folder / "glpi" / unit.short / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_inventory(name, where, [*base, *chosen], taken), encoding="utf-8")


def _most(programs: tuple[Installed, ...], where: str) -> int:
    return max((p.machines for p in programs if p.where == where), default=0)


def _inventory(name: str, where: str, softwares: list[tuple[str, str, str]], taken: date) -> str:
    system = ("Windows", "Microsoft Windows 11 Enterprise", "25H2") if where == "workplace" else ("Debian", "", "13")
    content = {
        "accesslog": {"logdate": f"{taken} 07:40:12"},
        "hardware": {
            "name": name,
            "uuid": str(uuid5(NAMESPACE_DNS, name)),
            "memory": 16_384,
            "chassis_type": "Desktop",
        },
        "operatingsystem": {
            "name": system[0],
            "full_name": system[1] or "Debian GNU/Linux 13 (trixie)",
            "version": system[2],
            "arch": "x86_64",
        },
        "softwares": [
            {"name": title, "publisher": publisher, "version": version, "arch": "x86_64", "from": "registry"}
            for title, publisher, version in softwares
        ],
        "versionclient": "GLPI-Agent_v1.11",
    }
    document = {"deviceid": f"{name}-2026-01-12-08-00-00", "itemtype": "Computer", "action": "inventory"}
    return json.dumps(document | {"content": content}, ensure_ascii=False, indent=1) + "\n"
