"""What the routes answer, compared with the model asked directly."""

from __future__ import annotations

import csv
import http.client
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recurra
from support.live_server import REPORT, Server, Starter, made_texts, write_model
from support.waiting import until


@pytest.fixture(scope="module")
def model(both_ways: Path) -> Any:
    return recurra.load(both_ways)


def checked(model: Any, texts: list[str], outputs: list[dict[str, Any]]) -> None:
    """Compare answers with those of the model alone, each text by itself."""
    assert len(outputs) == len(texts)
    for text, output in zip(texts, outputs, strict=True):
        (part,) = model.predict_iter([text])
        assert output["label"] == part.labels[0]
        assert (output["truncated"], output["tokens"]) == (bool(part.truncated[0]), int(part.tokens[0]))
        np.testing.assert_allclose(list(output["probabilities"].values()), part.probabilities[0], rtol=0, atol=1e-6)
        assert list(output["probabilities"]) == ["neg", "pos"]


def test_predict_answers_like_the_model(server: Server, model: Any) -> None:
    texts = [*made_texts(20), "", "w1 " * 1500, "na\u00efve <b>&amp;</b> \u8a9e \U0001f600"]
    answer = server.predict(*texts)
    assert answer.status == 200 and answer.json["model"] == "reviews"
    checked(model, texts, answer.json["outputs"])
    assert answer.json["outputs"][21]["truncated"] is True


def test_requests_that_are_answered_together_get_the_answers_of_single_ones(server: Server, model: Any) -> None:
    sent = [made_texts(1 + n % 3, seed=n) for n in range(40)]
    with ThreadPoolExecutor(16) as pool:
        for texts, answer in zip(sent, pool.map(lambda texts: server.predict(*texts), sent), strict=True):
            checked(model, texts, answer.json["outputs"])


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_answered(server: Server, model: Any, text: str) -> None:
    checked(model, [text], server.predict(text).json["outputs"])


def test_explain_answers_like_the_model(server: Server, model: Any) -> None:
    text = "w1 w2 unheard. W3 of w4!"
    answer = server.ask("POST", "/explain", {"input": text, "target": "neg"})
    assert answer.status == 200
    told, expected = answer.json, json.loads(json.dumps(model.explain(text, "neg").to_dict()))
    assert told.pop("model") == "reviews"
    assert told.keys() == expected.keys() and told["target"] == "neg"
    assert [word["text"] for word in told["words"]] == [word["text"] for word in expected["words"]]
    np.testing.assert_allclose(
        [word["contribution"] for word in told["words"]],
        [word["contribution"] for word in expected["words"]],
        atol=1e-5,
    )
    refused = server.ask("POST", "/explain", {"input": text, "target": "secret-label"})
    assert refused.status == 422 and b"secret-label" not in refused.content


def test_the_open_inference_protocol(server: Server, model: Any) -> None:
    assert server.ask("GET", "/v2").json["name"] == "recurra"
    assert server.ask("GET", "/v2/health/live").json == {"live": True}
    assert server.ask("GET", "/v2/health/ready").json == {"ready": True}
    assert server.ask("GET", "/v2/models/reviews/ready").json == {"name": "reviews", "ready": True}
    metadata = server.ask("GET", "/v2/models/reviews").json
    assert metadata["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    texts = made_texts(3)
    for shape, data in (([3], texts), ([3, 1], texts), ([3, 1], [[text] for text in texts])):
        tensor = {"name": "text", "shape": shape, "datatype": "BYTES", "data": data}
        answer = server.ask("POST", "/v2/models/reviews/infer", {"id": "7", "inputs": [tensor]}).json
        assert (answer["id"], answer["model_name"]) == ("7", "reviews")
        assert answer["model_version"] in metadata["versions"]
        label, probabilities, truncated, nothing_known = answer["outputs"]
        assert (label["name"], label["datatype"], label["shape"]) == ("label", "BYTES", [3])
        assert label["data"] == model.predict(texts).tolist()
        assert (probabilities["datatype"], probabilities["shape"]) == ("FP64", [3, 2])
        np.testing.assert_allclose(probabilities["data"], model.predict_proba(texts).ravel(), atol=1e-6)
        assert json.loads(probabilities["parameters"]["labels"]) == ["neg", "pos"]
        assert truncated["data"] == nothing_known["data"] == [False] * 3
    wanted = server.ask("POST", "/v2/models/reviews/infer", {"inputs": [tensor], "outputs": [{"name": "label"}]}).json
    assert [output["name"] for output in wanted["outputs"]] == ["label"] and "id" not in wanted


TENSOR = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["w1"]}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"name": "other"}, "'text'"),
        ({"datatype": "FP32"}, "BYTES"),
        ({"shape": [2]}, "2 texts"),
        ({"shape": []}, "[N]"),
        ({"shape": [-1]}, "[N]"),
        ({"shape": [1, 2]}, "[N]"),
        ({"shape": [0], "data": []}, "[N]"),
        ({"data": [1]}, "strings"),
        ({"parameters": {"binary_data_size": 4}}, "binary"),
    ],
)
def test_a_tensor_that_does_not_fit_is_refused_in_the_protocols_way(
    server: Server, changes: dict[str, Any], word: str
) -> None:
    answer = server.ask("POST", "/v2/models/reviews/infer", {"inputs": [{**TENSOR, **changes}]})
    assert answer.status == 422
    assert list(answer.json) == ["error"] and word in answer.json["error"]


