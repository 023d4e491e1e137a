"""A trained transcriber on ONNX Runtime: sound in, text with the time of each word out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.inference.batching import batches_by_length
from recurra.inference.session import open_graph
from recurra.inference.threads import WorkerPool
from recurra.report.notebook import NotebookModel
from recurra.storage.model_directory import MODEL, TOKENIZER, Artefact, Manifest
from recurra.storage.parts import mismatch
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.decoding import Decoder, decoder
from recurra.tasks.transcribe.engines import Engine, GraphEngine, KernelEngine, kernel_of
from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.listeners import ForwardListener, RepeatedListener, States
from recurra.tasks.transcribe.pieces import pieces
from recurra.tasks.transcribe.recording import Recording, Samples, Sound, recordings
from recurra.tasks.transcribe.shape import TranscriberShape, level_for
from recurra.tasks.transcribe.stream import TranscriptStream
from recurra.tasks.transcribe.timing import Word, words_of
from recurra.tasks.transcribe.transcript import Transcript, transcript_of

BATCH_STEPS = 4096
"""Steps of a batch, padding included."""
SECONDS_IN_MEMORY = 300.0
"""Seconds of sound whose features are in memory at one time."""

Floats = NDArray[np.float32]


class Transcriber(NotebookModel):
    """A model directory of the task `transcribe`, ready to answer.

        transcriber = recurra.load("transcriber")
        transcriber.transcribe(["a.wav", "b.flac"])[0].text

    Safe to call from several threads.
    """

    def __init__(
        self,
        shape: TranscriberShape,
        alphabet: Alphabet,
        graph: bytes,
        *,
        manifest: Manifest | None = None,
        kernel: KernelEngine | None = None,
        threads: int | None = None,
        where: str = MODEL,
    ) -> None:
        """graph: what `learn.graph.build` wrote; where: its file, for errors. kernel: answers in its place.

        Raises ArtefactError where the parts are not of one model.
        """
        self.shape, self.alphabet, self.manifest = shape, alphabet, manifest
        self.front_end = FrontEnd(
            rate=shape.rate,
            mels=shape.mels,
            stack=shape.stack,
            level=level_for(shape.direction),
            changes=shape.changes,
        )
        self.decoder = decoder(alphabet)
        self._workers = WorkerPool(threads)
        if len(alphabet) != shape.symbols:
            raise mismatch(f"tokenizer.json has {len(alphabet)} symbols and the network {shape.symbols}")
        self.graph = open_graph(graph, where, {})
        states = [f"past.{name}" for name in shape.states]
        given = [value.name for value in self.graph.get_inputs()]
        optional = [value.name for value in self.graph.get_overridable_initializers()]
        outputs = {value.name: value.shape for value in self.graph.get_outputs()}
        expected = {"log_probabilities", *(f"present.{name}" for name in shape.states)}
        if set(given) != {"frames", "lengths"} or not set(states) <= set(optional) or set(outputs) != expected:
            raise mismatch("model.onnx does not have the inputs and outputs of the network in manifest.json")
        if outputs["log_probabilities"][2] != shape.symbols:
            raise mismatch("model.onnx does not score the symbols of tokenizer.json")
        self.engine: Engine = kernel or GraphEngine(self.graph)

    @classmethod
    def from_artefact(cls, source: Artefact, threads: int | None = None) -> Transcriber:
        """Return the transcriber of a checked directory. Raises ArtefactError where its parts do not fit each other."""
        shape = source.manifest.network_as(TranscriberShape)
        return cls(
            shape,
            Alphabet.from_json(source.files[TOKENIZER]),
            source.files[MODEL],
            manifest=source.manifest,
            kernel=kernel_of(source, shape),
            threads=threads,
            where=str(source.path / MODEL),
        )

    def transcribe(self, sounds: Iterable[Sound], decoder: Decoder | None = None) -> list[Transcript]:
        """Return what is said in each recording: a path, a `Recording` (a part of a file), or `Samples`.

        decoder: how text is found, where not by the model's own (see `decoding.decoder`). A recording's transcript does
        not depend on the others. Raises ReadError for what is no sound, OptionError for what is none of these.
        """
        return list(self.transcribe_iter(sounds, decoder))

    def transcribe_iter(self, sounds: Iterable[Sound], decoder: Decoder | None = None) -> Iterator[Transcript]:
        """Yield the transcripts in order, reading little further ahead: see `transcribe`."""
        waiting: list[_Heard] = []
        for sound in recordings(sounds):
            heard = _Heard()
            waiting.append(heard)
            for start, samples in pieces(sound.blocks(self.shape.rate), self.shape.rate):
                heard.add(start, self.front_end(samples), len(samples) / self.shape.rate)
                if sum(one.unanswered for one in waiting) >= SECONDS_IN_MEMORY:
                    self._answer(waiting, decoder or self.decoder)
            heard.whole = True
            if sum(one.unanswered for one in waiting) >= SECONDS_IN_MEMORY:
                self._answer(waiting, decoder or self.decoder)
            while len(waiting) > 1 and waiting[0].answered and waiting[0].whole:
                yield waiting.pop(0).transcript()
        self._answer(waiting, decoder or self.decoder)
        yield from (heard.transcript() for heard in waiting)

    def transcribe_pieces(self, sound: Recording | Samples) -> Iterator[tuple[float, list[Word]]]:
        """Yield (seconds heard so far, its words) for each piece of one recording: all words are its transcript.

        Raises as `transcribe` does.
        """
        for start, samples in pieces(sound.blocks(self.shape.rate), self.shape.rate):
            (scored,) = self.log_probabilities([self.front_end(samples)])
            end = start + len(samples) / self.shape.rate
            yield end, words_of(self.decoder(scored), self.alphabet, self.front_end, start, end)

    def session(self, decoder: Decoder | None = None) -> TranscriptStream:
        """Return a session that writes down sound as it arrives, in pieces of any length: see `stream.py`.

        Raises OptionError for a model that reads both ways.
        """
        if self.shape.direction != "forward":
            raise OptionError(
                "This model cannot write down a stream: it hears each recording in both directions, and so from its "
                "end. Train one with --direction forward, or use transcribe on the whole recording."
            )
        front_end, alphabet, found = self.front_end, self.alphabet, decoder or self.decoder
        return TranscriptStream(self.shape.rate, lambda: ForwardListener(front_end, alphabet, found, self._advanced))

    def repeated_session(self, decoder: Decoder | None = None) -> TranscriptStream:
        """Return a session of any model: what cannot be heard forward is heard again and again as it grows.

        It takes about ten times the work of `session`, up to half a minute at one time.
        """
        front_end, alphabet, found = self.front_end, self.alphabet, decoder or self.decoder
        return TranscriptStream(
            self.shape.rate,
            lambda: RepeatedListener(front_end, alphabet, found, lambda steps: self.log_probabilities([steps])[0]),
        )

    def _advanced(self, steps: Floats, states: States) -> tuple[Floats, States]:
        """Return the log-probabilities [T, K] of the next steps [T, D] of a stream, and the states after them."""
        names = self.shape.states
        feeds = {"frames": steps[None], "lengths": np.array([len(steps)]), **states}
        found, *after = self.graph.run(["log_probabilities", *(f"present.{name}" for name in names)], feeds)
        return found[0], {f"past.{name}": state for name, state in zip(names, after, strict=True)}

    def log_probabilities(self, frames: Sequence[Floats]) -> list[Floats]:
        """Return the log-probabilities [T_n, K] of the steps [T_n, D] of each, as the front end makes them."""
        answers = [np.empty((0, self.shape.symbols), dtype=np.float32)] * len(frames)
        for rows, padded in self._batches(frames):
            for row, answer in zip(rows, padded, strict=True):
                answers[row] = answer[: len(frames[row])]
        return answers

    def _batches(self, frames: Sequence[Floats]) -> Iterator[tuple[NDArray[np.intp], Floats]]:
        """Yield (rows [B], log-probabilities [B, T, K]) of those that have steps."""
        lengths = np.array([len(steps) for steps in frames], dtype=np.int64)
        full = np.flatnonzero(lengths)
        batches = [full[batch] for batch in batches_by_length(lengths[full], BATCH_STEPS)]

        def answer(rows: NDArray[np.intp]) -> Floats:
            padded = np.zeros((len(rows), int(lengths[rows].max()), self.shape.inputs), dtype=np.float32)
            for target, row in zip(padded, rows, strict=True):
                target[: lengths[row]] = frames[row]
            return self.engine(padded, lengths[rows])

        yield from zip(batches, self._workers.map(answer, batches), strict=True)

    def _answer(self, waiting: Sequence[_Heard], decoder: Decoder) -> None:
        """Find the words of all pieces that have none yet."""
        open_pieces = [(heard, piece) for heard in waiting for piece in heard.pending]
        for heard in waiting:
            heard.pending = []
        scored = self.log_probabilities([frames for _, (_, _, frames) in open_pieces])
        found = self._workers.map(decoder, scored)
        for (heard, (start, end, _)), decoded in zip(open_pieces, found, strict=True):
            heard.words += words_of(decoded, self.alphabet, self.front_end, start, end)
        for heard in waiting:
            heard.unanswered, heard.answered = 0.0, True


class _Heard:
    """A recording while it is read: pieces without an answer, and the words of those with one."""

    def __init__(self) -> None:
        self.pending: list[tuple[float, float, Floats]] = []
        self.words: list[Word] = []
        self.seconds = self.unanswered = 0.0
        self.whole = self.answered = False

    def add(self, start: float, frames: Floats, seconds: float) -> None:
        """Take the steps of the next piece."""
        self.pending.append((start, start + seconds, frames))
        self.seconds += seconds
        self.unanswered += seconds
        self.answered = False

    def transcript(self) -> Transcript:
        """Return the words as a transcript."""
        return transcript_of(self.words, self.seconds)
