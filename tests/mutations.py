"""Lines of the fixtures of network formats, and what becomes of them when something is put, cut or doubled in them."""

import random
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors import registry
from schemas.connector import Layout, Options

FIXTURES = Path(__file__).parent / "fixtures/connectors"
OPTIONS = Options(timezone=ZoneInfo("Europe/Berlin"))
CANARY = "kanari7"
CASES = sorted(path for name in ("squid", "suricata", "paloalto", "zeek") for path in FIXTURES.glob(f"{name}/*/raw.*"))
SIGNS = [
    "\0", "\r", "\t", "\x1f", " ", "  ", '"', '""', "'", ",", "/", "\\", "\\x", "\\u0000", "\\ud800", "{", "}", "[", "]",
    ":", "::", ".", "..", "-", "@", "%", "#", "|", "\ufffd", "\u202e", "ß", "۴", "é", "。", "0", "-1", "1e309", "nan",
    "99999999999999999999", "null", "true", "(empty)", CANARY, "x" * 300, "ü" * 300, "[" * 300,
]  # fmt: skip


def source(case: Path) -> tuple[registry.Connector, Layout, list[str]]:
    connector = registry.get(case.parent.parent.name)
    data = case.read_bytes()
    return connector, connector.layout(data, OPTIONS), data.decode(errors="replace").splitlines()


def mutated(line: str, other: str, dice: random.Random) -> str:
    at = dice.randrange(len(line) + 1)
    end = dice.randrange(at, len(line) + 1)
    sign = dice.choice(SIGNS)
    return dice.choice([
        line[:at] + sign + line[at:],
        line[:at] + sign + line[at + 1 :],
        line[:at],
        line[at:],
        line[:at] + line[end:],
        line[:at] + line[at:end] * 2 + line[end:],
        line[:at] + other[at:],
        line + sign,
        sign + line,
        line.replace(dice.choice(line or " "), sign),
    ])  # fmt: skip


def many(case: Path, count: int) -> list[str]:
    lines = source(case)[2]
    dice = random.Random(f"{case.parent.name}/7")  # a seed, no secret
    found = []
    for _ in range(count):
        line = dice.choice(lines)
        for _ in range(dice.choice([1, 1, 1, 2, 5])):
            line = mutated(line, dice.choice(lines), dice)
        found.append(line.replace("\n", " "))
    return found
