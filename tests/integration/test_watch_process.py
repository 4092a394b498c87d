"""A watch as a process: killed anywhere, stopped, beside an ingest, on a disk that fills."""

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import state
import watched

KILLS = int(os.environ.get("LEITPLANKE_KILLS", "8"))
"""How often the process is killed; 50 before a release."""
LINES = [
    state.squid(
        n % 5, f"user{n % 11}", ("www.dropbox.com", "chatgpt.com", "www.spiegel.de")[n % 3], client=f"10.1.0.{n % 11}",
        minute=n,
    )
    for n in range(6000)
]  # fmt: skip


def until(what: Callable[[], object], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "what is waited for does not come"
        time.sleep(0.2)


def added(path: Path, lines: list[str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    """Settings of a site, and the folder of its logs."""
    (tmp_path / "logs").mkdir()
    return watched.settings(tmp_path, "logs/*", "squid"), tmp_path / "logs"


@pytest.mark.slow
def test_killed_anywhere_counts_everything_once(place: tuple[Path, Path], tmp_path: Path) -> None:
    config, logs = place
    pick = random.Random(3)
    data, log = tmp_path / "d", logs / "access.log"
    each = len(LINES) // KILLS + 1
    for kill in range(KILLS):
        process = watched.watch(data, config)
        some = LINES[kill * each : (kill + 1) * each]
        for part in range(4):
            added(log, some[part::4])
            time.sleep(pick.uniform(0.2, 0.8))
            if part == 1 and kill % 3 == 2:
                log.rename(logs / f"access.log.{kill}")
        process.kill()
        process.communicate()
    process = watched.watch(data, config)
    until(lambda: watched.ledger(data)["counted"] == len(LINES))
    watched.stopped(process)
    (tmp_path / "all").write_text("".join(line + "\n" for line in LINES), encoding="utf-8")
    watched.ingest(tmp_path / "whole", config, tmp_path / "all")
    assert watched.outcome(data) == watched.outcome(tmp_path / "whole")
    count = watched.ledger(data)
    assert (count["counted"], count["received"] - count["duplicate"]) == (len(LINES), len(LINES))
    again = watched.ingest(data, config, *sorted(logs.iterdir()))
    assert f"0 counted, {len(LINES):,} known already" in again.stdout


@pytest.mark.slow
def test_an_ingest_beside_it_hands_its_files_over(place: tuple[Path, Path], tmp_path: Path) -> None:
    config, logs = place
    data = tmp_path / "d"
    added(logs / "a.log", LINES[:50])
    process = watched.watch(data, config)
    until(lambda: watched.ledger(data)["counted"] == 50)
    added(tmp_path / "other.log", LINES[50:90])
    done = watched.ingest(data, config, tmp_path / "other.log")
    assert done.returncode == 0, done.stderr
    assert "40 records: 40 counted" in done.stdout
    assert "running watch" in done.stdout
    missing = watched.ingest(data, config, tmp_path / "missing.log")
    assert missing.returncode == 2
    assert "missing.log" in missing.stderr
    second = watched.watch(data, config)
    _, told = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "another watch" in told
    settle = subprocess.run(watched.words(data, "settle"), check=False, capture_output=True, text=True, timeout=60)
    assert settle.returncode == 0
    assert "running watch" in settle.stderr
    watched.stopped(process)
    assert watched.ledger(data)["counted"] == 90
    assert not [*(data / "handed").iterdir()]


@pytest.mark.slow
def test_changed_settings_hold_at_once_and_others_do_not_wait_without_end(
    place: tuple[Path, Path], tmp_path: Path
) -> None:
    config, logs = place
    data = tmp_path / "d"
    added(logs / "a.log", LINES[:50])
    process = watched.watch(data, config)
    until(lambda: watched.ledger(data)["counted"] == 50)
    for words in (
        ("source", "reset", "--site", "im", "--source", "feed"),
        ("retention", "--apply"),
        ("site", "resend"),
    ):
        done = subprocess.run(watched.words(data, *words), check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert "a running watch has this site" in done.stderr
    before = config.read_text(encoding="utf-8")
    config.write_text(f"{before}nonsense = 1\n", encoding="utf-8")
    time.sleep(3)
    narrow = 'agreement = { reference = "DV", date = 2026-05-12, signals = ["assets"] }\n'
    config.write_text(before + narrow, encoding="utf-8")
    time.sleep(4)
    added(logs / "a.log", LINES[50:90])
    handed = watched.ingest(data, config, logs / "a.log")
    assert handed.returncode == 2
    time.sleep(1)
    assert watched.ledger(data)["counted"] == 50
    config.write_text(before, encoding="utf-8")
    until(lambda: watched.ledger(data)["counted"] == 90)
    told = watched.stopped(process)
    assert "nonsense: unknown key" in told
    assert "not agreed" in told
    assert "has changed" in told


@pytest.mark.slow
def test_a_full_disk_stops_reading_until_there_is_room(place: tuple[Path, Path], tmp_path: Path) -> None:
    config, logs = place
    data = tmp_path / "d"
    added(logs / "a.log", LINES[:50])
    process = watched.watch(data, config)
    until(lambda: watched.ledger(data)["counted"] == 50)
    # as on a full disk, nothing more can be written anywhere
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    for n in range(0, 5000, 1000):
        added(logs / "a.log", [line.replace("www.", f"w{m}.") for m, line in enumerate(LINES[n : n + 1000])])
        time.sleep(1)
    assert watched.ledger(data)["counted"] < 5050
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: watched.ledger(data)["counted"] == 5050)
    told = watched.stopped(process)
    assert told.count("nothing is lost") == 1, told
    assert "reading goes on" in told


@pytest.mark.slow
def test_a_week_in_real_formats_is_counted_as_one_ingest_counts_it() -> None:
    given = [sys.executable, "-m", "bench.watch", "week", "--seconds", "6", "--kills", "2"]
    done = subprocess.run(
        given, cwd=Path(__file__).parents[2], check=False, capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"same": true' in done.stdout
