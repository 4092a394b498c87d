"""Data can neither steer a terminal nor a spreadsheet, and programs get it whole."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitplanke.output import dumped, field, present, safe, table, write

STEERING = "\x1b[31m\x07\x9b\u202e\u200b\u2066\x7f\r\n\ufeff"


def test_a_terminal_is_not_steered() -> None:
    assert safe(f"a{STEERING}b") == "a[31mb"
    assert [*table([{"x": f"a{STEERING}b"}], ["x"])][-1] == "a[31mb"


@given(st.text())
def test_json_escapes_and_loses_nothing(text: str) -> None:
    line = dumped({"text": text})
    assert json.loads(line) == {"text": text}
    assert safe(line) == line


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_a_formula_becomes_text(start: str, capsys: pytest.CaptureFixture[str]) -> None:
    write([{"a": f"{start}1+1", "b": -1.5, "c": Decimal("-2.50")}], "csv", ["a", "b", "c"])
    rows = [*csv.reader(io.StringIO(capsys.readouterr().out, newline=""))]
    assert rows == [["a", "b", "c"], [f"'{start}1+1", "-1.5", "-2.50"]]


def test_lists_and_times_in_csv() -> None:
    assert field([{"scheme": "vat", "value": "DE1"}]) == '[{"scheme": "vat", "value": "DE1"}]'
    assert field(datetime(2026, 11, 20, 8, tzinfo=UTC)) == "2026-11-20T08:00:00Z"
    assert field(date(2026, 11, 20)) == "2026-11-20"
    assert field(None) is None


def test_absent_is_left_out_at_every_depth() -> None:
    row = {"a": None, "b": [{"c": None, "d": 0}], "e": "", "f": False}
    assert present(row) == {"b": [{"d": 0}], "e": "", "f": False}


@pytest.mark.parametrize(("rows", "read"), [([], []), ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}])])
def test_json_is_one_list(rows: list[dict[str, int]], read: object, capsys: pytest.CaptureFixture[str]) -> None:
    write(rows, "json", ["a"])
    assert json.loads(capsys.readouterr().out) == read


def test_numbers_stand_to_the_right_and_long_texts_are_cut() -> None:
    lines = [*table([{"n": 7, "t": "x" * 100}, {"n": 1234, "t": None}], ["n", "t"])]
    assert lines[2].startswith("   7  xxx")
    assert lines[2].endswith("…")
    assert lines[3] == "1234"


def test_csv_on_a_terminal_cannot_steer_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert field("a\x1b[2Jb") == "a[2Jb"
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    assert field("a\x1b[2Jb") == "a\x1b[2Jb"
