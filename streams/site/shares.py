"""The keys of pseudonyms once more, split between two persons: each share alone is random, and lies under a passphrase.

Sharing needs the public halves only, so that a new key is split while nobody is there. `keys/site-<site>.shares.json`.
"""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from schemas.errors import ConfigurationError
from streams.site.keys import SiteKey
from streams.site.periods import Period, Periods
from streams.site.secret import written

SHORTEST = 12
"""Characters of a passphrase."""
_KEY, _NONCE = 32, 12
_WORK = 1 << 16
"""Cost of trying a passphrase (scrypt, N): 64 MB and a fifth of a second."""

Shares = Mapping[str, bytes]
"""A person's share of the key of each period, by its first day."""


class Split:
    """The file of shares of a site."""

    def __init__(self, path: Path) -> None:
        """Read it; raises ConfigurationError when nobody has split the keys yet."""
        self.path = path
        try:
            self._told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            self._publics = [_bytes(person["public"]) for person in self._told["persons"]]
        except FileNotFoundError:
            raise ConfigurationError(
                "{file}: the keys are not split between two persons yet: leitplanke keys split", file=path.name
            ) from None
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                "{file}: not a file of shares ({fault}); put it back from the backup, or split the keys anew",
                file=path.name,
                fault=type(error).__name__,
            ) from None

    @staticmethod
    def of(folder: Path, site: str) -> Path:
        """Where the shares of a site lie."""
        return folder / f"site-{site}.shares.json"

    @classmethod
    def made(cls, path: Path, key: SiteKey, passphrases: Sequence[str]) -> "Split":
        """Split the keys between two persons; raises ConfigurationError for passphrases that are short or the same."""
        if min(map(len, passphrases)) < SHORTEST:
            raise ConfigurationError("a passphrase needs at least {least} characters", least=SHORTEST)
        if passphrases[0] == passphrases[1]:
            raise ConfigurationError("two persons need two different passphrases")
        written(path, {"persons": [_person(passphrase) for passphrase in passphrases], "periods": []})
        split = cls(path)
        split.follow(key)
        return split

    def follow(self, key: SiteKey) -> None:
        """Split keys that are new, and forget those that are destroyed."""
        known = {one["from"]: one for one in self._told["periods"]}
        self._told["periods"] = [known.get(one.first.isoformat()) or self._shared(key, one) for one in key.periods]
        written(self.path, self._told)

    def _shared(self, key: SiteKey, period: Period) -> dict[str, Any]:
        secret = key.pseudonym + period.key
        noise = secrets.token_bytes(len(secret))
        parts = (noise, _mixed(secret, noise))
        sealed = [_text(_sealed_for(public, part)) for public, part in zip(self._publics, parts, strict=True)]
        return {"from": period.first.isoformat(), "shares": sealed}

    def share(self, person: int, passphrase: str) -> "Opened":
        """What the passphrase of person 0 or 1 opens; raises ConfigurationError when it is wrong."""
        told = self._told["persons"][person]
        try:
            private = AESGCM(_stretched(passphrase, _bytes(told["salt"]))).decrypt(
                b"\0" * _NONCE, _bytes(told["private"]), None
            )
        except InvalidTag:
            raise ConfigurationError("this is not the passphrase of person {person}", person=person + 1) from None
        opened = Opened(X25519PrivateKey.from_private_bytes(private), {})
        opened.shares |= {one["from"]: opened.unsealed(_bytes(one["shares"][person])) for one in self._told["periods"]}
        return opened

    def handed(self, person: int, shares: Shares) -> bytes:
        """Shares that only a person can open."""
        text = json.dumps({first: _text(share) for first, share in shares.items()})
        return _sealed_for(self._publics[person], text.encode())


class Opened:
    """What one passphrase opens."""

    def __init__(self, private: X25519PrivateKey, shares: dict[str, bytes]) -> None:
        self._private, self.shares = private, shares

    def unsealed(self, sealed: bytes) -> bytes:
        """What was sealed for this person."""
        theirs, box = sealed[:_KEY], sealed[_KEY:]
        shared = self._private.exchange(X25519PublicKey.from_public_bytes(theirs))
        key = _derived(shared, theirs + self._private.public_key().public_bytes_raw())
        return AESGCM(key).decrypt(b"\0" * _NONCE, box, None)

    def together(self, handed: bytes) -> SiteKey:
        """The keys of pseudonyms, of this person's shares and those that the other one has handed over."""
        other = {first: _bytes(share) for first, share in json.loads(self.unsealed(handed)).items()}
        periods, pseudonym = Periods(), b""
        for first, share in sorted(self.shares.items()):
            if first in other:
                secret = _mixed(share, other[first])
                pseudonym = secret[:_KEY]
                periods.append(Period(date.fromisoformat(first), secret[_KEY:]))
        return SiteKey(pseudonym, b"", b"", periods)


def _person(passphrase: str) -> dict[str, str]:
    private, salt = X25519PrivateKey.generate(), secrets.token_bytes(16)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(b"\0" * _NONCE, private.private_bytes_raw(), None)
    public = private.public_key().public_bytes_raw()
    return {"public": _text(public), "salt": _text(salt), "private": _text(sealed)}


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY, n=_WORK, r=8, p=1).derive(passphrase.encode())


def _sealed_for(public: bytes, data: bytes) -> bytes:
    """Encrypted with a key that is used once (so that its nonce may stand still)."""
    once = X25519PrivateKey.generate()
    ours = once.public_key().public_bytes_raw()
    key = _derived(once.exchange(X25519PublicKey.from_public_bytes(public)), ours + public)
    return ours + AESGCM(key).encrypt(b"\0" * _NONCE, data, None)


def _derived(shared: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=b"leitplanke share" + info).derive(shared)


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return b64decode(text, validate=True)
