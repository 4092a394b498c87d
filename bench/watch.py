"""Does a watch keep up, and does it count what one ingest counts?

    python -m bench.watch rate [--rate 30000] [--seconds 120] [--format squid]
    python -m bench.watch latency [--rate 5000] [--seconds 60]
    python -m bench.watch week [--site im] [--days 7] [--seconds 60] [--kills 5] [--rsyslog]

`rate` appends lines at a rate and prints, as one JSON line, how far the watch was behind, its CPU seconds and peak memory.
`latency` prints how long it takes from a line that makes a subject new at a unit, or with which it reaches the group size
there, to its observation stored for sending: percentiles in seconds.
`week` plays a simulated week into files that grow, are renamed and compressed, kills the watch in between, and compares
findings, observations and the ledger with one ingest of the same data; with `--rsyslog` what stands in single lines goes by TCP
through the machine's rsyslog into its spool, from an address a source. Exit code 1 where they differ.
"""

import argparse
import gzip
import json
import queue
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.generate import FORMATS
from connectors import registry
from leitplanke.settings import files, load
from schemas.names import observation_id
from simulation.__main__ import generate
from simulation.senders import Spool, connected, rsyslog

SLICES = 60
"""Pieces that a log is played in."""


def words(data: Path, *given: str) -> list[str]:
    """A command of ours."""
    return [sys.executable, "-m", "leitplanke", "--data", str(data), *given]


