"""Says in the reader's language what the lower layers say in English: errors, problems, reasons of rejected records.

`messages/errors.yaml` holds both sides, the English one with its fields in braces. A sentence that still knows its
template and fields (schemas/sentence.py) is found by the template. One that was stored as a text, or comes from a
library (`said`, where we say it in other words), is compared with all of them, those with the most words of their own
first. What nobody knows stays English.
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
    if not isinstance(sentence, Sentence) or not sentence.fields:
        return "\n".join(_recognised(line, lang) for line in sentence.split("\n"))
    template = texts(lang).get(sentence.template, sentence.template)
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
def texts(lang: Language) -> Mapping[str, str]:
    """What is said for each template; in English only what is said otherwise than it was raised."""
    pairs = read(ERRORS)
    return {pair.get("said", pair["en"]): pair[lang] for pair in pairs if lang == "de" or "said" in pair}


@lru_cache(10_000)
def _recognised(text: str, lang: Language) -> str:
    known = texts(lang).get(text)
    if known is not None:
        return known
    for pattern, template in _patterns(lang):
        found = pattern.fullmatch(text)
        if found:
            return template.format(**{name: _recognised(value, lang) for name, value in found.groupdict().items()})
    start, colon, rest = text.partition(": ")
    return f"{start}: {_recognised(rest, lang)}" if colon else text


@cache
def _patterns(lang: Language) -> list[tuple[re.Pattern[str], str]]:
    """Templates with fields as patterns; what says most by itself comes first."""
    parsed = [(list(string.Formatter().parse(template)), wanted) for template, wanted in texts(lang).items()]
    parsed.sort(key=lambda item: -sum(len(words) for words, _, _, _ in item[0]))
    return [(_pattern(parts), wanted) for parts, wanted in parsed if any(name for _, name, _, _ in parts)]


def _pattern(parts: list[Any]) -> re.Pattern[str]:
    """A field that stands twice has the same text twice."""
    pattern, seen = "", set()
    for words, name, _, _ in parts:
        field = f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
        pattern += re.escape(words) + (field if name else "")
        seen.add(name)
    return re.compile(pattern)
