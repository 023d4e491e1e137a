"""API keys: read from a file, kept as digests, compared in constant time, never shown."""

from __future__ import annotations

import hashlib
import hmac
import stat
import time
from pathlib import Path

from recurra.errors import OptionError

SHORTEST = 16
_FILE_LIMIT = 1 << 20
_TICKET_SECONDS = 60


class Keys:
    """The API keys that are accepted. Holds their SHA-256 digests only."""

    def __init__(self, keys: list[str]) -> None:
        self._digests = sorted(_digest(key) for key in keys)
        self._tickets = hashlib.sha256(b"recurra ticket" + b"".join(self._digests)).digest()

    def accept(self, key: str) -> bool:
        """Return whether `key` is one of the keys. The time taken does not depend on which, or on how similar it is."""
        digest = _digest(key)
        accepted = False
        for known in self._digests:
            accepted |= hmac.compare_digest(digest, known)
        return accepted

    def ticket(self, path: str) -> str:
        """Return a ticket for `path` alone, valid for a minute, for where no header can be sent, such as a frame."""
        expiry = f"{int(time.time()) + _TICKET_SECONDS:x}"
        return f"{expiry}.{self._signature(path, expiry)}"

    def accept_ticket(self, path: str, ticket: str) -> bool:
        """Return whether `ticket` is valid for `path` now."""
        expiry, _, signature = ticket.partition(".")
        sound = hmac.compare_digest(signature.encode(), self._signature(path, expiry).encode())
        return sound and int(expiry, 16) >= time.time()

    def _signature(self, path: str, expiry: str) -> str:
        return hmac.new(self._tickets, f"{path} {expiry}".encode(), hashlib.sha256).hexdigest()


def read_keys(path: Path) -> Keys:
    """Return the keys in a file, one a line; blank lines and lines that begin with # are left out.

    Raises OptionError, which never quotes a key, for a file that cannot be read or has no usable key.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_FILE_LIMIT + 1)
    except OSError as error:
        raise OptionError(f"--api-key-file {path} cannot be read: {error.strerror}.") from None
    make = "Make one with: openssl rand -hex 32"
    if len(content) > _FILE_LIMIT:
        raise OptionError(f"--api-key-file {path} is larger than {_FILE_LIMIT:,} bytes; it holds one key a line.")
    keys = []
    for number, line in enumerate(content.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(b"#"):
            continue
        if not line.isascii() or not line.decode().isprintable() or b" " in line:
            raise OptionError(f"--api-key-file {path}, line {number}: a key is printable ASCII without spaces. {make}")
        if len(line) < SHORTEST:
            raise OptionError(
                f"--api-key-file {path}, line {number}: the key has {len(line)} characters; at least {SHORTEST} are "
                f"needed, so that it cannot be guessed. {make}"
            )
        keys.append(line.decode())
    if not keys:
        raise OptionError(f"--api-key-file {path} holds no key. {make}")
    return Keys(keys)


def readable_by_others(path: Path) -> bool:
    """Return whether users other than the owner may read or write the file."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
