"""Registrable domains by the whole Public Suffix List, on columns."""

import os
import re
from pathlib import Path

import polars as pl
import pytest

from catalogue.hosts import canonical, longest_suffix, registrable, split
from catalogue.remember import Remembered
from catalogue.suffixes import is_icann_suffix

SHARED = Path(os.environ.get("LEITPLANKE_SHARED", Path(__file__).parents[3].parent / "shared"))
VECTORS = SHARED / "data" / "catalogue" / "publicsuffix" / "test_psl.txt"


@pytest.mark.shared
@pytest.mark.skipif(not VECTORS.exists(), reason="needs the Public Suffix List's vectors in LEITPLANKE_SHARED")
def test_all_official_vectors() -> None:
    found = re.findall(
        r"^checkPublicSuffix\((null|'.*?'), (null|'.*?')\);", VECTORS.read_text(encoding="utf-8"), re.MULTILINE
    )
    rows = [tuple(None if text == "null" else text.strip("'") for text in pair) for pair in found]
    frame = pl.DataFrame(rows, schema={"host": pl.String, "expected": pl.String}, orient="row")
    wrong = frame.with_columns(registrable(frame["host"])).filter(~pl.col("domain").eq_missing(pl.col("expected")))
    assert frame.height >= 75
    assert wrong.is_empty(), wrong


@pytest.mark.parametrize(
    ("asked", "host", "domain"),
    [
        ("a.b.c.d.example.co.uk", "c.d.example.co.uk", "example.co.uk"),
        ("example.com", "example.com", "example.com"),
        ("WWW.Example.COM.", "www.example.com", "example.com"),
        ("com", "com", "com"),
        ("foo.github.io", "foo.github.io", "foo.github.io"),
        ("x.y.z.foo.github.io", "y.z.foo.github.io", "foo.github.io"),
        ("github.io", "github.io", "github.io"),
        ("d1.cloudfront.net", "d1.cloudfront.net", "d1.cloudfront.net"),
        ("a.b.c.www.ck", "b.c.www.ck", "www.ck"),
        ("a.b.c.d.foo.ck", "b.c.d.foo.ck", "d.foo.ck"),
        ("localhost", "localhost", "localhost"),
        ("server.im.intern", "server.im.intern", "im.intern"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("a..example.com", "a..example.com", "a..example.com"),
        ("", "", ""),
        (None, None, None),
    ],
)
def test_split(asked: str | None, host: str | None, domain: str | None) -> None:
    assert split(pl.Series([asked], dtype=pl.String)).row(0) == (host, domain)


def test_split_keeps_height_and_order_of_repeated_names() -> None:
    asked = pl.Series(["b.example.org", None, "a.example.com", "b.example.org", "a.example.com"])
    assert split(asked)["domain"].to_list() == ["example.org", None, "example.com", "example.org", "example.com"]
    assert split(asked.clear()).height == 0


def test_what_is_no_host_name_is_null() -> None:
    hostile = ["192.0.2.1", "::1", "[::1]", ".example.com", "a..b", "example.com..", "", "1.2.3", "x" * 254, "a.1"]
    assert canonical(pl.Series(hostile)).to_list() == [None] * len(hostile)


def test_the_longest_suffix_wins_and_whole_labels_count() -> None:
    among = pl.Series(["example.com", "b.example.com", "cloudfront.net"])
    hosts = pl.Series(
        ["a.b.example.com", "b.example.com", "xb.example.com", "notexample.com", "x.cloudfront.net", None]
    )
    assert longest_suffix(hosts, set(among)).to_list() == [
        "b.example.com",
        "b.example.com",
        "example.com",
        None,
        "cloudfront.net",
        None,
    ]


def test_only_registries_suffixes_are_everybodys() -> None:
    assert all(is_icann_suffix(name) for name in ("com", "co.uk", "foo.ck", "unlisted"))
    assert not any(is_icann_suffix(name) for name in ("github.io", "cloudfront.net", "www.ck", "example.com"))


def test_remembered_answers_are_asked_once_and_stay_bounded() -> None:
    asked: list[list[str]] = []

    def shout(texts: pl.Series) -> pl.DataFrame:
        asked.append(texts.to_list())
        return pl.DataFrame({"loud": texts.str.to_uppercase()})

    remembered = Remembered(shout, limit=3)
    assert remembered(pl.Series(["a", "b"]))["loud"].to_list() == ["A", "B"]
    assert remembered(pl.Series(["b", "c", "a"]))["loud"].to_list() == ["B", "C", "A"]
    assert remembered(pl.Series(["d", "a"]))["loud"].to_list() == ["D", "A"]
    assert remembered(pl.Series(["w", "x", "y", "z"]))["loud"].to_list() == ["W", "X", "Y", "Z"]
    assert asked == [["a", "b"], ["c"], ["d", "a"], ["w", "x", "y", "z"]]
