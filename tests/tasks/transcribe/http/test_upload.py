"""Large recordings have few places, which each gives back, also when its request fails."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from recurra.tasks.transcribe.http import upload
from recurra.tasks.transcribe.http.upload import IN_MEMORY
from support.in_process import InProcess
from support.live_models import write_transcriber
from support.speech import spoken, wav_bytes

WAV = [(b"content-type", b"audio/wav")]


def test_a_full_house_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = InProcess(write_transcriber(tmp_path / "model"), max_upload=3 * IN_MEMORY)
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(upload, "LARGE", places)
    large, small = wav_bytes(np.zeros(IN_MEMORY // 2, np.float32), 48_000), wav_bytes(spoken("bad"))
    assert places.acquire(blocking=False)
    for pieces in (1, 7):
        answer = app.ask("POST", "/transcribe", large, WAV, pieces=pieces)
        assert answer.status == 429 and int(answer.headers["retry-after"]) >= 1
        assert app.ask("POST", "/transcribe", small, WAV).status == 200
    places.release()
    for content, status in (
        (large, 200),
        (b"RIFF" + bytes(2 * IN_MEMORY), 422),
        (bytes(4 * IN_MEMORY), 413),
        (large, 200),
    ):
        for pieces in (1, 7):
            assert app.ask("POST", "/transcribe", content, WAV, pieces=pieces).status == status
    assert places.acquire(blocking=False)
    app.close()
