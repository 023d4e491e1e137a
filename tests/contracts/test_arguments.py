"""The public classes refuse arguments of other types in words, whatever the task, and read any str."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import recurra
from recurra.errors import OptionError, RecurraError
from recurra.tasks.registry import TASKS
from support.written_models import MODELS

Use = Callable[[Any, Any], Any]

TAKES: dict[str, dict[str, Use]] = {
    "classify": {
        "predict": lambda model, text: model.predict([text]),
        "predict_proba": lambda model, text: model.predict_proba([text]),
        "explain": lambda model, text: model.explain(text),
    },
    "multilabel": {
        "predict": lambda model, text: model.predict([text]),
        "predict_proba": lambda model, text: model.predict_proba([text]),
        "explain": lambda model, text: model.explain(text),
    },
    "regress": {
        "predict": lambda model, text: model.predict([text]),
        "predict_interval": lambda model, text: model.predict_interval([text]),
        "explain": lambda model, text: model.explain(text),
    },
    "generate": {
        "generate": lambda model, text: "".join(model.generate(text, 2, seed=1)),
        "score": lambda model, text: model.score(text),
        "surprisals": lambda model, text: model.surprisals(text),
    },
    "tag": {"tag": lambda model, text: model.tag([[text]])},
    "translate": {
        "translate": lambda model, text: model.translate([text]),
        "align": lambda model, text: model.align(text, "a"),
        "align to": lambda model, text: model.align("a", text),
        "score": lambda model, text: model.score([(text, "a")]),
        "score of": lambda model, text: model.score([("a", text)]),
    },
    "chat": {"reply": lambda model, text: model.reply(["a", text], seed=1)},
    "transcribe": {},  # it takes no texts
    "series": {},
    "forecast": {},
}
SEVERAL: dict[str, Use] = {
    "classify": lambda model, texts: model.predict(texts),
    "multilabel": lambda model, texts: model.predict(texts),
    "regress": lambda model, texts: model.predict(texts),
    "tag": lambda model, texts: model.tag(texts),
    "translate": lambda model, texts: model.translate(texts),
    "chat": lambda model, texts: model.reply(texts),
    "transcribe": lambda model, recordings: model.transcribe(recordings),
    "series": lambda model, series: model.predict(series),
    "forecast": lambda model, histories: model.predict(histories),
}
SAMPLING: dict[str, Use] = {
    "generate": lambda model, options: "".join(model.generate("a", 2, **options)),
    "chat": lambda model, options: model.reply(["a"], **options),
}
MODEL = {task: recurra.load(MODELS / task) for task in TASKS}


def test_every_task_is_here() -> None:
    assert TAKES.keys() == TASKS.keys()


@pytest.mark.parametrize(("task", "method"), [(task, name) for task, uses in TAKES.items() for name in uses])
def test_what_is_no_text_is_refused_and_any_text_is_read(task: str, method: str) -> None:
    use = TAKES[task][method]
    for wrong in (5, 1.5, None, b"x", ["x"], {"x": 1}):
        if (wrong is None and method == "align to") or (task == "tag" and isinstance(wrong, dict)):
            continue  # the model's own translation; a word of any type is refused alike
        with pytest.raises(OptionError):
            use(MODEL[task], wrong)
    for text in ("a\ud800b", "\U0010ffff", "a\r\n\tb"):  # a lone surrogate is read as a character that is not known
        use(MODEL[task], text)


@pytest.mark.parametrize("task", SEVERAL)
def test_what_is_not_several_texts_is_refused(task: str) -> None:
    for wrong in (5, None, "one text", b"bytes", {"a": "b"}, {"a"}, [5], [None]):
        with pytest.raises(OptionError):
            SEVERAL[task](MODEL[task], wrong)


@pytest.mark.parametrize("task", SAMPLING)
def test_options_of_other_types_and_options_that_do_nothing_are_refused(task: str) -> None:
    for wrong in (
        {"temperature": "hot"}, {"temperature": True}, {"top_k": 2.5}, {"top_k": "2"}, {"top_p": "x"}, {"seed": "x"},
        {"seed": 1.5}, {"temperature": 0, "top_k": 3}, {"temperature": 0, "top_p": 0.5},
    ):  # fmt: skip
        with pytest.raises(OptionError):
            SAMPLING[task](MODEL[task], wrong)
    assert SAMPLING[task](MODEL[task], {"temperature": 0}) == SAMPLING[task](MODEL[task], {"temperature": 0, "seed": 5})


def test_a_beam_excludes_every_option_of_sampling() -> None:
    for given in ({"temperature": 0.5}, {"top_k": 3}, {"top_p": 0.5}, {"top_p": None}, {"seed": 3}):
        with pytest.raises(OptionError, match=next(iter(given))):
            MODEL["chat"].reply(["a"], beam=2, **given)
    for wrong in ({"beam": "x"}, {"beam": 2.5}, {"beam": True}):
        with pytest.raises(OptionError, match="The beam width must be a whole number"):
            MODEL["chat"].reply(["a"], **wrong)
        with pytest.raises(OptionError, match="The beam width must be a whole number"):
            MODEL["translate"].translate(["a"], **wrong)
    with pytest.raises(OptionError, match="The length penalty must be a number; got str"):
        MODEL["translate"].translate(["a"], length_penalty="x")


def test_load_names_what_it_was_given() -> None:
    for wrong in (3, None, b"x", ["x"]):
        with pytest.raises(OptionError, match=rf"must be a path; got {type(wrong).__name__}"):
            recurra.load(wrong)  # type: ignore[call-overload]
    for threads in ("x", 2.5, True, 0):
        with pytest.raises(OptionError, match="threads must be"):
            recurra.load(MODELS / "tag", threads=threads)
    with pytest.raises(RecurraError, match="task must be a str"):
        recurra.load(MODELS / "tag", task=3)  # type: ignore[call-overload]
    for tokens in ("3", 2.5, None, True):
        with pytest.raises(OptionError, match="tokens must be a whole number"):
            MODEL["generate"].generate("a", tokens)
