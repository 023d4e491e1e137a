"""A classifier that starts from a base."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from sklearn.linear_model import LogisticRegression

import recurra
from recurra.errors import OptionError, ResumeError
from recurra.many_to_one.corpus import Corpus, kind_of
from recurra.many_to_one.learn.classification import PENALTY, Classification
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.from_base import LAYER_RATE, RATE, based, start_from, start_head
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.vocabulary import fit_vocabulary
from recurra.many_to_one.shape import ManyToOneShape
from recurra.storage.base import read_base
from recurra.tasks.classify.options import ClassifyOptions
from recurra.text.piece_tokenizer import PieceTokenizer
from recurra.text.tokenizer import FIRST_WORD, UNKNOWN
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.adam import weight_groups
from support.bases import WORDS, written_base
from support.commands import Cli, made_rows
from support.whole_commands import in_sentences

THAI = [("หนังดีมาก", "good"), ("หนังแย่มาก", "bad"), ("ดีมากๆ สนุก", "good"), ("แย่ น่าเบื่อ", "bad")]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """One that knows some words of `made_rows`, and two that these lack."""
    written_base(tmp_path / "base")
    return tmp_path / "base"


@pytest.fixture
def corpus() -> Iterator[Corpus]:
    with Corpus() as filled:
        for text in ("The film was good", "the film, the plot", "awful unheard"):
            filled.add(text, "a")
        filled.seal()
        yield filled


def pieces() -> PieceTokenizer:
    return PieceTokenizer.fit(
        [text for text, _ in THAI],
        size=300,
        min_count=1,
        max_tokens=None,
        truncate="tail",
        fill=False,
        punctuation=True,
    )


def network_of(vocabulary: int, outputs: int = 1) -> ManyToOneNetwork:
    sizes: dict[str, Any] = {"embedding": 4, "hidden": 3, "layers": 1, "direction": "both", "pooling": "max-mean"}
    sizes["outputs"] = outputs
    return ManyToOneNetwork(ManyToOneShape(vocabulary=vocabulary, cell="lstm", **sizes))


def test_words_start_from_the_base_and_those_that_rows_lack_come_along(base: Path, corpus: Corpus) -> None:
    whole, training = read_base(base), np.array([True, True, False])
    vocabulary = fit_vocabulary(
        corpus, training, ClassifyOptions(min_count=2, keep_words=2, from_=str(base)), base=whole
    )
    tokenizer = vocabulary.tokenizer
    assert isinstance(tokenizer, WordTokenizer)
    assert tokenizer.words == ["the", "film", "good", "awful", "elsewhere"], "good is known, plot is not frequent"
    network = network_of(tokenizer.size)
    start_from(network, whole, vocabulary.of_base, tokenizer)
    table = whole.weights["embedding.weight"]
    of_words = dict(zip(WORDS, table[FIRST_WORD:], strict=True))
    expected = np.stack([table[0], table[1], *(of_words[word] for word in tokenizer.words)])
    assert np.array_equal(network.embedding.weight.detach().numpy(), expected)
    started = network.state_dict()
    for name in whole.shape.stack.weight_shapes("recurrent.layers"):
        assert np.array_equal(started[name].numpy(), whole.weights[name]), name
    rates = {len(group["params"]): (group.get("rate"), group.get("rows")) for group in weight_groups(network)}
    assert rates[1] == (RATE, FIRST_WORD + 3), "words that no row has are not learnt"
    assert rates[8] == (LAYER_RATE, None)


def test_a_word_that_the_base_lacks_starts_as_its_unknown_word(base: Path, corpus: Corpus) -> None:
    whole = read_base(base)
    vocabulary = fit_vocabulary(
        corpus, np.ones(3, dtype=bool), ClassifyOptions(min_count=1, keep_words=0, from_=str(base)), base=whole
    )
    tokenizer = vocabulary.tokenizer
    assert isinstance(tokenizer, WordTokenizer) and set(tokenizer.words) == {
        "the", "film", "good", "awful", "unheard", "was", "plot", ",",
    }  # fmt: skip
    network = network_of(tokenizer.size)
    start_from(network, whole, vocabulary.of_base, tokenizer)
    row = network.embedding.weight.detach().numpy()[FIRST_WORD + tokenizer.words.index("plot")]
    assert np.array_equal(row, whole.weights["embedding.weight"][UNKNOWN])


def test_sizes_are_those_of_the_base(base: Path) -> None:
    options = based(ClassifyOptions(dropout=0.1), read_base(base))
    assert (options.embedding, options.hidden, options.level, options.dropout) == (4, 3, "word", 0.1)
    assert based(ClassifyOptions(hidden=3, cell="lstm", level="word"), read_base(base)).hidden == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"hidden": 5}, ("--hidden 5", "--hidden 3", "Leave --hidden out")),
        ({"cell": "gru"}, ("--cell gru", "--cell lstm")),
        ({"layers": 2}, ("--layers 2", "--layers 1")),
        ({"direction": "forward"}, ("--direction forward", "--direction both")),
        ({"level": "bpe"}, ("--level bpe", "--level word")),
        ({"punctuation": False}, ("--no-punctuation", "--punctuation")),
        ({"word_vectors": "random"}, ("--word-vectors random", "Leave one of them out")),
        ({"word_vectors": "counted"}, ("--word-vectors counted",)),
    ],
)
def test_an_option_that_contradicts_the_base_is_refused_with_both(
    base: Path, given: dict[str, Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(OptionError) as error:
        based(ClassifyOptions(**given), read_base(base))
    message = str(error.value)
    in_sentences(message)
    assert f"contradicts --from {base}" in message
    assert all(word in message for word in words), message


def test_a_recipe_and_a_base_are_two_networks(base: Path) -> None:
    with pytest.raises(OptionError, match=r"--recipe tutorial has a network of its own, and --from .* has another"):
        based(ClassifyOptions(recipe="tutorial"), read_base(base))


def trained_from(
    base: Path, reviews: Path, out: Path, train_tiny: Callable[..., Any], **more: Any
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    untold = {"hidden": 3, "embedding": 4, "from_": str(base), **more}
    metrics = train_tiny(reviews, out, **untold)
    return metrics, load_file(out / "weights.safetensors")


def test_a_model_knows_the_words_of_its_base_and_states_it(
    base: Path, reviews: Path, train_tiny: Callable[..., Any], tmp_path: Path, cli: Cli
) -> None:
    metrics, weights = trained_from(base, reviews, tmp_path / "m", train_tiny)
    own = read_base(base)
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_bytes())
    assert manifest["data"]["from"] == metrics["data"]["from"] == own.facts()
    model = recurra.load(tmp_path / "m", task="classify")
    words = model.tokenizer.words
    assert words[-2:] == ["elsewhere", "unheard"], "no review has them"
    last = weights["embedding.weight"][-2:]
    assert np.array_equal(last, own.weights["embedding.weight"][-2:]), "and so they stay as they were"
    first = weights["embedding.weight"][FIRST_WORD + words.index("good")]
    before = own.weights["embedding.weight"][FIRST_WORD + WORDS.index("good")]
    assert 0 < np.abs(first - before).max() < 0.1
    shown = " ".join(cli("inspect", tmp_path / "m").stdout.split())
    assert "the base" in shown and own.digest[:12] in shown
    for file in ("README.md", "report.html"):
        assert own.digest[:12] in (tmp_path / "m" / file).read_text(encoding="utf-8"), file
    assert model.predict(["good unheard film"])[0] in ("positive", "negative")


def test_the_command_line_and_a_config_file_name_it(base: Path, reviews: Path, tmp_path: Path, cli: Cli) -> None:
    tiny = ["--epochs", "1", "--threads", "1", "--no-baseline", "--no-calibrate"]
    result = cli("train", reviews, "--from", base, "--out", tmp_path / "m", *tiny)
    assert result.exit_code == 0, result.output
    assert f"Training from {base} 1 x LSTM(3)" in result.stderr
    (tmp_path / "c.toml").write_text(f'from = "{base}"\nkeep_words = 1\n', encoding="utf-8")
    result = cli("train", reviews, "--config", tmp_path / "c.toml", "--out", tmp_path / "n", *tiny)
    assert result.exit_code == 0, result.output
    assert recurra.load(tmp_path / "n", task="classify").tokenizer.words[-1] == "elsewhere"


def test_a_base_of_subwords_gives_its_tokens(
    tmp_path: Path, write_csv: Callable[..., Path], train_tiny: Callable[..., Any]
) -> None:
    tokenizer = pieces()
    own = written_base(tmp_path / "base", tokenizer=tokenizer)
    data = write_csv([(f"{text} {number}", label) for number in range(10) for text, label in THAI], "thai.csv")
    metrics, weights = trained_from(tmp_path / "base", data, tmp_path / "m", train_tiny, max_tokens=50)
    assert metrics["config"]["level"] == "bpe"
    model = recurra.load(tmp_path / "m", task="classify")
    assert model.tokenizer.vocabulary() == tokenizer.vocabulary() and model.tokenizer.max_tokens == 50
    assert weights["embedding.weight"].shape == own["embedding.weight"].shape
    with pytest.raises(OptionError, match=rf"--vocabulary 400 contradicts --from .*--vocabulary {tokenizer.size}"):
        trained_from(tmp_path / "base", data, tmp_path / "n", train_tiny, vocabulary=400)
    with pytest.raises(
        OptionError, match=r"--min-count 3 does not go with --from .*has subwords.*Leave --min-count out"
    ):
        trained_from(tmp_path / "base", data, tmp_path / "n", train_tiny, min_count=3)
    assert not (tmp_path / "n").exists() and not (tmp_path / "n.training").exists()


@pytest.mark.parametrize("level", ["bpe", "char"])
def test_what_is_for_words_is_refused_with_a_base_of_other_tokens(level: str, tmp_path: Path) -> None:
    fitting = {"size": 300, "min_count": 1, "max_tokens": None, "truncate": "tail", "fill": False, "punctuation": True}
    written_base(tmp_path / "base", tokenizer=kind_of(level).fit([text for text, _ in THAI], **fitting))
    base = read_base(tmp_path / "base")
    for given in ({"min_count": 3}, {"keep_words": 2, "from_": "base"}):
        with pytest.raises(
            OptionError, match=f"does not go with --from .*{'subwords' if level == 'bpe' else 'characters'}"
        ):
            based(ClassifyOptions(**given), base)
    for given in ({}, {"level": level}):
        options = based(ClassifyOptions(**given), base)
        assert (options.level, options.vocabulary) == (level, base.shape.vocabulary), "what --level brings is not given"


def test_many_rows_with_unlabelled_texts_start_from_it_too(
    base: Path,
    reviews: Path,
    write_csv: Callable[..., Path],
    train_tiny: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("recurra.many_to_one.learn.defaults.FEW_ROWS", 0)
    more = write_csv([(text, "") for text, _ in made_rows(40, seed=9)], "more.csv")
    metrics, weights = trained_from(base, reviews, tmp_path / "m", train_tiny, unlabelled=str(more))
    assert metrics["teacher"]["hidden"] == 3 == metrics["network"]["hidden"], "a student has the layers of the base"
    assert weights["recurrent.layers.0.left_to_right.weight_hh"].shape == (12, 3)


def test_a_classifier_is_started_from_with_a_new_head(
    trained: tuple[Path, dict[str, Any]], write_csv: Callable[..., Path], train_tiny: Callable[..., Any], tmp_path: Path
) -> None:
    rows = [(text, label if number % 3 else "mixed") for number, (text, label) in enumerate(made_rows(90))]
    out = tmp_path / "m"
    start = {"from_": str(trained[0]), "new_head": True, "hidden": 8, "embedding": 8}
    metrics = train_tiny(write_csv(rows), out, learning_rate=1e-6, **start)
    assert metrics["labels"] == ["mixed", "negative", "positive"]
    before, after = load_file(trained[0] / "weights.safetensors"), load_file(out / "weights.safetensors")
    name = "recurrent.layers.0.right_to_left.weight_ih"
    assert np.allclose(before[name], after[name], atol=1e-3)
    assert metrics["data"]["from"]["kind"] == "classify"


def test_a_run_goes_on_only_with_the_same_base(
    base: Path, reviews: Path, train_tiny: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_from(base, reviews, tmp_path / "whole", train_tiny)
    with monkeypatch.context() as patch:
        patch.setattr("recurra.tasks.classify.learn.trainer.evaluate", interrupted)
        with pytest.raises(recurra.errors.InterruptedTraining):
            trained_from(base, reviews, tmp_path / "m", train_tiny)
    for file in base.iterdir():
        file.rename(tmp_path / f"kept-{file.name}")
    base.rmdir()
    written_base(base, seed=1)
    with pytest.raises(ResumeError, match="the base of --from is another one"):
        trained_from(base, reviews, tmp_path / "m", train_tiny, resume=True)
    for file in base.iterdir():
        (tmp_path / f"kept-{file.name}").replace(file)
    trained_from(base, reviews, tmp_path / "m", train_tiny, resume=True)
    same = "weights.safetensors"
    assert (tmp_path / "m" / same).read_bytes() == (tmp_path / "whole" / same).read_bytes()


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("other", ["nowhere", "notes.txt"])
def test_what_is_no_base_is_refused_before_anything_is_made(
    other: str, reviews: Path, train_tiny: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("words", encoding="utf-8")
    with pytest.raises(recurra.errors.ArtefactError) as error:
        train_tiny(reviews, tmp_path / "m", from_=str(tmp_path / other))
    in_sentences(str(error.value))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "reviews.csv"]


def test_keep_words_needs_words_to_keep() -> None:
    with pytest.raises(ValueError, match="--keep-words is for"):
        ClassifyOptions(keep_words=5)
    assert ClassifyOptions(keep_words=5, from_="base").keep_words == 5


def test_a_base_of_another_language_is_told_of(base: Path, cli: Cli, reviews: Path, tmp_path: Path) -> None:
    tiny = ["--epochs", "1", "--threads", "1", "--no-baseline", "--no-calibrate"]
    result = cli("train", reviews, "--from", base, "--out", tmp_path / "m", *tiny)
    assert f"The base '{base}' knows" in " ".join(result.stderr.split()) and "% of the training tokens" in result.stderr
    written_base(tmp_path / "own", [*{word for text, _ in made_rows(200) for word in text.split()}])
    result = cli("train", reviews, "--from", tmp_path / "own", "--out", tmp_path / "n", *tiny)
    assert result.exit_code == 0 and "of the training tokens" not in result.stderr


@pytest.mark.parametrize("classes", [2, 3])
def test_the_head_starts_at_a_regression_on_what_the_base_makes_of_the_rows(classes: int) -> None:
    """Where that tells the rows apart, so does the network before its first step; the answer is the regression's."""
    tokenizer = WordTokenizer([f"w{number}" for number in range(6)], max_tokens=None)
    rng = np.random.default_rng(0)
    targets = np.arange(60) % classes
    texts = [rng.permutation([2 + target, 2 + target, 6, 7]).astype(np.int32) for target in targets]
    examples = Examples(
        np.concatenate(texts), np.arange(60) * 4, np.full(60, 4), np.arange(8, dtype=np.int32), tokenizer, targets
    )
    torch.manual_seed(0)
    network = network_of(8, outputs=1 if classes == 2 else classes)
    start_head(network, examples, Classification(classes), seed=0)
    batch, _ = examples.batch(np.arange(60))
    with torch.no_grad():
        features, logits = network.pooled(batch).numpy(), network(batch).numpy()
    scaled = (features - features.mean(0)) / features.std(0)
    fitted = LogisticRegression(C=PENALTY, max_iter=300).fit(scaled, targets)
    assert np.allclose(logits.squeeze(), fitted.decision_function(scaled), atol=1e-3)
    answers = logits[:, 0] > 0 if classes == 2 else logits.argmax(1)
    assert (answers == targets).mean() > 0.7


def test_a_class_without_rows_starts_as_the_least_likely() -> None:
    tokenizer = WordTokenizer(["a", "b"], max_tokens=None)
    targets = np.array([0, 2] * 10)
    ids = np.array([2, 3] * 10, dtype=np.int32)
    examples = Examples(
        ids, np.arange(20), np.ones(20, dtype=np.int64), np.arange(4, dtype=np.int32), tokenizer, targets
    )
    network = network_of(4, outputs=3)
    start_head(network, examples, Classification(3), seed=0)
    batch, _ = examples.batch(np.arange(20))
    with torch.no_grad():
        logits = network(batch).numpy()
    assert (logits.argmax(1) == targets).all()
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    start_head(network, examples.select(np.arange(0, 20, 2)), Classification(3), seed=0)
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items()), "one class alone"
