"""A watch as a process of its own, for tests: started, asked to end, compared."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from streams.site import guard


def words(data: Path, *given: str) -> list[str]:
    return [sys.executable, "-m", "leitplanke", "--data", str(data), *given]


def settings(home: Path, path: str, connector: str, more: str = "") -> Path:
    """A site.toml of one source."""
    config = home / "site.toml"
    source = f'name = "feed"\nconnector = "{connector}"\npath = "{path}"\nunit = "im/amt"\n{more}\n'
    config.write_text(f'site = "im"\n[[source]]\n{source}', encoding="utf-8")
    return config


def watch(data: Path, config: Path, *more: str) -> subprocess.Popen[str]:
    given = words(data, "watch", "--config", str(config), "--send-after", "0.5", *more)
    return subprocess.Popen(given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stopped(process: subprocess.Popen[str]) -> str:
    """Ask it to end, once it can be asked; gives what it said on standard error."""
    data = Path(process.args[process.args.index("--data") + 1])  # type: ignore[union-attr,operator]  # a list of ours
    while process.poll() is None and not guard.watching(data, "im"):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told
    return told


def ingest(data: Path, config: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    given = words(data, "ingest", "--config", str(config), "--source", "feed", *map(str, files))
    return subprocess.run(given, check=False, capture_output=True, text=True, timeout=300)


def ledger(data: Path) -> dict[str, int]:
    """The counts of the one source; all 0 while there are none."""
    done = subprocess.run(words(data, "ledger", "--format", "json"), check=False, capture_output=True, text=True)
    rows: list[dict[str, int]] = json.loads(done.stdout or "[]")
    return rows[0] if rows else dict.fromkeys(("received", "counted", "duplicate", "rejected"), 0)


def outcome(data: Path) -> tuple[str, list[dict[str, Any]]]:
    """Findings as they are printed, and observations without revisions."""
    findings, outside = (
        subprocess.run(words(data, name, "--format", "ndjson"), check=True, capture_output=True, text=True).stdout
        for name in ("findings", "observations")
    )
    return findings, [
        {key: value for key, value in json.loads(line).items() if key != "revision"} for line in outside.splitlines()
    ]
