"""A sentence for people that can be said in another language later: where it is raised, nobody knows who reads it."""

from collections.abc import Iterable


class Sentence(str):
    """The English text, for logs and tests; template and fields, from which the face makes the German one."""

    __slots__ = ("fields", "template")
    template: str
    """English, with fields in braces; the key of the German text in leitplanke/messages/errors.yaml."""
    fields: dict[str, object]
    """By name; a sentence among them is said in the other language too."""


def said(template: str, /, **fields: object) -> Sentence:
    """The sentence of a template and its fields; without fields the template is the text as it stands.

    >>> str(said("{file}: not a file", file="a.db"))
    'a.db: not a file'
    """
    if isinstance(template, Sentence) and not fields:
        return template
    sentence = Sentence(template.format(**fields) if fields else template)
    sentence.template = template
    sentence.fields = {name: _kept(value) for name, value in fields.items()}
    return sentence


def lines(sentences: Iterable[str]) -> Sentence:
    """Several sentences, one a line."""
    fields = {f"line{n}": said(sentence) for n, sentence in enumerate(sentences)}
    return said("\n".join(f"{{{name}}}" for name in fields), **fields)


def _kept(value: object) -> object:
    """Of an error its sentence."""
    first = value.args[0] if isinstance(value, Exception) and value.args else value
    return first if isinstance(first, Sentence) else str(value)
