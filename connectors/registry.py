"""Connectors, found by their files: `connectors/<signal>/<name>.py`; files that start with `_` are helpers.

What a connector says of itself is read from its source, without importing it, so `formats` and `--help` stay quick.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    import polars as pl

    from connectors.native.plan import Quick
    from schemas.connector import Layout, Options

    ReadLayout = Callable[[bytes, Options], Layout]
    Mark = Callable[[pl.DataFrame], pl.Expr]
    ReadQuickly = Callable[[Layout], Quick | None]
    Parse = Callable[[pl.DataFrame, Layout], pl.DataFrame]
    Scope = Callable[[BinaryIO, Options], str | None]
    Read = Callable[[BinaryIO, Options], Iterator[pl.DataFrame]]

_SIGNALS = ("network", "procurement", "assets")
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class About:
    """What a connector says of itself."""

    name: str
    """Name of its file; what `--source` takes."""
    signal: str
    """Name of its folder: network, procurement or assets."""
    card: str
    """Docstring of the file."""
    shape: str
    """lines or document."""
    gives: tuple[str, ...]
    """Columns of its signal that it fills where the source has them."""
    lacks: str
    """What a reader will miss, in words."""
    views: tuple[str, ...] | None
    """Views that it can give where site.toml names none; None where any of its signal may be."""


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector that is loaded: its words, and the functions of its shape."""

    NAME: str
    SIGNAL: str
    SHAPE: str
    GIVES: tuple[str, ...]
    LACKS: str
    card: str
    MAX_BYTES: int | None
    """Shape document: the largest document it reads."""
    ENCODINGS: tuple[str, ...]
    """Shape lines: tried in order for the lines that the first cannot read."""
    _functions: dict[str, Any]

    @property
    def layout(self) -> "ReadLayout":
        """Shape lines: what the head of an input says; raises NotThisFormatError."""
        return cast("ReadLayout", self._function("layout"))

    @property
    def records(self) -> "Mark":
        """Shape lines: which lines are records."""
        return cast("Mark", self._function("records"))

    @property
    def parse(self) -> "Parse":
        """Shape lines: events of lines, same height and order."""
        return cast("Parse", self._function("parse"))

    @property
    def split(self) -> "Mark | None":
        """Shape lines: which lines start a new header, where the format can change in mid-file; else None."""
        return self._functions.get("split")

    @property
    def quick(self) -> "ReadQuickly | None":
        """Shape lines: how compiled code reads a layout, where the format has such a way; else None."""
        return self._functions.get("quick")

    @property
    def scope(self) -> "Scope | None":
        """Shape document: what an inventory speaks for (a device, a scanned range), where it says so; else None."""
        return self._functions.get("scope")

    @property
    def read(self) -> "Read":
        """Shape document: frames of events."""
        return cast("Read", self._function("read"))

    def _function(self, name: str) -> Any:
        if name not in self._functions:
            raise AttributeError(f"connector {self.NAME} has shape {self.SHAPE} and no {name}")
        return self._functions[name]


@cache
def _files() -> dict[str, Path]:
    found = sorted(path for signal in _SIGNALS for path in (_HERE / signal).glob("[!_]*.py"))
    return {path.stem: path for path in sorted(found, key=lambda path: path.stem)}


def names() -> list[str]:
    """Names of all connectors, sorted."""
    return list(_files())


def get(name: str) -> Connector:
    """The connector of this name, imported now. Raises ConfigurationError for an unknown one."""
    about = describe(name)
    module = import_module(f"connectors.{about.signal}.{name}")
    functions: dict[str, Any] = {
        key: getattr(module, key)
        for key in ("layout", "records", "parse", "split", "quick", "read", "scope")
        if key in vars(module)
    }
    return Connector(
        NAME=name,
        SIGNAL=about.signal,
        SHAPE=about.shape,
        GIVES=about.gives,
        LACKS=about.lacks,
        card=about.card,
        MAX_BYTES=vars(module).get("MAX_BYTES"),
        ENCODINGS=vars(module).get("ENCODINGS", ("utf-8",)),
        _functions=functions,
    )


def card(name: str) -> str:
    """The docstring of a connector, without importing it."""
    return describe(name).card


@cache
def describe(name: str) -> About:
    """What a connector says of itself, read from its source. Raises ConfigurationError for an unknown one."""
    path = _files().get(name)
    if path is None:
        raise ConfigurationError("{name} is no format; there are {known}", name=name, known=", ".join(names()))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return About(
        name=name,
        signal=path.parent.name,
        card=ast.get_docstring(tree) or "",
        shape=_constant(tree, "SHAPE"),
        gives=_constant(tree, "GIVES"),
        lacks=_constant(tree, "LACKS"),
        views=_views(tree, path),
    )


def _views(tree: ast.Module, path: Path) -> tuple[str, ...] | None:
    """An inventory's view is its format; what a purchase is, its documents say."""
    if path.parent.name == "network":
        views: tuple[str, ...] = _constant(tree, "VIEWS")
        return views
    return (path.stem,) if path.parent.name == "assets" else None


def _constant(tree: ast.Module, name: str) -> Any:
    """Value of a constant of the module; constants are written out, never computed."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            return ast.literal_eval(node.value)
    raise AttributeError(f"a connector without {name}")
