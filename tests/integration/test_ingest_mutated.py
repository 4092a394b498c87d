"""Mutated lines and documents of every format through the whole job: the ledger balances, and our own code never fails."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
import state

from connectors import registry
from streams.embedded import ledgers, redrive
from streams.site.mend import listed

FIXTURES = Path(__file__).parents[1] / "fixtures/connectors"
LINES = 4_000
DOCUMENTS = 150
SIGNS = [
    b"\0", b"\r", b"\t", b"\x1f", b" ", b'"', b'""', b"'", b",", b"/", b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[",
    b"]", b":", b"::", b".", b"-", b"@", b"%", b"#", b"|", b"<", b">", b"&#0;", b"&x;", b"]]>", b"\xff", b"\xc3",
    b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\x1b[2J", b"\x85", b"0", b"-1", b"1e309",
    b"NaN", b"99999999999999999999", b"null", b"true", b"(empty)", b"x" * 300, b"[" * 300, b"=cmd|'/c calc'!A0",
    b"xn--a", b"[::1]:99999", b"a..b", b"1969-12-31", b"9999-12-31", b"2026-03-29T02:30:00", b"2026-02-30",
]  # fmt: skip


def mutated(data: bytes, other: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    end = min(len(data), at + dice.choice([1, 3, 20, 200]))
    sign = dice.choice(SIGNS)
    return dice.choice([
        data[:at] + sign + data[at:],
        data[:at] + sign + data[end:],
        data[:at] + data[end:],
        data[:at] + data[at:end] * 2 + data[end:],
        data[:at] + other[at:end] + data[end:],
        data[:at] + other[at:],
        data[:at],
        data.replace(data[at : at + 1] or b" ", sign, dice.choice([1, 2, -1])),
    ])  # fmt: skip


def many(whole: list[bytes], count: int, seed: str) -> list[bytes]:
    dice = random.Random(seed)  # a seed, no secret
    found = []
    for _ in range(count):
        data = dice.choice(whole)
        for _ in range(dice.choice([0, 1, 1, 2, 5])):
            data = mutated(data, dice.choice(whole), dice)
        found.append(data)
    return found


def inputs(folder: Path, name: str) -> list[str]:
    """Mutated documents, or for each fixture a log that begins as it does and goes on with mutated lines."""
    paths = sorted(FIXTURES.glob(f"{name}/*/raw.*"))
    if registry.describe(name).shape == "document":
        made = many([path.read_bytes() for path in paths], DOCUMENTS, name)
    else:
        made = []
        for path in paths:
            head = path.read_bytes().rstrip(b"\n").split(b"\n")
            lines = [line for line in head if line.strip() and not line.startswith(b"#")]
            made.append(b"\n".join([*head, *many(lines, LINES // len(paths), path.parent.name)]) + b"\n")
    for number, data in enumerate(made):
        (folder / f"{number:04}").write_bytes(data)
    return [str(folder / f"{number:04}") for number in range(len(made))]


@pytest.mark.parametrize("name", registry.names())
def test_the_ledger_balances_and_no_letter_is_dead(tmp_path: Path, name: str) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    (tmp_path / "in").mkdir()
    paths = inputs(tmp_path / "in", name)
    report = state.run(tmp_path / "d", *paths, source=name, timezone="Europe/Berlin", at=at)
    ((_, _, tally),) = ledgers(tmp_path / "d")
    assert tally == report.tally
    assert tally.received == tally.counted + tally.duplicate + tally.rejected
    assert (tally.dead_letter, tally.in_flight) == (0, 0)
    assert tally.counted > 0
    assert tally.rejected > 0
    assert [problem for problem in report.problems if "our own code" in problem] == []
    assert len(listed(tmp_path / "d")) == tally.rejected
    assert redrive(tmp_path / "d", lambda _: None) == (tally.rejected, 0)
    assert state.run(tmp_path / "d", *paths, source=name, timezone="Europe/Berlin", at=at).tally.counted == 0
