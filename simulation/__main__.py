"""`python -m simulation --out DIR [--seed 7] [--size small|full] [--days 30]`: write the made-up state."""

import argparse
import sys
import time
from pathlib import Path

from schemas.errors import LeitplankeError
from simulation import sites, traffic, truth, world


def generate(out: Path, seed: int = 7, size: str = "small", days: int = 30) -> dict[str, int]:
    """Write all sites and truth.jsonl below `out`; returns the log lines of each site.

    The same arguments give the same bytes. One site's day is in memory at a time.
    """
    out.mkdir(parents=True, exist_ok=True)
    span = world.days(days)
    lines: dict[str, int] = {}
    for code in world.SITES:
        folder = out / "sites" / code
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "site.toml").write_text(sites.settings(code), encoding="utf-8")
        sites.documents(code, folder)
        place = traffic.site(code, seed, size, span)
        sensors = sites.sensors(code, folder)
        for number, day in enumerate(span):
            visits = traffic.day(place, number)
            for sensor in sensors:
                sensor.write(day, visits)
        for log in (log for sensor in sensors for log in sensor.logs):
            log.close()
            lines[code] = lines.get(code, 0) + log.count
    truth.write(out)
    return lines


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m simulation", description="Writes a made-up state with known truth."
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--size", choices=sorted(traffic.RATES), default="small")
    parser.add_argument("--days", type=int, default=30, help="days up to 2026-11-20")
    chosen = parser.parse_args()
    started = time.monotonic()
    try:
        lines = generate(chosen.out, chosen.seed, chosen.size, chosen.days)
    except LeitplankeError as problem:
        sys.stderr.write(f"{problem}\n")
        return problem.exit_code
    told = ", ".join(f"{site} {count:,}" for site, count in lines.items())
    cases = truth.rows()
    planted = sum(case["kind"] == "planted" for case in cases)
    sys.stdout.write(
        f"{sum(lines.values()):,} log lines ({told}), {planted} planted cases and {len(cases) - planted} lures "
        f"in {chosen.out}, {time.monotonic() - started:.1f} s\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
