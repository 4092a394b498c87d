"""What quick reading takes from a line: plain data that a connector writes down, and what its distinct texts mean."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from connectors.native import library as c
from schemas.table import INSTANT

SLOTS = (
    "time",
    "account",
    "client",
    "name",
    "address",
    "application",
    "agent",
    "mark",
    "up",
    "down",
    "flow",
    "nothing",
)
"""Where a value goes: texts up to `agent` are made distinct, marks together say what kind of event it is."""
TEXTS = SLOTS[:7]
OPS = ("text", "third_slash", "web", "count", "digits", "epoch", "local", "iso", "flow")
"""`third_slash`: the text before its third slash, as of a URL; `web`: a URL with or without scheme up to its path; `count`:
a whole number or null; `digits`: must be a whole number; `epoch`, `local`, `iso`: forms of times; `flow`: keyed hash."""

_KINDS = ("row", "idle", "odd")
_FIRST_MARK = 12
_NONE, _ANY = -1, -2
SLOT_SECONDS = 900
"""Length of the stretches of time that `epoch` tells apart; zones here shift by whole quarters of an hour."""
ANYTHING = "*"
"""Condition: the value is not null."""


@dataclass(frozen=True, slots=True)
class Take:
    """A value (the first of several that is not null) and where it goes."""

    slot: str
    values: tuple[str, ...]
    op: str = "text"
    quoted: bool = False
    """Delimited lines: the value may stand in quotes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of record is taken: the first kind whose conditions all hold."""

    when: dict[str, str | None] = field(default_factory=dict)
    """Text of a value; None: it must be null."""
    takes: tuple[Take, ...] = ()
    becomes: str = "row"
    """row, idle (understood, no event) or odd (read the long way)."""


@dataclass(frozen=True, slots=True)
class Delimited:
    """Lines with fields between separators of one byte."""

    separator: str
    columns: dict[str, int]
    """Place of each wanted field, from 0."""
    least: int
    """Fields that a line must have; one with fewer is odd."""
    kinds: tuple[Kind, ...]
    nulls: tuple[str, ...] = ()
    quote: str = ""
    padded: bool = False
    """Any number of separators may follow the first field, and no field is empty."""
    comment: str = "#"
    """Lines that begin so are odd."""


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON object a line."""

    paths: dict[str, tuple[str, ...]]
    """Keys from the outside in; `[0]` is the first element of an array."""
    kinds: tuple[Kind, ...]
    decimal: str = ""
    """The value that may be a number with a point."""
    array: str = ""
    """The value that may be an array; it is taken as it is written."""


@dataclass(frozen=True, slots=True)
class Quick:
    """Quick reading of one layout, and what its distinct texts mean. Each function keeps height and order."""

    lines: Delimited | JsonLines
    times: Callable[[pl.Series], pl.Series]
    """Instants of the starts of quarters or minutes, from their numbers (`epoch`) or texts; null: read the long way."""
    marks: Callable[[pl.DataFrame], pl.DataFrame]
    """From the values that marks were taken of: `evidence` (null: no event), `action`, `odd` (read the long way)."""
    names: Callable[[pl.Series], pl.DataFrame]
    """`host` and `address` of what stands where a name should; `odd`, where given: read the long way."""
    addresses: Callable[[pl.Series], pl.Series]
    """Addresses in canonical form, null for anything else."""
    bare: bool = True
    """A plain name or IPv4 address stands for itself, so that it need not be asked about."""
    accounts: Callable[[pl.Series], pl.Series] = lambda texts: texts
    agents: Callable[[pl.Series], pl.Series] = lambda texts: texts
    applications: Callable[[pl.Series], pl.Series] = lambda texts: texts

    @property
    def marked(self) -> list[tuple[str, ...]]:
        """Names of the values that the marks of each kind are taken of, in order."""
        return [tuple(take.values[0] for take in kind.takes if take.slot == "mark") for kind in self.lines.kinds]


def quarters(numbers: pl.Series) -> pl.Series:
    """Instants of the starts of quarters of an hour, counted since 1970: `times` of a plan that uses `epoch`."""
    return (numbers.cast(pl.Int64) * (SLOT_SECONDS * 1_000_000)).cast(INSTANT)


def compiled(lines: Delimited | JsonLines, key: tuple[int, int]) -> tuple[c.Layout, object]:
    """The plan as the compiled code reads it, and what has to live as long."""
    layout = c.Layout()
    names = list(lines.paths if isinstance(lines, JsonLines) else sorted(lines.columns, key=lines.columns.__getitem__))
    layout.values = len(names)
    layout.key[0], layout.key[1] = key
    nulls = ("",) if isinstance(lines, JsonLines) else lines.nulls
    layout.null_count = len(nulls)
    for i, text in enumerate(nulls):
        layout.null[i].value = text.encode()
        layout.null_size[i] = len(text.encode())
    layout.plan_count = len(lines.kinds)
    for plan, kind in zip(layout.plan, lines.kinds, strict=False):
        _fill(plan, kind, names)
    tree = None
    if isinstance(lines, JsonLines):
        tree = _tree(lines, names)
        layout.json = ctypes.addressof(tree)
    else:
        layout.separator, layout.padded = ord(lines.separator), lines.padded
        layout.quote = ord(lines.quote) if lines.quote else 0
        layout.comment = ord(lines.comment[0])
        layout.least, layout.most = lines.least, max(lines.least, max(lines.columns.values()) + 1)
        for i, name in enumerate(names):
            layout.column[i] = lines.columns[name]
    return layout, tree


def _fill(plan: c.Plan, kind: Kind, names: list[str]) -> None:
    plan.kind = _KINDS.index(kind.becomes)
    plan.whens = len(kind.when)
    for condition, (name, text) in zip(plan.when, kind.when.items(), strict=False):
        condition.value = names.index(name)
        condition.size = _NONE if text is None else _ANY if text == ANYTHING else len(text)
        condition.is_ = (text or "").encode()
    plan.fields = len(kind.takes)
    marks = 0
    for taken, take in zip(plan.field, kind.takes, strict=False):
        taken.op, taken.slot = OPS.index(take.op), SLOTS.index(take.slot)
        if take.slot == "mark":
            taken.slot = _FIRST_MARK + marks
            marks += 1
        taken.quoted, taken.count = take.quoted, len(take.values)
        for i, name in enumerate(take.values):
            taken.from_[i] = names.index(name)


def _tree(lines: JsonLines, names: list[str]) -> c.Tree:
    nothing = 255
    tree = c.Tree(nodes=1)
    tree.numbers = names.index(lines.decimal) if lines.decimal else nothing
    tree.arrays = names.index(lines.array) if lines.array else nothing
    places: dict[tuple[str, ...], int] = {(): 0}
    for name, path in lines.paths.items():
        for depth, part in enumerate(path):
            node: Any = tree.node[places[path[:depth]]]
            node.array = part == "[0]"
            last = depth + 1 == len(path)
            if not last and path[: depth + 1] in places:
                continue
            key = node.key[node.keys]
            node.keys += 1
            key.name, key.size = part.encode(), len(part)
            key.value, key.node = nothing, nothing
            if last:
                key.value = names.index(name)
            else:
                key.node = places[path[: depth + 1]] = tree.nodes
                tree.nodes += 1
    return tree
