"""Quality of sources, in real formats: silence, a lost column, a wrong clock, a fallen parse rate; and their near misses."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event

import polars as pl
import pytest
import state

from schemas.observation import MANIFEST, manifest
from schemas.settings import Alarms, SiteSettings, SourceSettings
from streams import watching
from streams.centre.centre import Centre
from streams.centre.coverage import manifests
from streams.centre.read import case
from streams.covered import blind, covered
from streams.embedded import Input, ingest, ledgers, reset
from streams.site import documents, mend, quality, seen
from streams.site import site as sites
from streams.site.file import SiteFile
from streams.site.quality import Source
from streams.site.site import Law, Site, file_of
from streams.site.watcher import Watcher
from streams.site.working import is_working_day, working_hours

MONDAY = date(2026, 9, 7)
PEOPLE = 150
DNS = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto query rcode_name answers"


def noon(day: date, minute: int = 0) -> datetime:
    return datetime.combine(day, time(12), state.BERLIN) + timedelta(minutes=minute)


def squid(day: date, count: int = PEOPLE, **more: str) -> list[str]:
    said = {"user": "u{n}", "status": "TCP_TUNNEL/200"} | more
    return [
        f"{noon(day, n % 200).timestamp():.3f}    161 10.1.0.{n % 200} {said['status']} 5000 CONNECT share.example.com:443"
        f" {said['user'].format(n=n)} HIER_DIRECT/198.51.100.7 -"
        for n in range(count)
    ]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    return Clock(monkeypatch)


class Clock:
    """The clock of receipt, moved by hand."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def __call__(self, moment: datetime) -> None:
        class Moved(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # only ever asked for UTC
                return moment.astimezone(UTC)

        self._patch.setattr(sites, "datetime", Moved)


def read(data: Path, lines: Iterable[str], name: str = "access.log", source: str = "squid", **more: object) -> None:
    data.mkdir(exist_ok=True)
    path = state.written(data.parent / name, lines)
    feed = SourceSettings(name=source, connector=source, unit="im/amt", **more)  # type: ignore[arg-type]
    settings = SiteSettings(site="im", source=(feed,))
    ingest(data, settings, [Input(feed, path)], state.snapshot(), lambda _: None, lambda _: None)


def known(data: Path) -> dict[str, Source]:
    with SiteFile(file_of(data, "im"), writing=False) as file:
        return {source.name: source for source in quality.sources(file)}


def alarms(data: Path, now: datetime, source: str = "squid") -> list[str]:
    return [alarm.code for alarm in quality.alarms(known(data)[source], now)]


def told(data: Path) -> dict[str, list[str]]:
    """What the manifests at the centre say of the first source, by day."""
    with Centre.open(data) as centre:
        rows = manifests(centre.shelf, date.min, date.max).to_dicts()
    return {str(row["day"]): row["sources"][0]["quality"] for row in rows if row["sources"][0]["quality"]}


def test_a_source_that_falls_silent(tmp_path: Path, at: Clock) -> None:
    data = tmp_path / "data"
    at(noon(MONDAY, 240))
    read(data, squid(MONDAY))
    assert alarms(data, noon(MONDAY + timedelta(1))) == []
    assert alarms(data, noon(MONDAY + timedelta(1), 239)) == ["silent"]
    read(data, squid(MONDAY), source="squid", alarms=Alarms(silence_hours=48))
    assert alarms(data, noon(MONDAY + timedelta(1), 239)) == []


def test_a_weekend_is_no_silence_and_a_holiday_neither(tmp_path: Path, at: Clock) -> None:
    data, friday = tmp_path / "data", MONDAY + timedelta(4)
    at(noon(friday, 240))
    read(data, squid(friday))
    assert alarms(data, noon(friday + timedelta(3))) == []
    assert alarms(data, noon(friday + timedelta(3), 240)) == ["silent"]
    assert not is_working_day(date(2026, 10, 3), "bw")
    assert not is_working_day(date(2027, 5, 6), "be"), "Ascension"
    assert not is_working_day(date(2027, 5, 27), "bw"), "Corpus Christi"
    assert is_working_day(date(2027, 5, 27), "be")
    assert not is_working_day(date(2026, 11, 18), "sn"), "day of repentance"
    assert working_hours(noon(date(2026, 12, 24)), noon(date(2026, 12, 28)), "bw") == 24


def test_clocks_that_are_put_back_give_an_hour_more() -> None:
    sunday = date(2026, 10, 25)
    assert working_hours(noon(sunday - timedelta(2)), noon(sunday + timedelta(1)), "bw") == 24


def zeek(day: date, fields: str, count: int = PEOPLE) -> list[str]:
    lines = ["#separator \\x09", "#unset_field\t-", "#path\tdns", "#fields\t" + "\t".join(fields.split())]
    values = {
        "uid": "D{n}", "id.orig_h": "10.1.0.{n}", "id.orig_p": "4000", "id.resp_h": "10.0.0.1", "id.resp_p": "53",
        "proto": "udp", "query": "share.example.com", "rcode_name": "NOERROR", "answers": "203.0.113.9",
    }  # fmt: skip
    for n in range(count):
        row = {"ts": f"{noon(day, n).timestamp():.1f}"} | {name: text.format(n=n) for name, text in values.items()}
        lines.append("\t".join(row[name] for name in fields.split()))
    return lines


def test_a_zeek_log_whose_header_loses_a_column_in_mid_file(tmp_path: Path, at: Clock) -> None:
    data, less = tmp_path / "data", DNS.replace(" id.orig_h", "")
    days = [MONDAY + timedelta(n) for n in range(3)]
    at(noon(days[2], 240))
    lines = [line for day in days[:2] for line in zeek(day, DNS)]
    read(data, [*lines, *zeek(days[2], less)], source="zeek")
    (found,) = [a for a in quality.alarms(known(data)["zeek"], noon(days[2], 240)) if a.code != "late"]
    assert (found.code, found.day) == ("column_vanished", days[2])
    assert (found.params["column"], found.params["view"], found.params["before"]) == ("client_raw", "dns", 100)
    assert told(data) == {str(days[2]): ["column_vanished"]}
    whole = tmp_path / "whole"
    read(whole, [*lines, *zeek(days[2], DNS)], name="whole.log", source="zeek")
    assert alarms(whole, noon(days[2], 240), "zeek") == []


def test_a_column_that_was_rarely_filled_does_not_vanish(tmp_path: Path, at: Clock) -> None:
    data = tmp_path / "data"
    at(noon(MONDAY + timedelta(1), 240))
    rarely = [*squid(MONDAY, 100, user="-"), *squid(MONDAY, 90)]
    read(data, [*rarely, *squid(MONDAY + timedelta(1), user="-")])
    assert alarms(data, noon(MONDAY + timedelta(1), 240)) == []
    often = tmp_path / "often"
    read(often, [*squid(MONDAY, 90, user="-"), *squid(MONDAY, 100), *squid(MONDAY + timedelta(1), user="-")], "b.log")
    assert alarms(often, noon(MONDAY + timedelta(1), 240)) == ["column_vanished"]


@pytest.mark.parametrize(
    ("ahead", "expected", "days"),
    [
        (0, [], {}),
        (1, ["clock_wrong"], {0: ["silent"], 1: ["clock_wrong"]}),
        (3, ["silent", "clock_wrong"], {-3: ["clock_wrong"]}),
    ],
)
def test_a_squid_log_with_a_clock_days_ahead(
    tmp_path: Path, at: Clock, ahead: int, expected: list[str], days: dict[int, list[str]]
) -> None:
    """One day ahead is taken, and nothing is left of the day between; more is rejected and counts for the day before."""
    data, now = tmp_path / "data", noon(MONDAY, 200)
    at(now)
    read(data, [*squid(MONDAY - timedelta(3)), *squid(MONDAY + timedelta(ahead))])
    assert [code for code in alarms(data, now) if code != "late"] == expected
    assert told(data) == {str(MONDAY + timedelta(n)): codes for n, codes in days.items()}


def test_a_clock_that_was_reset_to_the_last_century(tmp_path: Path, at: Clock) -> None:
    data = tmp_path / "data"
    at(noon(MONDAY, 200))
    read(data, [*squid(MONDAY), *squid(date(1999, 5, 3), 3)])
    assert "clock_wrong" in alarms(data, noon(MONDAY, 200))
    assert known(data)["squid"].days[-1].rate == 1, "it is the clock's fault"


@pytest.mark.parametrize(("torn", "expected"), [(0, []), (2, []), (100, ["parse_rate_fallen"])])
def test_a_parse_rate_that_falls(tmp_path: Path, at: Clock, torn: int, expected: list[str]) -> None:
    data, day = tmp_path / "data", MONDAY + timedelta(1)
    at(noon(day, 240))
    read(data, [*squid(MONDAY), *squid(day), *(f"torn {n}" for n in range(torn))])
    (source,) = known(data).values()
    assert [one.all.rejected for one in source.days] == [0, torn], "they are of the day of the line before them"
    assert alarms(data, noon(day, 240)) == expected
    found = quality.alarms(source, noon(day, 240))
    assert [round(one.params["rate"]) for one in found] == [60 for _ in expected]
    assert [one.params["before"] for one in found] == [100 for _ in expected]


def test_a_rate_that_was_always_a_little_low_is_an_alarm_only_below_the_limit(tmp_path: Path, at: Clock) -> None:
    data, day = tmp_path / "data", MONDAY + timedelta(1)
    at(noon(day, 240))
    torn = [f"torn {n}" for n in range(15)]
    read(data, [*squid(MONDAY), *torn, *squid(day), *torn], alarms=Alarms(parse_rate=0.9))
    assert alarms(data, noon(day, 240)) == []
    read(data, [*squid(MONDAY), *torn, *squid(day), *torn])
    assert alarms(data, noon(day, 240)) == ["parse_rate_fallen"]


def test_records_that_come_late(tmp_path: Path, at: Clock) -> None:
    data = tmp_path / "data"
    at(noon(MONDAY + timedelta(2)))
    read(data, squid(MONDAY))
    assert alarms(data, noon(MONDAY, 240)) == []
    late = tmp_path / "late"
    at(noon(MONDAY + timedelta(2), 240))
    read(late, squid(MONDAY), "late.log")
    assert alarms(late, noon(MONDAY, 240)) == ["late"]


def counts(data: Path) -> dict[tuple[str, date, str], tuple[int, int, dict[str, int]]]:
    with SiteFile(file_of(data, "im"), writing=False) as file:
        rows = seen.read(file.db)
    return {(s, day, view): (c.records, c.rejected, c.filled) for s, day, view, c in rows if c.records or c.rejected}


def lags(data: Path) -> list[int | None]:
    with SiteFile(file_of(data, "im"), writing=False) as file:
        return [count.lag for *_, count in seen.read(file.db)]


def test_a_cut_last_line_is_counted_once(tmp_path: Path) -> None:
    lines = squid(MONDAY, 5)
    text = "\n".join(lines)
    for cut in (len(text) - 3, len(text) - 60, len(text) - len(lines[-1]) + 5):
        data = tmp_path / f"data{cut}"
        path = tmp_path / "growing.log"
        for part in (text[:cut], text, text + "\n"):
            path.write_text(part)
            state.run(data, str(path))
        fresh = tmp_path / f"fresh{cut}"
        state.run(fresh, str(path))
        assert counts(data) == counts(fresh)
        assert next(iter(counts(data).values()))[0] == 5


@pytest.mark.parametrize("end", ["\n", ""], ids=["whole", "last line without end"])
@pytest.mark.parametrize(
    "torn", [(), ("torn",), (f"{noon(MONDAY).timestamp() + 9e7:.3f} late",)], ids=["good", "torn", "late"]
)
def test_a_watch_counts_as_an_ingest_does(tmp_path: Path, at: Clock, torn: tuple[str, ...], end: str) -> None:
    lines = [*squid(MONDAY), *torn, *squid(MONDAY + timedelta(1), user="-")]
    at(noon(MONDAY + timedelta(1), 240))
    read(tmp_path / "whole", lines, "a.log")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "access.log").write_text("\n".join(lines) + end)
    feed = SourceSettings(name="squid", connector="squid", unit="im/amt")
    paths = [str(tmp_path / "logs" / "access.log")]
    run = watching.Run(
        tmp_path / "d", SiteSettings(site="im", source=(feed,)), (feed,), state.snapshot(), lambda _: paths,
        lambda _: None, Event(), lambda _: None, once=True,
    )  # fmt: skip
    watching.watch(run)
    assert known(tmp_path / "d") == known(tmp_path / "whole")
    assert told(tmp_path / "d") == told(tmp_path / "whole") == {str(MONDAY + timedelta(1)): ["column_vanished"]}


