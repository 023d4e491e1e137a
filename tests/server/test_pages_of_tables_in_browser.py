"""The tab "Many texts" and the earlier answers, in a real browser: a table is answered, sorted, saved and stopped."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import recurra
from recurra.data.writers.formulas import defused
from recurra.tasks.registry import get_task
from recurra.terminal.progress import Reporter
from support.column_rows import FEATURES, TEXTS, ColumnModels, column_rows, write_columns
from support.live_page import IN_A_BROWSER, REFUSED, Opener, expect
from support.live_server import Starter, made_texts
from support.servers import Servers

pytestmark = IN_A_BROWSER

CELLS = ["=1+1", "@sum", "-5", "\u200b+x", 'a "quote"', "two\nlines", "\tcell", "", "–", "＝1"]
TEXTS_AT_FAULT = ["", "   ", "unheard of", 'w1 "quoted", w2', "w3\r\nw4", "=cmd w5", "<img src=x onerror=alert(1)> w1"]


def table_of(path: Path, texts: list[str]) -> Path:
    """Write texts between other columns, one of them called as an answer is."""
    rows = [{"id": str(n), "text": text, "truncated": CELLS[n % len(CELLS)], "=x": "é"} for n, text in enumerate(texts)]
    return write_columns(path, rows)


def answered(page: Any, file: Path | dict[str, Any]) -> None:
    """Choose a file in the tab "Many texts" and have it answered to its end."""
    page.set_input_files("#batch-file", file)
    page.get_by_role("button", name="Answer all rows").click()
    expect(page.locator("#batch-save")).to_be_visible()


def saved(page: Any) -> bytes:
    with page.expect_download() as download:
        page.locator("#batch-save").click()
    return Path(download.value.path()).read_bytes()


def from_the_command_line(task: str, model: Path, data: Path, output: Path, **options: Any) -> bytes:
    """Return what `recurra predict --escape-formulas` writes, with each label's probability where there are labels."""
    found = get_task(task)
    asked = {} if task == "regress" else {"probabilities": True}
    loaded = recurra.load(model, task=task)  # type: ignore[call-overload]
    found.file_predictor()(
        loaded,
        str(data),
        output,
        found.predict_options(**asked, **options),
        escape_formulas=True,
        reporter=Reporter(quiet=True),
    )
    return output.read_bytes()


