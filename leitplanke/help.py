"""What `--help` says, in German and English, from the message catalogue; only its own file is read, to be quick."""

import argparse
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NoReturn

Language = Literal["de", "en"]

WRONG_USE = 2
WIDTH = 100


def language(words: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of the output: `--lang` on the line, else the locale; German if it is German, else English."""
    for n, word in enumerate(words):
        chosen = words[n + 1] if word == "--lang" and n + 1 < len(words) else word.removeprefix("--lang=")
        if word.startswith("--lang") and chosen in {"de", "en"}:
            return "de" if chosen == "de" else "en"
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "de" if locale.lower().startswith("de") else "en"


class Help:
    """Texts of one language by key."""

    def __init__(self, lang: Language) -> None:
        """Nothing is read until the first text is asked for."""
        self.lang = lang

    def __call__(self, key: str) -> str:
        """The text of `help.<key>`, as argparse wants it."""
        text: str = self._texts[f"help.{key}"][self.lang]
        return text.replace("%", "%%")

    @cached_property
    def _texts(self) -> Mapping[str, Mapping[str, Any]]:
        from leitplanke.texts import read

        texts: Mapping[str, Mapping[str, Any]] = read("help")
        return texts


class Parser(argparse.ArgumentParser):
    """A command: `--data`, `--catalogue` and `--lang` stand before or after it; wrong use is one sentence and exit code 2."""

    def __init__(self, *, words: Help, key: str, bare: bool = False, **settings: Any) -> None:
        """`key` names the text that describes it; a `bare` one is only listed among others."""
        formatter = _GermanUsage if words.lang == "de" else _Formatter
        super().__init__(
            add_help=False, allow_abbrev=False, formatter_class=formatter, description=words(key), **settings
        )
        self.words = words
        if bare:
            return
        self._optionals.title = words("options")
        self._positionals.title = words("arguments")
        self.add_argument("-h", "--help", action="help", help=words("help"))
        folder = words("folder")
        unset = argparse.SUPPRESS
        self.add_argument("--data", metavar=folder, default=unset, type=_folder, help=words("data"))
        self.add_argument("--catalogue", metavar=folder, default=unset, type=_folder, help=words("catalogue_folder"))
        self.add_argument("--lang", choices=("de", "en"), default=unset, help=words("lang"))

    def error(self, message: str) -> NoReturn:
        """End with one sentence."""
        from leitplanke.output import safe
        from leitplanke.sentences import told

        self.exit(WRONG_USE, f"{self.prog}: {safe(told(message, self.words.lang))} ({self.prog} --help)\n")

    def nested(self) -> "argparse._SubParsersAction[Parser]":
        """The commands of a command."""
        title = self.words("commands")
        return self.add_subparsers(title=title, metavar=self.words("command"), required=True, parser_class=Parser)


def add(
    commands: "argparse._SubParsersAction[Parser]", words: Help, name: str, key: str, *, bare: bool = False
) -> Parser:
    """A command among others; the text of `help.<key>` describes it in the list and on its own page."""
    return commands.add_parser(name, words=words, key=key, bare=bare, help=words(key))


def _folder(text: str) -> Path:
    """A folder by its name; an empty one would be the folder where the command was given."""
    if not text:
        raise argparse.ArgumentTypeError("a name is missing")
    return Path(text)


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=WIDTH)


class _GermanUsage(_Formatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "Aufruf: " if prefix is None else prefix)
