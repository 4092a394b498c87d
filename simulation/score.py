"""`python -m simulation.score --truth truth.jsonl --findings findings.ndjson`: found, missed, false.

A planted case is found when its unit has a finding on its subject; a finding without edition answers for a case with
one, a finding on another edition does not. False is a lure that became a finding (one with a forbidden reason, where the
lure names some), and a finding that no case explains.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Score:
    """The comparison; percentages are of the planted cases and of the lures."""

    planted: int
    found: tuple[str, ...]
    missed: tuple[str, ...]
    other_reason: tuple[str, ...]
    """Found cases whose finding has none of the expected reasons."""
    lures: int
    lures_hit: tuple[str, ...]
    findings: int
    unexplained: tuple[str, ...]
    """Findings, as unit and subject, that belong to no case."""

    @property
    def found_percent(self) -> float:
        """Share of planted cases found."""
        return _percent(len(self.found), self.planted)

    @property
    def lures_percent(self) -> float:
        """Share of lures that became findings."""
        return _percent(len(self.lures_hit), self.lures)

    @property
    def false_percent(self) -> float:
        """Share of findings that are not a planted case."""
        return _percent(len(self.unexplained) + len(self.lures_hit), self.findings)


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def score(truth: list[Row], findings: list[Row]) -> Score:
    """Compare findings with the truth."""
    answers = {case["case"]: [finding for finding in findings if _answers(finding, case)] for case in truth}
    planted = [case for case in truth if case["kind"] == "planted"]
    lures = [case for case in truth if case["kind"] == "lure"]
    found = [case for case in planted if answers[case["case"]]]
    true = {finding["id"] for case in found for finding in answers[case["case"]]}
    hit = [case for case in lures if any(f["id"] not in true and _expected(case, [f]) for f in answers[case["case"]])]
    explained = {finding["id"] for matching in answers.values() for finding in matching}
    return Score(
        planted=len(planted),
        found=tuple(case["case"] for case in found),
        missed=tuple(case["case"] for case in planted if not answers[case["case"]]),
        other_reason=tuple(case["case"] for case in found if not _expected(case, answers[case["case"]])),
        lures=len(lures),
        lures_hit=tuple(case["case"] for case in hit),
        findings=len(findings),
        unexplained=tuple(sorted(f"{f['unit']} {f['subject']}" for f in findings if f["id"] not in explained)),
    )


def _answers(finding: Row, case: Row) -> bool:
    if finding["unit"] not in case.get("units", [case["unit"]]):
        return False
    subject = str(finding["subject"])
    base = subject.partition("#")[0]
    wanted = {case["subject"], *case.get("subjects", ())}
    # a lure without edition is hit by any edition, a case with an edition by that one or by none
    return subject in wanted or base in wanted or ("#" not in subject and base in {w.partition("#")[0] for w in wanted})


def _expected(case: Row, findings: list[Row]) -> bool:
    codes = {reason["code"] for finding in findings for reason in finding["reasons"]}
    return not case["codes"] or bool(codes & set(case["codes"]))


def text(result: Score) -> str:
    """The score in lines for people."""
    lines = [
        f"gefunden · found       {len(result.found)} von/of {result.planted} ({result.found_percent} %)",
        f"übersehen · missed     {len(result.missed)}",
        *(f"    {case}" for case in result.missed),
        f"falsch · false         {len(result.lures_hit)} von/of {result.lures} Ködern/lures ({result.lures_percent} %)",
        *(f"    {case}" for case in result.lures_hit),
        f"ohne Fall · no case    {len(result.unexplained)} von/of {result.findings} Befunden/findings",
        *(f"    {finding}" for finding in result.unexplained),
    ]
    if result.other_reason:
        lines.append(f"anderer Grund · other reason  {len(result.other_reason)}")
        lines += [f"    {case}" for case in result.other_reason]
    return "\n".join(lines) + "\n"


def read(path: Path) -> list[Row]:
    """One JSON object a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> int:
    """The command; exit code 2 only when a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m simulation.score", description="Compares findings with the truth.")
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--findings", type=Path, required=True, help="output of `findings --format ndjson`")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    chosen = parser.parse_args()
    try:
        result = score(read(chosen.truth), read(chosen.findings))
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"cannot read: {problem}\n")
        return 2
    shares = {name: getattr(result, name) for name in ("found_percent", "lures_percent", "false_percent")}
    if chosen.format == "json":
        sys.stdout.write(json.dumps(asdict(result) | shares, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(text(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
