"""Tells what a purchase text buys from what it only speaks of.

A course on a program, a book about it, an audit of it or its replacement are no purchase of it. A name that other
trades have too is the program only where licences, software or the provider stand beside it.
"""

import polars as pl

from catalogue.words import AMBIGUOUS, any_of, fold_column, without_legal_form_column

_LICENCE = (
    r" (?:[a-z]*(?:lizenz|lizenzen|lizenzierung|lizenzpaket|lizenzverlaengerung|abo|abos|abonnement|abonnements|"
    r"subskription|subskriptionen|softwarepflege)|licen[cs]e|licen[cs]es|licen[cs]ing|subscriptions?|seats?|saas|"
    r"business api|named users?) "
)
"""Words that show that the right to use something is bought."""

_SOFTWARE = """
    anwendung anwendungen app apps clouddienst konferenzsystem messenger onlinedienst software webapp
    videokonferenz videokonferenzen videokonferenzsystem mandant tenant jahresvertrag
"""
_SPEAKS_OF_SOFTWARE = any_of(_SOFTWARE.split())
"""Words that show anywhere in a text that it speaks of software."""

_PLANS = """
    admin account accounts advanced api basic benutzer business cloud datacenter desktop dienst edition education
    enterprise hosting instanz nutzer online onlinedienst plan plattform plus premium pro professional server standard
    starter team teams tool update upgrade user users workspace zugang zugaenge
"""
_NEXT_TO = f"(?:{'|'.join(sorted(_PLANS.split()))})"
"""Words that show it right beside a name only: plans and forms of delivery."""

_ABOUT = (
    r" (?:[a-z]*(?:seminar|seminare|seminars|seminarreihe|webinar|webinare|schulung|schulungen|workshop|workshops|"
    r"workshopreihe|kurs|kurse|kurses|lehrgang|lehrgaenge|training|trainings|fortbildung|fortbildungen|weiterbildung|"
    r"weiterbildungen|vortrag|vortraege|vortrags|vortragsreihe|fachtag|fachtagung|gutachten|penetrationstest|"
    r"penetrationstests|folgenabschaetzung|risikoanalyse|sicherheitsanalyse|marktanalyse)|"
    r"schulungs(?:unterlagen|material|materialien|massnahme|massnahmen|konzept|leistung|leistungen|tag|tage|video|"
    r"videos)|tagung|tagungen|kongress|symposium|podiumsdiskussion|informationsveranstaltung|vorlesung|coaching|"
    r"coachings|trainer|dozent|dozentin|referentenhonorar|"
    r"(?:fach|hand|sach|lehr|praxis|arbeits|taschen|hoer|e)?(?:buch|buecher|books?)|leitfaden|leitfaeden|ratgeber|"
    r"(?:broschueren?|flyer|plakate?|poster|aufkleber)[a-z]*|kunstdruck|kunstdrucke|lexikon|zeitschrift|"
    r"literatur|(?:rechts|sicherheits|datenschutz|schwachstellen|wirtschaftlichkeits|ueber)?pruefung|"
    r"pruefungen|ueberpruefungen|pentest|pentests|audit|audits|auditierung|studie|studien|evaluation|untersuchung|dsfa|"
    r"beratung (?:zu|zum|zur|ueber|bezueglich)|[a-z]*zertifizier[a-z]*|certified|kompatibel|compatible|geeignet|"
    r"headsets?|kopfhoerer|(?:web)?cams?|(?:web|konferenz)?kameras?|mikrofone?|lautsprecher|freisprech[a-z]*|"
    r"tastaturen?|dockingstations?|monitore?|bildschirme?) "
)
"""What is bought about a thing or for it in place of the thing: courses, books, prints, advice, audits, events, devices."""

_ADDED = r" (?:inkl|inklusive|einschliesslich|samt|nebst|zzgl|zuzueglich|incl|including) .*$"
"""What comes along with a thing says nothing against the thing."""

_ACQUIRED = (
    r" (?:beschaffung|erwerb|kauf|bereitstellung|einfuehrung|betrieb|bezug|miete|verlaengerung|hosting|nutzung)"
    r"(?: (?:von|der|des|einer|eines|fuer))?$"
)
"""What right before a name says that the thing itself is meant."""

