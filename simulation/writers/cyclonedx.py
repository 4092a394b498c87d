"""CycloneDX 1.5 in JSON: the bill of materials of an application on a unit's servers."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

from simulation.acts import Component
from simulation.world import OWN_DOMAIN, Unit


def write(folder: Path, unit: Unit, components: Iterable[Component], taken: date) -> None:
    """Write the unit's bill of materials."""
    found = [
        {"type": c.kind, "bom-ref": c.purl or c.name, "name": c.name, "version": c.version}
        | ({"purl": c.purl} if c.purl else {})
        | ({"cpe": c.cpe} if c.cpe else {})
        for c in components
    ]
    name = f"fachanwendung-{unit.short}"
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_DNS, f'{name}.{OWN_DOMAIN}')}",
        "version": 1,
        "metadata": {
            "timestamp": f"{taken}T05:30:00Z",
            "component": {"type": "application", "bom-ref": name, "name": name, "version": "4.2.0"},
        },
        "components": found,
    }
    path = folder / "cyclonedx" / f"{unit.short}.cdx.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(bill, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
