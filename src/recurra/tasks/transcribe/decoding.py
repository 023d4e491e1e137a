"""From log-probabilities to text: a beam search with the word list and the language model that were asked for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.transcribe.alphabet import Alphabet, normalised
from recurra.tasks.transcribe.arpa import read_arpa
from recurra.tasks.transcribe.beam_search import WIDTH, Constraint, Scorer, Search, beam_search
from recurra.tasks.transcribe.ctc import Decoded, greedy
from recurra.tasks.transcribe.language_model import FusedLanguageModel, LanguageModel
from recurra.tasks.transcribe.options import ANY_WORDS, AUTO, DecodingOptions, Normalisation
from recurra.tasks.transcribe.witten_bell import estimate
from recurra.tasks.transcribe.words import WordList, lines_of, read_words


class Decoder:
    """Finds the text in log-probabilities.

    width: of the beam; 1, without a constraint and a language model, takes the likeliest symbol at each step.
    constraint: which texts there are; None for any. language_model: what is added for a text's words; None for nothing.
    """

    def __init__(
        self, width: int = WIDTH, constraint: Constraint | None = None, language_model: Scorer | None = None
    ) -> None:
        self.width, self._constraint, self._language_model = width, constraint, language_model

    def __call__(self, log_probabilities: NDArray[np.float32]) -> Decoded:
        """Return the best text of log-probabilities [T, K], with where it was heard."""
        if self.width == 1 and self._constraint is None and self._language_model is None:
            return greedy(log_probabilities)
        return beam_search(log_probabilities, self.width, self._constraint, self._language_model)

    def search(self) -> Search:
        """Return a search for what a stream says meanwhile."""
        return Search(self.width, self._constraint, self._language_model)


def decoder(alphabet: Alphabet, options: DecodingOptions | None = None) -> Decoder:
    """Return what finds text with the symbols of an alphabet: as it was learnt, or as the options say.

    Raises ReadError for a file of words or a language model that cannot be read, OptionError for words that cannot be
    spelt.
    """
    options = options or DecodingOptions()
    words = listed_words(options.word_list, alphabet)
    return Decoder(
        options.beam or WIDTH,
        None if words is None else WordList(words, alphabet),
        None if options.language_model is None else _fused(Path(options.language_model), options, alphabet),
    )


def _fused(path: Path, options: DecodingOptions, alphabet: Alphabet) -> FusedLanguageModel:
    return FusedLanguageModel(language_model(path, alphabet), alphabet, options.language_weight, options.word_bonus)


def files_read(options: DecodingOptions) -> dict[str, str | None]:
    """Return the digest of what each option that names a file says; None for those that name none."""
    word_list = None if options.word_list in (None, AUTO, ANY_WORDS) else options.word_list
    named = {"word_list": word_list, "language_model": options.language_model}
    return {name: None if path is None else _digest(Path(path)) for name, path in named.items()}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def listed_words(option: str | None, alphabet: Alphabet) -> list[str] | None:
    """Return the only words that may be written, by the value of --word-list; None for any."""
    if option == ANY_WORDS:
        return None
    if option in (None, AUTO):
        return None if alphabet.words is None else list(alphabet.words)
    return words_in(Path(option), alphabet.normalisation)


def words_in(path: Path, how: Normalisation) -> list[str]:
    """Return the words of a file in the form of transcripts, each once, sorted; a line may hold several.

    Raises ReadError for a file that cannot be read.
    """
    return sorted({word for line in read_words(path) for word in normalised(line, how).split()})


def language_model(path: Path, alphabet: Alphabet) -> LanguageModel:
    """Return the n-gram model in an ARPA file, or one of the lines of a text file, in the alphabet's form.

    Raises ReadError for a file that cannot be read, DataError for a text without a word.
    """
    if any(suffix.lower() == ".arpa" for suffix in path.suffixes):
        return read_arpa(path)
    return estimate(map(alphabet.normalised, lines_of(path)))
