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


def fold(text: str, *, lower: bool = True) -> str:
    """The text folded; `lower=False` keeps capitals.

    >>> fold("  Büro-Software® (Straße) ")
    'buero software strasse'
    """
    return " ".join(re.findall(r"[^\W_]+", _plain(text, lower=lower)))


@lru_cache(maxsize=65_536)
def _plain(text: str, *, lower: bool) -> str:
    if text.isascii():
        text = text.replace("++", _WRITTEN_OUT["++"])
        return text.lower() if lower else text
    text = unicodedata.normalize("NFC", text)
    for sign, out in _WRITTEN_OUT.items():
        text = text.replace(sign, out)
    text = unicodedata.normalize("NFKD", text)
    text = text.lower() if lower else text
    return "".join(sign for sign in text if not unicodedata.category(sign).startswith("M"))


def fold_column(texts: pl.Expr, *, lower: bool = True) -> pl.Expr:
    """`fold` of a column."""
    texts = texts.cast(pl.String).str.normalize("NFC")
    texts = texts.str.replace_many(list(_WRITTEN_OUT), list(_WRITTEN_OUT.values())).str.normalize("NFKD")
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
    putty access acrobat air apex arc asana atlas avast base bard basecamp bild bit bolt box brave brief cap chat chrome
    claude clockwise clue coda cloud connect confluence copilot craft cursor cascade data deck delta desk discord docs
    drift drive dynamics edge element evernote excel express fabric firefly fleet flow flux forge forms frame front
    fusion gamma gemini ghost go grok guru harvest hive horizon hub ideogram insight intercom java jasper karte keep
    lage lark less linear line link lists loom loop lotse lucid magnet make maps matrix meet meta mind mistral monday
    mural netz neat notes notion numbers office onenote one open opera oracle origin otter outlook pages partner
    perplexity pilot pipeline pitch planner plan point poll portal post power prime process project projekt puppet python
    quartz quip ray reader relay ruby rust safari safe salt scale sense share sheets shift sign signal sites sketch
    slack smart snap space spaces spark spiegel spot square stack station stream stripe studio suite summit surface
    surveys sway swift sync tally tandem target team teams things tools tower trello unity vector vision viva wave
    webex whereby whiteboard wire word workplace writer xing zeit zoom
"""
ORDINARY = frozenset(_ORDINARY_WORDS.split()) - {"asana", "basecamp", "evernote", "onenote", "trello", "webex", "xing"}
"""Words that name a product and are also said of other things ("Coaching für Teams", "Zoom-Objektiv")."""

_CONTEXT = """
    abo abonnement abonnements abos account accounts admin anwendung anwendungen app apps benutzer business cloud
    cloudlizenz clouddienst datacenter desktop dienst edition education enterprise hosting instanz jahresabo
    jahresabonnement jahreslizenz jahreslizenzen konferenzsystem licence licences license licenses licensing lizenz
    lizenzen lizenzierung lizenzpaket lizenzverlaengerung mandant messenger named nutzer nutzerlizenz nutzerlizenzen
    onlinedienst plattform premium pro professional saas seat seats server software softwarelizenz softwarelizenzen
    softwarepflege standard subscription subscriptions subskription tenant tool update upgrade user users videokonferenz
    videokonferenzen videokonferenzsystem webapp workspace zugang zugaenge
"""
CONTEXT = frozenset(_CONTEXT.split())
"""Words that show that a text speaks of software: then an ordinary word is the product."""

SOFTWARE_CPV = ("48", "72")
"""CPV divisions of software packages and of IT services; they show the same."""

_REFERS = """
    abloesung von|abloesung der|abloesung des|als ersatz fuer|ersatz fuer|ersatz von|anstelle von|anstatt|statt|
    kompatibel mit|kompatibel zu|alternative zu|schnittstelle zu|schnittstelle zur|schnittstelle zum|anbindung an|
    integration in|integration mit|replacement for|replacement of|instead of|compatible with|integration with|
    interface to|alternative to
"""
REFERS = tuple(sorted("".join(line.strip() for line in _REFERS.splitlines()).split("|")))
"""What stands before a name that is mentioned but not bought."""


def any_of(words: Iterable[str]) -> str:
    """A linear pattern: one of the words as a whole word of a folded text with blanks at both ends."""
    return f" (?:{'|'.join(sorted(map(re.escape, words)))}) "