def test_a_watched_last_line_that_grows_is_counted_once(tmp_path: Path) -> None:
    text = "\n".join(squid(MONDAY, 5)) + "\n"
    log = tmp_path / "access.log"
    feed = SourceSettings(name="squid", connector="squid", unit="im/amt")
    with Site(tmp_path / "d", SiteSettings(site="im", source=(feed,)), Law.of(state.snapshot())) as site:
        watcher = Watcher(site, (feed,), lambda _: [str(log)], lambda _: None)
        for now, cut in enumerate((len(text) - 60, len(text) - 1, len(text)), 1):
            log.write_text(text[:cut])
            for _ in range(2):
                watcher.scan(1000.0 * now, 1000.0 * now)
                assert list(watcher.poll(1000.0 * now, MONDAY, finish=True)) is not None
        watcher.close()
    assert {(records, rejected) for records, rejected, _ in counts(tmp_path / "d").values()} == {(5, 0)}


def test_a_watch_that_runs_all_day_does_not_take_the_afternoon_for_a_fast_clock(tmp_path: Path, at: Clock) -> None:
    log = tmp_path / "access.log"
    feed = SourceSettings(name="squid", connector="squid", unit="im/amt")
    at(noon(MONDAY))
    with Site(tmp_path / "d", SiteSettings(site="im", source=(feed,)), Law.of(state.snapshot())) as site:
        watcher = Watcher(site, (feed,), lambda _: [str(log)], lambda _: None)
        at(noon(MONDAY, 240))
        state.written(log, squid(MONDAY))
        watcher.scan(1000.0, 1000.0)
        assert sum(tally.counted for tally, _ in watcher.poll(1000.0, MONDAY)) == PEOPLE
        watcher.close()
    assert alarms(tmp_path / "d", noon(MONDAY, 240)) == []