def watching(data: Path, config: Path) -> "subprocess.Popen[bytes]":
    """A watch as a process of its own."""
    given = words(data, "watch", "--config", str(config), "--send-after", "1")
    return subprocess.Popen(given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ended(process: "subprocess.Popen[bytes]") -> float:
    """Ask a watch to end; gives the seconds that it took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0  # noqa: S101  # a benchmark that goes wrong has no numbers
    return time.monotonic() - began


def counted(data: Path) -> dict[str, int]:
    """The ledger of all sources together."""
    text = subprocess.run(words(data, "ledger", "--format", "json"), check=False, capture_output=True, text=True).stdout
    rows = json.loads(text or "[]")
    return {name: sum(row[name] for row in rows) for name in ("received", "counted", "duplicate", "rejected")}


def outcome(data: Path) -> tuple[str, list[dict[str, Any]]]:
    """Findings as they are printed, and observations without revisions."""
    found, outside = (
        subprocess.run(words(data, name, "--format", "ndjson"), check=True, capture_output=True, text=True).stdout
        for name in ("findings", "observations")
    )
    rows = [json.loads(line) for line in outside.splitlines()]
    return found, [{key: value for key, value in row.items() if key != "revision"} for row in rows]


def played_at(rate: float, seconds: float, path: Path) -> Iterator[tuple[float, list[bytes]]]:
    """Lines of a file, over and over, at a rate; with the seconds that have passed."""
    began, gave = time.monotonic(), 0
    with path.open("rb") as lines:
        while (passed := time.monotonic() - began) < seconds:
            want = int(rate * passed) - gave
            some = [line for _, line in zip(range(want), lines, strict=False)]
            if len(some) < want:
                lines.seek(0)
            gave += len(some)
            yield passed, some
            time.sleep(0.02)


def rate(given: argparse.Namespace, folder: Path) -> int:
    """Append at a rate for so long."""
    from bench.edge import file_of_world

    kept = Path(".cache/bench")
    kept.mkdir(parents=True, exist_ok=True)
    path, _ = file_of_world(kept, given.format, "a", 100)
    (folder / "logs").mkdir()
    config = folder / "site.toml"
    config.write_text(
        f'site = "im"\n[[source]]\nname = "feed"\nconnector = "{given.format}"\npath = "logs/*"\nunit = "im"\n'
        'timezone = "Europe/Berlin"\n',
        encoding="utf-8",
    )
    process = watching(folder / "d", config)
    began, wrote = time.monotonic(), 0
    with (folder / "logs/a.log").open("ab", buffering=0) as log:
        for _, some in played_at(given.rate, given.seconds, path):
            log.write(b"".join(some))
            wrote += len(some)
    written = time.monotonic()
    while counted(folder / "d")["received"] < wrote:
        time.sleep(0.2)
    behind = time.monotonic() - written
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    ticks = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    numbers = counted(folder / "d")
    peak = next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    told = {
        "lines": wrote, "seconds": round(written - began, 1), "behind": round(behind, 1), "peak_mb": peak,
        "cpu_seconds": (int(ticks[11]) + int(ticks[12])) / 100, "stop_seconds": round(ended(process), 1), **numbers,
    }  # fmt: skip
    print(json.dumps(told))
    return int(numbers["received"] - numbers["duplicate"] != wrote)


def latency(given: argparse.Namespace, folder: Path) -> int:
    """Append at a rate, and now and then lines of a unit of their own; ask the site's file for their observations."""
    from bench.edge import file_of_world

    kept = Path(".cache/bench")
    kept.mkdir(parents=True, exist_ok=True)
    path, _ = file_of_world(kept, "squid", "a", 100)
    (folder / "logs").mkdir()
    count = int(given.seconds / PROBES)
    units = "".join(f'[[unit]]\nunit = "im/u{n}"\nranges = ["10.99.{n}.0/24"]\n' for n in range(count))
    config = folder / "site.toml"
    config.write_text(
        'site = "im"\n[[source]]\nname = "feed"\nconnector = "squid"\npath = "logs/*"\nunit = "im"\nactor = "device"\n'
        + units,
        encoding="utf-8",
    )
    with path.open("rb") as lines:
        first = float(next(lines).split()[0])
    day = datetime.fromtimestamp(first, UTC).astimezone(ZoneInfo("Europe/Berlin")).date()
    process = watching(folder / "d", config)
    told: dict[str, list[float]] = {"new": [], "reached": []}
    stop = threading.Event()
    asked: queue.Queue[tuple[int, float, float]] = queue.Queue()
    asking = threading.Thread(target=_asked, args=(folder / "d/site-im.db", str(day), asked, told, stop))
    asking.start()
    wrote, probes = 0, 0
    with (folder / "logs/a.log").open("ab", buffering=0) as log:
        for passed, some in played_at(given.rate, given.seconds, path):
            log.write(b"".join(some))
            wrote += len(some)
            if passed > WARM and probes < min(count, int(passed / PROBES)):
                at = [_probe(log, first, probes, host) for host in range(1, GROUP + 1)]
                asked.put((probes, at[0], at[-1]))
                probes += 1
    time.sleep(GRACE)
    stop.set()
    asking.join()
    ended(process)
    shown = {name: _percentiles(values) for name, values in told.items()}
    print(json.dumps({"lines": wrote, "probes": probes, **shown}))
    return int(any(len(values) < probes for values in told.values()))


PROBES, WARM, GRACE, GROUP = 0.5, 5.0, 5.0, 5
"""Seconds between two probes, before the first, and for the last; people of a probe."""


def _probe(log: Any, first: float, number: int, host: int) -> float:
    """One line of a unit that nobody else is in; gives when it was written. The last person comes a little later."""
    if host == GROUP:
        time.sleep(0.3)
    log.write(
        f"{first:.3f} 100 10.99.{number}.{host} TCP_TUNNEL/200 900 CONNECT www.dropbox.com:443 - HIER_DIRECT/192.0.2.1 -\n".encode()
    )
    return time.monotonic()


def _asked(
    file: Path,
    day: str,
    asked: "queue.Queue[tuple[int, float, float]]",
    told: dict[str, list[float]],
    stop: threading.Event,
) -> None:
    """Look for the observations of the probes, a hundred times a second."""
    open_ones: list[tuple[int, float, float, set[str]]] = []
    db = None
    while not stop.is_set():
        while not asked.empty():
            open_ones.append((*asked.get(), set()))
        if db is None and file.exists():
            db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        for number, new, reached, seen in open_ones if db is not None else ():
            key = observation_id("im", f"im/u{number}", "service:dropbox", "network", "proxy", day)
            row = db.execute("SELECT body FROM bodies WHERE id = ?", (key,)).fetchone() if db else None
            now = time.monotonic()
            if row and "new" not in seen:
                seen.add("new")
                told["new"].append(now - new)
            if row and json.loads(row[0])["actors"] and "reached" not in seen:
                seen.add("reached")
                told["reached"].append(now - reached)
        open_ones = [one for one in open_ones if len(one[3]) < len(told)]
        time.sleep(0.01)


def _percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    return {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 2) for name, part in PARTS.items()}


PARTS = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "most": 1.0}


def week(given: argparse.Namespace, folder: Path) -> int:
    """Play a week of one site."""
    generate(folder / "state", days=given.days)
    still = folder / "state/sites" / given.site
    whole = subprocess.run(words(folder / "whole", "ingest", "--config", str(still / "site.toml")), check=False)
    with rsyslog(folder) if given.rsyslog else nullcontext(None) as spool:
        return _week(given, folder, still, spool, whole.returncode)


