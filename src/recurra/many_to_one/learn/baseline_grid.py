"""Which baselines are tried: a small grid of features and of C.

The grid and the values of C were chosen by measuring: see docs/decisions/0029-the-baseline-is-the-best-of-a-grid.md.
"""

from __future__ import annotations

from recurra.many_to_one.learn.baseline_features import Counted, Features, NaiveBayes, TfIdf, WordsAndCharacters
from recurra.many_to_one.learn.ngram_counts import TokenRows

TFIDF = "TF-IDF (1,2)-grams + logistic regression"
NAIVE_BAYES = "NB-weighted (1,3)-grams + logistic regression"
WORDS_AND_CHARACTERS = "TF-IDF (1,3)-grams and 2 to 5 characters + logistic regression"
CHARACTERS = "TF-IDF of 1 to 4 characters + logistic regression"

SHORT = 60
"""Mean words of a row below which characters inside of words are counted too, and words in one row."""
SMALL = 1_000
"""With fewer rows to learn from, every n-gram in one row counts too."""
TFIDF_PENALTIES = (3.0, 10.0, 30.0)
NAIVE_BAYES_PENALTIES = (0.1, 0.5, 2.0)


def word_grid(rows: TokenRows, spellings: list[str], *, most: int, threads: int) -> list[Features]:
    """Return what is tried where words repeat. rows: to learn from; most: features at most."""
    min_df, short = 2 if len(rows) >= SMALL else 1, len(rows.ids) < SHORT * len(rows)
    counted = Counted.of(rows, 3, min_df=1 if short else min_df, most=most, threads=threads)
    grid: list[Features] = [
        TfIdf(TFIDF, counted, 2, TFIDF_PENALTIES),
        NaiveBayes(NAIVE_BAYES, counted, NAIVE_BAYES_PENALTIES),
    ]
    if short:
        words = TfIdf("", counted, 3, ())
        grid.append(WordsAndCharacters(WORDS_AND_CHARACTERS, words, spellings, min_df, most, TFIDF_PENALTIES))
    return grid


def character_grid(rows: TokenRows, *, most: int, threads: int) -> list[Features]:
    """Return what is tried where words do not repeat. rows: of characters."""
    counted = Counted.of(rows, 4, min_df=2 if len(rows) >= SMALL else 1, most=most, threads=threads)
    return [TfIdf(CHARACTERS, counted, 4, TFIDF_PENALTIES)]
