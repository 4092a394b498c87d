"""Reasons of detectors that no agreement behind a usage allows are not there, whatever came first."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from usages import DAY, bought, frame, manifest, seen

from connectors.store.shelf import Shelf
from schemas.observation import MANIFEST
from schemas.ports import Query
from schemas.topics import OBSERVATIONS, encode
from streams.centre.agreed import AGREED, agreed, left
from streams.centre.centre import Centre
from streams.centre.coverage import manifests, sources
from streams.centre.merge import empty, merge
from streams.centre.read import case, findings
from streams.centre.settle import settle

SHARE = "service:share"
Tell = Callable[..., list[dict[str, Any]]]


def feed(name: str, detectors: list[str] | None, views: list[str] | None = None, **more: Any) -> dict[str, Any]:
    said = {"name": name, "signal": "network", "agreement": "DV 7", "agreed_on": date(2026, 5, 12)}
    return said | {"views": views, "detectors": detectors} | more


def limits(centre: Centre, *feeds: dict[str, Any], site: str = "im", revision: int = 1) -> list[tuple[Any, ...]]:
    centre.bus.publish(OBSERVATIONS, [manifest(site=site, revision=revision, sources=list(feeds))])
    centre.drain()
    return agreed(centre.shelf).rows()


def test_what_limits_a_view(centre: Centre) -> None:
    assert limits(centre, feed("a", None)) == []
    assert limits(centre, feed("a", ["x", "y"], ["tls"]), revision=2) == [("im", "network", "tls", ["x", "y"])]
    both = (feed("a", ["x", "y"], ["tls", "dns"]), feed("b", ["y", "z"], ["tls"]))
    found = [("im", "network", "dns", ["x", "y"]), ("im", "network", "tls", ["y"])]
    assert limits(centre, *both, revision=3) == found, "of one view only what all its sources allow"
    assert limits(centre, feed("old", []), revision=2) == found, "an older statement changes nothing"
    other = [("fm", "network", None, [])]
    assert limits(centre, feed("a", []), site="fm") == other + found


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ((seen(SHARE),), 0),
        ((seen(SHARE), seen(SHARE, view="dns")), 1),
        ((seen(SHARE), seen(SHARE, site="fm")), 1),
        ((seen(SHARE), seen(SHARE, DAY - timedelta(days=29), view="dns")), 1),
        ((seen(SHARE), seen(SHARE, DAY - timedelta(days=30), view="dns")), 0),
        ((seen(SHARE), bought(SHARE, "order", "O-1", DAY - timedelta(days=300))), 1),
    ],
)
def test_a_usage_keeps_its_reasons_while_something_allows_them(
    told: Tell, centre: Centre, rows: Any, kept: int
) -> None:
    limits(centre, feed("tls", ["generative_ai"], ["tls"]))
    found = told(*rows)
    assert [reason["code"] for finding in found for reason in finding["reasons"]] == ["unlisted_service"] * kept


def test_the_order_of_manifests_and_observations_does_not_matter(told: Tell, centre: Centre) -> None:
    assert len(told(seen(SHARE), seen("service:board", view="http"))) == 2
    limits(centre, feed("tls", [], ["tls"]))
    settle(centre)
    assert [f["subject"] for f in findings(centre, Query())] == ["service:board"]
    assert [f["subject"] for f in findings(centre, Query(), as_of=DAY)] == ["service:board"]
    limits(centre, feed("tls", None, ["tls"]), revision=2)
    settle(centre)
    assert len([*findings(centre, Query())]) == 2


def test_reasons_keep_their_order() -> None:
    usages = merge(empty(), frame(seen(SHARE), seen("service:board")), pl.DataFrame(schema={"finding": pl.String}))
    rows = [("im", s, c, None, "{}") for s in (SHARE, "service:board") for c in ("a", "b", "c")]
    reasons = pl.DataFrame(rows, schema=["unit", "subject", "code", "score", "params"], orient="row")
    only = pl.DataFrame([("im", "network", "tls", ["c", "a"])], schema=AGREED, orient="row")
    assert left(reasons, usages, only)["code"].to_list() == ["a", "c", "a", "c"]
    assert left(reasons, usages, AGREED.to_frame()) is reasons


def test_the_page_says_reference_and_day(told: Tell, centre: Centre) -> None:
    limits(centre, feed("tls", ["unlisted_service"], ["tls"]))
    found = told(seen(SHARE))
    assert case(centre, found[0]["id"]).agreement == {"reference": "DV 7", "date": date(2026, 5, 12)}


def test_a_manifest_of_the_version_before_is_taken(centre: Centre) -> None:
    names = ("name", "signal", "actors_kind", "purpose", "legal_basis", "agreement")
    earlier = pl.List(pl.Struct(dict.fromkeys(names, pl.String)))
    row = manifest(sources=[feed("tls", None)]).cast({"sources": earlier})
    assert row.schema != MANIFEST.schema
    centre.bus.publish(OBSERVATIONS, [row])
    centre.drain()
    assert centre.dead_letters() == []
    assert sources(centre.shelf, DAY)["agreement"].to_list() == ["DV 7"]
    centre.shelf.put("manifest", [(f"{DAY}/fm", 1, encode(row))])  # type: ignore[list-item]  # as it lies in an old file
    assert manifests(centre.shelf, DAY, DAY).height == 2


def test_shelf_is_the_only_state(tmp_path: Any) -> None:
    with Centre.open(tmp_path) as empty_one:
        assert isinstance(empty_one.shelf, Shelf)
        assert agreed(empty_one.shelf).is_empty()
