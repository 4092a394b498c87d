"""Many small rows in few bytes: numbers in fixed width, everything else once as JSON.

Thirty observations of a usage differ in their numbers; what was recognised, by whom and how, they share. So the rows of
one document become three values: their numbers as a packed array, their ids, and each distinct JSON text of the other
columns once. Reading 150,000 rows so takes some 60 ms; as JSON rows it takes a second.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa
import zstandard

from schemas.observation import FEATURE_NAMES, FEATURES

_NULL = np.iinfo(np.int64).min
_SQUEEZED_FROM = 400
"""Bytes from which numbers are compressed: below, the frame around them costs more than it saves."""
_FEATURE = pl.Series([*FEATURE_NAMES], dtype=pl.String)


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
        fields = [("text", "<u4")]
        fields += [(n, "<f8" if schema[n] == pl.Float64 else "<i8") for n in self.numbers]
        fields += [(n, "<f8") for n in FEATURE_NAMES] if self.features else []
        self._record = np.dtype(fields)

    def pack(self, rows: pl.DataFrame, lengths: np.ndarray) -> pl.DataFrame:
        """Columns numbers, ids, texts; one row a document that has `lengths` of the rows, in order."""
        ends = np.cumsum(lengths)
        document = np.repeat(np.arange(len(lengths)), lengths)
        index, texts = self._texts(rows, document, len(lengths))
        record = np.zeros(rows.height, self._record)
        record["text"] = index
        for name in self.numbers:
            column = rows[name]
            if column.dtype == pl.Float64:
                record[name] = column.fill_null(float("nan")).to_numpy()
            else:
                record[name] = column.to_physical().cast(pl.Int64).fill_null(_NULL).to_numpy()
        if self.features:
            self._fill_features(record, rows["features"])
        width = self._record.itemsize
        data = memoryview(record.tobytes())
        starts = ends - lengths
        places = zip((starts * width).tolist(), (ends * width).tolist(), strict=True)
        squeeze = zstandard.ZstdCompressor(level=-1).compress
        blobs = [squeeze(data[a:b]) if b - a > _SQUEEZED_FROM else bytes(data[a:b]) for a, b in places]
        packed = pl.DataFrame({"numbers": pl.Series(blobs, dtype=pl.Binary), "texts": texts})
        if self.ids is None:
            return packed
        ids = listed(rows[self.ids], lengths).list.join("\n")
        return packed.with_columns(ids.alias("ids"))

    def unpack(self, packed: pl.DataFrame) -> tuple[pl.DataFrame, np.ndarray]:
        """The rows of all documents in order, and how many each has."""
        loosen = zstandard.ZstdDecompressor().decompress
        blobs = [loosen(blob) if blob[:4] == zstandard.FRAME_HEADER else blob for blob in packed["numbers"].to_list()]
        record = np.frombuffer(b"".join(blobs), self._record)
        lengths = np.fromiter(map(len, blobs), np.int64, len(blobs)) // self._record.itemsize
        columns: dict[str, pl.Series] = {}
        for name in self.numbers:
            values = pl.Series(name, np.ascontiguousarray(record[name]))
            dtype = self.schema[name]
            if dtype == pl.Float64:
                columns[name] = values.fill_nan(None)
            else:
                columns[name] = (
                    values.set(values == _NULL, None).cast(pl.Int32 if dtype == pl.Date else dtype).cast(dtype)
                )
        if self.features:
            columns["features"] = self._features(record)
        if self.ids is not None:
            ids = packed["ids"].str.split("\n").explode() if len(record) else pl.Series([], dtype=pl.String)
            columns[self.ids] = ids.filter(ids != "") if len(ids) != len(record) else ids
        others = self._others(packed["texts"], record["text"], lengths)
        rows = others.with_columns(series.alias(name) for name, series in columns.items())
        return rows.select(self.schema.names()), lengths

    def _texts(self, rows: pl.DataFrame, document: np.ndarray, documents: int) -> tuple[np.ndarray, pl.Series]:
        """Of each row the number of its text within its document, and of each document its distinct texts."""
        used = [name for name in self.others if rows[name].null_count() < rows.height]
        if not used:
            one = pl.Series(["{}"], dtype=pl.String)
            return np.zeros(rows.height, np.uint32), one.new_from_index(0, documents)
        begins = _begins(rows.select(used), document)
        runs = rows.filter(begins).select(pl.Series("document", document[begins]), *used)
        keys = runs.select("document", pl.struct(used).hash(seed=7).alias("hash")).with_row_index("row")
        first = keys.unique(["document", "hash"], keep="first", maintain_order=True)
        first = first.with_columns(pl.int_range(pl.len()).over("document").alias("number"))
        index = keys.join(first.select("document", "hash", "number"), on=["document", "hash"], maintain_order="left")
        whole = first.unique("hash", keep="first", maintain_order=True)
        spelled = whole.select("hash", _spelled(runs[whole["row"]].select(used)).alias("text"))
        texts = first.join(spelled, on="hash", maintain_order="left")
        found = texts.group_by("document", maintain_order=True).agg(pl.col("text").str.join("\n"))
        every = pl.DataFrame({"document": np.arange(documents)})
        joined = every.join(found, on="document", how="left", maintain_order="left")["text"].fill_null("")
        return index["number"].to_numpy()[np.cumsum(begins) - 1], joined

    def _others(self, texts: pl.Series, number: np.ndarray, lengths: np.ndarray) -> pl.DataFrame:
        split = texts.str.split("\n")
        offsets = np.cumsum(split.list.len().to_numpy()) - split.list.len().to_numpy()
        flat = split.explode().to_frame("text").with_columns(pl.col("text").rank("dense").alias("rank"))
        distinct = flat.unique("text").sort("rank")
        values = distinct["text"].replace("", "{}").str.json_decode(self._other).struct.unnest()
        at = flat["rank"].to_numpy()[np.repeat(offsets, lengths) + number] - 1
        used = [name for name in self.others if values[name].null_count() < values.height]
        rows = values.select(used)[at] if used else pl.DataFrame(height=len(at))
        empty = (pl.lit(None, dtype=self.schema[n]).alias(n) for n in self.others if n not in used)
        return (
            rows.with_columns(empty)
            if used
            else pl.select(*(pl.repeat(None, len(at), dtype=self.schema[n]).alias(n) for n in self.others))
        )

    def _fill_features(self, record: np.ndarray, features: pl.Series) -> None:
        for name in FEATURE_NAMES:
            record[name] = np.nan
        if features.null_count() == len(features):
            return
        long = (
            features.to_frame("feature").with_row_index("row").explode("feature").unnest("feature").drop_nulls("name")
        )
        for (name,), rows in long.group_by("name"):
            record[str(name)][rows["row"].to_numpy()] = rows["value"].to_numpy()

    def _features(self, record: np.ndarray) -> pl.Series:
        values = np.stack([record[name] for name in FEATURE_NAMES], axis=1)
        known = ~np.isnan(values)
        row, which = np.nonzero(known)
        if not len(row):
            return pl.repeat(None, len(record), dtype=FEATURES, eager=True)
        structs = pl.DataFrame({"name": _FEATURE[which], "value": values[known]}).to_struct()
        series = listed(structs, known.sum(axis=1))
        return series.to_frame("f").select(pl.when(pl.col("f").list.len() > 0).then("f"))["f"]


def _begins(rows: pl.DataFrame, document: np.ndarray) -> np.ndarray:
    """True where a row differs from the one before: neighbours mostly share everything but their numbers."""
    nested = [name for name, dtype in rows.schema.items() if dtype.is_nested()]
    plain = rows.with_columns(pl.col(nested).hash(seed=7)).with_columns(pl.Series("document", document))
    differs = (pl.col(name).ne_missing(pl.col(name).shift()) for name in plain.columns)
    begins: np.ndarray = plain.select(pl.any_horizontal(differs)).to_series().to_numpy().copy()
    begins[:1] = True
    return begins


def listed(values: pl.Series, lengths: np.ndarray) -> pl.Series:
    """The values as lists of these lengths, in order, without copying them."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    arrow = values.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    whole = pl.from_arrow(pa.LargeListArray.from_arrays(pa.array(offsets), arrow))
    return pl.Series(values.name, whole, dtype=pl.List(values.dtype))


def _spelled(rows: pl.DataFrame) -> pl.Series:
    """Each row as JSON without its nulls; equal rows give equal texts, whatever other rows are there."""
    texts = rows.to_struct().struct.json_encode()
    without = texts.str.replace_all(r',"[a-z_0-9]+":null', "")
    return without.str.replace_all(r'\{"[a-z_0-9]+":null,?', "{")
