"""What to tell of the tokens of the rows before training: unknown words, cut texts; and of the n-grams to be learnt."""

from __future__ import annotations

from typing import Any

import numpy as np

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.vocabulary import Vocabulary
from recurra.many_to_one.options import TextModelOptions
from recurra.training.split import Parts

MUCH_UNKNOWN = 0.30
"""Share of unknown held-out tokens from which people are told."""


def token_counts(corpus: Corpus, parts: Parts, options: TextModelOptions, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return tokens and vocabulary; truncated_rows and lost_tokens, what is cut from all rows; unknown_rate, the share
    of tokens outside the vocabulary in the held-out rows, or in the validation rows where none are held out."""
    limit = options.max_tokens
    lost = np.maximum(0, corpus.counts - limit) if limit else np.zeros(len(corpus), dtype=np.int64)
    return {
        "tokens": int(corpus.counts.sum()),
        "vocabulary": vocabulary.tokenizer.size,
        "truncated_rows": int((lost > 0).sum()),
        "lost_tokens": int(lost.sum()),
        "unknown_rate": corpus.unknown_share(vocabulary.table, parts.test if parts.test.any() else parts.valid),
    }


def token_findings(corpus: Corpus, tokens: dict[str, Any], options: TextModelOptions) -> list[str]:
    """Return what is to be told of `token_counts`, in sentences."""
    found = []
    if tokens["unknown_rate"] >= MUCH_UNKNOWN:
        often = options.min_count or 1
        rare = f"have them less than {often} times" if often > 1 else "do not have them"
        reason = (
            "the texts have no spaces between words, and what has no space in it is read as one word. "
            "Give --level bpe, so that parts of words are read."
            if options.level == "word" and corpus.fitting_level(np.ones(len(corpus), dtype=bool)) != "word"
            else f"the training rows {rare}. The answers go by the others and by the spelling of these; more rows "
            "would help, or --level bpe, which reads parts of words."
            if options.level == "word" and options.subwords in ("weights", "vectors")
            else f"the training rows {rare}. The answers rest on the others alone; more rows would help, or --level "
            "bpe, which reads parts of words."
            if options.level == "word"
            else "the training rows do not have them. The answers rest on the others alone; more rows would help."
        )
        found.append(f"{tokens['unknown_rate']:.0%} of the held-out tokens are unknown: {reason}")
    if tokens["truncated_rows"]:
        kept = {"head": "their beginning", "tail": "their end", "both": "both their ends"}[options.truncate]
        share = tokens["lost_tokens"] / tokens["tokens"]
        found.append(
            f"{tokens['truncated_rows']:,} of {len(corpus):,} texts are longer than {options.max_tokens:,} tokens "
            f"(--max-tokens) and are cut to {kept}; {share:.1%} of all tokens are not read."
        )
    return found


def with_ngrams(options: TextModelOptions) -> str:
    """Return the n-grams beside the network for the line that tells what is trained; "" without. options: `sized`."""
    if not options.ngrams:
        return ""
    tokens = {"char": "characters", "bpe": "subwords"}.get(options.level or "word", "words")
    return f"n-grams of 1 to {options.ngrams} {tokens}, " if options.ngrams > 1 else f"single {tokens}, "