def _week(given: argparse.Namespace, folder: Path, still: Path, spool: Spool | None, code: int) -> int:
    pick, live = random.Random(5), folder / "live"
    logs = _laid_out(still, live, spool)
    process = watching(folder / "d", live / "site.toml")
    kills = sorted(pick.sample(range(SLICES), min(given.kills, SLICES)))
    for part in range(SLICES):
        for play in logs:
            play(part)
        time.sleep(given.seconds / SLICES)
        if part in kills:
            process.kill()
            process.wait()
            process = watching(folder / "d", live / "site.toml")
    wanted = counted(folder / "whole")["counted"]
    until = time.monotonic() + LAST
    while counted(folder / "d")["counted"] < wanted and time.monotonic() < until:
        time.sleep(0.5)
    stop = ended(process)
    same = outcome(folder / "d") == outcome(folder / "whole")
    ours, theirs = counted(folder / "d"), counted(folder / "whole")
    same = same and ours["counted"] == theirs["counted"] and ours["rejected"] == theirs["rejected"]
    told = {"same": same, "kills": len(kills), "sent": sum(isinstance(play, Sent) for play in logs), "files": len(logs)}
    print(json.dumps(told | {"stop_seconds": round(stop, 1), "ingest": code, **ours}))
    return int(not same)


LAST = 240.0
"""Seconds that the watch may take for what is left: a spool's last file counts as complete after two minutes."""
ALONE = ("squid", "suricata", "paloalto")
"""Formats whose lines stand alone."""


def _laid_out(still: Path, live: Path, spool: Spool | None) -> list[Callable[[int], None]]:
    """Settings and documents of a site in another folder; gives what plays a part of each log."""
    live.mkdir()
    text, settings = (still / "site.toml").read_text(encoding="utf-8"), load(still / "site.toml")
    logs: list[Callable[[int], None]] = []
    for n, source in enumerate(settings.source, 1):
        paths = [Path(path) for path in files(settings, source)[0]]
        if spool is not None and source.connector in ALONE:
            sent = Sent(spool, f"127.0.1.{n}", paths, raw=source.connector == "paloalto")
            logs.append(sent)
            place = json.dumps(str(sent.place))
            text = re.sub(
                rf'(name = "{source.name}"\n(?:[^\[]*\n)*?)path = .*', rf"\1path = {place}\nspool = true", text, count=1
            )
            continue
        for path in paths:
            place = live / path.relative_to(still)
            place.parent.mkdir(parents=True, exist_ok=True)
            if registry.get(source.connector).SHAPE == "document":
                shutil.copy(path, place)
            else:
                logs.append(partial(played, path, place))
    (live / "site.toml").write_text(text, encoding="utf-8")
    return logs


class Sent:
    """Sends lines of one source to rsyslog, from an address of its own."""

    def __init__(self, spool: Spool, sender: str, paths: list[Path], *, raw: bool) -> None:
        """`raw`: the lines begin with the header of syslog already."""
        self.place = spool.folder / ("raw" if raw else "message") / sender
        self.place.mkdir(parents=True)
        self.head = b"" if raw else b"<134>Nov 20 10:00:00 host log: "
        self.lines = [line for path in paths for line in _text(path).splitlines(keepends=True)]
        self.out = connected(spool.raw if raw else spool.message, sender)

    def __call__(self, part: int) -> None:
        """Send a part."""
        count = len(self.lines)
        for line in self.lines[count * part // SLICES : count * (part + 1) // SLICES]:
            self.out.sendall(self.head + line)


def _text(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def played(path: Path, place: Path, part: int) -> None:
    """Append a part of a log. It is written under another name, renamed half way, and compressed at the end."""
    data = _text(path)
    # bytes, not lines: a writer's last line is often cut
    text = data[len(data) * part // SLICES : len(data) * (part + 1) // SLICES]
    plain = place.with_suffix("") if place.suffix == ".gz" else place
    young = plain.with_name(plain.name + "-young")
    if part == SLICES // 2:
        young.rename(plain)
    with (young if part < SLICES // 2 else plain).open("ab") as log:
        log.write(text)
    if part == SLICES - 1 and place.suffix == ".gz":
        place.write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    modes = parser.add_subparsers(dest="mode", required=True)
    rates = modes.add_parser("rate")
    rates.add_argument("--rate", type=int, default=30_000)
    rates.add_argument("--seconds", type=float, default=120)
    rates.add_argument("--format", default="squid", choices=FORMATS)
    late = modes.add_parser("latency")
    late.add_argument("--rate", type=int, default=5_000)
    late.add_argument("--seconds", type=float, default=60)
    weeks = modes.add_parser("week")
    weeks.add_argument("--site", default="im")
    weeks.add_argument("--days", type=int, default=7)
    weeks.add_argument("--seconds", type=float, default=60)
    weeks.add_argument("--kills", type=int, default=5)
    weeks.add_argument("--rsyslog", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return MODES[given.mode](given, Path(folder))


MODES = {"rate": rate, "latency": latency, "week": week}


if __name__ == "__main__":
    raise SystemExit(main())
