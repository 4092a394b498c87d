"""The count of every record of a site: received = counted + duplicate + rejected + dead_letter + in_flight."""

import sqlite3
from dataclasses import dataclass, fields


@dataclass(slots=True)
class Tally:
    """Records of one source; `idle`, `unassigned` and `dropped` are part of `counted`."""

    received: int = 0
    counted: int = 0
    duplicate: int = 0
    rejected: int = 0
    dead_letter: int = 0
    in_flight: int = 0
    idle: int = 0
    """Understood, but no event."""
    unassigned: int = 0
    """Without a unit."""
    dropped: int = 0
    """Excluded, never-listed, or too late to change what is final."""

    def __add__(self, other: "Tally") -> "Tally":
        """Sum by field."""
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def negative(self) -> "Tally":
        """What takes these records out again."""
        return Tally(*(-getattr(self, f.name) for f in fields(self)))


COLUMNS = tuple(f.name for f in fields(Tally))


def add(db: sqlite3.Connection, source: str, tally: Tally) -> None:
    """Add to the ledger inside the transaction of what is counted; the file refuses a ledger that does not balance."""
    db.execute("INSERT OR IGNORE INTO ledger(source) VALUES(?)", (source,))
    changes = ", ".join(f"{name} = {name} + ?" for name in COLUMNS)
    db.execute(f"UPDATE ledger SET {changes} WHERE source = ?", (*(getattr(tally, n) for n in COLUMNS), source))


def read(db: sqlite3.Connection) -> list[tuple[str, Tally]]:
    """Source and its tally, by name."""
    rows = db.execute(f"SELECT source, {', '.join(COLUMNS)} FROM ledger ORDER BY source")
    return [(row[0], Tally(*row[1:])) for row in rows]
