"""The pages of models that chat, write, translate and tag, in a real browser on real servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import recurra
from support.live_models import LETTERS, SAMPLES, SERVED, write_writer
from support.live_page import CONTRASTS, IN_A_BROWSER, REFUSED, Opener, expect, faults_found_by_axe
from support.live_server import Server, Starter, ended_well, start_server
from support.speech import spoken, wav_bytes
from support.waiting import until

HOSTILE = "<img src=x onerror=\"document.title='owned'\"> <script>alert(1)</script> &amp; \u202eevil\u202c"

BROKEN_OFF = (
    'data: {"piece": "Hal"}\n\ndata: {"error": {"status": 504, "code": "expired", "message": "It took too long."}}\n\n'
)

TESTED = [task for task in SERVED if task != "classify"]
"""The classifier's page has tests of its own."""

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """A server of each task, by task."""
    folder = tmp_path_factory.mktemp("pages")
    running = {
        task: start_server(SAMPLES[task].write(folder / task), folder / f"{task}-errors", "--max-written", "1000000000")
        for task in TESTED
    }
    yield running
    for one in running.values():
        ended_well(one)


@pytest.fixture(scope="module")
def folder(servers: dict[str, Server]) -> Path:
    return servers["chat"].errors.parent


def said(page: Any, text: str) -> None:
    """Say something and wait for the reply."""
    turns = page.locator("#turns li.model").count()
    page.locator("#turn").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("#turns li.model")).to_have_count(turns + 1)
    expect(page.locator("#turns li.model").last.locator(".note")).to_contain_text("It read ")


def quoted(text: str) -> str:
    """Return a text as `to_have_text` compares it: runs of white space as one."""
    return " ".join(text.split())


def test_a_dialogue_continues_and_can_be_reset(opened: Opener, servers: dict[str, Server], folder: Path) -> None:
    model = recurra.load(folder / "chat")
    page = opened(servers["chat"])
    expect(page.locator("#lead")).to_contain_text("reads the last 3 turns")
    expect(page.locator("#temperature")).to_have_value("0.7")
    page.locator("#settings summary").click()
    page.locator("#seed").fill("5")
    page.locator("#turn").focus()
    page.keyboard.type("Good")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("morning")
    expect(page.locator("#turn")).to_have_value("Good\nmorning")
    turns: list[str] = []
    for text in ("Good\nmorning", "Where?", "And \U0001f600 you?"):
        said(page, text)
        turns += [text, model.reply([*turns, text], seed=5)]
        expect(page.locator("#turns li.model .words").last).to_have_text(quoted(turns[-1]))
        expect(page.locator("#turn")).to_have_value("")
        expect(page.locator("#turn")).to_be_focused()
        expect(page.locator("#talk-status")).to_have_text(quoted(f"Reply: {turns[-1]}"))
    expect(page.locator("#turns li")).to_have_count(6)
    expect(page.locator("#turns .note")).to_have_count(1)
    expect(page.locator("#last-seed")).to_have_text("The last answer's seed was 5.")
    page.locator("#temperature").fill("0")
    said(page, "Well?")
    expect(page.locator("#turns li.model .words").last).to_have_text(
        quoted(model.reply([*turns, "Well?"], temperature=0))
    )
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("#turns li")).to_have_count(0)
    expect(page.locator("#turns-empty")).to_be_visible()
    expect(page.locator("#turn")).to_be_focused()
    said(page, "Where?")
    expect(page.locator("#turns li.model .words").last).to_have_text(quoted(model.reply(["Where?"], temperature=0)))
    page.locator("#temperature").fill("-1")
    page.locator("#turn").fill("Not sent")
    page.keyboard.press("Enter")
    expect(page.locator("#turns li")).to_have_count(2)


def test_turns_are_never_markup(opened: Opener, servers: dict[str, Server]) -> None:
    page = opened(servers["chat"])
    said(page, HOSTILE)
    expect(page.locator("#turns li.you .words")).to_have_text(HOSTILE)
    assert page.locator("main img, main script").count() == 0 and page.title() == "chat: Recurra"
    page = opened(servers["generate"])
    page.locator("#prompt").fill(HOSTILE)
    page.locator("#tokens").fill("200")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#write-notice")).to_contain_text("Unknown to the model")
    expect(page.locator("#text")).to_contain_text(HOSTILE)
    assert page.locator("main img, main script").count() == 0
    for task in ("translate", "tag"):
        page = opened(servers[task])
        page.locator("#text").fill(HOSTILE)
        expect(page.locator("#source mark, #sentences li").first).to_contain_text("<img")
        assert page.locator("main img, main script").count() == 0 and page.title() == f"{task}: Recurra"


