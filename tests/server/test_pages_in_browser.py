"""The page in a real browser, on a real server: what it shows, what hostile texts do to it, and what failures do."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recurra
from recurra.many_to_one.columns import TEXT_NAMES
from support.live_page import CONTRASTS, IN_A_BROWSER, REFUSED, Opener, expect, faults_found_by_axe
from support.live_server import Server, Starter, ended_well, made_texts, start_server, write_model

KEY = "0123456789abcdef-of-the-page"
LONG_LABELS = ("<b>plain</b>" + "unbroken" * 12, *(f"label {number}" for number in range(7)))

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def model(both_ways: Path) -> Any:
    return recurra.load(both_ways)


def quoted(model: Any, text: str) -> tuple[str, str]:
    """Return label and percentage as the page is to show them."""
    chances = model.predict_proba([text])[0]
    return str(model.classes_[chances.argmax()]), f"{100 * chances.max():.1f}"


def test_the_answer_moves_while_one_types(opened: Opener, server: Server, model: Any) -> None:
    page = opened(server)
    expect(page.locator("#lead")).to_contain_text("neg or pos")
    expect(page.locator("#reply")).to_be_hidden()
    page.locator("#text").focus()
    text, seen = "", set()
    for piece in ("w1 w2", " w17 unheard", " w33 w4. w59", " w8 w8 w21"):
        text += piece
        page.keyboard.type(piece)
        label, percentage = quoted(model, text)
        expect(page.locator("#probability")).to_have_text(percentage)
        expect(page.locator("#label")).to_have_text(label)
        expect(page.locator("#bars li.first bdi")).to_have_text(label)
        seen.add(percentage)
    assert len(seen) > 1
    expect(page.locator("#coloured:not([aria-busy])")).to_have_text(text)
    strongest = model.explain(text, "pos").top(1)[0]
    first = page.locator("#strongest tr").first
    expect(first.locator("th")).to_have_text(strongest.text)
    expect(first.locator("td.number")).to_have_text(f"{abs(strongest.contribution):.2f}")
    expect(first.locator("mark")).to_have_text("pos" if strongest.contribution > 0 else "neg")
    titles = page.locator("#coloured mark").evaluate_all("marks => marks.map(mark => mark.title)")
    assert f"{'pos' if strongest.contribution > 0 else 'neg'}, by {abs(strongest.contribution):.2f}" in titles
    expect(page.locator("#reply-status")).to_have_text(f"{label}, {percentage} %.")
    page.locator("#text").fill("")
    expect(page.locator("#reply")).to_be_hidden()
    expect(page.locator("#explained")).to_be_hidden()


@pytest.mark.parametrize(
    "text",
    [
        "w1 <img src=x onerror=\"document.title='owned'\"> w2 <script>document.title='owned'</script> &amp; </p>",
        "w1 \u202eevil\u202c \u05d0\u05d1 w2 هذا الفيلم رائع",
        "\U0001f600 w1 \U0001f468\u200d\U0001f469\u200d\U0001f467 w2 \U0001d4d0 w3 e\u0301 w4",
        ("w1 w2 w3 \U0001f600 " * 2000)[:20_000],
    ],
    ids=["markup", "right to left", "beyond 16 bits", "long"],
)
def test_any_text_is_shown_as_it_was_typed(opened: Opener, server: Server, model: Any, text: str) -> None:
    page = opened(server)
    page.locator("#text").fill(text)
    expect(page.locator("#probability")).to_have_text(quoted(model, text)[1])
    page.wait_for_function("text => document.querySelector('#coloured').textContent === text", arg=text)
    assert page.title() == "reviews: Recurra"
    assert page.locator("img, #coloured script").count() == 0
    marked = page.locator("#coloured mark").all_text_contents()
    explained = model.explain(text, "pos")
    words = {text[word.start : word.end] for word in explained.words}
    assert marked and set(marked) <= words
    note = page.locator("#explained-notice")
    if explained.truncated:
        expect(note).to_contain_text(
            f"The text was cut: it has {explained.tokens:,} words and punctuation marks. "
            "The model reads 1,000: the end. "
            f"The text is long: {explained.span} neighbouring words share one value."
        )
    else:
        expect(note).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_n_grams_are_in_a_table_of_their_own(opened: Opener, start: Starter, tmp_path: Path, server: Server) -> None:
    path = write_model(tmp_path / "m", ngrams=2, subwords=211)
    page, model = opened(start(path)), recurra.load(path)
    text = "w1 w2 <b>w3</b> w1 w2 unheard"
    page.locator("#text").fill(text)
    explained = model.explain(text, "pos")
    rows = page.locator("#ngrams tr")
    expect(rows).to_have_count(8)
    for row, ngram in zip(rows.all(), explained.ngrams, strict=False):
        expect(row.locator("th")).to_have_text(ngram.text)
        expect(row.locator("mark")).to_have_text("pos" if ngram.contribution > 0 else "neg")
        expect(row.locator("td.number")).to_have_text(f"{abs(ngram.contribution):.2f}")
    parts = (explained.log_odds, explained.ngram_total, explained.network_total)
    whole, all_of_them, rest = (f"{value:+.2f}".replace("-", "\u2212") for value in parts)
    expect(page.locator("#ngrams-note")).to_have_text(
        f"The log-odds of pos are {whole}: {all_of_them} from all n-grams and {rest} from the network. Exact, not "
        "measured by hiding."
    )
    page.locator("#text").fill("zork blah")
    expect(page.locator("#explained-notice")).to_have_text(
        "The model knows none of these words, and goes by their spelling."
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    alone = opened(server)
    alone.locator("#text").fill(text)
    expect(alone.locator("#strongest tr").first).to_be_visible()
    expect(alone.locator("#ngrams-card")).to_be_hidden()


def test_words_that_the_model_does_not_know_and_half_a_character(opened: Opener, server: Server) -> None:
    page = opened(server)
    page.locator("#text").fill("zanzibar quux")
    expect(page.locator("#explained-notice")).to_contain_text("knows none of these words")
    expect(page.locator("#strongest-card")).to_be_hidden()
    page.evaluate("t => { t.value = 'w1 \\ud83d w2'; t.dispatchEvent(new Event('input')); }",
        page.locator("#text").element_handle())  # fmt: skip
    expect(page.locator("#coloured")).to_have_text("w1 \ufffd w2")
    expect(page.locator("#explained-notice")).to_be_hidden()
    page.get_by_role("button", name="Torn").click()
    expect(page.locator("#coloured")).to_have_text(page.locator("#text").input_value())


def test_only_the_newest_answer_is_shown(opened: Opener, server: Server, model: Any) -> None:
    page = opened(server, allowed=REFUSED)
    expect(page.locator("#lead")).to_contain_text("neg or pos")
    held: list[Any] = []

    def hold_the_first(route: Any) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/predict", hold_the_first)
    with page.expect_request("**/predict"):
        page.locator("#text").fill("w1")
    with page.expect_event("requestfailed") as failed:
        page.locator("#text").fill("w1 w2 w30")
    assert failed.value.url.endswith("/predict")
    expect(page.locator("#probability")).to_have_text(quoted(model, "w1 w2 w30")[1])


def test_a_busy_server_is_asked_again_when_it_says(opened: Opener, server: Server, model: Any) -> None:
    page = opened(server, allowed=REFUSED)
    expect(page.locator("#lead")).to_contain_text("neg or pos")
    answers = iter([(429, "Too many requests are waiting. Try again in 1 s.")])

    def busy(route: Any) -> None:
        status, message = next(answers, (0, ""))
        if status:
            body = {"error": {"status": status, "code": "overloaded", "message": message}}
            route.fulfill(status=status, json=body, headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route("**/predict", busy)
    page.locator("#text").fill("w5 w6")
    expect(page.locator("#reply-notice")).to_have_text(
        "Too many requests are waiting. Try again in 1 s. Retrying in 1 s."
    )
    expect(page.locator("#probability")).to_have_text(quoted(model, "w5 w6")[1])
    expect(page.locator("#reply-notice")).to_be_hidden()


def test_a_text_that_is_too_long_is_refused_in_the_servers_words(opened: Opener, server: Server) -> None:
    page = opened(server, allowed=REFUSED)
    page.locator("#text").fill("w" * 100_001)
    expect(page.locator("#reply-notice")).to_contain_text("100,001 characters; at most 100,000 are read.")


def test_a_server_that_is_away_and_comes_back(opened: Opener, start: Starter, both_ways: Path, model: Any) -> None:
    first = start(both_ways)
    page = opened(first, allowed=REFUSED)
    page.locator("#text").fill("w1 w2")
    expect(page.locator("#probability")).to_have_text(quoted(model, "w1 w2")[1])
    first.stop()
    page.locator("#text").fill("w1 w2 w44")
    expect(page.locator("#reply-notice")).to_contain_text("The server does not respond. Retrying in ")
    start(both_ways, "--port", str(first.port))
    expect(page.locator("#reply-notice")).to_be_hidden()
    expect(page.locator("#probability")).to_have_text(quoted(model, "w1 w2 w44")[1])


def test_tabs_by_keyboard(opened: Opener, server: Server) -> None:
    page = opened(server)
    page.keyboard.press("Tab")
    for key, name in (("ArrowRight", "batch"), ("ArrowRight", "score"), ("ArrowRight", "model"), ("ArrowRight", "try"),
                      ("ArrowLeft", "model"), ("Home", "try"), ("End", "model"), ("ArrowLeft", "score")):  # fmt: skip
        page.keyboard.press(key)
        expect(page.locator(f"#tab-{name}")).to_be_focused()
        expect(page.locator("[role=tab][aria-selected=true]")).to_have_attribute("id", f"tab-{name}")
        expect(page.locator("[role=tab][tabindex='-1']")).to_have_count(3)
        expect(page.locator("[role=tabpanel]:visible")).to_have_attribute("id", name)
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    expect(page.locator("#score")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#file")).to_be_focused()
    page.reload()
    expect(page.locator("#score")).to_be_visible()


ROWS = [
    ["id", "review", "=HYPERLINK()"],
    *(
        [str(number), text, cell]
        for number, (text, cell) in enumerate(
            [
                ('w1 "quoted", w2', "=1+1"),
                ("w3\nw4\r\nw5", "@sum"),
                ("=cmd|' /C calc'!A0", "+1"),
                ("", "-1"),
                ("<img src=x onerror=alert(1)>", "<b>"),
                ("\u05d0 \U0001f600 w9", ""),
                *((text, "x") for text in made_texts(150, seed=8)),
            ]
        )
    ),
]


def written(rows: list[list[str]]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()


def test_a_csv_comes_back_scored(opened: Opener, server: Server, model: Any) -> None:
    page = opened(server, "/#/score")
    page.set_input_files("#file", {"name": "march.csv", "mimeType": "text/csv", "buffer": written(ROWS)})
    expect(page.locator("#column option:checked")).to_have_text("review")
    expect(page.locator("#sample li").first).to_have_text('w1 "quoted", w2')
    page.get_by_role("button", name="Score it").click()
    expect(page.locator("#scored-title")).to_have_text(f"{len(ROWS) - 1} rows are scored")
    expect(page.locator("#scored")).to_be_focused()
    expect(page.locator("#progress-card")).to_be_hidden()
    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename == "march-scored.csv"
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        answer = list(csv.reader(file))
    assert answer[0] == [*ROWS[0], "predicted", "probability", "truncated"]
    assert [row[:3] for row in answer[1:]] == ROWS[1:]
    texts = [row[1] for row in ROWS[1:]]
    known = [not part.nothing_known[0] for text in texts for part in model.predict_iter([text])]
    assert not all(known)
    labels, chances = model.predict(texts).tolist(), model.predict_proba(texts).max(axis=1)
    for row, knows, label, chance in zip(answer[1:], known, labels, chances, strict=True):
        assert row[3] == (label if knows else "")
        assert abs(float(row[4]) - chance) <= 2e-6 if knows else row[4] == ""
    expect(page.locator("#scored-rows tr").nth(known.index(False))).to_contain_text("nothing known")
    expect(page.locator("#scored-rows tr")).to_have_count(5)
    label, percentage = quoted(model, texts[1])
    expect(page.locator("#scored-rows tr").nth(1)).to_contain_text(f"{label}{percentage} %")
    assert page.locator("img").count() == 0


def test_a_dropped_csv_without_an_obvious_column(opened: Opener, server: Server, model: Any) -> None:
    page = opened(server, "/#/score")
    file = page.evaluate_handle(
        "() => { const all = new DataTransfer(); all.items.add(new File(['a,b\\nw1,w2 w3\\n'], 'x.csv')); return all; }"
    )
    page.locator("#drop").dispatch_event("drop", {"dataTransfer": file})
    expect(page.locator("#file-name")).to_have_text("x.csv")
    expect(page.locator("#column option:checked")).to_have_text("Choose a column")
    page.get_by_role("button", name="Score it").click()  # the browser asks for a column
    page.locator("#column").select_option(label="b")
    expect(page.locator("#sample li")).to_have_text(["w2 w3"])
    page.get_by_role("button", name="Score it").click()
    expect(page.locator("#scored-title")).to_have_text("1 row is scored")
    label, percentage = quoted(model, "w2 w3")
    expect(page.locator("#scored-rows tr")).to_contain_text(f"{label}{percentage} %")


def test_a_csv_with_faults_is_refused_in_the_servers_words(opened: Opener, server: Server) -> None:
    page = opened(server, "/#/score", allowed=REFUSED)
    for content, sentence in (
        (b"text,id\nw1,1\nw2\n", "1 field"),
        (b"text\n\xff\xfe\n", "not valid utf-8"),
        (b"text,text\nw1,w2\n", "2 columns are named 'text'"),
    ):
        page.set_input_files("#file", {"name": "x.csv", "mimeType": "text/csv", "buffer": content})
        expect(page.locator("#score-notice")).to_be_hidden()
        page.get_by_role("button", name="Score it").click()
        expect(page.locator("#score-notice")).to_contain_text(sentence)
        expect(page.locator("#send")).to_be_enabled()


def test_files_that_are_not_sent_and_scoring_that_is_stopped(opened: Opener, server: Server) -> None:
    page = opened(server, "/#/score", allowed=REFUSED)
    for content, sentence in ((b"", "The file is empty."), (b"a;text\n1;w1\n", "The header is one column.")):
        page.set_input_files("#file", {"name": "x.csv", "mimeType": "text/csv", "buffer": content})
        expect(page.locator("#score-notice")).to_contain_text(sentence)
    page.route("**/score*", lambda route: None)  # never answered
    page.set_input_files("#file", {"name": "x.csv", "mimeType": "text/csv", "buffer": b"text\nw1\n"})
    page.get_by_role("button", name="Score it").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#score-notice")).to_have_text("Stopped. Nothing is kept on the server.")
    page.unroute("**/score*")
    page.get_by_role("button", name="Score it").click()
    expect(page.locator("#scored-title")).to_have_text("1 row is scored")


def test_the_model_its_figures_and_its_report(opened: Opener, server: Server) -> None:
    page = opened(server, "/#/model", allowed=REFUSED)
    expect(page.frame_locator("#report").locator("p")).to_contain_text("It is 91.2 % right.")
    assert page.locator("#report").get_attribute("sandbox") == ""
    expect(page.locator("#facts")).to_contain_text("LSTM, read both ways; 1 layer of 6 units")
    requests = page.locator("#figures .value").first
    work = ("/predict", "/explain", "/score", "/v2/models/{name}/infer")

    def counted() -> str:
        methods = ((method, route) for method in ("GET", "POST") for route in work)
        starts = (f'recurra_requests_total{{method="{method}",route="{route}"' for method, route in methods)
        return f"{sum(server.figure(start) for start in starts):,.0f}"

    expect(requests).to_have_text(counted())
    for _ in range(3):
        server.predict("w1", "w2")
    expect(requests).to_have_text(counted())
    expect(page.locator("#figures .note").nth(4)).to_have_text("in the last minute")
    expect(page.locator("#figures .value").nth(4)).to_have_text("2")
    assert page.locator("#figures polyline").first.get_attribute("points")


def test_figures_are_read_only_while_they_are_seen(opened: Opener, server: Server) -> None:
    page = opened(server, allowed=("Blocked script execution",))  # the clock cannot be put into the report
    expect(page.locator("#lead")).to_contain_text("neg or pos")
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/metrics") else None)
    page.clock.run_for(20_000)
    assert asked == []
    with page.expect_response("**/metrics"):
        page.get_by_role("tab", name="The model").click()
    with page.expect_response("**/metrics"):
        page.clock.run_for(3_100)
    page.get_by_role("tab", name="Try it").click()
    seen = len(asked)
    page.clock.run_for(20_000)
    assert len(asked) == seen


def test_a_key_is_asked_for_used_and_forgotten(opened: Opener, forward: Path, tmp_path: Path, start: Starter) -> None:
    keys = tmp_path / "keys"
    keys.write_text(KEY)
    keys.chmod(0o600)
    guarded = start(forward, "--api-key-file", str(keys))
    page = opened(guarded, allowed=REFUSED)
    expect(page.locator("#key")).to_be_focused()
    page.locator("#text").fill("w1 w2")
    expect(page.locator("#reply-notice")).to_contain_text("Enter one above.")
    for key, sentence in (("wrong", "rejected that key"), ("\u20acuro", "ASCII letters")):
        page.locator("#key").fill(key)
        page.keyboard.press("Enter")
        expect(page.locator("#key-reason")).to_contain_text(sentence)
    page.locator("#key").fill(KEY)
    page.keyboard.press("Enter")
    expect(page.locator("#key-form")).to_be_hidden()
    expect(page.locator("#name")).to_have_text("forward")
    expect(page.locator("#probability")).to_have_text(quoted(recurra.load(forward), "w1 w2")[1])
    page.get_by_role("tab", name="The model").click()
    expect(page.frame_locator("#report").locator("p")).to_contain_text("It is 91.2 % right.")
    with page.context.expect_page() as other:
        page.locator("#report-link").click()
    expect(other.value.locator("p")).to_contain_text("It is 91.2 % right.")
    assert KEY not in page.url and KEY not in other.value.url
    page.get_by_role("tab", name="Score a file").click()
    page.set_input_files("#file", {"name": "x.csv", "mimeType": "text/csv", "buffer": b"text\nw1\n"})
    page.get_by_role("button", name="Score it").click()
    expect(page.locator("#scored-title")).to_have_text("1 row is scored")
    stored = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, document.body.outerHTML]")
    assert stored[:3] == [0, 0, ""] and KEY not in stored[3]
    page.reload()
    expect(page.locator("#key-form")).to_be_visible()
    assert KEY not in guarded.log()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a model with many labels, one of them hostile and long."""
    folder = tmp_path_factory.mktemp("many")
    running = start_server(write_model(folder / ("m" * 100), labels=LONG_LABELS), folder / "errors")
    yield running
    ended_well(running)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_a_phone_and_can_be_read_in_light_and_dark(opened: Opener, many: Server, scheme: str) -> None:
    page = opened(many, color_scheme=scheme, reduced_motion="reduce")
    page.locator("#text").fill(" ".join(["w1", "w2", "unbroken" * 40, *(f"w{number}" for number in range(60))]))
    expect(page.locator("#coloured mark").first).to_be_visible()
    expect(page.locator("#bars li")).to_have_count(6)
    expect(page.locator("#others")).to_contain_text("2 more labels share")
    button = page.get_by_role("button", name="Show all 8 labels")
    button.press("Enter")
    expect(page.locator("#bars li")).to_have_count(8)
    expect(page.locator("#others")).to_be_hidden()
    expect(page.locator("#bars")).to_have_attribute("tabindex", "0")
    button = page.get_by_role("button", name="Show fewer labels")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert page.locator("main b b").count() == 0
    page.keyboard.press("Tab")
    for tab in ("try", "batch", "model", "score"):
        page.locator(f"#tab-{tab}").click()
        if tab == "model":
            expect(page.locator("#figures .value").first).not_to_have_text("–")
            expect(page.locator("#facts")).to_contain_text("unbroken")
        if tab == "score":
            rows = [["text", "x" * 200], ["unbroken" * 60, "1"]]
            page.set_input_files("#file", {"name": "n" * 120 + ".csv", "mimeType": "text/csv", "buffer": written(rows)})
            page.get_by_role("button", name="Score it").click()
            expect(page.locator("#scored-title")).to_be_visible()
        if tab == "batch":
            rows = [["text", "x" * 200], ["unbroken" * 60, "1"], ["w1", ""]]
            file = {"name": "n" * 120 + ".csv", "mimeType": "text/csv", "buffer": written(rows)}
            page.set_input_files("#batch-file", file)
            page.get_by_role("button", name="Answer all rows").click()
            expect(page.locator("#batch-save")).to_be_visible()
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, tab
        faint = [pair for pair in page.evaluate(CONTRASTS) if pair[0] < 4.5]
        assert faint == [], tab
        assert faults_found_by_axe(page, contrast_alone=scheme == "dark") == [], tab
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
    assert (min(paper) > 200) if scheme == "light" else (max(paper) < 60)
    assert page.evaluate("getComputedStyle(document.querySelector('.track span')).transitionDuration") == "0s"


