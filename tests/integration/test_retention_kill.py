"""kill -9 inside each step of a retention, with real processes: the file is whole, and the next run finishes."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import state

STEPS = int(os.environ.get("LEITPLANKE_KILLS", "24")) // 2
"""Steps that are killed; each dies with all its statements done, and not committed."""
DAY = (datetime.now(UTC).date() + timedelta(days=91)).isoformat()
SCRIPT = """
import os, signal, sys
from streams.site.file import SiteFile

left, whole = int(sys.argv[1]), SiteFile.transaction


class Cut:
    def __init__(self, file):
        self.inner = whole(file)

    def __enter__(self):
        return self.inner.__enter__()

    def __exit__(self, *error):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.inner.__exit__(*error)


SiteFile.transaction = lambda file: Cut(file)  # a function is bound, a class is not
from leitplanke.cli import main
sys.exit(main(sys.argv[2:]))
"""


def words(data: Path) -> list[str]:
    return ["--data", str(data), "retention", "--as-of", DAY, "--apply", "--format", "ndjson"]


def killed(data: Path, step: int) -> bool:
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(step), *words(data)], capture_output=True, check=False)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode != 0


@pytest.mark.slow
def test_killed_and_finished(tmp_path: Path) -> None:
    data = tmp_path / "d"
    lines = [
        state.eve("tls", day, f"10.1.0.{n}", 100 * day + n, tls={"sni": host})
        for day in range(3)
        for n in range(7)
        for host in ("share.example.com", "canary-host.canary-domain.com")
    ]
    lines += [state.eve("flow", day, "10.1.0.1", 100 * day + 1, flow={"bytes_toserver": 9}) for day in range(3)]
    state.run(data, state.written(tmp_path / "e", [*lines, '{"canary-reject']), source="suricata")
    before = state.observations(data)
    steps = 0
    for step in range(1, STEPS + 1):
        copy = tmp_path / f"killed-{step}"
        subprocess.run(["cp", "-r", data, copy], check=True)
        steps += killed(copy, step)
        done = subprocess.run(
            [sys.executable, "-m", "leitplanke", *words(copy)], capture_output=True, text=True, check=True
        )
        assert all(json.loads(line)["number"] > 0 for line in done.stdout.splitlines())
        files = [path for path in copy.rglob("*") if path.is_file() and not path.name.startswith("centre.db")]
        assert b"canary" not in b"".join(path.read_bytes() for path in files)
        assert state.hosts(copy) == set()
        assert state.observations(copy) == before
    assert steps >= 4
