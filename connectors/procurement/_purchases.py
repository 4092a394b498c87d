"""What connectors of purchase documents share: identifiers of parties, CPV codes, seats in texts."""

from collections.abc import Iterable
from typing import Any

import polars as pl
from stdnum.de import leitweg
from stdnum.eu import vat

from connectors.documents import text

Identifier = dict[str, str | None]

_VAT_SCHEMES = {"VAT", "VATIN", "VA", "UST-ID", "USTID"}
_REGISTER_SCHEMES = {"DE-CR", "DE-HR", "HRA", "HRB"}
_VAT_LENGTH = 14
_CPV_DIGITS = 8

_NOUN = r"(?:lizenz(?:en)?|licen[cs]es?|seats?|users?|nutzer(?:innen)?|benutzer(?:innen)?|anwender(?:innen)?|arbeitsplätze|arbeitsplatzlizenzen|subscriptions?)"
_BETWEEN = r"(?:(?:x|st|stk|stück|neue|weitere|zusätzliche|named|concurrent|benannte|gleichzeitige|additional)\.?\s+)?"
_SEATS = (
    rf"(?i)(?:^|[^\w.,/-])(\d{{1,3}}(?:[.,' ]\d{{3}})+|\d{{1,7}})\s*{_BETWEEN}(?:(\p{{L}}+)-(?:\p{{L}}+-)*)?{_NOUN}\b"
)
_TIMES = ("monats", "jahres", "tages", "month", "year", "day")


def identifier(scheme: Any, value: Any, *, buyer: bool = False) -> Identifier | None:
    """An identifier without blanks; None when empty or an e-mail address.

    A Leitweg-ID is known by its check digits (buyers only), a VAT id by its scheme or, without one, its check digits.
    """
    written = (text(value) or "").replace(" ", "")
    if buyer and written.lower().startswith("leitweg-id"):
        written = written[len("leitweg-id") :].lstrip(":")
    if not written or "@" in written:
        return None
    named = (text(scheme) or "").upper() or None
    if buyer and written[0].isdigit() and leitweg.is_valid(written):
        named = "leitweg"
    elif named in _VAT_SCHEMES or (named or "").endswith("-VAT") or (named is None and _is_vat(written)):
        named = "vat"
    elif named in _REGISTER_SCHEMES or (named is None and written[:3].upper() in {"HRA", "HRB"}):
        named = "register"
    return {"scheme": named and named.lower(), "value": written}


def _is_vat(written: str) -> bool:
    return written[:2].isalpha() and len(written) <= _VAT_LENGTH and bool(vat.is_valid(written))


def distinct(identifiers: Iterable[Identifier | None]) -> list[Identifier] | None:
    """Identifiers in order, each once; None when there is none."""
    kept: list[Identifier] = []
    for one in identifiers:
        if one is not None and one not in kept:
            kept.append(one)
    return kept or None


def texts(values: Iterable[Any]) -> list[str] | None:
    """Texts in order, each once; None when there is none."""
    return list(dict.fromkeys(filter(None, map(text, values)))) or None


def cpv(value: Any) -> str | None:
    """The eight digits of a CPV code, without check digit; None for anything else."""
    code = (text(value) or "").partition("-")[0].strip()
    return code if len(code) == _CPV_DIGITS and code.isascii() and code.isdigit() else None


def with_seats(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `seats` from title and lines, where one states a number of licences or users."""
    words = pl.concat_str(
        pl.col("title"),
        pl.col("lines").list.eval(pl.element().struct.field("text")).list.join("; "),
        separator="; ",
        ignore_nulls=True,
    )
    found = words.str.extract_groups(_SEATS)
    number, compound = found.struct[0], found.struct[1].str.to_lowercase()
    seats = number.str.replace_all(r"\D", "").cast(pl.Int64, strict=False)
    return frame.with_columns(seats=pl.when(compound.is_null() | ~compound.is_in(_TIMES)).then(seats))
