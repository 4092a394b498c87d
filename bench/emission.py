"""What does emission cost? Windows that a site has stored to observations, timed by stage, with peak memory.

Ingests a file of `edge.py` once and keeps its data folder; then, in this process, emits from a copy without `sent`.
Prints one JSON line: stored rows, CPU microseconds a row of each stage, peak memory in MB (of the emission's process).

    python bench/emission.py [--format squid] [--world b] [--megabytes 310] [--folder .cache/bench] [--fresh]
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from edge import file_of_world  # noqa: E402  # the folder is no package
from generate import FORMATS, WORLDS  # noqa: E402  # same

T = TypeVar("T")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--format", default="squid", choices=FORMATS)
    parser.add_argument("--world", default="b", choices=WORLDS)
    parser.add_argument("--megabytes", type=int, default=310)
    parser.add_argument("--folder", type=Path, default=Path(".cache/bench"))
    parser.add_argument("--fresh", action="store_true", help="read the input anew")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    kept = given.folder / f"kept-{given.format}-{given.world}-{given.megabytes}"
    if given.fresh or not kept.exists():
        path, _ = file_of_world(given.folder, given.format, given.world, given.megabytes)
        _ingest(kept, given.format, path)
    print(json.dumps({"format": given.format, "world": given.world} | _measured(given.folder / "emission", kept)))


def _ingest(kept: Path, form: str, path: Path) -> None:
    shutil.rmtree(kept, ignore_errors=True)
    program = Path(sys.executable).parent / "leitplanke"
    words = "--site", "b", "--unit", "im", "--source", form, "--timezone", "Europe/Berlin"
    subprocess.run([program, "--data", kept, "ingest", *words, path], check=True, stdout=subprocess.DEVNULL)


def _measured(data: Path, kept: Path) -> dict[str, float]:
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(kept, data)
    from catalogue.load import load
    from streams.site import outbox
    from streams.site.border import Egress
    from streams.site.emit import network
    from streams.site.purchases import words
    from streams.site.site import Law, Site

    law = Law.of(load())
    directory = law.directory
    seconds: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], T]) -> T:
        start = time.process_time()
        result = work()
        seconds[stage] = time.process_time() - start
        return result

    with timed("open", lambda: Site(data, "b", law)) as site:
        with site.file.transaction() as db:
            db.execute("DELETE FROM sent")
            db.execute("DELETE FROM bodies")
            db.execute("DELETE FROM manifests")
        kinds = dict(db.execute("SELECT kind, sum(rows) FROM runs GROUP BY kind").fetchall())
        stored = db.execute("SELECT sum(length(data)) FROM runs").fetchone()[0]
        rows = sum(kinds.get(kind, 0) for kind in ("window", "flow", "host"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        egress = Egress.of(site.settings, law.snapshot)
        wall = time.perf_counter()
        emission = timed("network", lambda: network(site.windows, directory, egress, words(site.file)))
        timed("record", lambda: outbox.record(site.file, emission, []))
        timed("send", lambda: outbox.send(site.file, len, emission))
        wall = time.perf_counter() - wall
    costs = {f"{stage}_us": round(spent / rows * 1e6, 3) for stage, spent in seconds.items()}
    return {
        "rows": rows, "kinds": kinds, "bytes_row": round(stored / rows, 1), "observations": emission.observations.height,
        **costs, "cpu_s": round(sum(seconds.values()), 2), "wall_s": round(wall, 2),
        "before_MB": before // 1024, "peak_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


if __name__ == "__main__":
    main()
