"""Evaluate a chat model on dialogues, with the scores of training's report. Base installation only."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.fingerprint import Fingerprint
from recurra.data.normalise import normalise
from recurra.data.tables.learnt import learnt_by, learnt_encoding
from recurra.errors import DataError, installation
from recurra.tasks.chat.baseline import NAME, RetrievalBaseline
from recurra.tasks.chat.dialogues import read_dialogues
from recurra.tasks.chat.model import Chatter
from recurra.tasks.chat.near_duplicates import NEAR, containment, near_finding
from recurra.tasks.chat.options import DialogueOptions
from recurra.tasks.chat.reply_scores import HeldOut, ReplyScores
from recurra.tasks.task import FINGERPRINTS, warn_of_training_data
from recurra.terminal.counts import counted
from recurra.terminal.progress import Reporter
from recurra.text.words import split


def evaluate(model: Chatter, data: str, options: DialogueOptions, reporter: Reporter) -> dict[str, Any]:
    """Return the scores of training's report on the dialogues of `data`, with 95 % intervals.

    Those of "test" in metrics.json, and `people` and `baseline`, which is None without `training_data`; with it there
    is also `apart`, the scores without dialogues that nearly repeat one of training. BLEU and chrF are left out where
    `sacrebleu` is not installed. Random choices are those of the seed that the model was trained with.
    Raises ReadError, ColumnError, and DataError where there is no reply.
    """
    seed = model.manifest.config.get("seed") if model.manifest else None
    seed = seed if type(seed) is int and seed >= 0 else 0
    told = _read(model, data, options, reporter)
    rows = _replies(model, told.spoken)
    if not len(rows):
        raise DataError(f"{data} has no dialogue of two turns or more, so there is no reply to evaluate.")
    warn_of_training_data(model.manifest, told.fingerprint.hexdigest(), reporter)
    training = None
    if options.training_data is not None:
        training = _read(model, options.training_data, options, reporter)
        if not any(len(turns) > 1 for turns in training.spoken):
            raise DataError(
                f"--training-data {options.training_data}: it has no dialogue of two turns or more, so there is no "
                "reply to look up. Give the file that the model was trained on."
            )
        _warn_of_other_data(model, options.training_data, training, reporter)
    likeness = find_spec("sacrebleu") is not None
    if not likeness:
        reporter.info(f"BLEU and chrF are left out: they need the package sacrebleu. {installation('train')}")
    reporter.info(f"Evaluating on {counted(len(rows), 'reply', 'replies')} ...")
    replies = ReplyScores(model, rows, seed, likeness=likeness)
    whole = np.ones(len(rows), dtype=np.bool_)
    result = replies.scores(whole)
    baseline = None
    if training is None:
        reporter.info(
            "There is no baseline without the dialogues of training, which a model does not hold: give them with "
            "--training-data."
        )
    else:
        reporter.info("Looking up the baseline (the reply to the nearest turn) ...")
        replies.look_up(*training.indexed())
        baseline = {"name": NAME, **replies.baseline_scores(whole)}
        near = _nearly_repeated(told, training, rows.dialogue, reporter)
        if near.any() and not near.all():
            result["apart"] = replies.scores(~near)
            baseline["apart"] = replies.baseline_scores(~near)
    return result | {"people": replies.people(), "baseline": baseline}


@dataclass(frozen=True)
class _Dialogues:
    """A file of dialogues. spoken: the turns of each that are not empty; fingerprint: as training makes it."""

    spoken: list[list[str]] = field(default_factory=list)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)

    def indexed(self) -> tuple[RetrievalBaseline, list[str]]:
        """Return the baseline over every turn that has a reply, and these replies."""
        turns = [turn for spoken in self.spoken for turn in spoken[:-1]]
        return RetrievalBaseline.fit(turns), [reply for spoken in self.spoken for reply in spoken[1:]]


def _read(model: Chatter, path: str, options: DialogueOptions, reporter: Reporter) -> _Dialogues:
    trained_on = model.manifest.data if model.manifest else {}
    key = options.turns or str(trained_on.get("turns") or "turns")
    reporter.info(f"Reading {path}.")
    encoding = learnt_encoding(path, options, learnt_by(model.manifest), reporter)
    dialogues = _Dialogues()
    for number, (_, turns) in enumerate(reporter.track(read_dialogues(path, key, encoding), "Reading"), 1):
        spoken = [turn for turn in turns if normalise(turn)]
        for turn in spoken:
            dialogues.fingerprint.add(turn, str(number))
        dialogues.spoken.append(spoken)
    return dialogues


def _replies(model: Chatter, spoken: list[list[str]]) -> HeldOut:
    """Return every turn but the first of each dialogue as a reply to those before it."""
    sources: list[list[int]] = []
    replies: list[list[int]] = []
    last: list[str] = []
    references: list[str] = []
    dialogue: list[int] = []
    for number, turns in enumerate(spoken):
        encoded = [model.subwords.encode(turn) for turn in turns]
        for index in range(1, len(turns)):
            sources.append(model.source(encoded[max(0, index - model.shape.context) : index]))
            replies.append(encoded[index])
            last.append(turns[index - 1])
            references.append(turns[index])
            dialogue.append(number)
    return HeldOut(sources, replies, last, references, np.array(dialogue, dtype=np.int64))


def _warn_of_other_data(model: Chatter, path: str, training: _Dialogues, reporter: Reporter) -> None:
    known = [model.manifest.data.get(name) for name in FINGERPRINTS] if model.manifest else []
    if any(known) and training.fingerprint.hexdigest() not in known:
        reporter.info(
            f"{Path(path).name} is not the file that the model was trained on: the baseline replies from other "
            "dialogues than those that the model has read."
        )


def _nearly_repeated(
    told: _Dialogues, training: _Dialogues, dialogue: NDArray[np.int64], reporter: Reporter
) -> NDArray[np.bool_]:
    """Return for each reply whether its dialogue nearly repeats one of training. dialogue: [N] the reply's."""
    judged = np.unique(dialogue)
    near = containment((_words(told.spoken[one]) for one in judged), map(_words, training.spoken)) >= NEAR
    if near.any():
        reporter.info(near_finding(int(near.sum()), len(near)))
    return np.asarray(near[np.searchsorted(judged, dialogue)])


def _words(turns: list[str]) -> list[str]:
    return [word for turn in turns for word in split(normalise(turn))]
