import io
import json
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from connectors import documents, json_window
from connectors.procurement import ocds
from schemas.connector import Options
from schemas.errors import InputError, NotThisFormatError

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("LEITPLANKE_SHARED", ROOT.parent / "shared")) / "data/procurement"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real files of ../shared are not here")


def read(data: bytes) -> list[dict]:
    return pl.concat(list(ocds.read(io.BytesIO(data), Options()))).to_dicts()


def release(**members: Any) -> list[dict]:
    return read(json.dumps({"ocid": "ocds-1", "date": "2026-01-02", **members}).encode())


class Endless(io.RawIOBase):
    """A package that counts how much of it was read."""

    def __init__(self, items: int) -> None:
        self.items, self.taken, self.asked = items, 0, 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.asked = max(self.asked, size)
        if self.taken == self.items:
            return b""
        pieces = [b'{"releases":['] if not self.taken else []
        for number in range(self.taken, min(self.items, self.taken + size // 300)):
            item = {"ocid": f"o-{number}", "date": "2026-01-02", "tender": {"id": f"t-{number}", "title": "x" * 180}}
            pieces.append((b"," if number else b"") + json.dumps(item).encode())
        self.taken += len(pieces) - (not self.taken)
        return b"".join(pieces) + (b"]}" if self.taken == self.items else b"")


@pytest.mark.shared
@needs_shared
def test_the_german_award_with_its_quirks() -> None:
    rows = read((SHARED / "ocds-de/ocds-mnwr74-66aacb13_award_bezirk-oberbayern.json").read_bytes())
    assert [row["document"] for row in rows] == ["tender", "award", "contract"]
    assert [row["estimated"] for row in rows] == [Decimal("316000.00"), None, None]
    assert [row["committed"] for row in rows] == [None, Decimal("762223.60"), Decimal("390200.00")]
    assert [row["supplier_name"] for row in rows] == ["SUNZINET GmbH"] * 3
    ids = {number["value"] for number in rows[0]["buyer_ids"]}
    assert ids == {"ORG-0001", "0420b596-8db7-4be9-b577-43cd83e0d9e6"}
    assert [row["day"] for row in rows] == [date(2026, 9, 15), date(2026, 9, 4), date(2026, 9, 4)]
    assert "@" not in repr(rows)


@pytest.mark.shared
@needs_shared
def test_the_german_tender_names_its_leitweg_id() -> None:
    (row,) = read((SHARED / "ocds-de/ocds-mnwr74-1f5cd467_tender_dlr.json").read_bytes())
    assert {"scheme": "leitweg", "value": "992-03005-81"} in row["buyer_ids"]
    assert (row["estimated"], row["cpv"], row["procedure"]) == (Decimal("249000.00"), ["34711200"], "open")


@pytest.mark.shared
@needs_shared
def test_both_encodings_of_one_file_are_equal() -> None:
    folder = SHARED / "ocds/realdata"
    latin = read((folder / "release-package_encoding-iso-8859-1.json").read_bytes())
    assert latin == read((folder / "release-package_encoding-utf-8.json").read_bytes())
    assert latin[0]["title"] == "MANTENIMIENTO A MÁQUINA CORTADORA"


@pytest.mark.shared
@needs_shared
def test_every_real_file_is_read_or_refused_with_a_sentence() -> None:
    refused = []
    for path in sorted([*(SHARED / "ocds").rglob("*.json"), *(SHARED / "ted-doffin/ocds").glob("*.json")]):
        try:
            rows = read(path.read_bytes())
        except NotThisFormatError:
            refused.append(path.name)
        else:
            assert not [row["rejected"] for row in rows if row["rejected"]], path.name
    assert refused == ["frameworks__extensions_block.json"]


@pytest.mark.shared
@needs_shared
def test_the_compiled_release_says_what_its_last_release_says() -> None:
    compiled = read((SHARED / "ocds/realdata/compiled-release-1.json").read_bytes())
    package = read((SHARED / "ocds/realdata/release-package-1.json").read_bytes())
    last = [row | {"place": 1} for row in package if row["place"] == 2]
    assert [(row["document"], row["committed"], row["supplier_name"]) for row in compiled] == [
        (row["document"], row["committed"], row["supplier_name"]) for row in last
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-01T00:00:00+02:00", date(2024, 5, 1)),
        ("2024-12-01T00:00:00+02:00", date(2024, 12, 1)),
        ("2024-04-30T22:00:00Z", date(2024, 5, 1)),
        ("2024-04-30T22:00:00.000Z", date(2024, 5, 1)),
        ("2024-05-01", date(2024, 5, 1)),
        ("2024-05-01T09:00:00-06:00", date(2024, 5, 1)),
    ],
)
def test_days_as_written_and_instants_in_berlin(written: str, expected: date) -> None:
    assert release(date=written, tender={"id": "t"})[0]["day"] == expected


def test_ids_that_are_numbered_anew_in_each_procedure_get_the_ocid() -> None:
    rows = release(awards=[{"id": "LOT-0001"}, {"id": "7"}, {"id": "V-2026-7"}, {"id": "V-2026-7"}])
    assert [row["document_id"] for row in rows] == ["ocds-1/LOT-0001", "ocds-1/7", "V-2026-7", "V-2026-7/4"]


def test_of_several_winners_without_awards_of_their_own_none_is_guessed() -> None:
    winners = [{"id": name, "name": name, "roles": ["supplier"]} for name in ("a", "b")]
    rows = release(parties=winners, awards=[{"id": "award-1"}, {"id": "award-2"}])
    assert [row["supplier_name"] for row in rows] == [None, None]
    (alone,) = release(parties=winners, awards=[{"id": "award-1"}])
    assert alone["supplier_name"] == "a; b"


def test_a_tender_has_the_supplier_who_won_all_of_it() -> None:
    awards = [{"id": f"award-{n}", "suppliers": [{"name": name}]} for n, name in enumerate("aab")]
    tender = {"id": "t", "value": {"amount": 5}}
    assert release(tender=tender, awards=awards[:2])[0]["supplier_name"] == "a"
    assert release(tender=tender, awards=awards)[0]["supplier_name"] is None


def test_an_award_that_nobody_won_has_no_supplier() -> None:
    parties = [{"id": "a", "name": "a", "roles": ["supplier"]}]
    rows = release(parties=parties, awards=[{"id": "award-1", "status": "unsuccessful"}, {"id": "award-2"}])
    assert [(row["supplier_name"], row["cancelled"]) for row in rows] == [(None, True), ("a", None)]


def test_a_later_release_that_only_repeats_the_title_gives_no_tender() -> None:
    rows = release(tag=["award"], tender={"id": "t", "title": "x"}, awards=[{"id": "award-1"}])
    assert [row["document"] for row in rows] == ["award"]


def test_utf16_and_a_package_on_one_line_after_another() -> None:
    line = json.dumps({"releases": [{"ocid": "ö", "date": "2026-01-02", "tender": {"id": "t"}}]}, ensure_ascii=False)
    assert [row["process_id"] for row in read(line.encode("utf-16"))] == ["ö"]
    rows = read(f"{line}\n{line}\n".encode())
    assert [(row["place"], row["process_id"]) for row in rows] == [(1, "ö"), (2, "ö")]


def test_a_large_package_is_streamed() -> None:
    package = Endless(16_000)
    frames = ocds.read(package, Options())
    first = next(frames)
    assert first.height == 10_000
    assert package.taken < 14_000
    assert first.height + sum(frame.height for frame in frames) == 16_000
    assert package.asked <= 4_000_000


def test_items_split_at_every_place_of_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [
        {"ocid": f"ö-{n}", "date": "2026-01-02", "tender": {"id": '"]}\\', "value": {"amount": n}}} for n in range(9)
    ]
    data = json.dumps({"uri": 1.5, "releases": items, "end": [None, True, -1e3]}, ensure_ascii=False).encode()
    whole = read(data)
    assert [row["estimated"] for row in whole] == [Decimal(n) for n in range(9)]
    for piece in (1, 2, 3, 7, 64):
        monkeypatch.setattr(documents, "PIECE", piece)
        monkeypatch.setattr(json_window, "_PIECE", piece)
        monkeypatch.setattr(json_window, "_TAKEN", piece)
        assert read(data) == whole


def test_an_oversized_item_is_rejected_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "PIECE", 1_000)
    monkeypatch.setattr(json_window, "ITEM_MAX", 5_000)
    monkeypatch.setattr(json_window, "_PIECE", 1_000)
    large = {"ocid": "large", "text": '{"[' * 10_000}
    rows = read(json.dumps({"releases": [large, {"ocid": "o", "date": "2026-01-02", "tender": {"id": "t"}}]}).encode())
    assert [(row["place"], bool(row["rejected"]), row["document_id"]) for row in rows] == [
        (1, True, None),
        (2, False, "t"),
    ]