_REFERRED = (
    r" (?:(?:abloesung|migration|umstieg|wechsel|export|umzug|rueckbau|abschaltung|kuendigung)(?: von| der| des| aus| vom)?|"
    r"(?:daten|dateien|inhalte|inhalten|auszug) (?:aus|von)|(?:als )?ersatz (?:fuer|von)|ersetzt|"
    r"anstelle von|anstatt|statt|kompatibel (?:mit|zu)|"
    r"alternativen? (?:zu|zum|zur)|schnittstelle (?:zu|zur|zum)|anbindung an|integration (?:in|mit)|"
    r"replacement (?:for|of)|migration from|instead of|compatible with|integration with|interface to|alternative to)"
    r"(?: (?:der|des|die|das|den|dem|bestehenden?|vorhandenen?|bisherigen?|alten?|aktuellen?|eingesetzten?|genutzten?|"
    r"software|dienst|dienstes|plattform|loesung|tools?|systems?|anwendung))*(?: [^ ]+ (?:und|oder|sowie))?$"
)
"""What stands before a name that is mentioned but not bought."""

_SOFTWARE_CPV = ["48", "72"]
"""CPV divisions of software packages and of IT services: an ambiguous name is a product."""
_LICENCE_CPV = ["48"]
_OTHER_CPV = ["22", "80"]
"""Printed matter, education and training: what they buy is about a thing."""


def not_referred() -> pl.Expr:
    """False for a name that the text only refers to. Reads `before`: the folded text before the name."""
    return ~pl.col("before").str.contains(_REFERRED)


def itself() -> pl.Expr:
    """True where the thing is bought, not something about it. Reads `before`, `after`, `lower`, `cpv`."""
    before, after = pl.format("{} ", "before"), pl.format(" {}", "after")
    extras = after.str.replace(_ADDED, " ")
    around = before.str.contains(_ABOUT) | (
        extras.str.contains(_ABOUT) & ~pl.col("before").str.contains(_ACQUIRED).fill_null(value=False)
    )
    other = _every_code(_OTHER_CPV)
    licence = before.str.contains(_LICENCE) | after.str.contains(_LICENCE) | _any_code(_LICENCE_CPV)
    return licence | ~(around | other)


def speaks_of_software() -> pl.Expr:
    """True where the text, the supplier or the CPV code shows that an ambiguous name is a product.

    Reads `lower`, `before`, `after`, `cpv`, `supplier_name`, `provider`, `key`.
    """
    said = pl.col("lower").str.contains(_SPEAKS_OF_SOFTWARE) | pl.col("lower").str.contains(_LICENCE)
    beside = pl.col("after").str.contains(f"^{_NEXT_TO} ") | pl.col("before").str.contains(f" {_NEXT_TO}$")
    return said | beside | _any_code(_SOFTWARE_CPV) | _provider_named()


def provider_words(provider: pl.Expr) -> pl.Expr:
    """The first word of a folded provider's name, the first two where one says little ("zoom communications")."""
    words = provider.str.split(" ")
    first = words.list.first()
    little = first.is_in(sorted(AMBIGUOUS)) | (first.str.len_chars() <= _SHORT_MAKER)
    return words.list.head(pl.when(little).then(2).otherwise(1)).list.join(" ")


_SHORT_MAKER = 3
""""the", "new", "sap": alone they name nobody."""


def _provider_named() -> pl.Expr:
    """The text names the provider, or the supplier is the provider."""
    provider = pl.col("provider").fill_null("")
    own_word = provider.is_in(sorted(AMBIGUOUS))
    padded = pl.format(" {} ", provider)
    maker = (provider != "") & (provider != pl.col("key")) & ~own_word
    maker = maker & pl.col("lower").str.contains(padded, literal=True)
    name = without_legal_form_column(fold_column(pl.col("supplier_name")))
    inside = ~own_word & pl.format(" {} ", name).str.contains(padded, literal=True)
    supplier = (provider != "") & ((name == provider) | inside)
    return maker | supplier.fill_null(value=False)


def _divisions() -> pl.Expr:
    return pl.col("cpv").list.eval(pl.element().str.slice(0, 2))


def _any_code(divisions: list[str]) -> pl.Expr:
    return _divisions().list.eval(pl.element().is_in(divisions)).list.any().fill_null(value=False)


def _every_code(divisions: list[str]) -> pl.Expr:
    every = _divisions().list.eval(pl.element().is_in(divisions)).list.all().fill_null(value=False)
    return every & (pl.col("cpv").list.len().fill_null(0) > 0)
