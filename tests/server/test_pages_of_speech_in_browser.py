"""The page of a model that writes down speech: recordings, and a microphone that plays a file, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import connect

import recurra
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.recording import Samples
from recurra.tasks.transcribe.subtitles import write
from support.live_models import write_transcriber
from support.live_page import CHROMIUM, IN_A_BROWSER, REFUSED, Opener, expect
from support.live_server import Server, Starter, ended_well, start_server
from support.speech import spoken, wav_bytes, write_wav

KEY = "0123456789abcdef-of-the-voice"
SEEDS = {"forward": 3, "both": 5}
"""Of models that say something of tones, by direction."""
HOSTILE = "<img src=x onerror=\"document.title='owned'\">.wav"

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Chromium whose microphone plays a file over and over."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install playwright)")
    voice = write_wav(tmp_path_factory.mktemp("voice") / "voice.wav", spoken("bad idea oboe do aid", 1, 48_000), 48_000)
    arguments = [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={voice}",
    ]  # fmt: skip
    with api.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="module", params=list(SEEDS))
def speech(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Any]]:
    """A server of a model that reads forward, or both ways, and that model."""
    folder = tmp_path_factory.mktemp("speech")
    directory = write_transcriber(folder / "model", direction=request.param, seed=SEEDS[request.param])
    running = start_server(directory, folder / "errors", "--max-upload", "300000")
    yield running, recurra.load(directory)
    ended_well(running)


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "", "buffer": content}


def test_recordings_become_words_that_play_and_files(
    opened: Opener, speech: tuple[Server, Transcriber], tmp_path: Path
) -> None:
    server, model = speech
    path = write_wav(tmp_path / "a.wav", spoken("bad idea do oboe bad aid", 2))
    (whole,) = model.transcribe([path])
    assert len(whole.words) > 2
    page = opened(server, allowed=REFUSED)
    expect(page.locator("#files-note")).to_contain_text("10 minutes at most")
    expect(page.locator("#transcripts-legend")).to_be_hidden()
    sounds = [file(HOSTILE, path.read_bytes()), file("none.wav", b"nothing"), file("large.wav", bytes(300_001))]
    page.set_input_files("#files", sounds)
    cards = page.locator("#transcripts section")
    expect(cards).to_have_count(3)
    expect(cards.nth(0)).to_contain_text("at most 293 KB are accepted here")
    expect(cards.nth(1)).to_contain_text("cannot be read as sound")
    first = cards.nth(2)
    expect(first.locator("h3")).to_have_text(HOSTILE)
    assert page.locator("img").count() == 0 and page.title() == "model: Recurra"
    expect(page.locator("#progress-card")).to_be_hidden()
    expect(page.locator("#transcripts-legend")).to_be_visible()
    words = first.locator(".heard button")
    expect(words).to_have_text([word.text for word in whole.words])
    shades = words.evaluate_all("all => all.map(it => +it.style.getPropertyValue('--s'))")
    assert shades == pytest.approx([1 - word.confidence for word in whole.words], abs=2e-3)
    last = whole.words[-1]
    assert words.last.get_attribute("title") == (
        f"{100 * last.confidence:.1f} % sure, from {last.start:.2f} to {last.end:.2f} s"
    )
    words.last.click()
    page.wait_for_function(
        "([audio, start]) => audio.currentTime >= start - 0.01 && audio.readyState > 1",
        arg=[first.locator("audio").element_handle(), last.start],
    )
    assert words.evaluate_all("all => all.filter(it => it.tabIndex === 0).length") == 1
    page.keyboard.press("ArrowLeft")
    expect(words.nth(len(whole.words) - 2)).to_be_focused()
    for form in ("srt", "vtt"):
        with page.expect_download() as saved:
            first.get_by_role("button", name=f"as {form.upper()}").click()
        assert saved.value.suggested_filename.endswith(f".{form}")
        assert Path(saved.value.path()).read_text(encoding="utf-8") == write(whole.words, form)  # type: ignore[arg-type]
    with page.expect_download() as saved:
        first.get_by_role("button", name="as JSON").click()
    content = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert (content["text"], content["file"], len(content["words"])) == (whole.text, HOSTILE, len(whole.words))


def test_files_can_be_dropped_and_stopped(opened: Opener, speech: tuple[Server, Transcriber]) -> None:
    page = opened(speech[0], allowed=REFUSED)
    page.route("**/transcribe", lambda route: None)  # never answered
    transfer = page.evaluate_handle(
        """bytes => {
          const transfer = new DataTransfer();
          for (const name of ["a.wav", "b.wav"]) transfer.items.add(new File([new Uint8Array(bytes)], name));
          return transfer;
        }""",
        list(wav_bytes(spoken("do", 3))),
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    expect(page.locator("#progress-label")).to_contain_text("a.wav (1 of 2)")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#recordings-notice")).to_have_text("Stopped. Nothing is kept on the server.")
    expect(page.locator("#progress-card")).to_be_hidden()
    page.unroute("**/transcribe")
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    expect(page.locator("#transcripts section h3")).to_have_text(["b.wav", "a.wav"])
    expect(page.locator("#recordings-notice")).to_be_hidden()


def test_what_is_said_is_written_while_it_is_said(opened: Opener, speech: tuple[Server, Transcriber]) -> None:
    server, model = speech
    page = opened(server)
    sent: list[Any] = []
    answers: list[Any] = []

    def note(socket: Any) -> None:
        socket.on("framesent", lambda content: sent.append(content))
        socket.on("framereceived", lambda content: answers.append(json.loads(content)))

    page.on("websocket", note)
    page.locator("#tab-microphone").click()
    again = "may change until the end" if model.shape.direction == "both" else "not kept there"
    expect(page.locator("#microphone-note")).to_contain_text(again)
    for number in (1, 2):
        sent.clear()
        answers.clear()
        page.locator("#listen").click()
        expect(page.locator("#listen")).to_have_text("Stop")
        page.wait_for_function("() => parseFloat(document.querySelector('#clock').textContent) >= 1.5")
        page.wait_for_function("() => document.querySelector('#said').textContent.length > 3")
        assert any(one["stable"] + one["changing"] for one in answers)
        page.locator("#listen").click()
        card = page.locator("#spoken section")
        expect(card.locator("h3")).to_have_text(f"speech-{number}.wav")
        expect(card).to_have_count(1)
        expect(page.locator("#hearing")).to_be_hidden()
        expect(page.locator("#listen")).to_have_text("Start listening")
        rate = json.loads(sent[0])["rate"]
        assert json.loads(sent[-1]) == {"end": True}
        samples = np.frombuffer(b"".join(sent[1:-1]), dtype="<i2")
        assert len(samples) > rate and np.abs(samples).max() > 3000
        (whole,) = model.transcribe([Samples(samples.astype(np.float32) / 32768, rate)])
        assert whole.words and answers[-1]["text"] == whole.text
        expect(card.locator(".heard button")).to_have_text([word.text for word in whole.words])
        expect(page.locator("#microphone-status")).to_have_text(f"Heard: {whole.text}")
        page.wait_for_function(
            "([audio, seconds]) => Math.abs(audio.duration - seconds) < 0.01",
            arg=[card.locator("audio").element_handle(), len(samples) / rate],
        )


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }",
         "was not allowed"),
        ("navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); }",
         "No microphone was found"),
        ("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })", "no microphone. It does over HTTPS"),
    ],
)  # fmt: skip
def test_a_browser_without_a_microphone_is_told_why(
    opened: Opener, speech: tuple[Server, Transcriber], script: str, message: str
) -> None:
    page = opened(speech[0])
    page.evaluate(f"() => {{ {script} }}")
    page.locator("#tab-microphone").click()
    page.locator("#listen").click()
    expect(page.locator("#microphone-notice")).to_contain_text(message)
    expect(page.locator("#listen")).to_have_text("Start listening")
    expect(page.locator("#listen")).to_be_enabled()


def test_a_key_goes_with_both_and_a_full_server_says_so(opened: Opener, tmp_path: Path, start: Starter) -> None:
    keys = tmp_path / "keys"
    keys.write_text(KEY)
    keys.chmod(0o600)
    directory = write_transcriber(tmp_path / "model", direction="forward", seed=3)
    server = start(directory, "--api-key-file", str(keys), "--max-streams", "1")
    page = opened(server, allowed=(*REFUSED, "WebSocket connection"))
    page.locator("#tab-microphone").click()
    page.locator("#listen").click()
    expect(page.locator("#microphone-notice")).to_contain_text("requires an API key")
    page.locator("#key").fill(KEY)
    page.keyboard.press("Enter")
    expect(page.locator("#key-form")).to_be_hidden()
    with connect(
        f"ws://{server.host}:{server.port}/transcribe/stream", additional_headers={"Authorization": f"Bearer {KEY}"}
    ):
        page.locator("#listen").click()
        expect(page.locator("#microphone-notice")).to_contain_text("takes no further stream now")
    expect(page.locator("#listen")).to_be_enabled()
    page.locator("#listen").click()
    expect(page.locator("#listen")).to_have_text("Stop")
    expect(page.locator("#microphone-notice")).to_be_hidden()
    server.process.kill()
    expect(page.locator("#microphone-notice")).to_contain_text("The connection was lost")
    expect(page.locator("#listen")).to_have_text("Start listening")
