"""Recognises packages, CPE names and installed software."""

import polars as pl

from catalogue.known import HIT, Known
from catalogue.words import fold_column, without_legal_form_column

_PERCENT = {f"%{code:02x}": chr(code) for code in range(0x21, 0x7F)}
_COLON = "\x1f"
"""Stands for a colon inside a CPE component."""
_DECORATION = (
    r"^(?: (?:v?[0-9][0-9a-z]*|version|release|build|bit|x64|x86|amd64|arm64|win32|win64|windows|edition|"
    r"de|en|us|deutsch|german|english|user|machine wide installer))*$"
)
"""Words after a product's name that do not make it another product: versions, architectures, languages."""
_COMMON = ["the", "open", "free", "deutsche", "software", "team", "project", "apache"]
"""First words that many publishers share; others tell a publisher ("Adobe Systems", "Adobe Inc.")."""


class Assets:
    """Order of precedence, per row: package URL, CPE, name with publisher; the longest of each wins.

    `generous` asks for no publisher and takes everything of a supplier that sells nothing else: for what must not be
    stored.
    """

    def __init__(self, known: Known, *, generous: bool = False) -> None:
        self._purls = known.of("purl").select("key", purl="ref")
        cpes = known.of("cpe").select("key", cpe="ref")
        self._cpes = {
            int(depth): part.drop("depth")
            for (depth,), part in cpes.with_columns(depth=pl.col("key").str.count_matches(":", literal=True) + 1)
            .partition_by("depth", as_dict=True)
            .items()
        }
        names = known.of("software").select("ref", "publisher", name=pl.col("key").str.split("|").list.first())
        self._makers = known.of("supplier_name").select("ref", maker="key")
        if generous:
            names = names.with_columns(publisher=pl.lit(""))
        else:
            self._makers = self._makers.clear()
        self._names = names.filter(pl.col("name") != "").with_columns(words=_words(pl.col("name")))

    def find(self, frame: pl.DataFrame) -> pl.DataFrame:
        """HIT columns for columns vendor, product, purl, cpe, publisher (and others)."""
        columns = ["vendor", "product", "purl", "cpe", "publisher"]
        asked = frame.select(pl.col(columns).cast(pl.String))
        distinct = asked.unique(maintain_order=True).with_row_index("row")
        names = self._software(distinct.select("row", "vendor", "product", "publisher"))
        found = (
            distinct.with_columns(self._packages(distinct["purl"]), self._platforms(distinct["cpe"]))
            .join(names, on="row", how="left")
            .select(
                *columns,
                pl.coalesce("purl_ref", "cpe_ref", "name_ref").cast(HIT["ref"]).alias("ref"),
                pl.when(pl.col("purl_ref").is_not_null())
                .then(pl.lit("exact"))
                .when(pl.col("cpe_ref").is_not_null())
                .then(pl.lit("prefix"))
                .otherwise("name_how")
                .alias("how"),
            )
        )
        return asked.join(found, on=columns, how="left", nulls_equal=True, maintain_order="left").select("ref", "how")

    def _packages(self, purls: pl.Series) -> pl.Series:
        key = (
            purls.str.to_lowercase()
            .str.replace_all("%40", "@", literal=True)
            .str.replace(r"(?s)[?#].*$", "")
            .str.replace(r"([^/])@[^/]*$", "${1}")
        )
        joined = key.rename("key").to_frame().join(self._purls, on="key", how="left", maintain_order="left")
        return joined["purl"].rename("purl_ref")

    def _platforms(self, cpes: pl.Series) -> pl.Series:
        """CPE 2.3 names and 2.2 URIs, compared component by component, the longest prefix first."""
        text = cpes.str.to_lowercase()
        uri = text.str.starts_with("cpe:/")
        escaped = text.str.replace_all("\\:", _COLON, literal=True).str.replace_all("\\", "", literal=True)
        decoded = text.str.replace_many(list(_PERCENT), [_COLON if c == ":" else c for c in _PERCENT.values()])
        name = pl.col("escaped")
        rest = (
            pl.when("uri")
            .then(pl.col("decoded").str.strip_prefix("cpe:/"))
            .when(name.str.starts_with("cpe:2.3:"))
            .then(name.str.strip_prefix("cpe:2.3:"))
        )
        frame = pl.DataFrame({"uri": uri, "decoded": decoded, "escaped": escaped}).select(parts=rest.str.split(":"))
        found = pl.lit(None, dtype=HIT["ref"])
        for depth in sorted(self._cpes):
            key = pl.when(pl.col("parts").list.len() >= depth).then(pl.col("parts").list.head(depth).list.join(":"))
            frame = frame.with_columns(key.alias("key")).join(
                self._cpes[depth].rename({"cpe": f"cpe{depth}"}), on="key", how="left", maintain_order="left"
            )
            found = pl.coalesce(pl.col(f"cpe{depth}"), found)
        return frame.with_columns(found.alias("cpe_ref"))["cpe_ref"]

    def _software(self, products: pl.DataFrame) -> pl.DataFrame:
        """Columns row, name_ref, name_how: the longest name at the start of the product, with a fitting publisher."""
        maker = without_legal_form_column(fold_column(pl.coalesce("publisher", "vendor")))
        product, vendor = fold_column(pl.col("product")), fold_column(pl.col("vendor"))
        folded = products.select("row", maker=maker, product=product, vendor=vendor)
        spellings = pl.concat(
            [
                folded.select("row", "maker", text="product"),
                folded.select("row", "maker", text=pl.concat_str("vendor", "product", separator=" ")),
            ]
        ).drop_nulls("text")
        made = folded.drop_nulls("maker").join(self._makers, on="maker")
        made = made.select(
            "row", "ref", how=pl.lit("supplier_name"), stated=pl.lit(value=False), words=pl.lit(0, pl.UInt32)
        )
        hits = [self._starting(spellings, int(count)) for count in self._names["words"].unique()]
        return (
            pl.concat([made, *hits])
            .sort("row", "words", "stated", "ref", descending=[False, True, True, False])
            .unique("row", keep="first", maintain_order=True)
            .select("row", name_ref="ref", name_how="how")
        )

    def _starting(self, spellings: pl.DataFrame, count: int) -> pl.DataFrame:
        """Products that start with a known name of `count` words, where the publisher does not contradict."""
        head = pl.col("text").str.split(" ").list.head(count).list.join(" ")
        rest = pl.col("text").str.strip_prefix(pl.col("name"))
        both = spellings.with_columns(name=head).join(
            self._names.filter(pl.col("words") == count), on="name", maintain_order="left_right"
        )
        asked, said = pl.col("publisher"), pl.col("maker").fill_null("")
        first = said.str.split(" ").list.first()
        fits = (asked.str.split(" ").list.first() == first) & ~first.is_in(_COMMON) | (said == asked)
        bare = rest.str.contains(_DECORATION)
        accepted = pl.when(said != "").then((asked == "") | fits).otherwise((asked == "") | bare | (count > 1))
        how = (
            pl.when((said == "") & (asked != ""))
            .then(pl.lit("unconfirmed"))
            .when(bare)
            .then(pl.lit("exact"))
            .otherwise(pl.lit("prefix"))
        )
        return both.filter(accepted).select("row", "ref", how=how, stated=asked != "", words=pl.col("words"))


def _words(names: pl.Expr) -> pl.Expr:
    return names.str.count_matches(" ", literal=True) + 1
