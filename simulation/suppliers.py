"""Companies that sell to the made-up state: invented names, VAT ids and register numbers with valid form."""

from simulation.acts import Supplier


def _vat(digits: str) -> str:
    """German VAT id with its check digit (ISO 7064, mod 11,10)."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return f"DE{digits}{(11 - product) % 10}"


def _gmbh(name: str, number: int, town: str = "Stuttgart") -> Supplier:
    return Supplier(name, _vat(f"{number}"), f"{town} HRB {number % 900_000 + 10_000}", town)


FILDERWERK = _gmbh("Filderwerk Softwarebau GmbH", 28_431_907)
ALBTAL = _gmbh("Albtal Datenberatung GmbH", 26_190_844, "Karlsruhe")
RHEINAUE = _gmbh("Rheinaue Fachverfahren GmbH", 31_775_260, "Karlsruhe")
KRAICHGAU = _gmbh("Kraichgau Systempflege GmbH & Co. KG", 29_604_118, "Bruchsal")
NECKARTAL = _gmbh("Systemhaus Neckartal GmbH", 27_388_051)
OSTALB = _gmbh("Ostalb Rechnerhandel AG", 25_017_392, "Aalen")
PLANORADO = _gmbh("Planorado Software GmbH", 33_250_671, "Mannheim")
HILFSMITTEL = _gmbh("Barrierefrei Hilfsmittel GmbH", 30_466_285, "Tübingen")
LAND_IT = _gmbh("IT-Betrieb des Landes AöR", 24_815_330)
HOHENLOHE = _gmbh("Hohenlohe Schulungen GmbH", 32_190_547, "Künzelsau")
