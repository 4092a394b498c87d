"""Quick reading of log lines in compiled code: bytes in, numbers out; distinct texts come up to Python once."""

from hashlib import blake2b
from pathlib import Path

HERE = Path(__file__).parent
LIBRARY = HERE / "_native.so"


def fingerprint() -> str:
    """Hash of the sources; the library says which one it was built from."""
    digest = blake2b(digest_size=8)
    for path in sorted([*HERE.glob("*.c"), *HERE.glob("*.h")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
