"""Attacks on the site's own files with a full list of accounts: the key, or both passphrases, and nothing less."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
import state
from cryptography.exceptions import InvalidTag

from schemas.errors import ConfigurationError
from streams.site import cases
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.periods import Period, Periods
from streams.site.resolved import Pseudonym, named, pseudonyms, subject_of
from streams.site.shares import Split

PEOPLE = [f"user{n}" for n in range(8)]
WORDS = ("correct horse battery", "staple and more of it")
NOW = datetime(2026, 9, 10, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site at which eight people used two destinations, with keys that are split."""
    folder = tmp_path_factory.mktemp("site")
    lines = [
        state.squid(day, who, host) for who in PEOPLE for day in range(2) for host in ("share.example.com", "board.org")
    ]
    state.run(folder / "d", state.written(folder / "a", lines))
    keys = folder / "d/keys"
    Split.made(Split.of(keys, "im"), SiteKey.open(keys, "im"), WORDS)
    return folder / "d"


def stored(data: Path, subject: str) -> list[Pseudonym]:
    with SiteFile(data / "site-im.db", writing=False) as file:
        return pseudonyms(file, state.snapshot(), "im/amt", subject)


def split(data: Path) -> Split:
    return Split(Split.of(data / "keys", "im"))


def guessed(data: Path, key: SiteKey) -> list[str]:
    """Who an attacker with these keys and the whole list can name."""
    each = (*stored(data, "service:share"), *stored(data, "service:board"))
    return [name for one in each if (name := named(key, one, PEOPLE)) is not None]


def keyed(pseudonym: bytes, *periods: bytes) -> SiteKey:
    first = state.date.min
    return SiteKey(pseudonym, b"", b"", Periods(Period(first, key) for key in periods))


def test_with_the_key_the_list_names_everybody(data: Path) -> None:
    """Counting needs this key every day: who has it and a list can try names (docs/site.md says so)."""
    assert sorted(guessed(data, SiteKey.open(data / "keys", "im"))) == sorted(PEOPLE * 2)


def test_without_the_key_the_list_is_worth_nothing(data: Path, tmp_path: Path) -> None:
    assert guessed(data, SiteKey.open(tmp_path, "im")) == []
    everything = b"".join(path.read_bytes() for path in data.glob("site-im*"))
    assert not any(name.encode() in everything for name in PEOPLE)
    key = SiteKey.open(data / "keys", "im")
    for secret in (key.pseudonym, key.periods[0].key, key.periods[0].key[:16], key.sealing):
        assert secret not in everything
    # every 32 bytes of the file that could be a key, at its beginning and its meta page, are none
    for at in range(0, 4096, 32):
        part = everything[at : at + 32]
        assert guessed(data, keyed(part, part)) == []


@pytest.mark.parametrize("person", [0, 1])
def test_with_one_passphrase_nobody_is_named(data: Path, person: int) -> None:
    opened = split(data).share(person, WORDS[person])
    for share in opened.shares.values():
        assert guessed(data, keyed(share[:32], share[32:])) == []
    key = SiteKey.open(data / "keys", "im")
    half = next(iter(opened.shares.values()))
    assert key.pseudonym not in half
    assert key.periods[0].key not in half
    text = Split.of(data / "keys", "im").read_text()
    for one in key.periods.written():
        assert one["key"] not in text
    with pytest.raises(ConfigurationError, match=f"passphrase of person {2 - person}"):
        split(data).share(1 - person, WORDS[person])
    # what is handed over opens only for the other one
    handed = split(data).handed(1 - person, opened.shares)
    with pytest.raises(InvalidTag):
        opened.unsealed(handed)


def test_with_both_everybody_could_be(data: Path) -> None:
    one, other = (split(data).share(person, WORDS[person]) for person in (0, 1))
    key = other.together(split(data).handed(1, one.shares))
    assert sorted(guessed(data, key)) == sorted(PEOPLE * 2)


def test_two_domains_cannot_be_joined_without_resolving_both(data: Path) -> None:
    share, board = stored(data, "service:share"), stored(data, "service:board")
    assert len(share) == len(board) == len(PEOPLE)
    words = [{each.word for each in some} for some in (share, board)]
    assert not words[0] & words[1]
    # no operation on two words tells the pairs that belong together from the others
    key = SiteKey.open(data / "keys", "im")
    of = {name: {each.word for each in (*share, *board) if named(key, each, [name])} for name in PEOPLE}
    assert {len(pair) for pair in of.values()} == {2}
    own = {a ^ b for a, b in of.values()}
    others = {a ^ b for one, two in combinations(of.values(), 2) for a in one for b in two}
    assert len(own) == len(PEOPLE)
    assert not own & others
    # one resolved pseudonym names nobody at the other destination without a second one
    first = share[0]
    assert [each for each in board if each.word == first.word or each.code == first.code] == []


def test_a_new_key_is_split_while_nobody_is_there(data: Path) -> None:
    key = SiteKey.open(data / "keys", "im")
    key.periods.begin(state.date(2030, 1, 1))
    both = split(data)
    both.follow(key)
    one, other = (split(data).share(person, WORDS[person]) for person in (0, 1))
    assert other.together(both.handed(1, one.shares)).periods == key.periods
    del key.periods[1]
    both.follow(key)
    assert len(split(data).share(0, WORDS[0]).shares) == 1


@pytest.mark.parametrize("words", [("short", "long enough indeed"), ("the same words", "the same words")])
def test_passphrases_that_are_none(data: Path, tmp_path: Path, words: tuple[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        Split.made(tmp_path / "shares.json", SiteKey.open(data / "keys", "im"), words)
    assert not (tmp_path / "shares.json").exists()


def test_a_case_is_open_for_a_day_and_there_is_one(tmp_path: Path) -> None:
    with SiteFile(tmp_path / "site-im.db", writing=True) as file:
        assert cases.current(file, NOW) is None
        until = cases.request(file, "AAAA", 0, b"share", NOW)
        assert until == NOW + timedelta(hours=24)
        with pytest.raises(ConfigurationError, match="one case at a time"):
            cases.request(file, "BBBB", 1, b"share", NOW + timedelta(hours=23))
        case = cases.current(file, NOW)
        assert case is not None
        cases.opened(file, case, NOW)
        cases.opened(file, case, NOW)
        assert cases.counts(file) == (1, 0, 0)
        assert cases.current(file, until) is None
        cases.request(file, "BBBB", 1, b"other", until)
        assert file.db.execute("SELECT count(*) FROM requests").fetchone() == (1,)


def test_no_more_than_five_a_day(tmp_path: Path) -> None:
    with SiteFile(tmp_path / "site-im.db", writing=True) as file:
        for _ in range(cases.A_DAY):
            cases.asked(file, NOW)
        with pytest.raises(ConfigurationError, match="no more than 5"):
            cases.asked(file, NOW + timedelta(hours=11))
        cases.asked(file, NOW + timedelta(days=1))
        cases.answered(file, NOW)
        assert cases.counts(file) == (0, 6, 1)


def test_a_finding_is_known_by_the_beginning_of_its_id(data: Path) -> None:
    from schemas.names import finding_id

    whole = finding_id("im/amt", "service:share")
    with SiteFile(data / "site-im.db", writing=False) as file:
        assert subject_of(file, state.snapshot(), whole[:4].lower()) == (whole, "im/amt", "service:share")
        for wrong in (whole[:3], "ZZZZZZ", ""):
            with pytest.raises(ConfigurationError):
                subject_of(file, state.snapshot(), wrong)
