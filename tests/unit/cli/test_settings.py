"""site.toml: what is wrong is named by file and key, all at once."""

from pathlib import Path

import pytest

from connectors.documents import INVENTORY_ROWS
from leitplanke.settings import expanded, files, load
from schemas.errors import ConfigurationError
from schemas.settings import Excluded, SiteSettings, SourceSettings, UnitSettings
from streams.site import blocks, inputs, limits

GOOD = """
site = "im"
[[source]]
name = "proxy"
connector = "squid"
path = ["logs/*.log", "one.gz"]
timezone = "Europe/Berlin"
agreement = { reference = "DV", date = 2026-05-12, signals = ["network"] }
[[unit]]
unit = "im"
ranges = ["10.1.0.0/16"]
accounts = ["im-*"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_good_settings(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD))
    assert (settings.site, settings.group_size, settings.folder) == ("im", 5, tmp_path)
    assert settings.source[0].agreement is not None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("Europe/Berlin", "Europe/Bärlin"), "source.1.timezone: 'Europe/Bärlin' is no time zone"),
        (("Europe/Berlin", "../../etc"), "source.1.timezone: '../../etc' is no time zone"),
        (('connector = "squid"', 'connector = "squit"'), "source.1.connector: squit is no format; there are"),
        (('site = "im"', 'site = "im"\nnonsense = 1'), "nonsense: unknown key"),
        (('name = "proxy"', 'name = "proxy"\nzone = "x"'), "source.1.zone: unknown key"),
        (('name = "proxy"\n', ""), "source.1.name: is missing"),
        (("10.1.0.0/16", "10.1.0.0/99"), "unit.1.ranges.1: '10.1.0.0/99' is no range of addresses"),
        (('site = "im"', 'site = "im"\ngroup_size = 1'), "group_size: "),
        (('site = "im"', 'site = "im"]'), "not TOML"),
        (('name = "proxy"', 'name = "proxy"\nview = "rumour"'), "source.1.view: rumour is none of"),
        (('site = "im"', 'site = "IM"'), "site: a name in lower case without blanks expected, found 'IM'"),
        (('site = "im"', 'site = "im"\ngroup_size = "five"'), "group_size: a whole number expected, found 'five'"),
        (('site = "im"', 'site = "im"\nown_domains = "x.de"'), "own_domains: a list in square brackets expected"),
        (('site = "im"', 'site = "im"\nfolder = "/data"'), "folder: unknown key"),
        (('name = "proxy"', "name = 3"), "source.1.name: a text in quotation marks expected, found 3"),
        (("2026-05-12", '"soon"'), "source.1.agreement.date: a date such as 2026-05-12 expected"),
        (('["network"]', '["gossip"]'), "source.1.agreement.signals.1: "),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    path = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as found:
        load(path)
    lines = str(found.value).splitlines()
    assert [line for line in lines if line.startswith(f"{path}: {sentence}")]
    assert found.value.exit_code == 2


def test_two_sources_of_one_name_and_two_units_of_one_range(tmp_path: Path) -> None:
    more = '[[source]]\nname = "proxy"\nconnector = "zeek"\n[[unit]]\nunit = "um"\nranges = ["10.1.0.0/16"]\n'
    with pytest.raises(ConfigurationError) as found:
        load(written(tmp_path, GOOD + more))
    assert "source.2.name: proxy is also the name of source 1" in str(found.value)
    assert "unit.2.ranges.1: 10.1.0.0/16 is also given to im" in str(found.value)


def test_all_problems_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("Europe/Berlin", "Nowhere").replace('site = "im"', 'site = "im"\nnonsense = 1')
    with pytest.raises(ConfigurationError) as found:
        load(written(tmp_path, text))
    assert len(str(found.value).splitlines()) == 2


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml: No such file"):
        load(tmp_path / "nowhere.toml")


def test_paths_are_relative_to_the_settings_and_in_order(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name in ("b.log", "a.log", "c.txt"):
        (tmp_path / "logs" / name).touch()
    settings = load(written(tmp_path, GOOD))
    found, missing = files(settings, settings.source[0])
    assert found == [str(tmp_path / "logs" / name) for name in ("a.log", "b.log")]
    assert missing == ["im, source proxy: there is no file one.gz"]


def test_a_folder_is_read_with_all_below_and_a_name_with_a_bracket_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x").touch()
    (tmp_path / "[odd].log").touch()
    assert expanded(str(tmp_path / "a")) == [str(tmp_path / "a/b/x")]
    assert expanded(str(tmp_path / "[odd].log")) == [str(tmp_path / "[odd].log")]
    assert expanded(str(tmp_path / "none*")) == []
    assert expanded("-") == ["-"]


def test_one_path_is_a_list_of_one(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD.replace('["logs/*.log", "one.gz"]', '"one.gz"')))
    assert settings.source[0].path == ("one.gz",)


DOCS = (Path(__file__).parents[3] / "docs/site.md").read_text(encoding="utf-8")


def test_the_documentation_has_every_key_and_holds(tmp_path: Path) -> None:
    example = DOCS[DOCS.index("```toml") + 7 : DOCS.index("```\n\n`ingest")]
    load(written(tmp_path, example))
    keys = [
        *SiteSettings.model_fields,
        *SourceSettings.model_fields,
        *UnitSettings.model_fields,
        *Excluded.model_fields,
    ]
    told = [key for key in dict.fromkeys(keys) if key not in {"folder", "view"}]
    assert [key for key in told if f"{key} = " not in example and f"[[{key}]]" not in example] == []


def test_the_documentation_names_the_limits_that_hold() -> None:
    for told in (
        f"{inputs.RATIO_MAX} times",
        f"{blocks.BLOCK >> 20} MiB",
        f"{INVENTORY_ROWS:,} rows",
        f"| {limits.REJECTS} |",
    ):
        assert told in DOCS
