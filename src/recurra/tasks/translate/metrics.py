"""The scores of a translator on texts whose translations are known."""

from __future__ import annotations

from typing import Any

from recurra.seq2seq.metrics import corpus_scores, likelihood_scores
from recurra.tasks.translate.model import Translated, Translator


def translation_scores(
    model: Translator, sources: list[str], references: list[str], written: list[Translated], seed: int = 0
) -> dict[str, Any]:
    """Return BLEU and chrF of the translations, and the likelihood of the references, with intervals.

    Also how many sources were cut (`truncated`) and how many translations have no end (`unended`).
    """
    scored = model.score(list(zip(sources, references, strict=True)))
    return (
        corpus_scores([one.text for one in written], references, seed)
        | likelihood_scores([one.nats for one in scored], [one.right for one in scored], seed)
        | {"truncated": sum(one.truncated for one in written), "unended": sum(not one.ended for one in written)}
    )
