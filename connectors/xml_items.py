"""XML documents read item by item: no DTD, no entities, no network, memory bounded by the largest item.

Stands on expat itself: it tells of a DOCTYPE before anything in it is read, which libxml2 does only afterwards.
Without a subset there are no entities but the five of XML, so nothing can expand.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from connectors.documents import PIECE, RejectedError, Source
from schemas.errors import NotThisFormatError

DEPTH_MAX = 200
"""Levels of elements; real documents have about 12."""
NODES_MAX = 500_000
"""Elements held at a time."""
TOKEN_MAX = 4_000_000
"""Bytes of one tag or comment; text comes in pieces and has no bound."""
VALUE_MAX = 100_000
"""Characters kept of one element's text; attached files are longer and never read."""


@dataclass(slots=True)
class Node:
    """An element: local name, namespace, attributes by local name, own text, children in order."""

    name: str
    space: str
    attributes: dict[str, str]
    parts: list[str] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    size: int = 0

    @property
    def text(self) -> str | None:
        """Own text without surrounding blanks; None when there is none."""
        return "".join(self.parts).strip() or None

    def all(self, path: str) -> list["Node"]:
        """Elements below by local names: `Party/PartyTaxScheme`."""
        found = [self]
        for name in path.split("/"):
            found = [child for node in found for child in node.children if child.name == name]
        return found

    def value(self, *paths: str) -> str | None:
        """First text that is not blank along the paths, tried in order."""
        return next((node.text for path in paths for node in self.all(path) if node.text), None)


class _Builder:
    """Builds nodes and cuts out those whose path was asked for."""

    def __init__(self, accept: Callable[[Node], None], cut: frozenset[str]) -> None:
        self._accept = accept
        self.ready: deque[tuple[str, Node]] = deque()
        self.root: Node | None = None
        self._cut = cut
        self._open: list[Node] = []
        self._paths: list[str] = []
        self._cutting = 0
        self._held = 0
        self._held_before = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        node = Node(local, space, {key.rpartition(" ")[2]: value for key, value in attributes.items()})
        if self.root is None:
            self._accept(node)
            self.root = node
        path = f"{self._paths[-1]}/{local}" if len(self._paths) > 1 else local if self._paths else ""
        self._open.append(node)
        self._paths.append(path)
        self._held += 1
        if path in self._cut and not self._cutting:
            self._cutting, self._held_before = len(self._open), self._held - 1
        if len(self._open) > DEPTH_MAX or self._held > NODES_MAX:
            raise RejectedError(
                "at most {depth} levels and {most} elements in one item expected", depth=DEPTH_MAX, most=NODES_MAX
            )

    def characters(self, data: str) -> None:
        node = self._open[-1]
        if node.size < VALUE_MAX:
            node.parts.append(data[: VALUE_MAX - node.size])
            node.size += len(data)

    def end(self, _: str) -> None:
        node, path = self._open.pop(), self._paths.pop()
        if len(self._open) + 1 == self._cutting:
            self.ready.append((path, node))
            self._cutting, self._held = 0, self._held_before
        elif self._open:
            self._open[-1].children.append(node)


def _doctype(_: str, system: str | None, public: str | None, subset: int) -> None:
    if subset or system is not None or public is not None:
        raise RejectedError("XML without a DTD subset and without entities expected")


def items(
    source: Source, expected: str, known: Callable[[Node], bool], cut: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Node]]:
    """Elements at the paths in `cut` (local names below the root) as they end, then ("", root) without them.

    Raises RejectedError when the document is not well-formed, breaks off, or has a DTD, and NotThisFormatError with
    the sentence `expected` when it does not begin as XML or its root is not `known`.
    """
    first = source.first()
    if not first:
        raise RejectedError("a document expected, the input is empty or blank")
    if first != "<":
        raise NotThisFormatError(expected)

    def accept(root: Node) -> None:
        if not known(root):
            raise NotThisFormatError(expected)

    builder = _Builder(accept, cut)
    parser = _parser(builder)
    fed = 0
    while True:
        data = source.read(PIECE)
        fed += len(data)
        _feed(parser, data)
        while builder.ready:
            yield builder.ready.popleft()
        if not data:
            break
        if fed - parser.CurrentByteIndex > TOKEN_MAX:
            raise RejectedError("XML tags of at most {most} MB expected", most=TOKEN_MAX // 1_000_000)
    if builder.root is not None:
        yield "", builder.root


def _parser(builder: _Builder) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = _doctype
    return parser


def _feed(parser: expat.XMLParserType, data: bytes) -> None:
    try:
        parser.Parse(data, not data)
    except expat.ExpatError as error:
        raise RejectedError("well-formed XML expected, see line {line}", line=error.lineno) from None
    except RejectedError:
        raise
    except (LookupError, ValueError, TypeError):
        raise RejectedError("XML in UTF-8, UTF-16 or a single-byte encoding expected") from None
