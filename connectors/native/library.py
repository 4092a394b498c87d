"""The compiled part of quick reading: found beside its sources, called with the interpreter's lock released.

`make setup` builds it (build.py). Its functions trust their callers: only this folder and `streams.site.lane` call them.
"""

import ctypes
from ctypes import c_char, c_int, c_int8, c_int32, c_uint8, c_uint32, c_uint64, c_void_p
from functools import cache

import numpy as np

from connectors.native import LIBRARY, fingerprint
from schemas.errors import ConfigurationError

TEXTS, FIELDS_MAX, FROM_MAX, WHEN_MAX, PLANS_MAX, VALUES_MAX, NULLS_MAX, MARKS_MAX = 8, 16, 6, 4, 10, 32, 3, 4
KEYS_MAX, NODES_MAX = 16, 16


class Field(ctypes.Structure):
    """native.h, `field`."""

    _fields_ = (
        ("op", c_uint8),
        ("slot", c_uint8),
        ("quoted", c_uint8),
        ("count", c_uint8),
        ("from_", c_uint8 * FROM_MAX),
    )


class Condition(ctypes.Structure):
    """native.h, `condition`."""

    _fields_ = (("value", c_uint8), ("size", c_int8), ("is_", c_char * 22))


class Plan(ctypes.Structure):
    """native.h, `plan`."""

    _fields_ = (
        ("kind", c_uint8), ("whens", c_uint8), ("fields", c_uint8),
        ("when", Condition * WHEN_MAX), ("field", Field * FIELDS_MAX),
    )  # fmt: skip


class Layout(ctypes.Structure):
    """native.h, `layout`."""

    _fields_ = (
        ("separator", c_uint8), ("quote", c_uint8), ("padded", c_uint8), ("comment", c_uint8),
        ("null_count", c_uint8), ("values", c_uint8), ("plan_count", c_uint8), ("utf8", c_uint8),
        ("least", c_uint32), ("most", c_uint32), ("column", c_int32 * VALUES_MAX),
        ("null_size", c_uint8 * NULLS_MAX), ("null", (c_char * 13) * NULLS_MAX),
        ("plan", Plan * PLANS_MAX), ("key", c_uint64 * 2), ("json", c_void_p),
    )  # fmt: skip


class Key(ctypes.Structure):
    """json.c, `key`."""

    _fields_ = (("size", c_uint8), ("value", c_uint8), ("node", c_uint8), ("name", c_char * 21))


class Node(ctypes.Structure):
    """json.c, `node`."""

    _fields_ = (("keys", c_uint8), ("array", c_uint8), ("key", Key * KEYS_MAX))


class Tree(ctypes.Structure):
    """json.c, `tree`."""

    _fields_ = (("nodes", c_uint8), ("numbers", c_uint8), ("arrays", c_uint8), ("node", Node * NODES_MAX))


class Rows(ctypes.Structure):
    """native.h, `rows`."""

    _fields_ = (
        ("of", c_void_p * TEXTS), ("marks", c_void_p), ("code", c_void_p * TEXTS), ("up", c_void_p), ("down", c_void_p),
        ("flow", c_void_p), ("start", c_void_p), ("line", c_void_p),
        ("odd_start", c_void_p), ("odd_end", c_void_p), ("odd_line", c_void_p),
        ("rows", c_uint64), ("odd", c_uint64), ("idle", c_uint64), ("lines", c_uint64),
        ("cost", c_uint32 * TEXTS), ("most", c_uint64), ("used", c_uint64),
    )  # fmt: skip


class Tables(ctypes.Structure):
    """tables.h, `tables`."""

    _fields_ = (
        *((name, c_void_p) for name in (
            "day", "day_odd", "view", "blocked", "mark_odd", "account_word", "client_word", "account_unit", "client_unit",
            "agent", "name", "address", "application", "name_thing", "address_thing", "thing_name", "thing_domain",
            "thing_bucket", "thing_never",
        )),
        ("unit", c_int32), ("kind", c_int32),
        ("of_account", c_uint8), ("of_client", c_uint8), ("of_nobody", c_uint8), ("view_flow", c_uint8),
        ("key", c_uint64 * 2),
    )  # fmt: skip


