"""Inputs of an `ingest` that a running `watch` reads: one writes a site, and the other hands over and waits for the answer.

Below the data folder, `handed/` holds a file for each question and each answer. Both are written whole or not at all.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Self

from schemas.settings import SourceSettings
from streams.embedded import Input, Report
from streams.site import guard
from streams.site.guard import watching
from streams.site.ledger import Tally

FOLDER = "handed"
LOOK = 0.1
"""Seconds between two looks for the answer."""


def over(data: Path, site: str, inputs: Sequence[Input]) -> Report | None:
    """Let the running watch read these files, and wait for what became of them.

    None where there is no watch (any more), or standard input is among them: the caller reads them itself.
    """
    if any(given.path == "-" for given in inputs) or not watching(data, site):
        return None
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    question, answer = (data / FOLDER / f"{site}.{name}.{kind}" for kind in ("ask", "told"))
    told = [
        {"source": g.source.model_dump(mode="json"), "path": str(Path(g.path).absolute()), "at": _text(g.at)}
        for g in inputs
    ]
    try:
        _written(question, told)
        while not answer.exists():
            if not watching(data, site):
                return None
            time.sleep(LOOK)
        body = json.loads(answer.read_text(encoding="utf-8"))
    finally:
        for file in (question, answer):
            file.unlink(missing_ok=True)
    return Report(Tally(**body["tally"]), body["problems"], body["refused"])


class Desk:
    """Where a running watch takes what is handed to it. Holds the lock that says so until it is closed."""

    def __init__(self, data: Path, site: str) -> None:
        """Raises BusyError when another watch of the site runs."""
        self.folder, self.site = data / FOLDER, site
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._handle = guard.watch(data, site)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def serve(self, read: Callable[[Input], Report]) -> Report:
        """Read what was handed over, and answer; gives the sum."""
        whole = Report()
        for question in sorted(self.folder.glob(f"{self.site}.*.ask")):
            answered = Report()
            for given in self._inputs(question):
                one = read(given)
                answered.tally += one.tally
                answered.problems += one.problems
                answered.refused += one.refused
            body = {"tally": asdict(answered.tally), "problems": answered.problems, "refused": answered.refused}
            with suppress(FileNotFoundError):  # who asked has gone
                _written(question.with_suffix(".told"), body)
                question.unlink()
            whole.tally += answered.tally
        return whole

    def _inputs(self, question: Path) -> list[Input]:
        try:
            body = json.loads(question.read_text(encoding="utf-8"))
            return [
                Input(
                    SourceSettings.model_validate(given["source"]),
                    given["path"],
                    datetime.fromisoformat(given["at"]) if given["at"] else None,
                )
                for given in body
            ]
        except (OSError, ValueError, KeyError, TypeError):
            return []


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _written(path: Path, body: object) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(body), encoding="utf-8")
    draft.rename(path)
