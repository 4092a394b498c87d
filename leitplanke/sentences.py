"""Says in the reader's language what the lower layers say in English: errors, problems, reasons of rejected records.

`messages/errors.yaml` holds both sides, the English one with its fields in braces. A sentence that still knows its
template and fields (schemas/sentence.py) is found by the template. One that was stored as a text, or comes from a
library, is compared with all of them, those with the most words of their own first. What nobody knows stays English.
"""

import re
import string
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from leitplanke.help import Language
from leitplanke.output import say
from leitplanke.texts import ERRORS, read
from schemas.errors import LeitplankeError
from schemas.sentence import Sentence, said

DEBUG = "LEITPLANKE_DEBUG"
"""Variable of the environment with which an unexpected error shows where it came from."""


def told(sentence: str, lang: Language) -> str:
    """The sentence in the language.

    >>> told(said("{file}: not a file; move it away", file="site-im.db"), "de")
    'site-im.db: keine Datei; schieben Sie es beiseite'
    """
    if lang == "en":
        return str(sentence)
    if not isinstance(sentence, Sentence) or not sentence.fields:
        return "\n".join(map(_recognised, sentence.split("\n")))
    template = texts().get(sentence.template, sentence.template)
    return template.format(
        **{name: told(value, lang) if isinstance(value, Sentence) else value for name, value in sentence.fields.items()}
    )


def speaker(lang: Language) -> Callable[[str], None]:
    """Tells the user, in this language, what the lower layers say while they work."""
    return lambda sentence: say(told(sentence, lang))


def sentence(error: Exception) -> Sentence:
    """What to say of an error. A text that is not ours could hold values of records, so that only its kind is shown."""
    if isinstance(error, LeitplankeError):
        return error.sentence
    if isinstance(error, OSError) and error.strerror:
        problem = said(error.strerror)
        return said("{path}: {problem}", path=error.filename, problem=problem) if error.filename else problem
    if type(error).__module__ == "sqlite3":
        return said("a file below --data cannot be used now: {problem}", problem=said(str(error)))
    return said("unexpected {kind}; with {debug}=1 it says where", kind=type(error).__name__, debug=DEBUG)


@cache
def texts() -> Mapping[str, str]:
    """The German text of each English template."""
    return {pair["en"]: pair["de"] for pair in read(ERRORS)}


@lru_cache(10_000)
def _recognised(text: str) -> str:
    known = texts().get(text)
    if known is not None:
        return known
    for pattern, german in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return german.format(**{name: _recognised(value) for name, value in found.groupdict().items()})
    start, colon, rest = text.partition(": ")
    return f"{start}: {_recognised(rest)}" if colon else text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Templates with fields as patterns; what says most by itself comes first."""
    parsed = [(list(string.Formatter().parse(english)), german) for english, german in texts().items()]
    parsed.sort(key=lambda item: -sum(len(words) for words, _, _, _ in item[0]))
    return [(_pattern(parts), german) for parts, german in parsed if any(name for _, name, _, _ in parts)]


def _pattern(parts: list[Any]) -> re.Pattern[str]:
    """A field that stands twice has the same text twice."""
    pattern, seen = "", set()
    for words, name, _, _ in parts:
        field = f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
        pattern += re.escape(words) + (field if name else "")
        seen.add(name)
    return re.compile(pattern)
