"""What a newcomer does wrong is told in one clear sentence, in German and in English, with the right exit code."""

import gzip
from pathlib import Path

import pytest
from command import Run, Written

TOML = 'site = "im"\n[[source]]\nname = "proxy"\nconnector = "squid"\npath = "access.log"\n'
CASES: list[tuple[str, str, int, str, str]] = [
    ("a missing file", "ingest --site im --source squid gone.log", 2, "gone.log: Diese Datei oder diesen Ordner gibt es nicht.", "gone.log: No such file or directory"),
    ("a missing file of the settings", "ingest --config lost.toml", 2, "im, Quelle proxy: Die Datei lost.log gibt es nicht.", "im, source proxy: there is no file lost.log"),
    ("an empty folder", "ingest --site im --source squid empty", 2, "empty: In dem Ordner liegt keine Datei.", "empty: the folder holds no files"),
    ("an unknown format", "ingest --site im --source squit access.log", 2, "squit ist kein Format. Es gibt cyclonedx,", "squit is no format; there are cyclonedx,"),
    ("not this format", "ingest --site im --source squid table.csv", 2, "table.csv: Von den ersten 1000 Zeilen ist keine im Format squid.", "table.csv: none of the first 1000 records is squid"),
    ("a few lines of another format", "ingest --site im --source suricata access.log", 1, "Kein Satz war lesbar. Ist es ein anderes Format", "No record could be read. Is it another format"),
    ("not this document", "parse --source nmap access.log", 2, "access.log: Erwartet wird ein Scan in Nmaps XML", "access.log: a scan in Nmap's XML expected"),
    ("a cut archive", "ingest --site im --source squid cut.gz", 1, "cut.gz: Das Archiv ist beschädigt oder nach", "cut.gz: the archive is damaged or cut off after"),
    ("a zip", "ingest --site im --source squid a.zip", 1, "a.zip: Ein Zip-Archiv wird nicht gelesen.", "a.zip: a zip archive is not read"),
    ("UTF-16", "parse --source squid wide.log", 2, "wide.log: ist in UTF-16 geschrieben. Wandeln Sie", "wide.log: is written in UTF-16; convert it"),
    ("no file at all", "ingest --site im --source squid", 2, "Die Quelle squid braucht Dateien:", "source squid needs files:"),
    ("an unknown key", "ingest --config typo.toml", 2, "typo.toml: source.1.conector: unbekanntes Feld; meinen Sie connector?", "typo.toml: source.1.conector: unknown key; do you mean connector?"),
    ("no TOML", "ingest --config broken.toml", 2, "broken.toml: kein gültiges TOML: Zeile 1, Spalte 8: nach dem Zeichen =", "broken.toml: not TOML: line 1, column 8: a valid value is missing"),
    ("no YAML", "catalogue check law", 2, "entry.yaml:1: kein gültiges YAML: ein Doppelpunkt steht", "entry.yaml:1: not YAML: a colon stands"),
    ("a folder without a catalogue", "catalogue check empty", 2, "empty: In diesem Ordner liegt kein Katalog.", "empty: this folder holds no catalogue"),
    ("a zone", "parse --source squid --timezone Mars access.log", 2, "--timezone: Mars ist keine Zeitzone.", "--timezone: Mars is no time zone"),
    ("no zone", "parse --source paloalto access.log", 2, "Die Zeiten nennen keine Zeitzone.", "times state no zone"),
    ("no day", "--data empty findings --as-of tomorrow", 2, "--as-of nimmt einen Tag, etwa", "--as-of takes a date such as"),
    ("no data", "--data nowhere findings", 2, "nowhere: Diesen Ordner gibt es nicht.", "nowhere: there is no such folder"),
    ("a file for a folder", "--data access.log findings", 2, "access.log: ist eine Datei.", "access.log: is a file"),
    ("no finding", "--data empty show ABCD", 2, "Einen Befund ABCD gibt es nicht.", "there is no finding ABCD"),
    ("an unknown flag", "findings --bogus", 2, "leitplanke: unbekannte Angabe: --bogus", "leitplanke: unknown argument: --bogus"),
    ("an unknown command", "nonsense", 2, "BEFEHL: 'nonsense' gibt es hier nicht; es gibt", "COMMAND: there is no 'nonsense' here; there are"),
    ("an unknown choice", "findings --format xml", 2, "--format: 'xml' gibt es hier nicht; es gibt", "--format: there is no 'xml' here; there are"),
    ("a missing argument", "show", 2, "leitplanke show: es fehlt: BEFUND", "leitplanke show: missing: FINDING"),
    ("a missing value", "findings --unit", 2, "--unit: dahinter fehlt ein Wert", "--unit: a value is missing behind it"),
    ("an unknown site", "--data empty source reset --site xx --source x", 2, "Unter empty gibt es keinen Standort xx. Es gibt: keinen.", "there is no site xx under empty; there are none"),
]  # fmt: skip


