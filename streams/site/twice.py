"""Opens a document as often as it is read: its identity is known only after its last byte."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, cast

from schemas.errors import InputError
from streams.site import inputs

Documents = Callable[[], AbstractContextManager[BinaryIO]]
"""Opens the document anew each time."""

CHUNK = 1 << 20


@contextmanager
def documents(path: str) -> Iterator[Documents]:
    """Gives what opens the document; what can be read once only, as a pipe can, is set aside first."""
    if inputs.stands_still(path):
        yield lambda: inputs.opened(path)
        return
    with tempfile.TemporaryFile() as aside:
        broken = _copied(path, aside)

        @contextmanager
        def rewound() -> Iterator[BinaryIO]:
            aside.seek(0)
            yield aside if broken is None else cast("BinaryIO", _Broken(aside, broken))

        yield rewound


def _copied(path: str, aside: BinaryIO) -> InputError | None:
    try:
        with inputs.opened(path) as stream:
            while chunk := stream.read1(CHUNK):
                aside.write(chunk)
    except InputError as error:
        return error
    return None


class _Broken:
    """A document that breaks off: what there was of it, then its error."""

    def __init__(self, aside: BinaryIO, error: InputError) -> None:
        self.aside, self.error = aside, error

    def read(self, size: int) -> bytes:
        data = self.aside.read(size)
        if not data:
            raise self.error
        return data