def cell(source: random.Random) -> str:
    return "".join(source.choices('a",\n\r \U0001f600=', k=source.randrange(6))) or "x"


def test_the_scripts_read_csv_and_figures_like_others_do(opened: Opener, server: Server) -> None:
    page = opened(server)
    source = random.Random(5)
    tables = [
        [[cell(source) for _ in range(source.randrange(2, 5))] for _ in range(source.randrange(1, 6))]
        for _ in range(200)
    ]
    texts = []
    for number, table in enumerate(tables):
        lines = io.StringIO()
        quoting = csv.QUOTE_ALL if number % 2 or any("\r" in one for row in table for one in row) else csv.QUOTE_MINIMAL
        csv.writer(lines, quoting=quoting, lineterminator=("\n", "\r\n")[number % 2]).writerows(table)
        texts.append(lines.getvalue())
    parsed = page.evaluate(
        "async texts => { const {records} = await import('/static/csv.js'); return texts.map(t => records(t, true)); }",
        texts,
    )
    assert parsed == tables
    counts = page.evaluate(
        "async texts => { const {countRecords} = await import('/static/csv.js');"
        "return Promise.all(texts.map(text => countRecords(new Blob([text])))); }",
        texts,
    )
    assert counts == [len(table) for table in tables]
    guesses = page.evaluate(
        "async names => { const {likelyText} = await import('/static/csv.js');"
        "return names.map(name => likelyText(['id', ` ${name.toUpperCase().replaceAll('_', ' ')}`])); }",
        list(TEXT_NAMES),
    )
    assert guesses == [1] * len(TEXT_NAMES)
    bounds = [0.001, 0.01, 0.1, 1.0]
    seconds = np.random.default_rng(0).choice(bounds, 1000, p=[0.1, 0.5, 0.3, 0.1])
    upto = [int((seconds <= bound).sum()) for bound in bounds]
    told = page.evaluate(
        "async ([buckets, shares]) => { const {quantile} = await import('/static/figures.js');"
        "buckets.push([Infinity, 1000]); return shares.map(share => quantile(buckets, share)); }",
        [[list(pair) for pair in zip(bounds, upto, strict=True)], [0.05, 0.5, 0.95, 1.0]],
    )
    expected = np.interp([50, 500, 950, 1000], [0, *upto], [0, *bounds])
    np.testing.assert_allclose(told, expected, rtol=1e-9)
