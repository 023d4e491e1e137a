"""A recording that is being received: in memory while it is small, in a temporary file beyond."""

from __future__ import annotations

import io
import tempfile
import threading
import weakref
from typing import BinaryIO, cast

from starlette.requests import Request

from recurra.http import errors
from recurra.http.body import BODY_SECONDS, read_chunks
from recurra.http.service import Service

LARGE = threading.BoundedSemaphore(4)
"""Places for recordings that are kept in files, received or being heard, of one process."""
IN_MEMORY = 1 << 20
"""Bytes up to which a recording is kept in memory."""
PLACE_SECONDS = 10.0
"""After which a client without a place for its file is to ask again."""


class Upload:
    """The bytes of one recording; within `with` it may have one of the places for large ones.

    Its file is closed by who has read it, or else when nobody refers to this any more: a thread that is still reading,
    for a client that has gone, reads on undisturbed.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self.file: BinaryIO = io.BytesIO()
        self.size = 0
        self._placed = False

    def __enter__(self) -> Upload:
        return self

    def __exit__(self, *_: object) -> None:
        if self._placed:
            self._placed = False
            LARGE.release()

    def take(self, content: bytes) -> None:
        """Be these bytes."""
        self.file, self.size = io.BytesIO(content), len(content)

    async def receive(self, request: Request) -> None:
        """Receive a request's body. Raises HTTPError 408 or 413, and 429 where too many large ones are here."""
        service = self._service
        async for chunk in read_chunks(request, service.options.max_upload, BODY_SECONDS, per_chunk=True):
            self.size += len(chunk)
            if self.size <= IN_MEMORY:
                self.file.write(chunk)
                continue
            if isinstance(self.file, io.BytesIO):
                self._move(self.file.getvalue())
            await service.run_in_thread(lambda chunk=chunk: self.file.write(chunk))  # type: ignore[misc]
        self.file.seek(0)

    def _move(self, content: bytes) -> None:
        """Keep what was received in a file from now on."""
        if not LARGE.acquire(blocking=False):
            raise errors.overloaded(PLACE_SECONDS)
        self._placed = True
        self.file = cast(BinaryIO, tempfile.TemporaryFile(prefix="recurra-sound-"))  # noqa: SIM115
        weakref.finalize(self, self.file.close)
        self.file.write(content)
