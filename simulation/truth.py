"""truth.jsonl: what each case is and what is expected of it, one object a line."""

import json
from pathlib import Path
from typing import Any

from simulation import world
from simulation.cases import CASES
from simulation.lures import ORDINARY


def rows() -> list[dict[str, Any]]:
    """The cases. `codes` are the reasons of which one is expected, or that a lure must not give (none: no finding).

    `units` and `subjects` hold all spellings and places that the same case covers.
    """
    found = []
    for case in CASES:
        unit = world.real_code(case.unit)
        everywhere = case in ORDINARY
        found.append(
            {
                "case": case.case,
                "kind": case.kind,
                "unit": unit,
                "subject": case.subject,
                "codes": list(case.codes or case.forbidden),
                "signals": ["network"] if everywhere else list(case.signals),
                "story": case.story,
                "units": list(world.units()) if everywhere else [unit],
                "subjects": sorted({case.subject, *case.subjects}),
            }
        )
    return found


def write(folder: Path) -> None:
    """Write truth.jsonl into the folder."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows()]
    (folder / "truth.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
