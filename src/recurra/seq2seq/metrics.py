"""How good written answers are: BLEU and chrF as the field computes them, with 95 % intervals; perplexity; diversity.

BLEU and chrF are those of the `sacrebleu` package, the reference implementation, on cased and detokenised text, with
its default settings; its signature names them. Intervals are bootstrap: rows are drawn again with replacement. Of one
row there is none (None): every draw would be that row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError, installation
from recurra.evaluation.intervals import middle, resampled_means, wilson
from recurra.text.words import split

RESAMPLES = 1000


def corpus_scores(answers: Sequence[str], references: Sequence[str], seed: int = 0) -> dict[str, Any]:
    """Return bleu, chrf, exact_match, each with its `_ci95`, length_ratio, and the signatures of what was computed.

    answers, references: [N] texts, N >= 1, as people write them: a space before a full stop changes BLEU.
    Raises OptionError where `sacrebleu` is not installed.
    """
    try:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
    except ImportError:
        raise OptionError(
            f"BLEU and chrF need the package sacrebleu, which is not installed. {installation('train')}"
        ) from None
    scores: dict[str, Any] = {"rows": len(answers)}
    for name, metric in (("bleu", BLEU(force=True)), ("chrf", CHRF())):
        score = metric.corpus_score(list(answers), [list(references)])
        scores[name] = float(score.score)
        scores[f"{name}_signature"] = str(metric.get_signature())
        if name == "bleu":
            scores["length_ratio"] = score.sys_len / max(1, score.ref_len)
        scores[f"{name}_ci95"] = _bootstrapped(metric, answers, references, seed)
    exact = sum(a.strip() == r.strip() for a, r in zip(answers, references, strict=True))
    scores["exact_match"], scores["exact_match_ci95"] = exact / len(answers), list(wilson(exact, len(answers)))
    return scores


def _bootstrapped(metric: Any, answers: Sequence[str], references: Sequence[str], seed: int) -> list[float] | None:
    """Return the middle 95 % of a corpus metric over resampled rows; None of one row.

    The statistics of each row are counted once; a draw adds up those of its rows. These two steps are how sacrebleu
    itself draws its samples; it offers them under names that begin with an underscore.
    """
    counts = np.array(metric._extract_corpus_statistics(list(answers), [list(references)]), dtype=np.float64)
    rng, rows = np.random.default_rng(seed), len(counts)
    values = []
    for _ in range(RESAMPLES):
        times = np.bincount(rng.integers(0, rows, rows), minlength=rows)
        values.append(metric._compute_score_from_stats((times @ counts).astype(np.int64).tolist()).score)
    return middle(np.array(values), rows)


def likelihood_scores(
    nats: Sequence[NDArray[np.float32]], right: Sequence[NDArray[np.bool_]], seed: int = 0
) -> dict[str, Any]:
    """Return nats_per_token, perplexity and accuracy over the subwords of all rows, with intervals over the rows.

    The intervals are None where there is one row.

    nats, right: for each row, [T] of its subwords, the surprisal and whether it was the likeliest.
    """
    sums = np.array([row.sum(dtype=np.float64) for row in nats])
    hits = np.array([row.sum() for row in right], dtype=np.float64)
    pieces = np.array([len(row) for row in nats], dtype=np.float64)
    of_pieces = resampled_means(pieces, seed)  # the same draws for all three
    spread = middle(resampled_means(sums, seed) / of_pieces, len(sums))
    accurate = middle(resampled_means(hits, seed) / of_pieces, len(sums), share=True)
    mean = float(sums.sum() / pieces.sum())
    return {
        "nats_per_token": mean,
        "nats_per_token_ci95": spread,
        "perplexity": math.exp(mean),
        "perplexity_ci95": None if spread is None else [math.exp(edge) for edge in spread],
        "accuracy": float(hits.sum() / pieces.sum()),
        "accuracy_ci95": accurate,
    }


def context_gain(
    own: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]], seed: int = 0
) -> dict[str, Any]:
    """Return context_gain, in nats a piece with its interval over the rows, and perplexity_of_another_context.

    The interval is None where there is one row.

    own, other: for each row, [T] of its subwords, the surprisal given its own context, and given another row's.
    """
    before, after = (np.array([row.sum(dtype=np.float64) for row in rows]) for rows in (other, own))
    pieces = np.array([len(row) for row in own], dtype=np.float64)
    spread = resampled_means(before - after, seed) / resampled_means(pieces, seed)
    return {
        "context_gain": float((before - after).sum() / pieces.sum()),
        "context_gain_ci95": middle(spread, len(pieces)),
        "perplexity_of_another_context": math.exp(float(before.sum() / pieces.sum())),
    }


def diversity(answers: Sequence[str], seed: int = 0) -> dict[str, Any]:
    """Return distinct_1 and distinct_2: distinct words, and pairs of neighbouring words, as a share of all of them.

    Both fall as there is more text, so compare them over as many answers of similar length only.
    Source: Li et al., 2016, A diversity-promoting objective function for neural conversation models.
    """
    words = [[word.lower() for word in split(answer)] for answer in answers]
    scores: dict[str, Any] = {}
    for n in (1, 2):
        grams = [list(zip(*(row[k:] for k in range(n)), strict=False)) for row in words]
        total = sum(map(len, grams))
        scores[f"distinct_{n}"] = len({gram for row in grams for gram in row}) / total if total else 0.0
    scores["mean_words"] = float(np.mean([len(row) for row in words])) if words else 0.0
    return scores
