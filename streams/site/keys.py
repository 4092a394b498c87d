"""The site's key: who holds it can name a pseudonym, open sealed records and recognise inputs; nobody else can."""

import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.errors import ConfigurationError

Words = npt.NDArray[np.uint64]
"""64-bit keyed hashes."""

_KEY_BYTES = 32
_NONCE_BYTES = 12
_WORD = 8
_SHORT = 31
"""Longest value in bytes that is hashed in a vector; the last of 32 bytes holds its length."""
_CHUNK = 16_384
"""Pairs hashed at a time: the state stays in the processor's second cache."""


@dataclass(frozen=True, slots=True)
class SiteKey:
    """Three independent secrets of one site, from `keys/site-<site>.json` (mode 0600)."""

    pseudonym: bytes
    """Keys actors; rotates."""
    identity: bytes
    """Keys the recognition of inputs; never rotates."""
    sealing: bytes
    """Encrypts rejected records, dead letters and flows that wait for their host."""

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
            fresh = cls(*(secrets.token_bytes(_KEY_BYTES) for _ in range(3)))
            fresh.write(path)
            return fresh
        try:
            text = json.loads(path.read_text(encoding="utf-8"))
            key = cls(*(b64decode(text[name], validate=True) for name in ("pseudonym", "identity", "sealing")))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                "{file}: not a key file of this version ({fault}); put it back from the backup",
                file=path.name,
                fault=type(error).__name__,
            ) from None
        if any(len(part) != _KEY_BYTES for part in (key.pseudonym, key.identity, key.sealing)):
            raise ConfigurationError("{file}: every key must have {most} bytes", file=path.name, most=_KEY_BYTES)
        return key

    def write(self, path: Path) -> None:
        """Write the key file so that it exists whole or not at all, readable by its owner only."""
        body = {name: b64encode(getattr(self, name)).decode() for name in ("pseudonym", "identity", "sealing")}
        draft = path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(body, file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)

    def word(self, purpose: str, value: str) -> int:
        """64-bit keyed hash of a distinct value; `purpose` keeps accounts, domains and names apart."""
        digest = blake2b(
            value.encode(errors="surrogatepass"), digest_size=8, key=self.pseudonym, person=purpose.encode()
        )
        return int.from_bytes(digest.digest(), "little")

    def words(self, purpose: str, values: pl.Series) -> Words:
        """64-bit keyed hash of each distinct value: `word` for long ones, SipHash of the padded bytes for short ones."""
        out = np.empty(len(values), dtype=np.uint64)
        short = ((values.str.len_bytes() <= _SHORT) & (values.str.len_bytes() == values.str.len_chars())).to_numpy()
        if short.any():
            text = values.filter(short)
            padded = text.str.pad_end(4 * _WORD, "\0").cast(pl.Binary)
            parts = [
                padded.bin.slice(_WORD * i, _WORD).bin.reinterpret(dtype=pl.UInt64, endianness="little").to_numpy()
                for i in range(4)
            ]
            tweak = np.uint64(self.word("short", purpose))
            length = text.str.len_bytes().to_numpy().astype(np.uint64) << np.uint64(56)
            halves = self.pairs(parts[0] ^ tweak, parts[1]), self.pairs(parts[2] ^ ~tweak, parts[3] ^ length)
            out[short] = self.pairs(*halves)
        long = ~short
        if long.any():
            out[long] = [self.word(purpose, value) for value in values.filter(long)]
        return out

    def pairs(self, first: Words, second: Words) -> Words:
        """Keyed hash (SipHash-2-4) of pairs of words: the pseudonym of an actor at one domain.

        Vectorised; two domains of one actor give unrelated words, and only the key can tell that they belong together.
        """
        k0, k1 = (np.uint64(int.from_bytes(self.pseudonym[i : i + 8], "little")) for i in (0, 8))
        out = np.empty(len(first), dtype=np.uint64)
        for i in range(0, len(first), _CHUNK):
            out[i : i + _CHUNK] = _siphash(k0, k1, first[i : i + _CHUNK], second[i : i + _CHUNK])
        return out

    def digest(self, data: bytes) -> bytes:
        """Keyed hash of a block's bytes."""
        return hmac.digest(self.identity, data, "sha256")

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


def _siphash(k0: np.uint64, k1: np.uint64, first: Words, second: Words) -> Words:
    """SipHash-2-4 (Aumasson, Bernstein 2012) of the 16 bytes `first`, `second`, for arrays."""
    count = len(first)
    state = [
        np.full(count, k ^ np.uint64(c), dtype=np.uint64)
        for k, c in (
            (k0, 0x736F6D6570736575),
            (k1, 0x646F72616E646F6D),
            (k0, 0x6C7967656E657261),
            (k1, 0x7465646279746573),
        )
    ]
    for message in (first, second, np.uint64(16 << 56)):
        state[3] ^= message
        _rounds(state, 2)
        state[0] ^= message
    state[2] ^= np.uint64(0xFF)
    _rounds(state, 4)
    result: Words = state[0] ^ state[1] ^ state[2] ^ state[3]
    return result


def _rounds(v: list[Words], count: int) -> None:
    """In place: arrays that are made anew for each step cost as much as the steps."""
    spare = np.empty_like(v[0])
    for _ in range(count):
        v[0] += v[1]
        _rotate(v[1], 13, spare)
        v[1] ^= v[0]
        _rotate(v[0], 32, spare)
        v[2] += v[3]
        _rotate(v[3], 16, spare)
        v[3] ^= v[2]
        v[0] += v[3]
        _rotate(v[3], 21, spare)
        v[3] ^= v[0]
        v[2] += v[1]
        _rotate(v[1], 17, spare)
        v[1] ^= v[2]
        _rotate(v[2], 32, spare)


def _rotate(x: Words, bits: int, spare: Words) -> None:
    np.right_shift(x, np.uint64(64 - bits), out=spare)
    np.left_shift(x, np.uint64(bits), out=x)
    np.bitwise_or(x, spare, out=x)
