"""A lost key or a lost centre: said, or mended, never counted twice in silence."""

from pathlib import Path

import pytest
import state

from schemas.errors import ConfigurationError
from streams.embedded import ledgers, opened, redrive, reset, settled
from streams.site.site import Law

LINES = [line for day in range(4) for line in state.people(7, day, "share.example.com")]


def silent(_: str) -> None:
    """Takes what is told."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    state.run(tmp_path / "d", state.written(tmp_path / "a.log", LINES))
    return tmp_path / "d"


def test_without_its_key_a_site_reads_nothing(data: Path, tmp_path: Path) -> None:
    key = data / "keys/site-im.json"
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(ConfigurationError, match="the key of this site is missing"):
        state.run(data, str(tmp_path / "a.log"))
    assert not key.exists()
    key.write_bytes(kept)
    assert state.run(data, str(tmp_path / "a.log")).tally.duplicate == len(LINES)


def test_the_key_of_another_site_is_not_taken(data: Path, tmp_path: Path) -> None:
    state.run(tmp_path / "e", str(tmp_path / "a.log"))
    (data / "keys/site-im.json").write_bytes((tmp_path / "e/keys/site-im.json").read_bytes())
    with pytest.raises(ConfigurationError, match=r"not the key that site-im\.db was written with"):
        state.run(data, str(tmp_path / "a.log"))


def test_a_key_of_a_start_that_was_cut_off_is_made(tmp_path: Path) -> None:
    (tmp_path / "site-im.db").touch()
    with opened(tmp_path, "im", Law.of(state.snapshot()), silent) as site:
        assert site.file.meta("key") is not None


@pytest.mark.parametrize("mend", ["settle", "ingest"])
def test_a_lost_centre_gets_everything_again(data: Path, tmp_path: Path, mend: str) -> None:
    before, found = state.observations(data), state.findings(data)
    assert before
    state.run(data, state.written(tmp_path / "b.log", LINES), settings="um", unit="im")
    both = state.observations(data)
    assert len(both) > len(before)
    for file in data.glob("centre.db*"):
        file.unlink()
    said: list[str] = []
    if mend == "settle":
        settled(data, state.snapshot(), said.append)
        assert said == [f"site {name} sends again what centre.db has lost" for name in ("im", "um")]
    else:
        state.run(data, str(tmp_path / "a.log"))
    assert state.observations(data) == both
    assert [row["id"] for row in found] == [row["id"] for row in state.findings(data) if row["unit"] == "im/amt"]


def test_without_a_centre_there_is_no_catalogue_to_go_by(data: Path) -> None:
    for file in data.glob("centre.db*"):
        file.unlink()
    with pytest.raises(ConfigurationError, match="leitplanke settle"):
        redrive(data, silent)
    with pytest.raises(ConfigurationError, match="leitplanke settle"):
        reset(data, "im", "squid", silent)
    assert [row[2].counted for row in ledgers(data)] == [len(LINES)]
