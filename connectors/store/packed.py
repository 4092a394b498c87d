"""Many small rows in few bytes: numbers in fixed width, everything else once as JSON.

Thirty observations of a usage differ in their numbers; what was recognised, by whom and how, they share. So the rows of
one document become three values: their numbers as a packed array, their ids, and each distinct JSON text of the other
columns once. Reading 150,000 rows so takes some 60 ms; as JSON rows it takes a second.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
import zstandard

from connectors.store.loose import NULL, TEXT, Loose, listed
from schemas.observation import FEATURE_NAMES, FEATURES

PACKED = pl.Struct({"numbers": pl.Binary, "ids": pl.String, "texts": pl.String})
"""The packed rows of a document as one value."""
_SQUEEZED_FROM = 400
"""Bytes from which numbers are compressed: below, the frame around them costs more than it saves."""


class Packing:
    """How the rows of one schema are packed; `numbers` are its columns of fixed width (Int64, Date, Float64)."""

    def __init__(self, schema: pl.Schema, numbers: Sequence[str], ids: str | None = None) -> None:
        """`ids` is a text column that differs in every row, if there is one."""
        self.schema = schema
        self.ids = ids
        self.numbers = tuple(numbers)
        apart = {*numbers, ids}
        self.features = "features" in schema and schema["features"] == FEATURES
        self.others = [n for n in schema if n not in apart and not (self.features and n == "features")]
        self._other = pl.Struct({name: schema[name] for name in self.others})
        fields = [(TEXT, "<u4")]
        fields += [(n, "<f8" if schema[n] == pl.Float64 else "<i8") for n in self.numbers]
        fields += [(n, "<f8") for n in FEATURE_NAMES] if self.features else []
        self._record = np.dtype(fields)

    def pack(self, rows: pl.DataFrame, lengths: np.ndarray) -> pl.DataFrame:
        """Columns numbers, ids, texts; one row a document that has `lengths` of the rows, in order."""
        return self.tighten(self.gather(rows, lengths))

    def unpack(self, packed: pl.DataFrame) -> tuple[pl.DataFrame, np.ndarray]:
        """The rows of all documents in order, and how many each has."""
        loose = self.loosen(packed)
        return loose.frame(), loose.lengths

    def gather(self, rows: pl.DataFrame, lengths: np.ndarray) -> Loose:
        """Rows of a frame, which may have more columns than the schema."""
        record = np.zeros(rows.height, self._record)
        for name in self.numbers:
            column = rows[name]
            if column.dtype == pl.Float64:
                record[name] = column.fill_null(float("nan")).to_numpy()
            else:
                record[name] = column.to_physical().cast(pl.Int64).fill_null(NULL).to_numpy()
        if self.features:
            _fill_features(record, rows["features"])
        text, texts = self._texts(rows)
        ids = None if self.ids is None else rows[self.ids]
        return Loose(self.schema, record, ids, text, texts, np.asarray(lengths, np.int64))

    def loosen(self, packed: pl.DataFrame) -> Loose:
        """The rows of packed documents."""
        loosen = zstandard.ZstdDecompressor().decompress
        blobs = [loosen(blob) if blob[:4] == zstandard.FRAME_HEADER else blob for blob in packed["numbers"].to_list()]
        record = np.frombuffer(b"".join(blobs), self._record)
        lengths = np.fromiter(map(len, blobs), np.int64, len(blobs)) // self._record.itemsize
        full = packed.filter(pl.Series(lengths > 0))
        split = full["texts"].str.split("\n")
        counts = split.list.len().to_numpy()
        flat = split.explode(empty_as_null=False).to_frame(TEXT)
        flat = flat.with_columns(pl.col(TEXT).rank("dense").cast(pl.Int64).alias("rank"))
        begin = np.repeat(np.cumsum(counts) - counts, lengths[lengths > 0])
        text = flat["rank"].to_numpy()[begin + record[TEXT]] - 1
        distinct = flat.unique(TEXT).sort("rank")[TEXT].replace("", "{}")
        ids = None if self.ids is None else full["ids"].str.split("\n").explode(empty_as_null=False)
        return Loose(self.schema, record, ids, text, self._said(distinct), lengths)

    def tighten(self, loose: Loose) -> pl.DataFrame:
        """Columns numbers, ids, texts: the rows packed, one row a document."""
        number, texts = _numbered(loose)
        record = loose.numbers if loose.numbers.flags.writeable else loose.numbers.copy()
        record[TEXT] = number
        data = np.ascontiguousarray(record).view(np.uint8).data
        width, ends = self._record.itemsize, np.cumsum(loose.lengths)
        places = zip(((ends - loose.lengths) * width).tolist(), (ends * width).tolist(), strict=True)
        squeeze = zstandard.ZstdCompressor(level=-1).compress
        blobs = [squeeze(data[a:b]) if b - a > _SQUEEZED_FROM else bytes(data[a:b]) for a, b in places]
        ids = pl.repeat(None, len(blobs), dtype=pl.String, eager=True)
        if loose.ids is not None:
            ids = listed(loose.ids, loose.lengths).list.join("\n")
        return pl.DataFrame({"numbers": pl.Series(blobs, dtype=pl.Binary), "ids": ids, "texts": texts})

    def _texts(self, rows: pl.DataFrame) -> tuple[np.ndarray, pl.DataFrame]:
        """Of each row the number of its text, and the distinct texts with their values."""
        used = [name for name in self.others if rows[name].null_count() < rows.height]
        if not used:
            return np.zeros(rows.height, np.int64), self._said(
                pl.Series(["{}"] if rows.height else [], dtype=pl.String)
            )
        hashed = rows.select(pl.struct(used).hash(seed=7).alias("hash")).with_row_index("row")
        first = hashed.unique("hash", keep="first", maintain_order=True).with_row_index("text")
        text = hashed.join(first.select("hash", "text"), on="hash", how="left", maintain_order="left")["text"]
        distinct = rows.select(self.others)[first["row"]]
        spelled = _spelled(distinct.select(used)).alias(TEXT)
        return text.cast(pl.Int64).to_numpy(), distinct.with_columns(spelled).select(TEXT, *self.others)

    def _said(self, texts: pl.Series) -> pl.DataFrame:
        return texts.str.json_decode(self._other).struct.unnest().select(texts.alias(TEXT), *self.others)


def _numbered(loose: Loose) -> tuple[np.ndarray, pl.Series]:
    """Of each row the number of its text within its document, and of each document its texts, by first use."""
    key = loose.document * loose.texts.height + loose.text
    begins = np.ones(len(key), bool)
    begins[1:] = key[1:] != key[:-1]
    # neighbours mostly share their text, so that few rows are left to sort
    distinct, first, run = np.unique(key[begins], return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    document, text = np.divmod(distinct[order], loose.texts.height)
    counts = np.bincount(document, minlength=len(loose.lengths))
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    texts = listed(loose.texts[TEXT].gather(text), counts)
    return number[run][np.cumsum(begins) - 1], texts.list.join("\n")


def _fill_features(record: np.ndarray, features: pl.Series) -> None:
    for name in FEATURE_NAMES:
        record[name] = np.nan
    if features.null_count() == len(features):
        return
    long = features.to_frame("feature").with_row_index("row").explode("feature").unnest("feature").drop_nulls("name")
    for (name,), rows in long.group_by("name"):
        record[str(name)][rows["row"].to_numpy()] = rows["value"].fill_null(float("nan")).to_numpy()


def _spelled(rows: pl.DataFrame) -> pl.Series:
    """Each row as JSON without its nulls; equal rows give equal texts, whatever other rows are there."""
    texts = rows.to_struct().struct.json_encode()
    without = texts.str.replace_all(r',"[a-z_0-9]+":null', "")
    return without.str.replace_all(r'\{"[a-z_0-9]+":null,?', "{")
