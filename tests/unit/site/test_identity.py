"""Inputs are recognised by content: again, renamed, compressed, rotated, grown."""

import gzip
import lzma
from pathlib import Path

import pytest
import state
import zstandard

from streams.embedded import ledgers
from streams.site import blocks


def lines(count: int, day: int = 0) -> list[str]:
    return [
        state.squid(day, f"user{n % 9}", "share.example.com", client=f"10.1.0.{n % 9}", minute=n % 60)
        for n in range(count)
    ]


def ledger(data: Path) -> tuple[int, int, int]:
    (_, _, tally), *_ = ledgers(data)
    return tally.received, tally.counted, tally.duplicate


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 2048)


def test_the_same_file_again_is_duplicate(tmp_path: Path) -> None:
    path = state.written(tmp_path / "a.log", lines(100))
    state.run(tmp_path / "d", path)
    before = state.observations(tmp_path / "d")
    state.run(tmp_path / "d", path)
    assert ledger(tmp_path / "d") == (200, 100, 100)
    assert state.observations(tmp_path / "d") == before


@pytest.mark.parametrize("packed", ["gz", "zst", "xz", "plain"])
def test_renamed_and_compressed(tmp_path: Path, packed: str) -> None:
    text = "".join(line + "\n" for line in lines(100)).encode()
    pack = {"gz": gzip.compress, "zst": zstandard.compress, "xz": lzma.compress, "plain": bytes}[packed]
    state.run(tmp_path / "d", state.written(tmp_path / "a.log", lines(100)))
    again = tmp_path / f"b.{packed}"
    again.write_bytes(pack(text))
    state.run(tmp_path / "d", str(again))
    assert ledger(tmp_path / "d") == (200, 100, 100)


@pytest.mark.parametrize("first", [1, 7, 21, 22, 50, 99])
def test_grown_files_count_what_is_new(tmp_path: Path, first: int) -> None:
    state.run(tmp_path / "d", state.written(tmp_path / "a.log", lines(100)[:first]))
    state.run(tmp_path / "d", state.written(tmp_path / "a.log", lines(100)))
    assert ledger(tmp_path / "d") == (100 + first, 100, first)
    state.run(tmp_path / "d", state.written(tmp_path / "old.log", lines(100)[:first]))
    assert ledger(tmp_path / "d") == (100 + 2 * first, 100, 2 * first)
    state.run(tmp_path / "fresh", str(tmp_path / "a.log"))
    assert state.observations(tmp_path / "d") == state.observations(tmp_path / "fresh")


@pytest.mark.parametrize("cut", [1, 30, 117])
@pytest.mark.parametrize("whole", [0, 3, 40])
def test_a_last_line_without_end_is_counted_once(tmp_path: Path, whole: int, cut: int) -> None:
    every = lines(60)
    text = "".join(line + "\n" for line in every)
    partial = "".join(line + "\n" for line in every[:whole]) + every[whole][:cut]
    path = tmp_path / "a.log"
    path.write_text(partial)
    state.run(tmp_path / "d", str(path))
    assert ledger(tmp_path / "d")[0] == whole + 1
    path.write_text(text)
    state.run(tmp_path / "d", str(path))
    (_, _, tally), *_ = ledgers(tmp_path / "d")
    ended = cut >= len(every[whole])
    assert (tally.counted, tally.rejected, tally.duplicate) == (60, 0, whole + ended)
    path.write_text(text)
    state.run(tmp_path / "fresh", str(path))
    assert state.observations(tmp_path / "d") == state.observations(tmp_path / "fresh")


def test_a_file_without_final_line_end_then_with_one(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("\n".join(lines(5)))
    state.run(tmp_path / "d", str(path))
    assert ledger(tmp_path / "d") == (5, 5, 0)
    path.write_text("\n".join(lines(6)) + "\n")
    state.run(tmp_path / "d", str(path))
    assert ledger(tmp_path / "d") == (11, 6, 5)


def test_rotated_logs_keep_their_identity(tmp_path: Path) -> None:
    every = lines(300)
    state.run(tmp_path / "d", state.written(tmp_path / "access.log", every[:150]))
    state.written(tmp_path / "access.log.1", every[:200])
    state.run(tmp_path / "d", str(tmp_path / "access.log.1"), state.written(tmp_path / "access.log", every[200:]))
    assert ledger(tmp_path / "d") == (450, 300, 150)


def test_the_same_file_twice_in_one_command(tmp_path: Path) -> None:
    path = state.written(tmp_path / "a.log", lines(50))
    state.run(tmp_path / "d", path, path)
    assert ledger(tmp_path / "d") == (100, 50, 50)


def test_an_overlong_line_is_one_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("\n".join([*lines(3), "x" * 9000, *lines(3, day=1), ""]))
    state.run(tmp_path / "d", str(path))
    (_, _, tally), *_ = ledgers(tmp_path / "d")
    assert (tally.received, tally.counted, tally.rejected) == (7, 6, 1)


def test_empty_input(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("")
    report = state.run(tmp_path / "d", str(path))
    assert report.exit_code(1) == 0