def test_unknown_models_and_outputs_are_refused(server: Server) -> None:
    for method, path in (("GET", ""), ("GET", "/ready"), ("POST", "/infer")):
        answer = server.ask(method, f"/v2/models/other{path}", {"inputs": [TENSOR]} if method == "POST" else None)
        assert answer.status == 404 and "reviews" in answer.json["error"]
    answer = server.ask("POST", "/v2/models/reviews/infer", {"inputs": [TENSOR], "outputs": [{"name": "logits"}]})
    assert answer.status == 422 and "label, probabilities, truncated" in answer.json["error"]


def scored(server: Server, rows: list[list[str]], query: str = "") -> tuple[int, list[list[str]]]:
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    answer = server.ask("POST", f"/score{query}", lines.getvalue().encode(), {"Content-Type": "text/csv"})
    return answer.status, list(csv.reader(io.StringIO(answer.content.decode(), newline="")))


def test_a_csv_comes_back_scored(server: Server, model: Any) -> None:
    texts = [*made_texts(300), 'a "quoted", one', "two\nlines", "", "\u8a9e"]
    rows = [["id", "review", "predicted"], *([str(n), text, "x"] for n, text in enumerate(texts))]
    status, answer = scored(server, rows)
    assert status == 200
    assert answer[0] == ["id", "review", "predicted", "predicted_", "probability", "truncated"]
    assert [row[:3] for row in answer[1:]] == rows[1:]
    assert all(row[3:5] == ["", ""] for row in answer[-4:])  # no word of them is known
    assert [row[3] for row in answer[1:-4]] == model.predict(texts[:-4]).tolist()
    chances = [float(row[4]) for row in answer[1:-4]]
    np.testing.assert_allclose(chances, model.predict_proba(texts[:-4]).max(axis=1), atol=2e-6)
    status, whole = scored(server, rows, "?answer_empty=true")
    assert [row[3] for row in whole[1:]] == model.predict(texts).tolist()
    assert {row[5] for row in answer[1:]} == {"False"}


def test_ranked_labels(server: Server, model: Any) -> None:
    texts = made_texts(6)
    plain = server.predict(*texts).json["outputs"]
    assert all("top" not in output for output in plain)
    for top in (1, 2, 9):
        answer = server.ask("POST", "/predict", {"inputs": texts, "top": top}).json["outputs"]
        for output, before in zip(answer, plain, strict=True):
            falling = sorted(output["probabilities"].items(), key=lambda pair: -pair[1])[:top]
            assert [(one["label"], one["probability"]) for one in output.pop("top")] == falling
            assert output["label"] == falling[0][0]
            assert output["probabilities"] == pytest.approx(before["probabilities"], abs=1e-6)
    for top in (0, -1, "2", 1.5, True):
        refused = server.ask("POST", "/predict", {"inputs": texts, "top": top})
        assert refused.status == 422 and "top" in refused.json["error"]["message"]


