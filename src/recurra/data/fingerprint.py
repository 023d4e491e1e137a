"""A digest of rows of any kind, to recognise the same data again."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Field = str | bytes | int | float | None | NDArray[np.generic]


class Fingerprint:
    """SHA-256 of all rows in their order; no field can be read from it."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, *fields: Field) -> None:
        """Add the next row.

        A row of two strings, a text and its label, has the digest that models of 0.1.0 recorded. Any other row differs
        from it, and from every row of other fields: the kind, the shape and the length of each field are hashed too.
        Raises TypeError for a field that is none of these kinds.
        """
        match fields:
            case (str() as text, str() as label):
                encoded = text.encode("utf-8", "surrogatepass")
                self._digest.update(f"{len(encoded)} {label}\n".encode("utf-8", "surrogatepass") + encoded)
            case _:
                parts = [_encoded(field) for field in fields]
                sizes = ",".join(f"{kind}:{len(content)}" for kind, content in parts)
                self._digest.update(f"fields {sizes}\n".encode() + b"".join(content for _, content in parts))

    def hexdigest(self) -> str:
        """Return the digest of the rows so far."""
        return self._digest.hexdigest()


def _encoded(field: Field) -> tuple[str, bytes]:
    """Return (kind, content) of a field; equal only where the fields are equal, type included."""
    match field:
        case None:
            return "none", b""
        case str():
            return "str", field.encode("utf-8", "surrogatepass")
        case bytes():
            return "bytes", field
        case np.ndarray() if not field.dtype.hasobject:
            values = np.ascontiguousarray(field, dtype=field.dtype.newbyteorder("<"))
            return f"array {values.dtype.str} {'x'.join(map(str, field.shape))}", values.tobytes()
        case bool() | int() | float():
            return type(field).__name__, repr(field).encode()
    raise TypeError(f"a fingerprint is of str, bytes, numbers, None and arrays, not {type(field).__name__}")
