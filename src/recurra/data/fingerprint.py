"""A digest of labelled rows, to know the same data again."""

from __future__ import annotations

import hashlib


class Fingerprint:
    """Of every usable text and label in their order; nothing of them can be read from it."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, text: str, label: str) -> None:
        """Take in the next row."""
        encoded = text.encode("utf-8", "surrogatepass")
        self._digest.update(f"{len(encoded)} {label}\n".encode("utf-8", "surrogatepass") + encoded)

    def hexdigest(self) -> str:
        """Return the digest of the rows so far."""
        return self._digest.hexdigest()
