"""A trained tagger on ONNX Runtime: sentences of words in, a tag for each word out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from recurra.data.tables.table import listed
from recurra.errors import OptionError, brief
from recurra.inference.batching import batches_by_length
from recurra.inference.session import open_graph
from recurra.inference.threads import WorkerPool
from recurra.options.arguments import is_words, several
from recurra.report.notebook import NotebookModel
from recurra.storage.model_directory import MODEL, TOKENIZER, Artefact, Manifest
from recurra.storage.parts import mismatch
from recurra.tasks.tag.features import AFFIXES, WORD_SHAPES, Features, WordFeatures
from recurra.tasks.tag.schemes import INNER, SCHEMES, Scheme, converted, tags_of
from recurra.tasks.tag.shape import TaggerShape
from recurra.tasks.tag.spans import are_spans
from recurra.tasks.tag.viterbi import Transitions, viterbi

BATCH_WORDS = 2048
"""Words of a batch, padding included."""
SENTENCES_IN_MEMORY = 1024
"""Sentences that are in memory at one time."""

_SENTENCES = ("index", "lengths")
_WORDS = ("words", "kinds")
_TRANSITIONS = ("transitions", "starts", "ends")


class Tagger(NotebookModel):
    """A model directory of the task `tag`, ready to answer.

        tagger = recurra.load("tagger")
        tagger.tag([["From", "the", "AP"], ["Yes"]])  # [['ADP', 'DET', 'PROPN'], ['INTJ']]

    Safe to call from several threads.
    """

    def __init__(
        self,
        shape: TaggerShape,
        word_features: WordFeatures,
        graph: bytes,
        tags: Sequence[str],
        *,
        manifest: Manifest | None = None,
        threads: int | None = None,
        where: str = MODEL,
    ) -> None:
        """graph: what `learn.graph.build` wrote; where: its file, for errors.

        Raises ArtefactError where the parts are not of one model.
        """
        self.shape, self.word_features, self.tags, self.manifest = shape, word_features, list(tags), manifest
        self._workers = WorkerPool(threads)
        fits = word_features.vocabulary == shape.vocabulary and word_features.buckets == shape.affix_buckets
        if not (fits and word_features.alphabet == shape.alphabet and len(self.tags) == shape.tags):
            raise mismatch("tokenizer.json, the tags and the network do not fit each other")
        self._session = open_graph(graph, where, _tables(shape))
        self._inputs = [value.name for value in self._session.get_inputs()]
        outputs = {value.name: value.shape for value in self._session.get_outputs()}
        expected = ["scores", *(_TRANSITIONS if shape.crf else ())]
        if set(self._inputs) != set(input_names(shape)) or sorted(outputs) != sorted(expected):
            raise mismatch("model.onnx does not have the inputs and outputs of the network in manifest.json")
        if outputs["scores"][2] != shape.tags:
            raise mismatch(f"model.onnx scores {outputs['scores'][2]} tags and there are {shape.tags}")
        self._transitions = self._read_transitions() if shape.crf else None

    @property
    def lexicon(self) -> WordFeatures:
        """The former name of `word_features`."""
        warnings.warn("Tagger.lexicon is deprecated; use Tagger.word_features", DeprecationWarning, stacklevel=2)
        return self.word_features

    @classmethod
    def from_artefact(cls, source: Artefact, threads: int | None = None) -> Tagger:
        """Return the tagger of a checked directory. Raises ArtefactError where its parts do not fit each other."""
        shape, word_features = source.manifest.network_as(TaggerShape), WordFeatures.from_json(source.files[TOKENIZER])
        tags = [label for label in source.manifest.labels if isinstance(label, str)]
        where = str(source.path / MODEL)
        return cls(
            shape, word_features, source.files[MODEL], tags, manifest=source.manifest, threads=threads, where=where
        )

    @property
    def scheme(self) -> Scheme | None:
        """The scheme that spans were marked in where the training's data marked spans; None for other tags, and for
        a model that does not state it, which answers what it learnt."""
        scheme = self.manifest.data.get("scheme") if self.manifest else None
        return scheme if scheme in SCHEMES else None

    def tag(self, sentences: Iterable[Sequence[str]], *, scheme: Scheme | None = None) -> list[list[str]]:
        """Return a tag for each word of each sentence; an empty sentence gets none.

        scheme: how spans are marked, "iob2", "iobes" ...; None for that of the training data. A sentence's tags do not
        depend on the others. Raises OptionError where a sentence is a text instead of words, or a word is no str, and
        for a scheme where the tags mark no spans.
        """
        return [tags for _, answered in self.tag_iter(sentences, scheme=scheme) for tags in answered]

    def tag_iter(
        self, sentences: Iterable[Sequence[str]], *, scheme: Scheme | None = None
    ) -> Iterator[tuple[list[Sequence[str]], list[list[str]]]]:
        """Yield (sentences, their tags), some of them at a time, reading no further ahead."""
        written_in = self.output_scheme(scheme)
        if isinstance(sentences, str):
            raise OptionError("Give sentences, each a list of words; got one text. Split it into words first.")
        rows, number = iter(several(sentences, "sentences", "sentence")), 0
        while chunk := list(islice(rows, SENTENCES_IN_MEMORY)):
            for row, sentence in enumerate(chunk, number):
                if not is_words(sentence):
                    raise OptionError(f"Sentence {row} is not a list of words. Split each sentence into words first.")
            number += len(chunk)
            answers = self.inner_tags(chunk)
            yield chunk, [converted(tags, written_in) for tags in answers] if written_in else answers

    def output_scheme(self, scheme: Scheme | None) -> Scheme | None:
        """Return the scheme that tags are converted to; None where they stay what the network answers.

        scheme: the one that was asked for, None for that of the training. Raises OptionError where there is no such
        scheme, and where the tags mark no spans.
        """
        if scheme is not None and scheme not in SCHEMES:
            raise OptionError(f"There is no scheme {brief(scheme)}. The schemes are: {', '.join(SCHEMES)}.")
        if scheme is not None and not are_spans(self.tags):
            raise OptionError(
                f"The scheme {scheme} is for tags that mark spans, such as B-PER; the model's are "
                f"{listed(self.tags, 8)}. Leave it out."
            )
        wanted = scheme or self.scheme
        return None if wanted == INNER and self.scheme else wanted

    def output_tags(self, scheme: Scheme | None) -> list[str]:
        """Return every tag that may be answered in a scheme; see `output_scheme`."""
        wanted = self.output_scheme(scheme)
        return tags_of(wanted, self.tags) if wanted else self.tags

    def scores(self, sentences: Sequence[Sequence[str]]) -> list[NDArray[np.float32]]:
        """Return the scores [T_n, K] of each sentence, T_n >= 1, before any CRF."""
        answers: list[NDArray[np.float32]] = [np.empty((0, self.shape.tags), np.float32)] * len(sentences)
        for rows, scores in self._batches(sentences):
            for row, padded in zip(rows, scores, strict=True):
                answers[row] = padded[: len(sentences[row])]
        return answers

    def inner_tags(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return a tag for each word of each sentence as the network learnt them, whatever the training's scheme."""
        answers: list[list[str]] = [[] for _ in sentences]
        for rows, scores in self._batches(sentences):
            lengths = np.array([len(sentences[row]) for row in rows], dtype=np.int64)
            best = scores.argmax(-1) if self._transitions is None else viterbi(scores, lengths, self._transitions)
            for row, tags, length in zip(rows, best, lengths, strict=True):
                answers[row] = [self.tags[tag] for tag in tags[:length]]
        return answers

    def _batches(self, sentences: Sequence[Sequence[str]]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float32]]]:
        """Yield (rows [B], scores [B, T, K]) of the sentences that have words."""
        lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
        full = np.flatnonzero(lengths)
        if not len(full):
            return
        distinct: dict[str, int] = {}
        numbers = {
            int(row): np.fromiter(
                (distinct.setdefault(word, len(distinct)) for word in sentences[int(row)]), np.int64, int(lengths[row])
            )
            for row in full
        }
        features = self.word_features.features(list(distinct))
        batches = [full[batch] for batch in batches_by_length(lengths[full], BATCH_WORDS)]

        def answer(rows: NDArray[np.intp]) -> NDArray[np.float32]:
            return self._run([numbers[int(row)] for row in rows], features)

        yield from zip(batches, self._workers.map(answer, batches), strict=True)

    def _run(self, sentences: list[NDArray[np.int64]], features: Features) -> NDArray[np.float32]:
        """Return scores [B, T, K]. sentences: rows of `features`."""
        lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
        distinct, numbers = np.unique(np.concatenate(sentences), return_inverse=True)
        index = np.zeros((len(sentences), int(lengths.max())), dtype=np.int64)
        index[np.arange(index.shape[1]) < lengths[:, None]] = numbers.reshape(-1)
        sizes = features.sizes[distinct]
        feeds = {
            "words": features.words[distinct],
            "kinds": features.word_shapes[distinct],
            "affixes": features.affixes[distinct],
            "characters": features.characters[distinct, : sizes.max()],
            "sizes": sizes,
            "index": index,
            "lengths": lengths,
        }
        (scores,) = self._session.run(["scores"], {name: feeds[name] for name in self._inputs})
        return np.asarray(scores, dtype=np.float32)

    def _read_transitions(self) -> Transitions:
        """Return the CRF's weights. They are constants of the graph, so that any input does, such as a single word."""
        shapes = {"affixes": (1, AFFIXES), "characters": (1, 1), "index": (1, 1)}
        feeds = {name: np.zeros(shapes.get(name, (1,)), dtype=np.int64) for name in self._inputs}
        feeds |= {name: np.ones(1, dtype=np.int64) for name in ("sizes", "lengths") if name in feeds}
        moves, starts, ends = self._session.run(list(_TRANSITIONS), feeds)
        tags = self.shape.tags
        if (moves.shape, starts.shape, ends.shape) != ((tags, tags), (tags,), (tags,)):
            raise mismatch(f"model.onnx has transitions of {moves.shape[0]} tags and there are {tags}")
        return Transitions(moves, starts, ends)


def _tables(shape: TaggerShape) -> dict[str, int]:
    """Return how many rows each table of the graph needs."""
    return {
        "words.weight": shape.vocabulary,
        "kinds.weight": WORD_SHAPES,
        "affixes.weight": shape.affix_buckets,
        "characters.embedding.weight": shape.alphabet,
    }


def input_names(shape: TaggerShape) -> tuple[str, ...]:
    """Return the names of a tagger's inputs, without those of parts that the network does not have.

    All are int64: words [U], kinds [U] (the word shapes), affixes [U, AFFIXES], characters [U, C], sizes [U],
    index [B, T], lengths [B].
    """
    affixes = ("affixes",) if shape.affix_embedding else ()
    characters = ("characters", "sizes") if shape.characters != "none" else ()
    return (*_WORDS, *affixes, *characters, *_SENTENCES)
