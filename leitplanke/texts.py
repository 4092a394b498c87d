"""Every sentence a reader sees, in German and English, from one catalogue: `leitplanke/messages/*.yaml`.

A message is `key: {de: ..., en: ...}`; each side is a text or `{one: ..., other: ...}`, chosen by the parameter `n`.
A field may name a form: number, decimal, percent, bytes, money, date, day, country.
"""

import json
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from catalogue import compiled

Lang = Literal["de", "en"]
LANGS: tuple[Lang, ...] = ("de", "en")
"""Languages of the product; German is written first."""
MESSAGES = Path(__file__).with_name("messages")
ALONE = ("cli", "doctor", "quality")
"""Most commands say little."""
ERRORS = "errors"
"""The file whose messages are found by their English side: leitplanke/sentences.py."""

_DATE = {"de": "dd.MM.yyyy", "en": "d MMM yyyy"}
_DAY = {"de": "dd.MM.", "en": "d MMM"}
_GROUPED = {"de": ".", "en": ","}
"""Sign between groups of three digits."""
_STEPS = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


@cache
def messages() -> Mapping[str, Mapping[str, Any]]:
    """All messages by key; two with one key are a ValueError."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(MESSAGES.glob("*.yaml")):
        if file.stem == ERRORS:
            continue
        for key, message in read(file.stem).items():
            if key in found:
                raise ValueError(f"{file.name}: {key} stands in two files")
            found[key] = message
    return found


@cache
def read(name: str) -> Any:
    """What stands in one file of the catalogue; kept as JSON, since reading YAML takes longer than a short command."""
    file = MESSAGES / f"{name}.yaml"
    kind, key = f"messages-{name}", compiled.key_of([file, Path(__file__)])
    known = compiled.kept(kind, key)
    if known is not None:
        return json.loads(known[name])
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast
    texts = yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506  # a safe loader
    compiled.keep(kind, key, {name: json.dumps(texts, ensure_ascii=False).encode()})
    return texts


def _family(key: str) -> Mapping[str, Mapping[str, Any]]:
    """The messages among which a key stands: a file that is named like the first word of its keys is read alone."""
    name = key.partition(".")[0]
    found: Mapping[str, Mapping[str, Any]] = read(name) if name in ALONE else messages()
    return found


def has(key: str) -> bool:
    """True when there is a message with this key."""
    return key in _family(key)


def t(key: str, lang: Lang, /, **params: Any) -> str:
    """The message with its parameters in the form of the language; KeyError without the message or a parameter.

    >>> t("seen.upload", "de", bytes=1_800_000_000)
    '1,8 GB wurden hochgeladen.'
    >>> t("seen.upload", "en", bytes=1_800_000_000)
    '1.8 GB were uploaded.'
    """
    message = _family(key)[key][lang]
    if isinstance(message, Mapping):
        message = message["one" if params.get("n") == 1 else "other"]
    return _Formatter(lang).format(message, **params)


def listed(items: Sequence[str], lang: Lang, most: int = 6) -> str:
    """Items with commas; what goes beyond `most` is counted.

    >>> listed(["a", "b", "c"], "de", most=2)
    'a, b und 1 weitere'
    """
    if len(items) <= most:
        return ", ".join(items)
    return t("list.more", lang, items=", ".join(items[:most]), n=len(items) - most)


def joined(items: Sequence[str], lang: Lang) -> str:
    """Items as a sentence names them.

    >>> joined(["Irland", "den USA"], "de")
    'Irland und den USA'
    """
    from babel.lists import format_list

    return format_list(items, locale=lang)


class _Formatter(string.Formatter):
    """`{name:form}` with the forms of a language; without a form text is text and a number is grouped."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        form = format_spec or ("number" if isinstance(value, int) and not isinstance(value, bool) else "text")
        # a narrow or no-break space is right in print, but nobody can search for it
        return _FORMS[form](value, self.lang).replace("\u202f", " ").replace("\xa0", " ")


def _number(value: Any, lang: Lang) -> str:
    if isinstance(value, int):
        # as CLDR groups it; most commands say one number, and babel with the data of a language takes 30 ms
        return f"{value:,}".replace(",", _GROUPED[lang])
    from babel.numbers import format_decimal

    return format_decimal(value, locale=lang)


def _decimal(value: Any, lang: Lang) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, format="#,##0.0##", locale=lang)


def _percent(value: Any, lang: Lang) -> str:
    from babel.numbers import format_percent

    # the agreed English example, too, sets a space before the sign
    return format_percent(value / 100, format="#,##0 %", locale=lang)


def _bytes(value: Any, lang: Lang) -> str:
    from babel.numbers import format_decimal

    unit, size = next(((u, s) for u, s in _STEPS if value >= s), ("B", 1))
    return f"{format_decimal(Decimal(value) / size, format='#,##0.#', locale=lang)} {unit}"


def _money(value: Any, lang: Lang) -> str:
    from babel.numbers import format_currency

    amount = Decimal(str(value))
    form = "#,##0 ¤" if amount == amount.to_integral_value() else "#,##0.00 ¤"
    return format_currency(amount, "EUR", format=form, locale=lang, currency_digits=False)


def _calendar(forms: Mapping[str, str]) -> Callable[[Any, Lang], str]:
    def formatted(value: Any, lang: Lang) -> str:
        from babel.dates import format_date

        day = date.fromisoformat(value) if isinstance(value, str) else value
        return format_date(day, forms[lang], locale=lang)

    return formatted


def _country(value: Any, lang: Lang) -> str:
    """The country after a preposition of place: `Irland`, but `den USA` and `der Schweiz` in German."""
    from babel import Locale

    key = f"country.{value}"
    return t(key, lang) if has(key) else str(Locale(lang).territories.get(value, value))


def _text(value: Any, _lang: Lang) -> str:
    return str(value)


_FORMS: dict[str, Callable[[Any, Lang], str]] = {
    "number": _number,
    "decimal": _decimal,
    "percent": _percent,
    "bytes": _bytes,
    "money": _money,
    "date": _calendar(_DATE),
    "day": _calendar(_DAY),
    "country": _country,
    "text": _text,
}
