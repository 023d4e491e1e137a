"""The vocabulary of a classifier: the words of its training rows, and those that a file of word vectors adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.many_to_one.corpus import Corpus, columns_in_words
from recurra.many_to_one.learn.from_base import BaseWords
from recurra.many_to_one.learn.growth import further_words
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.options import TextModelOptions
from recurra.many_to_one.unlabelled import UnlabelledTexts
from recurra.options.word_vectors import names_a_file
from recurra.storage.base import Base
from recurra.text.tokenizer import Tokenizer
from recurra.text.word_tokenizer import WordTokenizer
from recurra.text.words import is_word, split
from recurra.training.word_vectors import Pretrained, pretrained

AnyOptions = TypeVar("AnyOptions", bound=TextModelOptions)


@dataclass(frozen=True)
class Vocabulary:
    """tokenizer: knows the words; table: from provisional ids to its ids; vectors: those that words start from, where a
    file has them, and facts: what is told of them; of_base: those that a base of words has; further: how many words a
    model that training goes on with lacked."""

    tokenizer: Tokenizer
    table: NDArray[np.int32]
    vectors: Pretrained | None = None
    facts: dict[str, Any] | None = None
    of_base: BaseWords | None = None
    further: int = 0


def settled(corpus: Corpus, training: NDArray[np.bool_], options: AnyOptions) -> AnyOptions:
    """Return the options at the level of tokens that suits the `training` rows [N], where none was chosen; read so, the
    corpus is at that level.

    Words, unless the texts have no spaces between them: then subwords. Who asks for the spelling of words gets words.
    """
    level = options.level
    if level is None:
        words = names_a_file(options.word_vectors) or options.subwords in ("weights", "vectors")
        level = "word" if words else corpus.fitting_level(training)
        options = options.at_level(level)
    corpus.level = level
    corpus.encoder(training)
    if (
        len(corpus.columns) > 1 and "truncate" not in options.model_fields_set
    ):  # the first column of a long row is read too
        options = options.model_copy(update={"truncate": "both"})
    return options


def level_notes(given: TextModelOptions, options: TextModelOptions) -> list[str]:
    """Return what to tell of the level that was chosen: nothing where it is that of words, or was given."""
    if given.level is not None or options.level == "word":
        return []
    return [
        "The texts have no spaces between their words, so the model reads subwords that it learns from them "
        "(--level bpe). If what is between two spaces is a word after all, give --level word."
    ]


def fit_vocabulary(
    corpus: Corpus,
    training: NDArray[np.bool_],
    options: TextModelOptions,
    beside: UnlabelledTexts | None = None,
    base: Base | Trained | None = None,
) -> Vocabulary:
    """Return the vocabulary of the `training` rows [N] and the texts `beside` them. Raises as `pretrained` does.

    With a file of word vectors or a base of words, a word that it has need not be as often in the rows as --min-count
    says. A base of other tokens has the whole vocabulary. That of a model which training goes on with is kept, and
    words that it lacks come after its own.
    """
    if isinstance(base, Trained):
        return _grown(corpus, training, options, base)
    of_words = base is not None and isinstance(base.tokenizer, WordTokenizer)
    counts = corpus.words(training, beside) if of_words or names_a_file(options.word_vectors) else {}
    vectors = pretrained(options, counts, str.lower, _is_token if options.punctuation else _is_word)
    of_base = BaseWords.of(base, counts, options.keep_words) if base is not None and of_words else None
    words = of_base or vectors
    tokenizer, table = corpus.tokenizer(
        training,
        size=options.vocabulary,
        min_count=options.min_count or 1,
        max_tokens=options.max_tokens,
        truncate=options.truncate,
        fill=options.fill,
        known=words.known if words else (),
        extra=words.extra if words else (),
        beside=beside,
        fitted=None if base is None or of_words else base.tokenizer,
    )
    if of_base is not None:
        return Vocabulary(tokenizer, table, of_base=of_base)
    if vectors is None or not isinstance(tokenizer, WordTokenizer):
        return Vocabulary(tokenizer, table)
    own = tokenizer.words[: len(tokenizer.words) - len(vectors.extra)]
    return Vocabulary(tokenizer, table, vectors, vectors.facts(own, counts))


def _grown(corpus: Corpus, training: NDArray[np.bool_], options: TextModelOptions, trained: Trained) -> Vocabulary:
    own = trained.tokenizer
    if corpus.columns != own.columns:
        raise OptionError(
            f"--from {trained.path} reads {columns_in_words(own.columns)}, and the new rows have "
            f"{columns_in_words(corpus.columns)}. Give the columns of the model with --text."
        )
    if not isinstance(own, WordTokenizer):
        return Vocabulary(
            *corpus.tokenizer(
                training,
                size=options.vocabulary,
                min_count=options.min_count or 1,
                max_tokens=own.max_tokens,
                truncate=own.truncate,
                fill=own.fill,
                fitted=own,
            )
        )
    room = options.vocabulary - len(own.words)
    more = further_words(corpus.words(training), own.words, options.min_count or 1, room)
    tokenizer = own.with_words([*own.words, *more])
    return Vocabulary(tokenizer, corpus.counter.table(tokenizer.words), further=len(more))


def _is_token(word: str) -> bool:
    """Return whether a text may have the word as a token."""
    return split(word) == [word]


def _is_word(word: str) -> bool:
    """Return whether a text may have the word as a token where punctuation is none."""
    return is_word(word) and _is_token(word)
