"""Evaluate a chat model on dialogues. Base installation only."""

from __future__ import annotations

from typing import Any

from recurra.data.fingerprint import Fingerprint
from recurra.data.normalise import normalise
from recurra.data.tables.learnt import learnt_by, learnt_encoding
from recurra.errors import DataError
from recurra.seq2seq.metrics import likelihood_scores
from recurra.tasks.chat.dialogues import read_dialogues
from recurra.tasks.chat.model import Chatter
from recurra.tasks.chat.options import DialogueOptions
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter


def evaluate(model: Chatter, data: str, options: DialogueOptions, reporter: Reporter) -> dict[str, Any]:
    """Return how likely the model finds every reply in the dialogues of `data`, with 95 % intervals.

    Raises ReadError, ColumnError, and DataError where there is no reply.
    """
    trained_on = model.manifest.data if model.manifest else {}
    key = options.turns or str(trained_on.get("turns") or "turns")
    reporter.info(f"Reading {data}.")
    sources: list[list[int]] = []
    replies: list[list[int]] = []
    fingerprint = Fingerprint()
    encoding = learnt_encoding(data, options, learnt_by(model.manifest), reporter)
    dialogues = reporter.track(read_dialogues(data, key, encoding), "Reading")
    for number, (_, turns) in enumerate(dialogues, 1):
        for turn in filter(normalise, turns):
            fingerprint.add(turn, str(number))
        encoded = [ids for turn in turns if turn.strip() and (ids := model.subwords.encode(turn))]
        for index in range(1, len(encoded)):
            sources.append(model.source(encoded[:index]))
            replies.append(encoded[index])
    if not replies:
        raise DataError(f"{data} has no dialogue of two turns or more, so there is no reply to evaluate.")
    warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter)
    scored = model.score(sources, replies)
    return likelihood_scores([one.nats for one in scored], [one.right for one in scored]) | {"rows": len(replies)}
