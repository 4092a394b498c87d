"""From which day on is a parameter disputed?

`disputed` is a sentence for people. Where it speaks of the end of a parameter and names days, the value itself is
undisputed up to the first of them.
"""

import re
from datetime import date

import polars as pl

from schemas.entries import Parameter

END = re.compile(r"^(ende|end date)\b", re.IGNORECASE)
"""How a sentence on the end begins."""
DAY = re.compile(r"\b\d{2}\.\d{2}\.\d{4}\b")


def disputed_on(parameter: Parameter, day: date) -> str | None:
    """What is disputed about the parameter on a day of its term; None when nothing is."""
    text = parameter.disputed
    if text is None or END.match(text) is None:
        return text
    ends = pl.Series(DAY.findall(text), dtype=pl.String).str.to_date("%d.%m.%Y", strict=False).drop_nulls().to_list()
    return text if not ends or day > min(ends) else None
