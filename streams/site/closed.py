"""Which days are closed: retention has let their people go, so that what comes late for them cannot be counted rightly."""

from datetime import date, timedelta

from streams.site.file import SiteFile

CLOSED, GONE = "closed", "gone"
"""The newest day whose people are gone; the newest day of which nothing is left but what was sent."""
FINAL, FROZEN = 1, 2
"""Values of `sent.final`. A final line is neither changed nor withdrawn again. A frozen one keeps its numbers, since they
cannot be counted again; it is withdrawn when the catalogue or the units no longer carry it."""
REACH = {"network": timedelta(days=29), "assets": timedelta(days=30)}
"""How long after a day its people are counted."""


def day(file: SiteFile, what: str, signal: str) -> date | None:
    """CLOSED or GONE of a signal; None while retention has not come to it."""
    text = file.meta(f"{what}.{signal}")
    return date.fromisoformat(text) if text else None


def until(file: SiteFile, what: str, signal: str, last: date | None) -> None:
    """Move CLOSED or GONE to a later day, and freeze or finish the lines that were sent; call inside a transaction."""
    known = day(file, what, signal)
    if last is None or (known is not None and known >= last):
        return
    file.remember(f"{what}.{signal}", last.isoformat())
    settled, reached = (FINAL, last) if what == GONE else (FROZEN, last + REACH[signal])
    file.db.execute(
        "UPDATE sent SET final = ? WHERE day <= ? AND final NOT IN (?, ?)"
        " AND (SELECT json_extract(body, '$.signal') FROM bodies WHERE bodies.id = sent.id) = ?",
        (settled, reached.isoformat(), FINAL, settled, signal),
    )


def opened(file: SiteFile, first: date) -> None:
    """Forget what is closed: a source is read again from its beginning; call inside a transaction.

    Days before `first`, whose keys are destroyed, stay closed.
    """
    for what in (CLOSED, GONE):
        file.db.execute("DELETE FROM meta WHERE key LIKE ?", (f"{what}.%",))
    if first > date.min:
        for signal in REACH:
            file.remember(f"{CLOSED}.{signal}", (first - timedelta(days=1)).isoformat())