def test_a_csv_with_ranked_labels_and_all_probabilities(server: Server, model: Any) -> None:
    texts = made_texts(150, seed=5)
    rows = [["text", "p(neg)"], *([text, "mine"] for text in texts)]
    status, (header, *found) = scored(server, rows, "?top=7&probabilities=true&answer_empty=true")
    assert status == 200
    assert header[:5] == ["text", "p(neg)", "predicted", "probability", "truncated"]
    assert header[5:] == ["predicted_2", "probability_2", "p(neg)_", "p(pos)"]
    chances = model.predict_proba(texts)
    np.testing.assert_allclose(np.array([row[7:] for row in found], dtype=float), chances, atol=2e-6)
    assert [row[5] for row in found] == [["neg", "pos"][place] for place in chances.argmin(axis=1)]
    np.testing.assert_allclose([float(row[6]) for row in found], chances.min(axis=1), atol=2e-6)
    assert scored(server, [["text"], ["unheard"]], "?probabilities=true")[1][1] == ["unheard", "", "", "False", "", ""]
    for query in ("top=0", "top=many", "probabilities=perhaps"):
        answer = server.ask("POST", f"/score?{query}", b"text\na\n", {"Content-Type": "text/csv"})
        assert answer.status == 422 and query.partition("=")[0] in answer.json["error"]["message"]


def test_more_labels_than_a_csv_gets_columns(start: Starter, tmp_path: Path) -> None:
    labels = tuple(f"l{place}" for place in range(2_100))
    running = start(write_model(tmp_path / "model", labels=labels))
    refused = running.ask("POST", "/score?probabilities=true", b"text\nw1\n", {"Content-Type": "text/csv"})
    message = refused.json["error"]["message"]
    assert refused.status == 422 and "2,102 columns" in message and "--" not in message
    assert running.ask("POST", "/score?top=3", b"text\nw1\n", {"Content-Type": "text/csv"}).status == 200


def test_all_rows_of_a_csv_are_answered_by_one_model(start: Starter, tmp_path: Path) -> None:
    """One that is replaced while the rows arrive answers to the end: its labels are in the header."""
    directory = write_model(tmp_path / "model", labels=("a", "b", "c"))
    old, texts = recurra.load(directory), made_texts(70)
    running = start(directory)
    body = b"text\n" + b"".join(text.encode() + b"\n" for text in texts)
    connection = http.client.HTTPConnection(running.host, running.port, timeout=30)
    connection.putrequest("POST", "/score?probabilities=true&answer_empty=true")
    connection.putheader("Content-Type", "text/csv")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:100])
    until(lambda: running.figure("recurra_requests_in_flight ") >= 2, "the upload has begun")
    write_model(directory, labels=("x", "y"), seed=1)
    until(lambda: running.ask("GET", "/model").json["labels"] == ["x", "y"], "the new model answers")
    connection.send(body[100:])
    header, *rows = csv.reader(io.StringIO(connection.getresponse().read().decode(), newline=""))
    connection.close()
    assert header == ["text", "predicted", "probability", "truncated", "p(a)", "p(b)", "p(c)"]
    np.testing.assert_allclose(np.array([row[4:] for row in rows], dtype=float), old.predict_proba(texts), atol=2e-6)


def test_the_column_of_a_csv_may_be_named_and_a_faulty_csv_is_refused(server: Server) -> None:
    rows = [["a", "b"], ["w1", "w2 w3"]]
    assert scored(server, rows, "?text=b")[0] == 200
    for query, body, word in (
        ("", b"a,b\nw1,w2\n", "/score?text=COLUMN"),
        ("?text=c", b"a,b\nw1,w2\n", "no column 'c'"),
        ("", b"text\n" + b"fine\n" * 500 + b'"open', "never closed"),
        ("", b"text,id\na,1\nb\n", "1 field"),
        ("", b"text\n\xff\xfe\n", "not valid utf-8"),
        ("", b"", "empty"),
        ("", b"text\na\0b\n", "NUL"),
        ("", b"text;id\na;1\n", "commas"),
        ("", "text\nna\u00efve\n".encode("latin-1"), "UTF-8"),
        ("", "text\nna\u00efve\n".encode("utf-16"), "UTF-8"),
        ("", b'text\n"a\\"b"\n', ""),
        ("", b"sep=;\ntext;id\na;1\n", ""),
        ("?text=a&text=b", b"a,b\nw1,w2\n", ""),
        ("", b"a,a\nw1,w2\n", ""),
    ):
        answer = server.ask("POST", f"/score{query}", body, {"Content-Type": "text/csv"})
        if answer.status == 200 and not word:
            continue
        message = answer.json["error"]["message"]
        assert answer.status == 422 and word in message and "tmp" not in message, message
        assert not re.search(r"--[a-z]|upload\.csv|recurra [a-z]", message), message


