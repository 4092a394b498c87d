"""YAML files as plain values that remember where they stand.

Every scalar stays the text it is (`NO`, `3.10` and `03000000` mean what they say); its type comes from the schema.
Only an unquoted empty value, `~` and `null` are None.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from schemas.sentence import Sentence, said

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TEXT_TAG = "tag:yaml.org,2002:str"

Key = str | int


class _Loader(yaml.CSafeLoader):
    """Composes nodes with their marks; guesses no types."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:  # noqa: ARG002 - PyYAML's signature
        """Give every node the same tag: types come from the schema."""
        return _TEXT_TAG


@dataclass(frozen=True, slots=True)
class Place:
    """One thing of a catalogue file: the file as shown to the reader, and its node."""

    file: str
    node: yaml.Node

    def line(self, path: tuple[Key, ...] = ()) -> int:
        """Line (from 1) of the key or item at `path`, or of the nearest one above that exists."""
        node, line = self.node, self.node.start_mark.line
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node, line = found
        return line + 1

    def say(self, path: tuple[Key, ...], sentence: str) -> str:
        """The sentence with file, line and key before it."""
        return _problem(f"{self.file}:{self.line(path)}", path, sentence)

    def where(self, path: tuple[Key, ...] = ()) -> str:
        """File and line, to point at from another place."""
        return f"{self.file}:{self.line(path)}"


def _problem(where: str, path: tuple[Key, ...], sentence: str) -> Sentence:
    """The sentence behind its place and, where there is one, its key."""
    if not path:
        return said("{where}: {problem}", where=where, problem=said(sentence))
    return said("{where}: {key}: {problem}", where=where, key=".".join(map(str, path)), problem=said(sentence))


def _child(node: yaml.Node, step: Key) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line
    return None


def read(file: Path, shown: str, problems: list[str]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The things of a file (one mapping, or a list of mappings); what cannot be read goes to `problems`."""
    node = _compose(file, shown, problems)
    if node is None:
        return
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    if not items:
        problems.append(_problem(f"{shown}:1", (), said("the list is empty")))
    seen: set[int] = set()
    for item in items:
        place = Place(shown, item)
        if not isinstance(item, yaml.MappingNode):
            problems.append(place.say((), said("expected keys with values")))
            continue
        wrong: list[str] = []
        value = _plain(item, place, (), seen, wrong)
        problems.extend(wrong)
        if not wrong:
            yield place, value


def _compose(file: Path, shown: str, problems: list[str]) -> yaml.Node | None:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        told = said("cannot be read ({problem})", problem=said(error.strerror or type(error).__name__))
        problems.append(_problem(shown, (), told))
        return None
    except UnicodeDecodeError as error:
        problems.append(_problem(shown, (), said("not UTF-8 from byte {start}", start=error.start)))
        return None
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = said("not YAML: {problem}", problem=said(str(error.problem or error.context)))
        problems.append(_problem(f"{shown}:{mark.line + 1 if mark else 1}", (), told))
        return None
    except yaml.YAMLError:
        problems.append(_problem(shown, (), said("not YAML: a control character stands in it")))
        return None
    finally:
        loader.dispose()
    if node is None:
        problems.append(_problem(f"{shown}:1", (), said("the file is empty")))
    return node


def _plain(node: yaml.Node, place: Place, path: tuple[Key, ...], seen: set[int], wrong: list[str]) -> Any:
    """Values of a node; duplicate keys, aliases and foreign tags go to `wrong`."""
    line = node.start_mark.line + 1
    if node.tag != _TEXT_TAG:
        wrong.append(_problem(f"{place.file}:{line}", path, said("the tag {tag} is not read", tag=node.tag)))
        return None
    if isinstance(node, yaml.ScalarNode):
        return None if not node.style and node.value in _NULL else node.value
    if id(node) in seen:
        wrong.append(_problem(f"{place.file}:{line}", path, said("anchors and aliases are not read; write it out")))
        return None
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, place, (*path, index), seen, wrong) for index, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        at = f"{place.file}:{key.start_mark.line + 1}", (*path, name)
        if not isinstance(key, yaml.ScalarNode):
            wrong.append(_problem(*at, said("a key must be a word")))
        elif name in result:
            wrong.append(_problem(*at, said("the key stands here twice")))
        else:
            result[name] = _plain(value, place, (*path, name), seen, wrong)
    return result