EMPTY: list[tuple[list[str], str]] = [
    (["ingest", "--site", "im", "--source", "squid", ""], "Ein Name einer Datei ist leer."),
    (["parse", "--source", "squid", ""], "Ein Name einer Datei ist leer."),
    (["--data", "", "findings"], "--data: der Name fehlt"),
    (["--catalogue", "", "settle"], "--catalogue: der Name fehlt"),
    (["ingest", "--config", ""], "Ein Name einer Datei ist leer."),
    (["ingest", "--config", "empty.toml"], "empty.toml: source.1.path.1: ein Name erwartet, gefunden ''"),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, squid: Written) -> Path:
    monkeypatch.chdir(tmp_path)
    log = squid(*[f"h{n}.example.com" for n in range(9)]).read_bytes()
    files: dict[str, bytes] = {
        "table.csv": b"a,b,c\n" + b"1,2,3\n" * 1500,
        "cut.gz": gzip.compress(log)[:-30],
        "a.zip": b"PK\x03\x04" + b"0" * 99,
        "wide.log": "\ufeff".encode("utf-16-le") + log.decode().encode("utf-16-le"),
        "lost.toml": TOML.replace("access.log", "lost.log").encode(),
        "typo.toml": TOML.replace("connector", "conector").encode(),
        "broken.toml": b"site = im\n",
        "empty.toml": TOML.replace("access.log", "").encode(),
        "law/directory/entry.yaml": b"subject: a: b\n",
    }
    (tmp_path / "empty").mkdir()
    (tmp_path / "law/directory").mkdir(parents=True)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize(
    ("words", "code", "german", "english"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_one_clear_sentence(words: str, code: int, german: str, english: str, lang: str, run: Run, here: Path) -> None:
    done = run("--lang", lang, *words.split())
    said = done.err + (done.out if words.startswith("catalogue") else "")
    assert (german if lang == "de" else english) in said
    assert (english if lang == "de" else german) not in said
    assert done.code == code
    assert "Traceback" not in done.err


@pytest.mark.parametrize(("words", "sentence"), EMPTY)
def test_an_empty_name_is_not_the_folder_one_stands_in(words: list[str], sentence: str, run: Run, here: Path) -> None:
    """As from a variable of the shell that nobody has set."""
    done = run("--lang", "de", *words)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err


def test_reasons_are_shown_in_the_language_and_stay_english_for_programs(run: Run, here: Path) -> None:
    run("ingest", "--site", "im", "--source", "suricata", "access.log")
    german, english, plain = (
        run("--lang", lang, "dead-letters", "list", "--format", form).out
        for lang, form in (("de", "table"), ("en", "table"), ("de", "ndjson"))
    )
    assert "nicht lesbar" in german
    assert "ein JSON-Objekt erwartet" in german
    assert "expected one JSON object" in english
    assert "expected one JSON object" in plain
    assert run("--lang", "de", "dead-letters", "show", "im/1").err == "leitplanke: ein JSON-Objekt erwartet\n"


def test_the_language_of_the_locale_counts_too(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert "gibt es nicht" in run("--data", tmp_path / "nowhere", "ledger").err


def test_the_catalogue_of_errors_is_read_for_an_error_only(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(lang: str) -> None:
        raise AssertionError(lang)

    monkeypatch.setattr("leitplanke.sentences.texts", forbidden)
    words = ("--lang", "de", "ingest", "--site", "im", "--source", "squid")
    assert run(*words, "access.log").code == 0
    with pytest.raises(AssertionError):
        run(*words, "gone.log")