class Sums(ctypes.Structure):
    """tables.h, `sums`."""

    _fields_ = (
        *((name, c_void_p) for name in ("actor", "up", "down", "slot", "events", "blocked", "known", "flags")),
        ("count", c_uint64),
    )  # fmt: skip


class Names(ctypes.Structure):
    """tables.h, `names`."""

    _fields_ = (("name", c_void_p), ("bucket", c_void_p), ("rows", c_void_p), ("count", c_uint64))


class Flows(ctypes.Structure):
    """tables.h, `flows`."""

    _fields_ = (("flow", c_void_p), ("thing", c_void_p), ("sums", Sums))


class Hosts(ctypes.Structure):
    """tables.h, `hosts`."""

    _fields_ = (*((name, c_void_p) for name in ("flow", "actor", "thing", "said")), ("count", c_uint64))


class Given(ctypes.Structure):
    """tables.h, `given`."""

    _fields_ = (
        ("idle", c_uint64), ("dropped", c_uint64), ("unassigned", c_uint64), ("rows", c_uint64),
        ("flows", Flows), ("hosts", Hosts), ("occurs", c_void_p), ("fills", c_void_p),
    )  # fmt: skip


class Column(ctypes.Structure):
    """series.c, `column`."""

    _fields_ = (
        ("bytes", c_void_p), ("starts", c_void_p), ("known", c_void_p), ("count", c_uint64),
    )  # fmt: skip


class Filling(ctypes.Structure):
    """native.h, `filling`."""

    _fields_ = (
        *((name, c_void_p) for name in ("start", "day", "view", "name", "address", "application", "in_", "state")),
        ("groups", c_void_p), ("last", c_void_p), ("slots", c_void_p),
        ("room", c_uint64), ("count", c_uint64), ("mask", c_uint64), ("first", c_uint64), ("end", c_uint64),
    )  # fmt: skip


FILLED = np.dtype([("start", "i8"), ("day", "i4"), ("view", "i4"), ("records", "u8"), ("filled", "u8", 9)])
"""native.h, `filled`."""

_SIGNATURES = {
    "intern_new": (c_void_p, (c_uint64,)),
    "intern_free": (None, (c_void_p,)),
    "intern_count": (c_uint32, (c_void_p,)),
    "intern_size": (c_uint64, (c_void_p,)),
    "intern_bytes": (c_void_p, (c_void_p,)),
    "intern_starts": (c_void_p, (c_void_p,)),
    "place_texts": (c_int, (c_void_p, c_void_p, c_void_p)),
    "place_words": (c_int, (c_void_p, c_void_p, c_uint32, c_uint64, c_void_p)),
    "hash_texts": (None, (c_void_p, c_void_p, c_void_p)),
    "look": (None, (c_void_p, c_uint32, c_uint32, c_void_p, c_void_p, c_void_p)),
    "hash_pairs": (None, (c_void_p, c_void_p, c_uint64, c_void_p, c_void_p)),
    "lines_from": (c_uint64, (c_void_p, c_uint64, c_uint8, c_void_p, c_uint64)),
    "survey": (c_uint64, (c_void_p, c_uint64, c_void_p)),
    "read_delimited": (c_int, (c_void_p, c_uint64, c_void_p, c_void_p)),
    "read_json": (c_int, (c_void_p, c_uint64, c_void_p, c_void_p)),
    "tell": (c_int, (c_void_p, c_uint64, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "work_new": (c_void_p, ()),
    "work_free": (None, (c_void_p,)),
    "summed": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "ordered": (c_int, (c_void_p, c_void_p, c_void_p, c_uint64, c_void_p, c_void_p)),
}


@cache
def library() -> ctypes.CDLL:
    """The compiled functions. Raises ConfigurationError when they are not built, or built from other sources."""
    path = LIBRARY
    try:
        found = ctypes.CDLL(str(path))
    except OSError as error:
        raise ConfigurationError(
            "{name}: cannot be loaded ({problem}); delete it if it is there, and run make setup",
            name=path.name,
            problem=str(error),
        ) from None
    found.built_from.restype = ctypes.c_char_p
    if found.built_from().decode() not in {fingerprint(), ""}:
        raise ConfigurationError("{name}: was built from other sources; run make setup", name=path.name)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return found


def checked(status: int) -> None:
    """Raises MemoryError when a function says that there was none."""
    if status:
        raise MemoryError