def test_what_comes_for_closed_days_was_filled_too(tmp_path: Path) -> None:
    lines = squid(MONDAY, 5)
    state.run(tmp_path / "open", state.written(tmp_path / "a.log", lines))
    with SiteFile(file_of(tmp_path / "closed", "im"), writing=True) as file, file.transaction():
        file.remember("closed.network", str(MONDAY))
    state.run(tmp_path / "closed", str(tmp_path / "a.log"))
    assert ledgers(tmp_path / "closed")[0][2].dropped == 5
    assert counts(tmp_path / "closed") == counts(tmp_path / "open") != {}


def test_retention_lets_go_of_numbers_and_what_was_sent_of_them_stands(tmp_path: Path, at: Clock) -> None:
    data, gap = tmp_path / "data", [MONDAY + timedelta(n) for n in (2, 3)]
    at(noon(MONDAY + timedelta(1), 240))
    read(data, [*squid(MONDAY), *squid(MONDAY + timedelta(1), user="-")])
    at(noon(MONDAY + timedelta(30)))
    read(data, squid(MONDAY + timedelta(4)), "b.log")
    sent = told(data)
    assert sent == {str(MONDAY + timedelta(1)): ["column_vanished"]} | {str(day): ["silent"] for day in gap}
    at(noon(MONDAY + timedelta(1 + 91)))
    read(data, squid(MONDAY + timedelta(90)), "c.log")
    assert [day.day for day in known(data)["squid"].days] == [MONDAY + timedelta(4), MONDAY + timedelta(90)]
    read(data, squid(MONDAY + timedelta(91)), "d.log")
    assert {day: codes for day, codes in told(data).items() if day in sent} == sent
    at(noon(MONDAY + timedelta(500)))
    ingest(data, "im", [], state.snapshot(), lambda _: None, lambda _: None)
    assert len(known(data)["squid"].days) == 2, "the last sign of life stays: it is silent still"
    assert alarms(data, noon(MONDAY + timedelta(500)))[0] == "silent"
    reset(data, "im", "squid", lambda _: None)
    assert counts(data) == {}


