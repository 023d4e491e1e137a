"""An ensemble is one model, whose logits are the mean of its members', whoever computes them; and a run that trains
several networks is stopped, resumed and told as one."""

from __future__ import annotations

import importlib
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import ArtefactError, ExportError, InterruptedTraining, OptionError
from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.learn.check import checked_graph
from recurra.many_to_one.learn.ensemble import Ensemble, member_controls, member_seeds
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.quantise import quantised
from recurra.many_to_one.shape import ManyToOneShape
from recurra.nn.batch import Batch
from recurra.tasks.classify.learn.fit import fit_classifier
from recurra.terminal.progress import TrainingProgress
from recurra.training.checkpoints import CheckpointStore
from recurra.training.control import RunControl
from support.commands import made_rows
from support.killed_training import training_process
from support.ngram_models import KINDS, TEMPERATURE, UNHEARD, WORDS, model_of, network, shape, text_of

FILES = ("weights.safetensors", "model.onnx", "tokenizer.json")
SAME = ("test", "valid", "train", "ngrams", "temperature", "split", "parts")
MEASURE = "recurra.many_to_one.learn.classification.Classification.validate"

ENGINES: list[Literal["kernel", "graph"]] = ["kernel", "graph"]
PLAIN = [
    {"cell": "lstm", "pooling": "attention", "layers": 2},
    {"cell": "gru", "pooling": "attention", "direction": "forward"},
    {"cell": "rnn", "pooling": "last", "outputs": 3},
    {"cell": "lstm", "pooling": "max", "layers": 2, "direction": "forward"},
    {"cell": "lstm", "pooling": "max-mean", "direction": "forward"},
]


def plain(**changes: Any) -> ManyToOneShape:
    """A network alone."""
    return shape(0).model_copy(update=changes)


def members_of(one: ManyToOneShape, count: int = 3) -> list[Any]:
    return [network(one, seed) for seed in range(count)]


def batch_of(size: int, rows: int = 6) -> Batch:
    rng = np.random.default_rng(3)
    return Batch.of([rng.integers(0, size, length).astype(np.int32) for length in rng.integers(1, 20, rows)])


@pytest.mark.parametrize("kind", [shape(**kind) for kind in KINDS] + [plain(**kind) for kind in PLAIN], ids=str)
def test_its_logits_are_the_mean_of_its_members(kind: ManyToOneShape) -> None:
    members = members_of(kind)
    batch = batch_of(kind.vocabulary)
    with torch.inference_mode():
        apart = torch.stack([member(batch) for member in members]).mean(dim=0)
        together = Ensemble(members).eval()(batch)
        assert float((apart - members[0](batch)).abs().max()) > 0.05, "the members differ"
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", [shape(**kind) for kind in KINDS] + [plain(**kind) for kind in PLAIN], ids=str)
def test_every_engine_answers_as_it_does(kind: ManyToOneShape) -> None:
    """`checked_graph` compares graph, kernel and streams with the network, spellings of unknown words included."""
    whole = Ensemble(members_of(kind))
    graph, weights = checked_graph(whole, TEMPERATURE)
    assert {name: array.shape for name, array in weights.items()} == whole.shape.weight_shapes()
    assert sum(array.size for name, array in weights.items() if not name.endswith(".scale")) == whole.shape.parameters
    assert len(graph) > 3 * len(build(kind, members_of(kind)[0].exported())) / 2


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", [plain(**kind) for kind in PLAIN], ids=str)
def test_a_model_answers_texts_with_the_mean(kind: ManyToOneShape, engine: Literal["kernel", "graph"]) -> None:
    members = members_of(kind)
    rng = np.random.default_rng(0)
    texts = [text_of(length, rng) for length in (1, 4, 40, 7)]
    apart = [next(model_of(member, engine=engine).predict_iter(texts)).logits for member in members]
    together = next(model_of(Ensemble(members), engine=engine).predict_iter(texts)).logits
    np.testing.assert_allclose(together, np.mean(apart, axis=0), atol=1e-5)


