"""Lists and cases as readers get them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from usages import DAY, book, bought, decided, frame, manifest, seen, standard, unit

from catalogue.snapshot import Snapshot
from leitplanke.show import text
from schemas.errors import ConfigurationError
from schemas.names import finding_id
from schemas.ports import Query
from schemas.topics import OBSERVATIONS
from streams.centre import read
from streams.centre.centre import Centre
from streams.centre.population import Population, population
from streams.centre.read import case, findings
from streams.centre.settle import settle

Tell = Callable[..., list[dict[str, Any]]]
SHARE = "service:share"
TREE = (unit("im/lka", kind="authority"), unit("x77", path="im/neu", kind="authority"))


def names(centre: Centre, query: Query, **more: Any) -> set[tuple[str, str]]:
    return {(f["unit"], f["subject"]) for f in findings(centre, query, **more)}


def test_a_unit_means_its_whole_subtree(told: Tell, centre: Centre) -> None:
    told(*(seen(SHARE, unit=code) for code in ("im", "im/lka", "x77", "im/unknown", "fm", "imx")), book=book(*TREE))
    below = {("im", SHARE), ("im/lka", SHARE), ("x77", SHARE), ("im/unknown", SHARE)}
    for as_of in (None, DAY):
        assert names(centre, Query(where={"unit": ("im",)}), as_of=as_of) == below
        assert names(centre, Query(where={"unit": ("x77", "fm")}), as_of=as_of) == {("x77", SHARE), ("fm", SHARE)}
        assert len(names(centre, Query(where={"unit": ("land",)}), as_of=as_of)) == 6


def test_findings_come_sorted_over_all_pages(told: Tell, centre: Centre) -> None:
    told(*(seen(f"service:s{n}") for n in range(30)))
    listed = [f["id"] for f in findings(centre, Query(limit=7))]
    assert listed == sorted(listed)
    assert len(listed) == 30


def test_as_of_a_day_is_what_a_centre_of_that_day_says(told: Tell, centre: Centre, tmp_path: Any) -> None:
    rows = [seen(f"service:s{n % 3}", DAY - timedelta(days=n), unit=("im", "fm")[n % 2]) for n in range(40)]
    rows += [bought("service:s1", "contract", "C-1", DAY - timedelta(days=3), committed="10")]
    later = standard("S-1", "prohibited", "service:s2", valid_from=DAY - timedelta(days=5))
    told(*rows, book=book(later))
    before = centre.store.load([finding_id("im", "service:s0")])
    for back in (2, 8, 35):
        day = DAY - timedelta(days=back)
        with Centre.open(tmp_path / f"{back}") as then:
            then.publish_catalogue(book(later))
            then.bus.publish(OBSERVATIONS, [frame(*(r for r in rows if r["day"] <= day))])
            settle(then)
            assert list(findings(centre, Query(), as_of=day)) == list(findings(then, Query())) != []
    assert list(findings(centre, Query(), as_of=DAY)) == list(findings(centre, Query()))
    assert centre.store.load([finding_id("im", "service:s0")]).equals(before)


def test_an_empty_centre_has_no_findings(centre: Centre) -> None:
    assert list(findings(centre, Query())) == []
    assert settle(centre).basis is None
    assert list(findings(centre, Query(), as_of=DAY)) == []


def test_settling_without_a_catalogue_says_what_to_do(tmp_path: Any) -> None:
    with Centre.open(tmp_path / "new") as bare, pytest.raises(ConfigurationError, match="leitplanke settle"):
        settle(bare)


def test_a_case_holds_everything_that_its_page_shows(told: Tell, centre: Centre) -> None:
    cover = [{"unit": "im", "signal": "network", "view": v, "records": 9} for v in ("tls", "dns")]
    feed = {"name": "zeek", "signal": "network", "agreement": "DV vom 12.05.2026"}
    centre.bus.publish(OBSERVATIONS, [manifest(coverage=cover, sources=[feed])])
    contact = seen(SHARE, unit="um", features=None, bytes_up=1, active_days=1)
    told(seen(SHARE), seen(SHARE, unit="fm"), contact)
    centre.decide(decided("migrate", SHARE))
    found = case(centre, finding_id("im", SHARE)[:4].lower())
    assert (found.finding["unit"], found.numbers["actors"], found.others) == ("im", 12, 1)
    assert found.coverage == {"network": 1}
    assert [v["view"] for v in found.views] == ["tls"]
    assert [h["event"] for h in found.history] == ["finding", "decided"]
    assert found.agreement == {"reference": "DV vom 12.05.2026", "date": None}
    assert found.catalogue_day is not None
    assert "12 von etwa 200 Geräten" in text(found, "de")
    assert "12 of about 200 devices" in text(found, "en")


def test_a_prefix_names_exactly_one_finding(told: Tell, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    told(*(seen(f"service:s{n}") for n in range(3)))
    ids = sorted(f["id"] for f in findings(centre, Query()))
    with pytest.raises(ConfigurationError, match="at least 4"):
        case(centre, ids[0][:3])
    with pytest.raises(ConfigurationError, match="no finding"):
        case(centre, "2222")
    monkeypatch.setattr(read, "PREFIX_MIN", 0)
    with pytest.raises(ConfigurationError, match=f"{ids[0]}, {ids[1]}, {ids[2]}"):
        case(centre, "")


def test_the_population_is_a_function_of_its_content(told: Tell, centre: Centre) -> None:
    told(seen(SHARE), seen(SHARE, unit="fm"), seen("service:board", unit="im/lka"), book=book(*TREE))
    pages = list(centre.store.scan(page=2))
    people = population(pages, book(*TREE))
    assert people.hash == population(reversed(pages), book(*TREE)).hash
    assert people.prevalence.to_dicts() == [{"subject": "service:board", "units": 1}, {"subject": SHARE, "units": 2}]
    assert people.functions.rows() == [("fm", "file_sharing", 1, 1), ("im", "file_sharing", 2, 2)]
    assert people.peers.rows() == [("fm", "ministry", 1), ("im", "ministry", 1), ("im/lka", "authority", 0)]
    again = Population.from_json(people.to_json())
    assert again.hash == people.hash
    nothing = population([], Snapshot())
    assert Population.from_json(nothing.to_json()).prevalence.equals(nothing.prevalence)
