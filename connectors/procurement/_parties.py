"""The parties of an OCDS release: who buys, who supplies, under which identifiers.

Publishers differ: parties are referred to by their local id or by their register number (swapped in German
releases), and winners stand in the awards or only among the parties.
"""

from collections.abc import Iterable
from typing import Any

from connectors.documents import Row, text
from connectors.procurement._purchases import Identifier, distinct, identifier, texts

Json = dict[str, Any]


def objects(value: Any) -> list[Json]:
    """The objects of a list, also of lists in it; a single object is a list of one."""
    if isinstance(value, dict):
        return [value]
    return [one for item in value for one in objects(item)] if isinstance(value, list) else []


def one(value: Any) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def words(value: Any) -> list[str]:
    """The words of a closed list: of a list, or one alone."""
    return [word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str)]


class Parties:
    """Parties of one release, found by any of their identifiers."""

    def __init__(self, release: Json) -> None:
        self._all = objects(release.get("parties"))
        self._by_id: dict[str, Json] = {}
        for party in self._all:
            for key in _keys(party):
                self._by_id.setdefault(key, party)
        self._roles: dict[str, list[Json]] = {}
        for party in self._all:
            for role in set(words(party.get("roles"))):
                self._roles.setdefault(role, []).append(party)
        self._buyer = one(release.get("buyer"))
        self._procuring = one(one(release.get("tender")).get("procuringEntity"))

    def buyer(self) -> Row:
        """Columns of the buying side."""
        buyers = [self._buyer] if self._buyer else self._in_role("buyer")[:1]
        buyers = buyers or [self._procuring or next(iter(self._in_role("procuringEntity")), {})]
        name = self._name(buyers[0])
        procuring = self._name(self._procuring)
        others = [self._name(party) for party in self._in_role("buyer")]
        return {
            "buyer_name": name,
            "buyer_ids": self._ids(buyers, buyer=True),
            "contracting_unit": procuring if procuring != name else None,
            "beneficiaries": texts(other for other in others if other not in {name, procuring}),
        }

    def supplier(self, named: Any, *, alone: bool, won: bool) -> Row:
        """Columns of the supplying side: those named, else, where somebody `won`, the winners among the parties.

        `alone` says that no other award lacks its supplier: of several winners none can be told apart otherwise.
        """
        suppliers = objects(named)
        if not suppliers and won:
            winners = self._in_role("supplier")
            suppliers = winners if alone or len(winners) == 1 else []
        names = texts(self._name(supplier) for supplier in suppliers)
        return {"supplier_name": "; ".join(names) if names else None, "supplier_ids": self._ids(suppliers, buyer=False)}

    def _in_role(self, role: str) -> list[Json]:
        return self._roles.get(role, [])

    def _same(self, party: Json) -> Json:
        return next((self._by_id[key] for key in _keys(party) if key in self._by_id), {})

    def _name(self, party: Json) -> str | None:
        for known in (party, self._same(party)):
            name = text(known.get("name")) or text(one(known.get("identifier")).get("legalName"))
            if name:
                return name
        return None

    def _ids(self, parties: Iterable[Json], *, buyer: bool) -> list[Identifier] | None:
        found: list[Identifier | None] = []
        for party in parties:
            for known in (party, self._same(party)):
                numbers = [*objects(known.get("identifier")), *objects(known.get("additionalIdentifiers"))]
                found += [identifier(number.get("scheme"), number.get("id"), buyer=buyer) for number in numbers]
            found.append(identifier(None, party.get("id"), buyer=buyer))
        schemed = {number["value"] for number in found if number and number["scheme"]}
        return distinct(n for n in found if n and (n["scheme"] or n["value"] not in schemed))


def _keys(party: Json) -> list[str]:
    numbers = [party.get("id"), one(party.get("identifier")).get("id")]
    return [key for key in map(text, numbers) if key]
