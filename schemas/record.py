"""What few things are made of: frozen pydantic models that refuse unknown fields."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Record(BaseModel):
    """Base of every record: immutable, no unknown fields, compared by value."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", str_strip_whitespace=True)


class Bilingual(Record):
    """A text in the two languages of the product."""

    de: str
    """German; written first."""
    en: str
    """English; says the same."""


UnitCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/-]*$", max_length=120)]
"""Stable code of an organisational unit, lower case."""

SubjectId = Annotated[str, StringConstraints(pattern=r"^(service|software|domain|purchases):\S+$", max_length=200)]
"""`service:dropbox`, `service:zoom#cloud`, `software:acme/writer`, `domain:example.org`, `purchases:supplier/480`."""