@pytest.mark.parametrize("table_bytes", [0, 2**27], ids=["products of each batch", "products of all words"])
@given(texts=st.lists(st.text(max_size=40) | st.lists(st.sampled_from([*WORDS, *UNHEARD])).map(" ".join), min_size=1))
@settings(max_examples=25, deadline=None)
def test_the_engines_agree_on_any_texts(table_bytes: int, texts: list[str]) -> None:
    whole = Ensemble(members_of(shape(2, subwords=97, vectors=True)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recurra.many_to_one.engines.kernel.TABLE_BYTES", table_bytes)
        answers = [model_of(whole, engine=engine).predict_proba(texts) for engine in ENGINES]
    np.testing.assert_allclose(*answers, atol=1e-5)


def test_what_is_done_to_its_head_and_n_grams_leaves_the_members() -> None:
    members = members_of(shape(2, subwords=97))
    before = [{name: tensor.clone() for name, tensor in member.state_dict().items()} for member in members]
    whole = Ensemble(members)
    whole.scale_ngrams(3.0)
    with torch.no_grad():
        whole.head.weight.zero_()
    for member, old in zip(members, before, strict=True):
        assert all(torch.equal(tensor, old[name]) for name, tensor in member.state_dict().items())


@pytest.mark.parametrize("kind", [plain(**kind) for kind in PLAIN if kind.get("direction")] + [
    shape(2, subwords=53, direction="forward")
], ids=str)  # fmt: skip
def test_a_stream_is_answered_as_the_whole_text(kind: ManyToOneShape) -> None:
    model = model_of(Ensemble(members_of(kind)))
    text = text_of(60, np.random.default_rng(4))
    session = model.session()
    for start in range(0, len(text), 7):
        session.feed(text[start : start + 7])
        state = json.loads(json.dumps(session.state()))
        session = model.session(state)
    np.testing.assert_allclose(session.finish().probabilities, model.predict_proba([text])[0], atol=1e-5)
    last = [name for name in state["arrays"] if name.startswith("members.2.")]
    assert last, "each member has a state"
    for name in last:
        if not name.endswith((".c", ".top")):
            broken = json.loads(json.dumps(state))
            broken["arrays"][name] = [1000] * len(broken["arrays"][name])
            with pytest.raises(OptionError, match="damaged"):
                model.session(broken)


def test_int8_weights_are_of_every_member() -> None:
    whole = Ensemble(members_of(plain(cell="lstm", hidden=8, embedding=8)))
    exact = build(whole.shape, whole.exported(), TEMPERATURE)
    small = quantised(exact)
    assert small is not None and b"members.2.embedding.rounded" in small and b"embedding.weight" not in small
    size = whole.shape.vocabulary
    ids = [np.random.default_rng(n).integers(0, size, n).astype(np.int32) for n in (1, 5, 30)]
    answers, rounded = (GraphSession(graph, ids=size, members=3).run(ids)[1] for graph in (exact, small))
    assert 0 < np.abs(answers - rounded).max() < 0.02
    alone = np.concatenate([GraphSession(small, ids=size, members=3).run([one])[1] for one in ids])
    np.testing.assert_array_equal(rounded, alone)


def test_a_table_with_too_few_rows_for_the_ids_is_found_in_every_member() -> None:
    whole = Ensemble(members_of(plain()))
    shorter = whole.exported()
    shorter["members.1.embedding.weight"] = shorter["members.1.embedding.weight"][:-1]
    with pytest.raises(ExportError, match=r"members\.1\.embedding\.weight"):
        build(whole.shape, shorter)
    size = whole.shape.vocabulary
    with pytest.raises(ArtefactError):
        GraphSession(build(whole.shape, whole.exported()), ids=size + 1, members=3)


def test_ensembles_of_different_seeds_share_no_member() -> None:
    seeds = [member_seeds(8, seed) for seed in range(200)]
    assert [first for first, *_ in seeds] == list(range(200)), "the first is the run's own"
    assert len({seed for one in seeds for seed in one}) == 200 * 8
    assert member_seeds(3, 5) == member_seeds(8, 5)[:3] and member_seeds(1, 5) == [5]
    assert all(0 <= seed < 2**32 for one in seeds for seed in one)


def test_each_member_is_a_stage_with_a_seed_of_its_own(tmp_path: Path) -> None:
    told: list[str] = []
    control = RunControl(
        CheckpointStore(tmp_path), identity={"data": "a"}, on_progress=lambda progress: told.append(progress.stage)
    )
    found = list(member_controls(3, 7, control.stage("teacher", "1-teacher")))
    assert [seed for seed, _ in found] == member_seeds(3, 7)
    for _, its in found:
        its.on_progress(TrainingProgress(1, 2, 0, 1, 8, 0.5))
    assert told == [f"teacher, member {number} of 3" for number in (1, 2, 3)]
    stores = [its.store for _, its in found]
    assert [str(store.directory.relative_to(tmp_path)) for store in stores if store] == [
        "1-teacher/member-01",
        "1-teacher/member-02",
        "1-teacher",
    ]
    assert [its.identity["stage"] for _, its in found] == [
        "teacher, member 1 of 3",
        "teacher, member 2 of 3",
        "teacher",
    ]
    assert list(member_controls(1, 7, control)) == [(7, control)]


@pytest.fixture(params=[0, 10**9], ids=["n-grams first", "n-grams beside"])
def few_rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recurra.many_to_one.learn.defaults.FEW_ROWS", request.param)


@pytest.mark.usefixtures("few_rows")
def test_the_first_member_is_the_model_of_a_run_without_an_ensemble(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[Any] = []
    whole = fit_classifier
    monkeypatch.setattr(
        "recurra.tasks.classify.learn.fit.fit_classifier",
        lambda *given, **named: fitted.append(whole(*given, **named)) or fitted[-1],
    )
    one = train_tiny(reviews, tmp_path / "one", quantise="never", epochs=3, learning_rate=0.02)
    three = train_tiny(reviews, tmp_path / "three", quantise="never", epochs=3, learning_rate=0.02, ensemble=3)
    alone, together = fitted
    first = together.members[0]
    assert {name: array.tobytes() for name, array in first.weights.items()} == {
        name: array.tobytes() for name, array in alone.weights.items()
    }
    assert (
        first.temperature == alone.temperature and first.history[-1]["train_loss"] == one["history"][-1]["train_loss"]
    )
    found = three["ensemble"]["members"]
    assert [member["seed"] for member in found] == member_seeds(3, 0)
    assert found[0]["accuracy"] == one["test"]["accuracy"] and found[0]["accuracy_ci95"] == one["test"]["accuracy_ci95"]
    assert one["ensemble"] is None and one["config"]["ensemble"] == 1 and one["network"]["members"] == 1
    assert three["config"]["ensemble"] == three["network"]["members"] == 3
    gain = three["ensemble"]["gain"]
    mean = np.mean([member["accuracy"] for member in found])
    assert gain["difference"] == pytest.approx(three["test"]["accuracy"] - mean)
    assert len(gain["by_seed"]) == 3
    embeddings = [member.weights["embedding.weight"].tobytes() for member in together.members]
    assert len(set(embeddings)) == 3


def content(out: Path) -> tuple[list[bytes], dict[str, Any]]:
    metrics = json.loads((out / "metrics.json").read_bytes())
    ensemble = metrics["ensemble"]
    members = ensemble and [{**member, "seconds": 0} for member in ensemble["members"]]
    return (
        [(out / name).read_bytes() for name in FILES],
        {name: metrics[name] for name in SAME} | {"members": members, "gain": ensemble and ensemble["gain"]},
    )


def stopped(patch: pytest.MonkeyPatch, where: str, calls: int) -> None:
    """Stop the run where a function is called once more than `calls` times."""
    place, _, name = where.rpartition(".")
    try:
        owner: Any = importlib.import_module(place)
    except ModuleNotFoundError:
        parent, _, kind = place.rpartition(".")
        owner = getattr(importlib.import_module(parent), kind)
    whole, count = getattr(owner, name), [0]

    def stop(*given: Any, **named: Any) -> Any:
        count[0] += 1
        if count[0] > calls:
            raise KeyboardInterrupt
        return whole(*given, **named)

    patch.setattr(owner, name, stop)


@pytest.mark.usefixtures("few_rows")
def test_a_run_stopped_in_each_member_ends_with_equal_bytes(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"ensemble": 3, "quantise": "never"}
    train_tiny(reviews, tmp_path / "whole", **chosen)
    out, resume = tmp_path / "m", False
    for where in (*[MEASURE] * 3, "recurra.many_to_one.learn.fit.Ensemble"):
        with monkeypatch.context() as patch:
            stopped(patch, where, 1 if resume and where == MEASURE else 0)
            with pytest.raises(InterruptedTraining, match="--resume"):
                train_tiny(reviews, out, resume=resume, **chosen)
        resume = True
        assert not out.exists()
    train_tiny(reviews, out, resume=True, **chosen)
    assert content(out) == content(tmp_path / "whole")
    assert not out.with_name("m.training").exists()


def test_a_run_killed_inside_the_second_member_goes_on_there(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    chosen = {"epochs": 3, "batch": 8, "quantise": "never", "ensemble": 2}
    words = [word for name, value in chosen.items() for word in (f"--{name}", value)]
    tiny = [*words, "--hidden", 4, "--embedding", 4, "--threads", 1, "--precision", "fp32", "--no-baseline"]
    train_tiny(reviews, tmp_path / "whole", **chosen)
    out = tmp_path / "m"
    with training_process(reviews, "--out", out, *tiny) as training:
        training.wait_for_step(1)
        assert any(int(line) == 0 for line in training.steps), "the second member begins"
        training.wait_for_step(7)
        training.child.kill()
        assert training.child.wait() == -signal.SIGKILL
    other = cli("train", reviews, "--out", out, *[3 if word == 2 else word for word in tiny], "--resume")
    assert other.exit_code != 0 and "--ensemble was 2 and is now 3" in other.stderr.replace("\n", " ")
    resumed = cli("train", reviews, "--out", out, *tiny, "--resume")
    assert resumed.exit_code == 0 and "Resuming after step" in resumed.stderr
    assert "Member 2 of 2:" in resumed.stderr and "Member 1 of 2:" not in resumed.stderr
    assert content(out) == content(tmp_path / "whole")


def test_with_unlabelled_texts_the_ensemble_is_the_teacher_of_one_network(
    train_tiny: Callable[..., Any],
    reviews: Path,
    write_csv: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = write_csv([(text, "") for text, _ in made_rows(60, seed=9)], "more.csv")
    chosen = {"unlabelled": str(more), "quantise": "never", "ensemble": 2}
    metrics = train_tiny(reviews, tmp_path / "whole", **chosen)
    assert metrics["teacher"]["members"] == 2 and metrics["network"]["members"] == 1
    assert metrics["ensemble"] is None and metrics["config"]["ensemble"] == 2
    out, resume = tmp_path / "m", False
    for _ in range(3):  # in both members of the teacher, and in the student
        with monkeypatch.context() as patch:
            stopped(patch, MEASURE, int(resume))
            with pytest.raises(InterruptedTraining, match="--resume"):
                train_tiny(reviews, out, resume=resume, **chosen)
        resume = True
    train_tiny(reviews, out, resume=True, **chosen)
    assert content(out) == content(tmp_path / "whole")
    assert not out.with_name("m.training").exists()


def test_a_run_tells_its_members_and_what_they_gain(reviews: Path, tmp_path: Path, cli: Callable[..., Any]) -> None:
    words = ["--hidden", 4, "--embedding", 4, "--epochs", 1, "--threads", 1, "--no-baseline", "--ensemble", 2]
    out = tmp_path / "m"
    result = cli("train", reviews, "--out", out, *words)
    assert result.exit_code == 0
    told = result.stderr + result.stdout
    assert "Training 2 networks of 1 x LSTM(4)" in told and "Member 2 of 2:" in told
    metrics = json.loads((out / "metrics.json").read_bytes())
    accuracies = [f"{member['accuracy']:.1%}" for member in metrics["ensemble"]["members"]]
    assert f"Its members alone {', '.join(accuracies)}; together" in told.replace("\n", " ")
    report, card = ((out / name).read_text(encoding="utf-8") for name in ("report.html", "README.md"))
    assert "What its members are worth" in report and "Together" in report and "bootstrap" in report
    assert "The mean of 2 networks" in card
    shown = cli("inspect", out)
    assert "the mean of 2 networks of 1 x LSTM(4)" in " ".join(shown.stdout.split())
    assert "together" in shown.stdout
    explained = cli("explain", out, "a lovely film", "--json")
    assert explained.exit_code == 0


def test_without_held_out_rows_members_have_validation_figures_alone(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path
) -> None:
    metrics = train_tiny(reviews, tmp_path / "m", split=0, ensemble=2)
    assert metrics["ensemble"]["gain"] is None
    assert [member["valid"]["rows"] for member in metrics["ensemble"]["members"]] == [metrics["valid"]["rows"]] * 2
    assert "accuracy" not in metrics["ensemble"]["members"][0]
    assert "What its members are worth" not in (tmp_path / "m" / "report.html").read_text(encoding="utf-8")


def test_an_ensemble_too_large_for_one_file_is_refused_before_any_training(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"embedding": 64, "ngrams": 0}
    one = train_tiny(reviews, tmp_path / "one", **chosen)
    limit = 2 * ManyToOneShape(**one["network"]).parameters
    monkeypatch.setattr("recurra.storage.shape.MAX_ELEMENTS", limit)
    trained: list[bool] = []
    monkeypatch.setattr("recurra.many_to_one.learn.fit.fit_network", lambda *_, **__: trained.append(True))
    with pytest.raises(OptionError, match="too large for one ONNX file"):
        train_tiny(reviews, tmp_path / "m", ensemble=3, **chosen)
    assert not trained and not (tmp_path / "m").exists() and not (tmp_path / "m.training").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["train", "{data}", "--ensemble", "0"], "--ensemble"),
        (["train", "{data}", "--ensemble", "17"], "--ensemble"),
        (["train", "{data}", "--ensemble", "two"], "--ensemble"),
        (["train", "{data}", "--task", "generate", "--ensemble", "2"], "--ensemble"),
        (["compare", "{data}", "--ensemble", "2"], "--ensemble"),
    ],
)
def test_what_makes_no_ensemble_is_refused(
    words: list[str], told: str, reviews: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    out = tmp_path / "m"
    result = cli(*[word.format(data=reviews) for word in words], "--out", out)
    assert result.exit_code != 0 and told in result.stderr and "Traceback" not in result.stderr
    assert not out.exists() and not out.with_name("m.training").exists()