@pytest.mark.parametrize("task", ["classify", "multilabel", "regress"])
def test_a_table_is_saved_as_from_the_command_line(opened: Opener, servers: Servers, tmp_path: Path, task: str) -> None:
    data = table_of(tmp_path / "march.csv", [*TEXTS_AT_FAULT, *made_texts(140, seed=8)])
    page = opened(servers[task], "/#/batch")
    answered(page, data)
    expect(page.locator("#batch-title")).to_have_text("march.csv: 147 rows answered")
    expect(page.locator("#batch-answered")).to_be_focused()
    assert saved(page) == from_the_command_line(task, servers.folder / task, data, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        known = sum(row["hi" if task == "regress" else list(row)[-1]] != "" for row in csv.DictReader(file))
    expect(page.locator("#batch-rows tr")).to_have_count(100)
    page.get_by_role("button", name="Show more rows").click()
    expect(page.locator("#batch-rows tr")).to_have_count(147)
    expect(page.locator("#batch-rows tr").nth(2)).to_contain_text("nothing known")
    expect(page.locator("#batch-rows tr").nth(6)).to_contain_text("<img src=x onerror=alert(1)> w1")
    for descending in (True, False):
        heading = page.locator("#batch-head th").last
        heading.get_by_role("button").press("Enter")
        expect(heading).to_have_attribute("aria-sort", "descending" if descending else "ascending")
        expect(heading.get_by_role("button")).to_be_focused()
        shown = [
            float(cell.rstrip(" %").lstrip("<>"))
            for cell in page.locator("#batch-rows td:last-child").all_text_contents()
            if cell
        ]
        assert len(shown) == known < 147 and shown == sorted(shown, reverse=descending)
        assert page.locator("#batch-rows tr").last.locator("td").last.text_content() == ""


def test_columns_are_found_by_their_names(
    opened: Opener, start: Starter, feature_models: ColumnModels, tmp_path: Path
) -> None:
    model = feature_models["classify"]
    rows = [
        {"note": "=x", **{name: row[name] for name in ("brand", *TEXTS[::-1], "price")}} for row in column_rows(30, 9)
    ]
    rows[3]["price"] = "dear"
    rows[4].update(dict.fromkeys(TEXTS, ""))
    data = write_columns(tmp_path / "goods.csv", rows)
    page = opened(start(model), "/#/batch")
    expect(page.locator("#batch-reads")).to_contain_text(", ".join([*TEXTS, *FEATURES]))
    answered(page, data)
    expect(page.locator("#batch-column")).to_be_hidden()
    assert saved(page) == from_the_command_line("classify", model, data, tmp_path / "out.csv")
    lines = "\n".join(json.dumps({name.upper(): cell for name, cell in row.items()}) for row in rows)
    answered(page, {"name": "goods.jsonl", "mimeType": "", "buffer": lines.encode()})
    again = list(csv.reader(saved(page).decode().splitlines()))
    first = list(csv.reader((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()))
    assert [row[5:] for row in again] == [row[5:] for row in first]
    few = write_columns(tmp_path / "few.csv", [{"title": "x", "price": "1"}])
    page.set_input_files("#batch-file", few)
    expect(page.locator("#batch-notice")).to_have_text(
        "The file lacks the columns “body, long”, “brand”. The model reads “title”, “body, long”, “price”, “brand”; "
        "the file has “title”, “price”. Rename its columns."
    )
    expect(page.locator("#batch-form")).to_be_hidden()


def dropped(page: Any, content: str) -> None:
    """Drop a file on the text field, which is not where files are taken. content: an expression in JavaScript."""
    making = f"() => {{ const all = new DataTransfer(); all.items.add(new File([{content}], 'x.csv')); return all; }}"
    page.locator("#text").dispatch_event("drop", {"dataTransfer": page.evaluate_handle(making)})


FAULTY = [
    ("x.csv", b"", "The file is empty."),
    ("x.csv", b"text\n", "a header and no rows"),
    ("x.csv", b"text\n\xe9t\xe9\n", "not in UTF-8. Save it in UTF-8"),
    ("x.csv", "text\nw1\n".encode("utf-16"), "in UTF-16. Save it in UTF-8"),
    ("x.xlsx", b"PK\x03\x04rest", "not text. A table is read as CSV, TSV or JSON lines"),
    ("x.csv", b"text,id\nw1,1\nw2\n", "Row 2 after the header has 1 fields, and the header 2."),
    ("x.csv", b"text,text\nw1,w2\n", "Two columns are named “text”."),
    ("x.jsonl", b'{"text": "w1"}\n{"text": \n', "Line 2 is not JSON."),
    ("x.jsonl", b'{"text": "w1"}\n["w2"]\n', "Line 2 is not an object."),
    ("x.csv", b"text\n" + b"w1\n" * 20_001, "20,001 rows; at most 20,000 are answered here"),
]


def test_files_at_fault_and_columns_that_are_not_obvious(opened: Opener, servers: Servers) -> None:
    page = opened(servers["classify"], "/#/batch")
    expect(page.locator("#lead")).to_contain_text("neg or pos")
    for name, content, sentence in FAULTY:
        page.set_input_files("#batch-file", {"name": name, "mimeType": "", "buffer": content})
        expect(page.locator("#batch-notice")).to_contain_text(sentence)
        expect(page.locator("#batch-form")).to_be_hidden()
    page.locator("#tab-try").click()
    dropped(page, "new Uint8Array(17 * 2 ** 20)")
    expect(page.locator("#batch-notice")).to_contain_text("The file has 17 MB; at most 16 MB are read here.")
    page.locator("#tab-try").click()
    dropped(page, "'a;b\\nw1;w2 w3\\n'")
    expect(page.locator("#batch")).to_be_visible()
    expect(page.locator("#batch-notice")).to_be_hidden()
    expect(page.locator("#batch-column option:checked")).to_have_text("Choose a column")
    page.locator("#batch-column").select_option(label="b")
    page.get_by_role("button", name="Answer all rows").click()
    chance = recurra.load(servers.folder / "classify").predict_proba(["w2 w3"])[0]
    expect(page.locator("#batch-rows tr td")).to_have_text(
        ["w2 w3", ["neg", "pos"][chance.argmax()], *(f"{100 * share:.1f} %" for share in chance)]
    )


def test_a_run_is_stopped_and_a_row_is_refused(opened: Opener, servers: Servers) -> None:
    page = opened(servers["regress"], "/#/batch", allowed=REFUSED)
    texts = [*made_texts(64, seed=1), "w" * 100_001, *made_texts(9, seed=2)]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    file = {"name": "x.jsonl", "mimeType": "", "buffer": lines}
    seen: list[int] = []

    def only_the_first(route: Any) -> None:
        seen.append(1)
        if len(seen) == 1:
            route.continue_()

    page.route("**/predict", only_the_first)
    page.set_input_files("#batch-file", file)
    page.get_by_role("button", name="Answer all rows").click()
    expect(page.locator("#batch-label")).to_have_text("64 of 74 rows")
    expect(page.locator("#batch-stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#batch-notice")).to_have_text("Stopped. 64 of 74 rows are answered.")
    kept = list(csv.reader(saved(page).decode().splitlines()))
    assert [row[4] != "" for row in kept[1:]] == [True] * 64 + [False] * 10
    page.unroute("**/predict")
    page.get_by_role("button", name="Answer all rows").click()
    expect(page.locator("#batch-notice")).to_have_text(
        "73 of 74 rows are answered. 1 row is refused; the table says why."
    )
    expect(page.locator("#batch-rows tr").nth(64)).to_contain_text("100,001 characters; at most 100,000 are read.")
    kept = list(csv.reader(saved(page).decode().splitlines()))
    assert kept[0][-1] == "error" and "100,001" in kept[65][-1] and kept[66][1] != ""


def test_the_saved_file_is_written_as_python_writes_it(opened: Opener, servers: Servers) -> None:
    page = opened(servers["classify"])
    numbers = [0.0, 1.0, 0.5, 1 / 3, 2e-5, 9.999996e-5, 1e-9, 123456.7, 1234567.0, -0.25, 99.99999, 1e15]
    told, cells = page.evaluate(
        "async ([numbers, cells]) => { const {defused, sixDigits} = await import('/static/csv_writer.js');"
        "return [numbers.map(sixDigits), cells.map(defused)]; }",
        [numbers, given := [*CELLS, "+1.5e3 %", "-1,5", "\x85=x", "\ufeff@", " \n-x", "1+1", "+", "-1-1", "+٣"]],
    )
    assert told == [f"{number:.6g}" for number in numbers]
    assert cells == [defused(cell) for cell in given]


def test_earlier_answers_come_back_and_are_forgotten(opened: Opener, servers: Servers) -> None:
    page = opened(servers["multilabel"])
    expect(page.locator("#history")).to_be_hidden()
    for text in ("w1 w2", "w1 w2 w3", "w9 w8"):  # the first is continued by the second
        page.locator("#text").fill(text)
        expect(page.locator("#history-list li .clipped").first).to_have_text(text)
    expect(page.locator("#history-list li .clipped")).to_have_text(["w9 w8", "w1 w2 w3"])
    expect(page.locator("#history-list li bdi").first).to_have_text(page.locator("#given").text_content())
    page.locator("#history-list button").last.press("Enter")
    expect(page.locator("#text")).to_have_value("w1 w2 w3")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#history-list li .clipped")).to_have_text(["w1 w2 w3", "w9 w8"])
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    page.get_by_role("button", name="Forget them").press("Enter")
    expect(page.locator("#history")).to_be_hidden()
    expect(page.locator("#try")).to_be_focused()
