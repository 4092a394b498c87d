"""How fast is the edge? The whole `leitplanke ingest` with its durable file, beside a bare DuckDB query on the same file.

Per format two made-up files: (a) one day, 5,000 people, 20,000 names; (b) ten days, 15,000 people, 60,000 names. The
query extracts every canonical column that the format gives and keeps nothing. Prints one JSON line a run: lines a second
of both, their ratio, CPU seconds, and peak memory.

    python bench/edge.py [--formats squid,zeek] [--worlds a,b] [--megabytes 1000] [--rounds 1] [--folder .cache/bench]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from generate import FORMATS, WORLDS, write

COLUMNS = {
    "squid": (
        (
            "regexp_extract(line, '^([0-9.]+) +([0-9]+) (\\S+) ([A-Z_]+)/([0-9]+) ([0-9]+) (\\S+) (\\S+) (\\S+) [A-Z_]+/(\\S+)',"
            " ['at','elapsed','client','result','status','bytes','method','url','account','peer']) AS f"
        ),
        (
            "hash(CAST(f.at AS DOUBLE), CAST(f.elapsed AS BIGINT), f.client, f.result, CAST(f.bytes AS BIGINT), f.method,"
            " split_part(f.url, ':', 1), split_part(f.url, ':', 2), f.account, f.peer)"
        ),
        "read_csv('{path}', columns={{'line': 'VARCHAR'}}, delim='\\x01', header=false, quote='', escape='', auto_detect=false)",
    ),
    "zeek": (
        "*",
        "hash(CAST(ts AS DOUBLE), uid, orig_h, orig_p, resp_h, CAST(resp_p AS INTEGER), nullif(lower(server_name), '-'), established)",
        (
            "read_csv('{path}', delim='\\t', header=false, quote='', escape='', comment='#', auto_detect=false, columns={{'ts':'VARCHAR',"
            "'uid':'VARCHAR','orig_h':'VARCHAR','orig_p':'VARCHAR','resp_h':'VARCHAR','resp_p':'VARCHAR','version':'VARCHAR','cipher':'VARCHAR',"
            "'curve':'VARCHAR','server_name':'VARCHAR','resumed':'VARCHAR','last_alert':'VARCHAR','next_protocol':'VARCHAR','established':'VARCHAR',"
            "'history':'VARCHAR','fps':'VARCHAR','client_fps':'VARCHAR','sni':'VARCHAR','status':'VARCHAR'}})"
        ),
    ),
    "paloalto": (
        "*",
        (
            "hash(strptime(c06, '%Y/%m/%d %H:%M:%S'), c07, c08, c12, c14, CAST(c25 AS INTEGER), c30, CAST(c32 AS BIGINT), CAST(c33 AS BIGINT),"
            " CAST(c36 AS BIGINT), c03)"
        ),
        "read_csv('{path}', delim=',', header=false, quote='\"', auto_detect=false, null_padding=false, columns={{"
        + ",".join(f"'c{n:02d}':'VARCHAR'" for n in range(65))
        + "}})",
    ),
    "suricata": (
        "*",
        (
            "hash(CAST(timestamp AS TIMESTAMP), flow_id, event_type, src_ip, dest_ip, dest_port, lower(tls.sni), flow.bytes_toserver,"
            " flow.bytes_toclient, flow.age)"
        ),
        (
            "read_ndjson('{path}', columns={{timestamp: 'VARCHAR', flow_id: 'BIGINT', event_type: 'VARCHAR', src_ip: 'VARCHAR', dest_ip: 'VARCHAR',"
            " dest_port: 'INTEGER', tls: 'STRUCT(sni VARCHAR)', flow: 'STRUCT(bytes_toserver BIGINT, bytes_toclient BIGINT, age BIGINT)'}})"
        ),
    ),
}
"""Per format: projection, hash over all canonical columns, reader."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--worlds", default="a,b")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(".cache/bench"))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for form in given.formats.split(","):
        for world in given.worlds.split(","):
            path, lines = file_of_world(given.folder, form, world, given.megabytes)
            for _ in range(given.rounds):
                print(
                    json.dumps(
                        {"format": form, "world": world, "lines": lines} | _measured(given.folder, form, path, lines)
                    ),
                    flush=True,
                )


def file_of_world(folder: Path, form: str, world: str, megabytes: int) -> tuple[Path, int]:
    """The made-up file of a format and a world, and its number of lines; written when it is not there."""
    path = folder / f"{form}-{world}-{megabytes}.log"
    count = path.with_suffix(".lines")
    if not count.exists():
        # in a process of its own: a child inherits the peak memory of who started it
        with ProcessPoolExecutor(1) as pool:
            pool.submit(_written, path, form, world, megabytes).result()
    return path, int(count.read_text())


def _written(path: Path, form: str, world: str, megabytes: int) -> None:
    from catalogue.load import load

    kinds = {"service", "infrastructure", "website"}
    entries = load().directory.values()
    domains = sorted(domain for entry in entries for domain in entry.domains if entry.kind in kinds)
    lines = write(path, form, WORLDS[world], megabytes * 1_000_000, domains)
    path.with_suffix(".lines").write_text(str(lines))


def _measured(folder: Path, form: str, path: Path, lines: int) -> dict[str, float]:
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    program = Path(sys.executable).parent / "leitplanke"
    ours = _timed(
        [
            str(program),
            "--data",
            str(data),
            "ingest",
            "--site",
            "b",
            "--unit",
            "im",
            "--source",
            form,
            "--timezone",
            "Europe/Berlin",
            str(path),
        ],
    )
    projection, columns, reader = COLUMNS[form]
    query = f"SELECT bit_xor({columns}) FROM (SELECT {projection} FROM {reader.format(path=path)})"
    theirs = _timed(
        [
            sys.executable,
            "-c",
            f"import duckdb; duckdb.execute('SET threads=2'); print(duckdb.sql({query!r}).fetchall())",
        ]
    )
    size = path.stat().st_size
    return {
        "ours_M_lines_s": round(lines / ours[0] / 1e6, 3),
        "duckdb_M_lines_s": round(lines / theirs[0] / 1e6, 3),
        "ratio": round(theirs[0] / ours[0], 3),
        "ours_MB_s": round(size / ours[0] / 1e6),
        "ours_s": round(ours[0], 2),
        "ours_cpu_s": round(ours[1], 2),
        "peak_MB": round(ours[2]),
        "duckdb_cpu_s": round(theirs[1], 2),
    }


def _timed(words: list[str]) -> tuple[float, float, float]:
    """Seconds, CPU seconds and peak memory in MB of a whole process."""
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ | {"CI": "1"})
    assert process.stderr is not None  # noqa: S101  # a pipe was asked for
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(words)[:200]} failed: {error.decode()[-500:]}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
