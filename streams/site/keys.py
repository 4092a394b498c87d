"""The site's key: who holds it can name a pseudonym, open sealed records and recognise inputs; nobody else can."""

import hmac
import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.poly1305 import Poly1305

from connectors.native.distinct import hashes, pair_hashes
from schemas.errors import ConfigurationError
from streams.site.periods import Period, Periods
from streams.site.secret import written

Words = npt.NDArray[np.uint64]
"""64-bit keyed hashes."""

_FIXED = ("pseudonym", "identity", "sealing")
_KEY_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class SiteKey:
    """The secrets of one site, from `keys/site-<site>.json` (mode 0600), independent of each other."""

    pseudonym: bytes
    """Keys names, domains, connections, and the words of actors that pseudonyms are made of; never rotates."""
    identity: bytes
    """Keys the recognition of inputs; never rotates."""
    sealing: bytes
    """Encrypts rejected records, dead letters and flows that wait for their host."""
    periods: Periods = field(default_factory=Periods.begun)
    """Key the pseudonyms; rotate."""

    @staticmethod
    def path(folder: Path, site: str) -> Path:
        """Where the key of a site lies."""
        return folder / f"site-{site}.json"

    @classmethod
    def open(cls, folder: Path, site: str) -> "SiteKey":
        """The key of a site; made on first use. Raises ConfigurationError when the file cannot be used."""
        path = cls.path(folder, site)
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = cls(**{name: secrets.token_bytes(_KEY_BYTES) for name in _FIXED}, periods=Periods.begun())
            fresh.write(path)
            return fresh
        try:
            text = json.loads(path.read_text(encoding="utf-8"))
            periods = Periods.read(text["periods"])
            key = cls(**{name: b64decode(text[name], validate=True) for name in _FIXED}, periods=periods)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                "{file}: not a key file of this version ({fault}); put it back from the backup",
                file=path.name,
                fault=type(error).__name__,
            ) from None
        parts = (key.pseudonym, key.identity, key.sealing, *(period.key for period in key.periods))
        if not key.periods or any(len(part) != _KEY_BYTES for part in parts):
            raise ConfigurationError("{file}: every key must have {most} bytes", file=path.name, most=_KEY_BYTES)
        return key

    def write(self, path: Path) -> None:
        """Write the key file so that it exists whole or not at all, readable by its owner only."""
        body: dict[str, object] = {name: b64encode(getattr(self, name)).decode() for name in _FIXED}
        body["periods"] = self.periods.written()
        written(path, body)

    def word(self, purpose: str, value: str) -> int:
        """`words` of one value."""
        return int(self.words(purpose, pl.Series([value]))[0])

    def words(self, purpose: str, values: pl.Series) -> Words:
        """64-bit keyed hash of each distinct value; `purpose` keeps accounts, domains, names and connections apart."""
        return hashes(values, self.words_key(purpose))

    def words_key(self, purpose: str) -> Words:
        """The key of the hashes of one purpose, as two words."""
        digest = blake2b(digest_size=16, key=self.pseudonym, person=purpose.encode()).digest()
        return np.frombuffer(digest, np.uint64)

    def pairs_key(self, period: Period) -> Words:
        """The key of the pseudonyms of a period, as two words."""
        return np.frombuffer(period.key[:16], np.uint64)

    def pairs(self, first: Words, second: Words, period: Period | None = None) -> Words:
        """Keyed hash (SipHash-2-4) of pairs of words: in a period, the pseudonym of an actor at one domain.

        Two domains of one actor give unrelated words, and only the key can tell that they belong together.
        """
        key = self.words_key("pair") if period is None else self.pairs_key(period)
        return pair_hashes(first, second, key)

    def digest(self, data: bytes | memoryview) -> bytes:
        """Keyed hash of some bytes.

        Poly1305 brings them to 16 bytes at ten times the speed of SHA-256: two contents meet there with a chance of 2^-80
        for whoever does not know the key. HMAC-SHA-256 hides what it gives, as its key is used more than once.
        """
        return hmac.digest(self.identity, self.short(data) + len(data).to_bytes(8, "little"), "sha256")

    def short(self, data: bytes | memoryview) -> bytes:
        """The 16 bytes that `digest` hides; never stored."""
        return Poly1305.generate_tag(self._block_key, data)

    @property
    def _block_key(self) -> bytes:
        return blake2b(digest_size=32, key=self.identity, person=b"block").digest()

    def link(self, previous: bytes, digest: bytes) -> bytes:
        """Next link of an input's chain, from the link before and the digest of the block."""
        return hmac.digest(self.identity, previous + digest, "sha256")[:16]

    def mark(self, *parts: str) -> bytes:
        """Keyed hash that recognises a document by its key or content."""
        return hmac.digest(self.identity, "\x1f".join(parts).encode(errors="surrogatepass"), "sha256")[:16]

    def seal(self, data: bytes) -> bytes:
        """Encrypt and authenticate (AES-256-GCM)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.sealing).encrypt(nonce, data, None)

    def unseal(self, sealed: bytes) -> bytes:
        """What `seal` was given."""
        return AESGCM(self.sealing).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
