"""Logs whose header changes in mid-file: joined, grown, cut at any place, and with a header that cannot be read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import state

from streams.embedded import ledgers
from streams.site import blocks
from streams.site.ledger import Tally

DNS = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto query rcode_name answers"
SSL = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p server_name version"


def header(path: str, fields: str) -> list[str]:
    return ["#separator \\x09", "#unset_field\t-", f"#path\t{path}", "#fields\t" + "\t".join(fields.split())]


def at(n: int) -> str:
    noon = datetime(state.FIRST.year, state.FIRST.month, state.FIRST.day, 12, tzinfo=state.BERLIN)
    return f"{(noon + timedelta(minutes=n)).timestamp():.1f}"


def dns(count: int) -> list[str]:
    rest = "53\tudp\tshare.example.com\tNOERROR\t203.0.113.9"
    return [f"{at(n)}\tD{n}\t10.1.0.{n}\t4000\t10.0.0.1\t{rest}" for n in range(count)]


def ssl(count: int, start: int = 0) -> list[str]:
    rest = "203.0.113.9\t443\tboard.org\tTLSv13"
    return [f"{at(n)}\tS{n}\t10.1.0.{n}\t4000\t{rest}" for n in range(start, start + count)]


def read(data: Path, lines: Iterable[str]) -> Tally:
    state.run(data, state.written(data.with_suffix(".log"), lines), source="zeek")
    ((_, _, tally),) = ledgers(data)
    return tally


WHOLE = [*header("dns", DNS), *dns(20), *header("ssl", SSL), *ssl(20)]


def test_a_header_cut_by_the_end_of_a_block_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = read(tmp_path / "whole", WHOLE)
    assert (fresh.received, fresh.rejected) == (40, 0)
    starts = [sum(len(line) + 1 for line in WHOLE[:line]) for line in range(23, 30)]
    for size in starts:
        monkeypatch.setattr(blocks, "BLOCK", size)
        assert read(tmp_path / f"cut{size}", WHOLE) == fresh
        assert state.observations(tmp_path / f"cut{size}") == state.observations(tmp_path / "whole")


@pytest.mark.parametrize("size", [500, 1 << 24])
@pytest.mark.parametrize("first", [25, 28, 30, 43])
def test_a_log_grown_behind_its_second_header(
    first: int, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", size)
    read(tmp_path / "grown", WHOLE[:first])
    grown = read(tmp_path / "grown", WHOLE)
    assert (grown.counted, grown.rejected) == (40, 0)
    read(tmp_path / "whole", WHOLE)
    assert state.observations(tmp_path / "grown") == state.observations(tmp_path / "whole")


@pytest.mark.parametrize(
    "broken",
    [
        ["#separator \\x09", "#path\tssl"],
        ["#separator "],
        ["#separator \\x09", "#fields"],
        ["#separator \\x09", "#fields" + "\t" * 1001],
        ["#sepa", "#path\tssl", "#fields\tts\tuid"],
        ["#separator \\x09", "#separator \\x09"],
    ],
)
@pytest.mark.parametrize("size", [1100, 1 << 24])
def test_behind_a_broken_header_the_earlier_one_holds(
    broken: list[str], size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", size)
    misfits = ["torn", f"{at(0)}\tX"]
    tally = read(
        tmp_path / "a", [*header("dns", DNS), *dns(4), *broken, *dns(9), *misfits, *header("ssl", SSL), *ssl(3)]
    )
    assert (tally.received, tally.counted, tally.rejected) == (18, 16, 2)
    subjects = {row["subject"]: row["events"] for row in state.observations(tmp_path / "a")}
    assert set(subjects) == {"service:share", "service:board"}