def hostile() -> Iterator[tuple[str, bytes]]:
    good = b'{"ocid":"o","date":"2026-01-02","tender":{"id":"t"}}'
    yield "nested", b'{"releases":[{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}," + good + b"]}"
    yield (
        "integer",
        b'{"releases":[{"ocid":' + b"9" * 100_000 + b',"tender":{"value":{"amount":1e999999}}},' + good + b"]}",
    )
    yield "not a number", b'{"releases":[{"tender":{"value":{"amount":NaN}}},' + good + b"]}"
    yield "key twice", b'{"releases":[{"ocid":"a","ocid":"b"},' + good + b"]}"
    yield "surrogate", b'{"releases":[{"tender":{"value":{"amount":"\\ud800"}}},' + good + b"]}"


@pytest.mark.parametrize(("name", "data"), list(hostile()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_hostile_item_is_rejected_and_the_next_is_read(name: str, data: bytes) -> None:
    rows = read(data)
    assert [bool(row["rejected"]) for row in rows] == [True, False], name
    assert rows[1]["document_id"] == "t"


def test_lone_surrogates_and_control_characters_are_dropped_from_texts() -> None:
    (row,) = read(
        b'{"ocid":"a\\ud800b","date":"2026-01-02","tender":{"id":"t","title":"a\\u0000\\u202eb\\nc\\u001b[31m"}}'
    )
    assert (row["process_id"], row["title"]) == ("ab", "ab c[31m")


def test_a_cut_off_package_keeps_what_came_before() -> None:
    rows = read(b'{"releases":[{"ocid":"o","date":"2026-01-02","tender":{"id":"t"}},{"ocid":"p')
    assert [(row["place"], bool(row["rejected"])) for row in rows] == [(1, False), (0, True)]


@pytest.mark.parametrize("data", [b"<xml/>", b"a,b", b"{}", b'{"bomFormat":"CycloneDX"}'])
def test_another_format_is_refused_with_one_sentence(data: bytes) -> None:
    with pytest.raises(NotThisFormatError, match="OCDS in JSON expected"):
        read(data)


def test_more_than_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocds, "MAX_BYTES", 1_000_000)
    with pytest.raises(InputError, match="larger than 1 MB"):
        read(b'{"releases":[' + b" " * 2_000_000)