def test_reset_forgets_and_redrive_moves(tmp_path: Path, at: Clock) -> None:
    data = tmp_path / "data"
    path = state.written(tmp_path / "a.log", [*squid(MONDAY, 5), "torn", *squid(MONDAY + timedelta(1), 5), "torn too"])
    at(noon(MONDAY + timedelta(2)))
    state.run(data, path)
    whole, before = counts(data), lags(data)
    assert {(day, rejected) for (_, day, _), (_, rejected, _) in whole.items() if rejected} == {
        (MONDAY, 1),
        (MONDAY + timedelta(1), 1),
    }
    with Site(data, "im", Law.of(state.snapshot())) as site:
        key, good = site.key, squid(MONDAY, 1)[0].encode()
        with site.file.transaction() as db:
            db.execute("UPDATE rejects SET sealed = ? WHERE id = (SELECT min(id) FROM rejects)", (key.seal(good),))
        at(noon(MONDAY + timedelta(400)))
        assert mend.redrive(site) == (2, 1)
    after = counts(data)
    assert sum(rejected for _, rejected, _ in after.values()) == 1
    assert sum(records for records, _, _ in after.values()) == 11
    assert lags(data) == before
    reset(data, "im", "squid", lambda _: None)
    assert counts(data) == {}


def test_a_document_read_again_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bom.json"
    part = {"type": "library", "name": "writer", "version": "1", "purl": "pkg:pypi/writer@1"}
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [part]}))
    data = tmp_path / "data"

    def failing(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(documents.inventories, "keep", failing)
        state.run(data, str(path), source="cyclonedx", at=noon(MONDAY))
    assert [(records, rejected) for records, rejected, _ in counts(data).values()] == [(0, 1)]
    with Site(data, "im", Law.of(state.snapshot())) as site:
        mend.redrive(site)
    ((records, rejected, filled),) = counts(data).values()
    assert (records, rejected) == (1, 0)
    assert filled["purl"] == 1


def test_days_without_records_reach_the_centre_and_the_page(tmp_path: Path, at: Clock) -> None:
    data = tmp_path / "data"
    at(noon(MONDAY + timedelta(9)))
    read(data, [line for n in (0, 1, 7, 8) for line in squid(MONDAY + timedelta(n))])
    gap = [str(MONDAY + timedelta(n)) for n in (2, 3, 4)]
    assert told(data) == {day: ["silent"] for day in gap}, "a weekend is none"
    with Centre.open(data) as centre:
        ids = [row["id"] for row in state.findings(data)]
        page = case(centre, ids[0])
    assert page.partial == [{"signal": "network", "source": "squid", "code": "silent", "days": 3}]
    rows = covered(data)
    assert [(row.unit, row.view, row.month, row.days, row.of) for row in rows] == [
        ("im/amt", "proxy", "2026-09", 4, 15)
    ]
    assert [one.code for one in blind(rows)] == ["dns", "assets", "procurement"]


def test_order_of_files_changes_nothing(tmp_path: Path, at: Clock) -> None:
    parts = [squid(MONDAY + timedelta(n), user="-" if n == 3 else "u{n}") for n in range(4)]
    at(noon(MONDAY + timedelta(4)))
    for name, order in (("a", parts), ("b", parts[::-1])):
        for n, lines in enumerate(order):
            read(tmp_path / name, lines, f"{name}{n}.log")
    assert counts(tmp_path / "a") == counts(tmp_path / "b")
    assert told(tmp_path / "a") == told(tmp_path / "b") == {str(MONDAY + timedelta(3)): ["column_vanished"]}


def test_a_manifest_that_says_nothing_of_quality_is_still_taken() -> None:
    body = {"site": "im", "day": MONDAY, "revision": 1, "observations": [], "coverage": [], "other": []}
    feed = {
        "name": "a",
        "signal": "network",
        "actors_kind": None,
        "purpose": None,
        "legal_basis": None,
        "agreement": None,
    }
    earlier = pl.List(pl.Struct(dict.fromkeys(feed, pl.String)))
    frame = manifest(pl.DataFrame([body | {"sources": [feed]}], schema=MANIFEST.schema | {"sources": earlier}))
    assert frame is not None
    assert frame.schema == MANIFEST.schema
    since = dict.fromkeys(("agreed_on", "views", "detectors", "quality"))
    assert frame["sources"][0].to_list() == [feed | since]


def test_too_few_records_are_no_alarm(tmp_path: Path, at: Clock) -> None:
    data, day = tmp_path / "data", MONDAY + timedelta(1)
    at(noon(day, 240))
    read(data, [*squid(MONDAY), *squid(day, 50, user="-"), *(f"torn {n}" for n in range(49))])
    assert alarms(data, noon(day, 240)) == []
