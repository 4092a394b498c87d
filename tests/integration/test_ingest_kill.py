"""kill -9 at random moments of an ingest, with real processes; then resume: byte-equal to the run that was not killed."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
import state

KILLS = int(os.environ.get("LEITPLANKE_KILLS", "24"))
"""How often a process is killed; 100 before a release."""


def command(data: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "leitplanke", "--data", str(data), *words]


def ingest(data: Path, files: list[str]) -> list[str]:
    return command(data, "ingest", "--site", "im", "--unit", "im/amt", "--source", "suricata", *files)


def output(data: Path, *words: str) -> str:
    return subprocess.run(command(data, *words), check=True, capture_output=True, text=True, timeout=120).stdout


def without_revisions(text: str) -> list[dict[str, object]]:
    return [{k: v for k, v in json.loads(line).items() if k != "revision"} for line in text.splitlines()]


@pytest.mark.slow
@pytest.mark.timeout(300 + 60 * KILLS)
def test_killed_and_resumed(tmp_path: Path) -> None:
    pick = random.Random(5)
    hosts = ("chatgpt.com", "www.dropbox.com", "stranger-tool.com", "www.spiegel.de")
    files = []
    for n in range(30):
        lines = []
        for m in range(400):
            client, host, flow = f"10.1.0.{pick.randrange(20)}", pick.choice(hosts), n * 1000 + m
            lines.append(state.eve("tls", n % 20, client, flow, tls={"sni": host}))
            lines.append(
                state.eve(
                    "flow", n % 20, client, flow, flow={"bytes_toserver": pick.randrange(10**7), "bytes_toclient": 9}
                )
            )
        files.append(state.written(tmp_path / f"eve-{n}.json", lines))
    started = time.monotonic()
    subprocess.run(ingest(tmp_path / "whole", files), check=True, capture_output=True, timeout=300)
    length = time.monotonic() - started
    expected = output(tmp_path / "whole", "findings", "--format", "ndjson")
    outside = without_revisions(output(tmp_path / "whole", "observations", "--format", "ndjson"))
    assert outside
    assert "service:dropbox" in expected

    kills = rounds = 0
    while kills < KILLS:
        data = tmp_path / f"killed-{rounds}"
        rounds += 1
        while True:
            process = subprocess.Popen(ingest(data, files), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=pick.uniform(0.2, 1.1) * length)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                continue
            assert process.returncode == 0
            break
        assert output(data, "findings", "--format", "ndjson") == expected
        (ledger,) = json.loads(output(data, "ledger", "--format", "json"))
        # a process that is killed after its last write has read its input: the next one calls it a duplicate
        assert (ledger["counted"], ledger["received"] - ledger["duplicate"]) == (24_000, 24_000)
        assert without_revisions(output(data, "observations", "--format", "ndjson")) == outside
    print(f"{kills} kills in {rounds} runs, nothing lost, nothing twice")  # noqa: T201  # figures for the closing note
