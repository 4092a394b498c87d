"""A new site in one command: settings that hold, a private key, nothing overwritten."""

import gzip
import io
import stat
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from command import Run, Written

from leitplanke.recognise import recognised
from leitplanke.settings import load
from leitplanke.texts import LANGS

BERLIN = ZoneInfo("Europe/Berlin")
FORMATS = {
    "im": {"nmap": "nmap", "ocds": "ocds", "squid": "squid", "xrechnung": "xrechnung", "zeek": "zeek"},
    "jum": {"suricata": "suricata"},
    "mwk": {"cyclonedx": "cyclonedx", "glpi": "glpi", "paloalto": "paloalto"},
}


@pytest.mark.parametrize(("site", "folder"), [(site, folder) for site, found in FORMATS.items() for folder in found])
def test_every_format_is_recognised_by_its_beginning(state: Path, site: str, folder: str) -> None:
    file = min(path for path in (state / "sites" / site / folder).rglob("*") if path.is_file())
    assert recognised(str(file), BERLIN)[0].format == FORMATS[site][folder]


def test_what_is_no_log_is_not_recognised(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").write_text("Sehr geehrte Damen und Herren,\n" * 50, encoding="utf-8")
    (tmp_path / "c").write_text('{"a": 1}\n', encoding="utf-8")
    (tmp_path / "d.gz").write_bytes(gzip.compress(b"x" * 100)[:30])
    assert [recognised(str(tmp_path / name), BERLIN) for name in ("a", "b", "c", "d.gz", "none")] == [[]] * 5


@pytest.mark.parametrize("lang", LANGS)
def test_without_any_answer_the_file_is_valid_and_says_what_is_missing(run: Run, tmp_path: Path, lang: str) -> None:
    done = run("--data", tmp_path / "data", "site", "init", tmp_path, "--lang", lang)
    assert done.code == 0
    settings = load(tmp_path / "site.toml")
    assert (settings.site, settings.source) == ("im", ())
    assert [unit.unit for unit in settings.unit] == ["im"]
    text = (tmp_path / "site.toml").read_text(encoding="utf-8")
    assert '# unit = "im/lka"' in text
    assert ("Dienstvereinbarung" in text) == (lang == "de")
    # the example source holds as soon as somebody takes the signs away
    alive = [
        line.removeprefix("# ") if line.startswith(("# [[source", "# name", "# connector", "# path", "# agr")) else line
        for line in text.splitlines()
    ]
    (tmp_path / "again.toml").write_text("\n".join(alive), encoding="utf-8")
    assert load(tmp_path / "again.toml").source[0].agreement is not None
    key = tmp_path / "data/keys/site-im.json"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_options_for_scripts(run: Run, squid: Written, tmp_path: Path) -> None:
    log = squid(*["example.org"] * 3)
    words = ["--unit", "im/lka", "--path", log, "--agreement", 'DV "7"', "--agreed-on", "2026-05-12"]
    done = run("--data", tmp_path / "data", "site", "init", "--config", tmp_path / "here/lka.toml", *words)
    assert done.code == 0
    settings = load(tmp_path / "here/lka.toml")
    source = settings.source[0]
    assert (settings.site, source.name, source.connector, source.unit) == ("im-lka", "squid", "squid", "im/lka")
    assert source.path == (str(log),)
    assert source.agreement is not None
    assert (source.agreement.reference, str(source.agreement.date)) == ('DV "7"', "2026-05-12")
    ingested = run("--data", tmp_path / "data", "ingest", "--config", tmp_path / "here/lka.toml")
    assert ingested.code == 0
    assert "3 records: 3 counted" in ingested.out


def test_the_wizard_asks_again_and_proposes(
    run: Run, squid: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = squid(*["example.org"] * 3)
    answers = ["Nicht gut!", "jum", "", str(log), "", "Mars/Base", "", "DV 7", "soon", "2026-05-12"]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in answers)))
    done = run("--data", tmp_path / "data", "site", "init", "--wizard", tmp_path)
    assert done.code == 0
    assert "  jum   Ministry of Justice and for Migration" in done.out
    assert "This looks like squid." in done.out
    assert done.err.count("\n") == 3, "three answers did not hold"
    settings = load(tmp_path / "site.toml")
    assert (settings.site, settings.source[0].path) == ("jum", ("access.log",))
    assert settings.source[0].agreement is not None


def test_the_end_of_the_input_takes_what_is_proposed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run("--data", tmp_path / "data", "site", "init", "--wizard", tmp_path).code == 0
    assert load(tmp_path / "site.toml").site == "im"


def test_nothing_is_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("mine", encoding="utf-8")
    done = run("--data", tmp_path / "data", "site", "init", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "is there already" in done.err
    assert (tmp_path / "site.toml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "data").exists()
    (tmp_path / "site.toml").unlink()
    assert run("--data", tmp_path / "data", "site", "init", tmp_path).code == 0
    key = (tmp_path / "data/keys/site-im.json").read_bytes()
    (tmp_path / "site.toml").unlink()
    assert run("--data", tmp_path / "data", "site", "init", tmp_path).code == 0
    assert (tmp_path / "data/keys/site-im.json").read_bytes() == key


@pytest.mark.parametrize(
    "words",
    [["--unit", "IM"], ["--site", "a b"], ["--timezone", "Mars"], ["--source", "syslog"], [".", "--config", "x"],
     ["--agreement", "DV", "--agreed-on", "soon"]],
    ids=" ".join,
)  # fmt: skip
def test_an_answer_that_is_none_writes_nothing(
    run: Run, tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("--data", "data", "site", "init", *words).code == 2
    assert [*tmp_path.iterdir()] == []


def test_a_file_that_is_not_there_makes_no_settings(run: Run, tmp_path: Path) -> None:
    done = run("--data", tmp_path / "data", "site", "init", tmp_path, "--path", tmp_path / "access.log")
    assert done.code == 2
    assert "no such file" in done.err
    assert not (tmp_path / "site.toml").exists()
    words = ("--path", tmp_path / "access.log", "--source", "squid")
    assert run("--data", tmp_path / "data", "site", "init", tmp_path, *words).code == 0