def test_the_model_the_report_and_the_documentation(server: Server) -> None:
    summary = server.ask("GET", "/model").json
    assert (summary["name"], summary["labels"], summary["streams"]) == ("reviews", ["neg", "pos"], False)
    assert summary["loading"]["failed_reloads"] == 0 and summary["limits"]["max_inputs"] == 256
    report = server.ask("GET", "/report")
    assert report.content == REPORT and "sandbox" in report.headers["content-security-policy"]
    assert server.ask("GET", "/report/ticket").json == {"url": "/report"}
    docs = server.ask("GET", "/docs")
    assert docs.status == 200 and b"/predict" in docs.content and b"<script" not in docs.content
    paths = server.ask("GET", "/openapi.json").json["paths"]
    assert {"/predict", "/explain", "/score", "/model", "/metrics", "/v2/models/{name}/infer"} <= paths.keys()


def test_the_page_is_served_with_its_type_and_an_etag(server: Server) -> None:
    page = server.ask("GET", "/")
    assert page.status == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.content.lstrip().lower().startswith(b"<!doctype html>")
    again = server.ask("GET", "/", headers={"If-None-Match": page.headers["etag"]})
    assert again.status == 304 and not again.content
    assert server.ask("HEAD", "/").status == 200
    for name in ("nothing.js", "..%2fapp.py", "%2e%2e/app.py", "index.html/"):
        assert server.ask("GET", f"/static/{name}").status == 404


def test_figures_count_and_never_quote(server: Server) -> None:
    before = server.figure("recurra_tokens_total")
    count = server.figure('recurra_requests_total{method="POST",route="/predict",status="200"}')
    assert server.predict("w1 w2 zanzibar").status == 200
    server.ask("GET", "/zanzibar?text=zanzibar")
    assert server.figure("recurra_tokens_total") == before + 3
    assert server.figure('recurra_requests_total{method="POST",route="/predict",status="200"}') == count + 1
    text = server.ask("GET", "/metrics").content.decode()
    assert "zanzibar" not in text and "zanzibar" not in server.log()
    for name in ("request_seconds_bucket", "queue_requests", "queue_tokens", "batch_rows_sum", "model_reloads_total"):
        assert f"recurra_{name}" in text
    assert "POST /predict 200" in server.log()


def test_n_grams_are_explained_and_answered_alike(start: Starter, tmp_path: Path) -> None:
    path = write_model(tmp_path / "m", ngrams=2, subwords=211)
    server, model = start(path), recurra.load(path)
    texts = [*made_texts(20), "zork zork w1", "zork", "blah zork w1 w2", ""]
    with ThreadPoolExecutor(8) as pool:
        for text, answer in zip(texts, pool.map(server.predict, texts), strict=True):
            checked(model, [text], answer.json["outputs"])
    checked(model, texts, server.predict(*texts).json["outputs"])
    text = "w1 w2 unheard. W3 of w4!"
    told = server.ask("POST", "/explain", {"input": text, "target": "neg"}).json
    expected = model.explain(text, "neg")
    assert [(part["text"], part["start"], part["end"]) for part in told["ngrams"]] == [
        (part.text, part.start, part.end) for part in expected.ngrams
    ]
    assert "w1 w2" in {part["text"] for part in told["ngrams"]} and "unheard" in {p["text"] for p in told["ngrams"]}
    assert told["ngram_total"] == pytest.approx(sum(part["contribution"] for part in told["ngrams"]), abs=1e-5)
    assert told["ngram_total"] + told["network_total"] == pytest.approx(told["log_odds"], abs=1e-5)