def test_a_turn_that_is_refused_or_stopped_is_not_lost(opened: Opener, servers: dict[str, Server]) -> None:
    page = opened(servers["chat"], allowed=REFUSED)
    body = {"error": {"status": 429, "code": "overloaded", "message": "Too many requests are waiting."}}
    page.route("**/chat", lambda route: route.fulfill(status=429, json=body, headers={"Retry-After": "1"}))
    page.locator("#turn").fill("Hello?")
    page.keyboard.press("Enter")
    expect(page.locator("#talk-notice")).to_contain_text("Too many requests are waiting.")
    expect(page.locator("#turn")).to_have_value("Hello?")
    expect(page.locator("#turns li")).to_have_count(0)
    page.unroute("**/chat")
    page.route("**/chat", lambda route: None)  # never answered
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#turn")).to_have_value("Hello?")
    expect(page.locator("#talk-notice")).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("#turns li")).to_have_count(0)
    page.unroute("**/chat")
    said(page, "Hello?")
    page.route("**/chat", lambda route: route.fulfill(body=BROKEN_OFF))
    page.locator("#turn").fill("Again?")
    page.keyboard.press("Enter")
    expect(page.locator("#talk-notice")).to_contain_text("It took too long. Your message is in the field again.")
    expect(page.locator("#turns li")).to_have_count(2)


def test_it_writes_while_one_watches_until_it_is_stopped(
    opened: Opener, servers: dict[str, Server], folder: Path
) -> None:
    server = servers["generate"]
    model = recurra.load(folder / "generate")
    page = opened(server)
    expect(page.locator("#level")).to_have_text("characters")
    page.locator("#settings summary").click()
    page.locator("#seed").fill("3")
    page.locator("#prompt").fill("abc")
    page.locator("#tokens").fill("50")
    page.keyboard.press("Control+Enter")
    whole = "abc" + "".join(model.generate("abc", 50, seed=3))
    page.wait_for_function("text => document.querySelector('#text').textContent === text", arg=whole)
    expect(page.locator("#write-status")).to_contain_text("Written: ")
    page.locator("#tokens").fill("1000000000")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("() => document.querySelector('#text').textContent.length > 300")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#write-notice")).to_have_text("Stopped.")
    until(lambda: server.figure("recurra_requests_in_flight ") <= 1, "the server writes no more")
    longer = page.locator("#text").text_content()
    assert longer[:53] == whole and set(longer[3:]) <= set(LETTERS)
    expect(page.get_by_role("button", name="Continue")).to_be_enabled()


def test_a_translation_follows_with_what_each_word_was_written_from(
    opened: Opener, servers: dict[str, Server], folder: Path
) -> None:
    model = recurra.load(folder / "translate")
    text = "Where do you live?"
    known = model.align(text)
    page = opened(servers["translate"])
    page.locator("#text").fill(text)
    expect(page.locator("#translation")).to_have_text(quoted(model.translate([text])[0]))
    expect(page.locator("#target button")).to_have_count(len(known.target))
    page.locator("#target button").last.focus()
    expect(page.locator("#target button[aria-pressed=true]")).to_have_count(1)
    best = known.source[int(known.weights[-1].argmax())]
    expect(page.locator("#attended-status")).to_contain_text(f"“{best}”")
    strengths = page.locator("#source mark").evaluate_all("all => all.map(m => +m.style.getPropertyValue('--s'))")
    assert strengths == pytest.approx(known.weights[-1].tolist(), abs=2e-3)
    page.locator("#text").fill("")
    expect(page.locator("#translation")).to_be_hidden()
    page.locator("#history-list button").press("Enter")
    expect(page.locator("#text")).to_have_value(text)
    expect(page.locator("#translation")).to_have_text(quoted(model.translate([text])[0]))


def test_words_get_their_tags_while_one_types(opened: Opener, servers: dict[str, Server], folder: Path) -> None:
    model = recurra.load(folder / "tag")
    page = opened(servers["tag"])
    lines = ["w1 w2 New-York", "w5 w6"]
    page.locator("#text").fill("\n\n".join(lines))
    expect(page.locator("#sentences ol")).to_have_count(2)
    expect(page.locator("#sentences li bdi")).to_have_text([word for line in lines for word in line.split()])
    tags = [tag for found in model.tag([line.split() for line in lines]) for tag in found]
    expect(page.locator("#sentences li .quiet")).to_have_text(tags)
    expect(page.locator("#reply-status")).to_have_text("5 words tagged.")
    expect(page.locator("#history-list bdi")).to_have_text([f"{' '.join(tags[:3])} · {' '.join(tags[3:])}"])
    page.get_by_role("button", name="Forget them").click()
    expect(page.locator("#history")).to_be_hidden()
    expect(page.locator("#tag")).to_be_focused()


