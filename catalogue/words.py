"""Texts brought to one spelling, and which product names are ordinary words.

Folded text has words of letters and digits with single blanks between: umlauts written out, accents and marks gone.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import polars as pl

_WRITTEN_OUT = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "Ä": "Ae",
    "Ö": "Oe",
    "Ü": "Ue",
    "ß": "ss",
    "ẞ": "SS",
    "++": " plusplus ",
    "®": " ",
    "™": " ",
    "©": " ",
    "\u00ad": "",
    "\u200b": "",
}
"""Umlauts may come as one sign or as two: texts are composed (NFC) first. Soft hyphens stand inside words."""

_NOT_A_WORD = r"[^\p{L}\p{N}]+"


def fold(text: str, *, lower: bool = True, accents: bool = False) -> str:
    """The text folded; `lower=False` keeps capitals, `accents=True` keeps accents: Miró is not Miro.

    >>> fold("  Büro-Software® (Straße) ")
    'buero software strasse'
    """
    return " ".join(re.findall(r"[^\W_]+", _plain(text, lower=lower, accents=accents)))


@lru_cache(maxsize=65_536)
def _plain(text: str, *, lower: bool, accents: bool) -> str:
    if text.isascii():
        text = text.replace("++", _WRITTEN_OUT["++"])
        return text.lower() if lower else text
    text = unicodedata.normalize("NFC", text)
    for sign, out in _WRITTEN_OUT.items():
        text = text.replace(sign, out)
    text = unicodedata.normalize("NFKC" if accents else "NFKD", text)
    text = text.lower() if lower else text
    return "".join(sign for sign in text if not unicodedata.category(sign).startswith("M"))


def fold_column(texts: pl.Expr, *, lower: bool = True, accents: bool = False) -> pl.Expr:
    """`fold` of a column."""
    texts = texts.cast(pl.String).str.normalize("NFC")
    texts = texts.str.replace_many(list(_WRITTEN_OUT), list(_WRITTEN_OUT.values()))
    texts = texts.str.normalize("NFKC" if accents else "NFKD")
    texts = texts.str.to_lowercase() if lower else texts
    return texts.str.replace_all(r"\p{M}", "").str.replace_all(_NOT_A_WORD, " ").str.strip_chars(" ")


_LEGAL_FORMS = (
    r"(?: (?:gmbh|mbh|gesellschaft mit beschraenkter haftung|haftungsbeschraenkt|ag|aktiengesellschaft|se|ug|kg|kgaa|ohg|"
    r"gbr|e v|ev|e g|eg|e k|partg|co|und co|and co|inc|incorporated|ltd|limited|llc|l l c|llp|lp|corp|corporation|company|"
    r"s a|sa|sas|s a s|sarl|s a r l|bv|b v|nv|n v|oy|oyj|ab|asa|aps|plc|srl|s r l|spa|s p a|s l|sl|pte|pty|kft|sro|s r o|"
    r"dac|pbc))+$"
)
"""Legal forms at the end of a folded name. `as` and `a s` are left: they are words."""


def without_legal_form(name: str) -> str:
    """A folded name without the legal forms at its end.

    >>> without_legal_form("acme software gmbh co kg")
    'acme software'
    """
    return re.sub(_LEGAL_FORMS, "", name)


def without_legal_form_column(names: pl.Expr) -> pl.Expr:
    """`without_legal_form` of a column."""
    return names.str.replace(_LEGAL_FORMS, "")


SHORT = 4
"""Names of one word with at most so many letters count in their exact spelling only."""

_ORDINARY_WORDS = """
    access acrobat air amplitude apex arc atlas avast bard base bild bit bolt bootstrap box brave brief bubble
    buffer cap cascade chat chrome claude clockwise close cloud clue coda confluence connect consensus copilot
    copper craft cursor data deck deel delighted delta desk discord docs doo dovetail drift drip drive dynamics edge
    element excel express fabric factorial fathom felo felt firefly fleet flip flock flourish flow flux forge forms
    frame framer front fusion gamma gather gemini ghost glean glide glitch go greenhouse grok guru harvest hey hive
    horizon hub ideogram insight intercom jasper java karte keep keeper kit knack lage lark later lattice less line
    linear link lists looker loom loop lotse lovable lucid luma magnet make manus maps matrix maze meet mem meta
    mind mistral monday monica motion mural neat nebo neon netz notes notion numbers observable office one open
    opera oracle origin otter outline outlook pages parabola partner perplexity pilot pipeline pitch plan planner
    point poll portal post postfix power prime process project projekt puppet putty python quartz quip railway ray
    reader relay render replicate rows ruby runway rust safari safe salt samba sanity scale sense sentry share
    sheets shift sider sign signal sites sketch slab slack slides smart smash snap space spaces spark spiegel spline
    spot square stack station stream stripe studio suite summit surface surveys sway swift sync tally tandem target
    tauschboersen team teams things tome tools tower unity vector vision viva vue wasabi wave whereby whiteboard
    windsurf wire word workday workplace wormhole writer zeit zoom
"""
ORDINARY = frozenset(_ORDINARY_WORDS.split())
"""Names of one word that are also said of other things ("Coaching für Teams", "Zoom-Objektiv"): they count in their
exact spelling, and only where something shows that software is meant."""

_BORROWED_NAMES = """
    anaconda angular asana atera audacity avoma azure babbel basecamp beekeeper brevo canvas carbonite carto caspio
    circula coggle demio django doodle edx elevate elicit evernote f13 facelift figma filen ghost gimp gorgias
    hamachi hetzner joplin junie juro kahoot kayako kenjo kimi klaxoon marvel mega menti miro mittwald momentive
    ninox noota nuudel obsidian odoo okta opendesk parsec perl pika postman postmark prezi remo setmore snowflake
    strato suno ubuntu unipark webex whimsical workfront xing zeeg
"""
BORROWED = frozenset(_BORROWED_NAMES.split()) | {
    "ai model hub",
    "dream machine",
    "easy feedback",
    "host europe",
    "le chat",
    "qr code generator",
    "service cloud",
    "umfrage online",
}
"""Names that other trades, people or places have too (a chair Asana, rice of Odoo, the painter Miro), and names of
several ordinary words: they count where something shows that software is meant, in any case."""

AMBIGUOUS = ORDINARY | BORROWED
"""Names that need something beside them that shows that software is meant."""


def any_of(words: Iterable[str]) -> str:
    """A linear pattern: one of the words as a whole word of a folded text with blanks at both ends."""
    return f" (?:{'|'.join(sorted(map(re.escape, words)))}) "
