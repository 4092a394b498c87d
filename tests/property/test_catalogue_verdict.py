"""Verdicts of a frame agree with the rules told one row at a time."""

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.snapshot import Snapshot
from catalogue.verdict import verdicts
from schemas.entries import DirectoryEntry, Initiative, Standard
from schemas.unit import Unit

DAY = date(2026, 11, 20)
TEXT = {"de": "Satz.", "en": "Sentence."}
UNITS = {"um": ("um", True), "lfg": ("um/lfg", True), "im": ("im", True), "stadt": ("um/stadt", False)}
SUBJECTS = ["service:a", "service:a#x", "service:a#y", "service:b"]
ENTRIES = [
    DirectoryEntry.model_validate(
        {"subject": "service:a", "kind": "service", "name": TEXT, "function": "chat"}
        | {"editions": [{"edition": "x"}, {"edition": "y"}], "provider": {"name": "A", "seat": "US"}}
    ),
    DirectoryEntry.model_validate({"subject": "service:b", "kind": "service", "name": TEXT, "function": "chat"}),
]
RECORDS = [
    *ENTRIES,
    *(
        Unit.model_validate({"code": code, "path": path, "name": TEXT, "kind": "authority", "bound": bound})
        for code, (path, bound) in UNITS.items()
    ),
]
STANDARDS = st.fixed_dictionaries(
    {
        "verdict": st.sampled_from(["approved", "tolerated", "phase_out", "prohibited"]),
        "subjects": st.lists(st.sampled_from(SUBJECTS), max_size=2, unique=True),
        "functions": st.sampled_from([[], ["chat"]]),
        "units": st.lists(st.sampled_from(["land", *UNITS]), min_size=1, max_size=2, unique=True),
        "enacted_by": st.sampled_from(["land", "um"]),
        "force": st.sampled_from(["binding", "recommended"]),
        "jurisdictions": st.sampled_from([[], ["US"], ["DE"]]),
        "open_to": st.sampled_from([[], ["lfg"]]),
        "offered_from": st.sampled_from([None, "2026-11-20", "2026-11-21"]),
        "legal_basis": st.sampled_from([None, "law"]),
        "valid_from": st.sampled_from(["2026-11-01", "2026-11-20", "2026-11-21"]),
        "valid_to": st.sampled_from([None, "2026-11-20"]),
    }
)
INITIATIVES = st.fixed_dictionaries(
    {"subject": st.sampled_from(SUBJECTS), "units": st.lists(st.sampled_from([*UNITS]), min_size=1, max_size=2)}
)
STRICT = ["approved", "tolerated", "phase_out", "prohibited"]


def lies_in(code: str, above: str) -> bool:
    return above == "land" or f"{UNITS[code][0]}/".startswith(f"{UNITS[above][0]}/")


def level(standard: Standard, base: str, edition: str | None) -> int:
    """3 edition, 2 subject, 1 function, 0 not at all."""
    named = [2 if name == base else 3 for name in standard.subjects if name in {base, f"{base}#{edition}"}]
    return max([*named, 1 if standard.functions else 0])


def decide(base: str, edition: str | None, code: str, law: list[Standard], trials: list[Initiative]) -> str:
    holding = []
    for s in law:
        offer = s.verdict in {"approved", "tolerated"}
        if (
            not s.valid_from <= DAY <= (s.valid_to or DAY)
            or not any(lies_in(code, above) for above in s.units)
            or (s.enacted_by == "land" and s.force == "binding" and not UNITS[code][1])
            or (offer and s.offered_from is not None and s.offered_from > DAY)
            or (offer and s.open_to and not any(lies_in(code, above) for above in s.open_to))
            or (s.jurisdictions and ("US" if base == "service:a" else None) not in s.jurisdictions)
            or not level(s, base, edition)
        ):
            continue
        depth = max(
            0 if above == "land" else UNITS[above][0].count("/") + 1 for above in s.units if lies_in(code, above)
        )
        rank = (level(s, base, edition), depth, s.force == "binding", s.valid_from, STRICT.index(s.verdict), s.id)
        holding.append((rank, s))
    said = max(holding, key=lambda pair: pair[0])[1].verdict if holding else "unlisted"
    forbidden = said == "prohibited" and any(
        s.verdict == "prohibited" and s.force == "binding" and s.legal_basis for _, s in holding
    )
    tried = any(t.subject in {base, f"{base}#{edition}"} and any(lies_in(code, u) for u in t.units) for t in trials)
    return "registered" if tried and not forbidden else said


def verdict_one(subject: str, code: str, law: list[Standard], trials: list[Initiative]) -> str:
    base, _, edition = subject.partition("#")
    editions = [edition] if edition else [None, "x", "y"] if base == "service:a" else [None]
    said = {decide(base, name, code, law, trials) for name in editions}
    return said.pop() if len(said) == 1 else "unclear"


@settings(max_examples=150, deadline=None)
@given(st.lists(STANDARDS, max_size=5), st.lists(INITIATIVES, max_size=2))
def test_the_frame_agrees_with_the_rules_row_by_row(raw: list[dict[str, Any]], trials: list[dict[str, Any]]) -> None:
    plain = {"title": TEXT, "dimension": "governance", "source": "decree"}
    law = [Standard.model_validate({"id": f"s{number}"} | plain | fields) for number, fields in enumerate(raw)]
    tried = [
        Initiative.model_validate(
            {"id": f"i{number}", "owner_role": "IT", "purpose": TEXT, "valid_from": "2026-01-01"}
            | {"valid_to": "2026-12-31"}
            | fields
        )
        for number, fields in enumerate(trials)
    ]
    rows = [(code, subject) for code in UNITS for subject in [*SUBJECTS, "domain:example.org"]]
    frame = pl.DataFrame(rows, schema=["unit", "subject"], orient="row").with_columns(mode=pl.lit("unknown"))
    found = verdicts(frame, Snapshot.of([*RECORDS, *law, *tried]), DAY)
    expected = [verdict_one(subject, code, law, tried) for code, subject in rows[:]]
    assert found["verdict"].to_list() == [
        said if subject != "domain:example.org" else "unlisted"
        for said, (_, subject) in zip(expected, rows, strict=True)
    ]
    offered = found.filter(pl.col("alternative").is_not_null())
    by_pair = dict(zip(rows, found["verdict"].to_list(), strict=True))
    units = frame.filter(found["alternative"].is_not_null())["unit"]
    assert all(by_pair[pair] == "approved" for pair in zip(units, offered["alternative"], strict=True))