def test_a_number_is_shown_with_its_interval_on_the_scale_of_training(
    opened: Opener, servers: dict[str, Server], folder: Path
) -> None:
    model = recurra.load(folder / "regress", task="regress")
    page = opened(servers["regress"])
    page.locator("#text").fill("w1 w2. w3 w4")
    (low, high), value = model.predict_interval(["w1 w2. w3 w4"])[0], model.predict(["w1 w2. w3 w4"])[0]
    expect(page.locator("#value")).to_have_text(f"{value:.4g}")
    expect(page.locator("#between")).to_contain_text(f"between {low:.4g} and {high:.4g}, in 90 %")
    scale = page.locator("#scale svg")
    expect(scale).to_have_attribute("aria-label", re.compile("on a scale from 1 to 10$"))
    band = scale.locator("rect")
    x, width = (float(band.get_attribute(name) or 0) for name in ("x", "width"))
    assert (x - 14) / 292 == pytest.approx((low - 1) / 9, abs=0.01)
    assert width / 292 == pytest.approx((high - low) / 9, abs=0.01)
    words = [word for word in model.explain("w1 w2. w3 w4").top(8) if abs(word.contribution) > 1e-5]
    expect(page.locator("#strongest th")).to_have_text([word.text for word in words])
    page.locator("#text").fill("")
    expect(page.locator("#reply-empty")).to_be_visible()


def test_a_key_is_asked_for_before_a_dialogue(opened: Opener, tmp_path: Path, start: Starter) -> None:
    keys = tmp_path / "keys"
    keys.write_text("0123456789abcdef-of-the-talk")
    keys.chmod(0o600)
    page = opened(start(write_writer(tmp_path / "model"), "--api-key-file", str(keys)), allowed=REFUSED)
    page.locator("#tokens").fill("5")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#write-notice")).to_contain_text("Enter one above.")
    page.locator("#key").fill("0123456789abcdef-of-the-talk")
    page.keyboard.press("Enter")
    expect(page.locator("#level")).to_have_text("characters")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#write-status")).to_contain_text("Written: ")


def shown_well(page: Any, where: str) -> None:
    """Assert that what the page shows fits a phone and a screen, and has no faults of access, in light and in dark."""
    for width, scheme in ((1280, "dark"), (360, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where
        assert [pair for pair in page.evaluate(CONTRASTS) if pair[0] < 4.5] == [], (where, scheme)
        assert faults_found_by_axe(page, contrast_alone=scheme == "dark") == [], (where, scheme)


@pytest.mark.parametrize("task", TESTED)
def test_fits_a_phone_and_can_be_read_and_named(opened: Opener, servers: dict[str, Server], task: str) -> None:
    page = opened(servers[task], reduced_motion="reduce", allowed=REFUSED)
    expect(page.locator("#name")).to_have_text(task)
    shown_well(page, "before an answer")
    long = "unbroken" * 40
    if task == "chat":
        said(page, long)
    elif task == "generate":
        page.locator("#prompt").fill(long)
        page.locator("#tokens").fill("100")
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("#write-notice")).to_contain_text("Unknown")
    elif task == "transcribe":
        sound = {"name": f"{long}.wav", "mimeType": "audio/wav", "buffer": wav_bytes(spoken("bad idea do " * 9))}
        page.set_input_files("#files", [sound, {**sound, "name": "none.wav", "buffer": bytes(9)}])
        expect(page.locator("#transcripts section")).to_have_count(2)
    elif task == "regress":
        page.locator("#text").fill(f"w1 w2 {long}")
        expect(page.locator("#strongest tr").first).to_be_visible()
    elif task == "series":
        page.locator("#numbers").fill("1, 2, 3\n4, , 6\n7, 8, 9")
        page.get_by_role("button", name="Random numbers").click()
        expect(page.locator("#figure")).not_to_be_empty()
    elif task == "multilabel":
        page.locator("#text").fill(f"w1 {long}")
        expect(page.locator("#bars li").first).to_be_visible()
        page.locator("#threshold").fill("0.3")
    elif task == "forecast":
        page.locator("#numbers").fill("1, 2\n2, 4\n3, \n4, 5")
        page.get_by_role("button", name="An example").click()
        expect(page.locator("#rows th").first).not_to_be_empty()
    else:
        page.locator("#text").fill(f"w1 {long}")
        expect(page.locator("#source mark, #sentences li").first).to_be_visible()
    if page.locator("#settings").count():
        page.locator("#settings summary").click()
    for tab, _ in SERVED[task].tabs:
        page.locator(f"#tab-{tab}").click()
        if tab == "model":
            expect(page.locator("#figures .value").first).not_to_have_text("–")
            expect(page.frame_locator("#report").locator("p")).to_have_text("It is random.")
        if tab == "batch":
            rows = f"text,{long}\nw1,\n{long},\n".encode()
            page.set_input_files("#batch-file", {"name": f"{long}.csv", "mimeType": "text/csv", "buffer": rows})
            page.get_by_role("button", name="Answer all rows").click()
            expect(page.locator("#batch-save")).to_be_visible()
        shown_well(page, tab)
