"""The arrows of the house, kept over the import statements; and no module hides from them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ("schemas", "catalogue", "connectors", "detectors", "streams", "leitplanke", "simulation", "bench", "tests")
ARROWS: dict[str, set[str]] = {
    "schemas": set(),
    "catalogue": {"schemas"},
    "connectors": {"schemas"},
    "detectors": {"schemas", "catalogue"},
    "streams": {"schemas", "catalogue", "connectors", "detectors"},
    "leitplanke": {"schemas", "catalogue", "connectors", "detectors", "streams"},
    "simulation": {"schemas", "catalogue"},
}
"""What each folder may import of ours, besides itself."""
DYNAMIC = {"connectors/registry.py", "detectors/registry.py"}
"""Registries import the files of their own folder by name."""


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path, root: Path = ROOT) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports, at any depth of its code."""
    package = ".".join(path.relative_to(root).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*package.split(".")[: len(package.split(".")) - node.level + 1], base]).strip(".")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


@pytest.mark.parametrize("folder", ARROWS)
def test_arrows(folder: str) -> None:
    found = modules(folder)
    assert found
    allowed = ARROWS[folder] | {folder}
    wrong = [
        f"{place(path, line)} imports {name}"
        for path in found
        for line, name in imported(path)
        if (top := name.partition(".")[0]) in HOUSE and top not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("folder", "never"),
    [
        ("streams/site", "streams.centre"),
        ("streams/centre", "streams.site"),
        ("streams/site", "streams.embedded"),
        ("streams/centre", "streams.embedded"),
        ("streams/centre", "connectors.network"),
        ("streams/centre", "detectors.site"),
        ("detectors/rules", "detectors.site"),
        ("leitplanke", "detectors.site"),
        ("leitplanke", "connectors.network"),
    ],
)
def test_what_does_not_know_each_other(folder: str, never: str) -> None:
    found = modules(folder)
    assert found
    wrong = [
        f"{place(path, line)} imports {name}"
        for path in found
        for line, name in imported(path)
        if f"{name}.".startswith(f"{never}.")
    ]
    assert wrong == []


def test_connectors_do_not_know_each_others_signals() -> None:
    signals = ("network", "procurement", "assets", "bus", "store")
    wrong = [
        f"{place(path, line)} imports {name}"
        for signal in signals
        for path in modules(f"connectors/{signal}")
        for line, name in imported(path)
        if name.startswith("connectors.") and name.split(".")[1] in set(signals) - {signal}
    ]
    assert wrong == []


def test_imports_by_name_are_only_in_the_registries() -> None:
    wrong = [
        place(path, node.lineno)
        for folder in ARROWS
        for path in modules(folder)
        if str(path.relative_to(ROOT)) not in DYNAMIC
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}
    ]
    assert wrong == []


def test_late_and_relative_imports_are_seen(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    bad = tmp_path / "schemas/bad.py"
    bad.write_text("def late():\n    from streams.site import blocks\n    from . import x\n")
    assert [*imported(bad, tmp_path)] == [(2, "streams.site.blocks"), (3, "schemas.x")]
