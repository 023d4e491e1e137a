"""Keras on TensorFlow: the tutorial's model, compiled and fitted as the tutorial does."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Any

from peers.engines import feed
from peers.task import Task, rounds_of
from peers.worker import Round

PACKAGES: tuple[str, ...] = ("keras", "tensorflow-cpu", "numpy")


def set_up(threads: int) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def prepare(task: Task, inputs: Path, threads: int) -> Round:
    """Variants: fp32 (what Keras does by itself), fp32 xla (compiled by XLA), bf16 (mixed_bfloat16).

    For a latency: "predict" is `model.predict`; "tf.function" is the model called as one compiled function, the
    fastest way there is to ask for one row (called plainly, it takes the steps of the recurrence one by one).
    """
    model = _model(task.cell, task.variant)
    if task.kind == "training":
        return _training(task, inputs, model)
    if task.kind == "latency":
        answer = _compiled(model) if task.variant == "tf.function" else _predict(model, 1)
        return feed.one_by_one(task, lambda text: answer(_encoded([text], inputs)), inputs)
    predict = _predict(model, task.batch)
    if task.kind == "text":
        return feed.repeated(task, lambda texts: predict(_encoded(texts, inputs)), feed.texts(inputs)["long"])
    return _predicting(task, inputs, predict)


def _predict(model: Any, batch: int) -> Any:
    return lambda ids: model.predict(ids, batch_size=batch, verbose=0)


def _compiled(model: Any) -> Any:
    import tensorflow as tf

    answer = tf.function(lambda ids: model(ids, training=False))
    return lambda ids: answer(tf.constant(ids)).numpy()


def _training(task: Task, inputs: Path, model: Any) -> Round:
    """Items and seconds from the end of the first step of a `fit` to the end of its last."""
    import keras

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: object = None) -> None:
            self.ends: list[float] = []

        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            self.ends.append(time.perf_counter())

    clock = Clock()
    ids, labels = feed.ids(inputs), feed.labels(inputs)

    def steps(count: int) -> float:
        rows = (1 + count) * task.batch
        model.fit(ids[:rows], labels[:rows], batch_size=task.batch, epochs=1, verbose=0, callbacks=[clock])
        return clock.ends[-1] - clock.ends[0]

    steps(1)
    most = len(ids) // task.batch - 1
    wanted = min(most, rounds_of(task.seconds, steps(2) / 2))
    return lambda: {"items": wanted * task.batch, "seconds": steps(wanted)}


def _predicting(task: Task, inputs: Path, predict: Any) -> Round:
    """One `predict` of as many rows as fill a round: Keras is best when it is given many batches at once."""
    ids = feed.ids(inputs)
    few = min(len(ids), 4 * task.batch)
    predict(ids[:few])
    began = time.perf_counter()
    predict(ids[:few])
    wanted = min(len(ids) // few, rounds_of(task.seconds, time.perf_counter() - began)) * few

    def round_() -> dict[str, Any]:
        began = time.perf_counter()
        predict(ids[:wanted])
        return {"items": wanted, "seconds": time.perf_counter() - began}

    return round_


def _model(cell: str, variant: str) -> Any:
    import keras
    from keras import layers

    kind = {"rnn": layers.SimpleRNN, "gru": layers.GRU, "lstm": layers.LSTM}[cell]
    keras.config.set_dtype_policy("mixed_bfloat16" if variant == "bf16" else "float32")
    model = keras.Sequential(
        [
            keras.Input((200,), dtype="int32"),
            layers.Embedding(feed.VOCABULARY, feed.EMBEDDING),
            layers.Bidirectional(kind(feed.HIDDEN)),
            layers.Dense(1, activation="sigmoid", dtype="float32"),
        ]
    )
    xla = {"jit_compile": True} if variant == "fp32 xla" else {}
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"], **xla)
    return model


def _encoded(texts: list[str], inputs: Path) -> Any:
    """Return ids [B, 200] by the tutorial's tokeniser and padding."""
    import keras

    return keras.utils.pad_sequences(_tokenizer(inputs).texts_to_sequences(texts), maxlen=200)


@cache
def _tokenizer(inputs: Path) -> Any:
    from keras.src.legacy.preprocessing.text import Tokenizer

    tokenizer = Tokenizer(num_words=feed.VOCABULARY)
    tokenizer.fit_on_texts(feed.texts(inputs)["long"])
    return tokenizer
