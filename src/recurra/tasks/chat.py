"""Many-to-many in dialogues: the last turns in, a reply out; else as translating, told in the steps of `task.py`."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.artefact import Label
from recurra.config import ChatOptions
from recurra.data import Fingerprint, Spool, normalise
from recurra.data.dialogues import read_dialogues
from recurra.data.hygiene import digest
from recurra.evaluation.nearest_turn import NearestTurn
from recurra.evaluation.translation import corpus_scores, diversity, foreseen
from recurra.runtime.chatter import SPECIALS, Chatter, source_of
from recurra.runtime.seq2seq import Seq2SeqSession
from recurra.subwords import Subwords
from recurra.tasks.pair_rows import PairParts, divide, short_enough
from recurra.tasks.task import Job, Learning, Task

if TYPE_CHECKING:
    from recurra.training.fit_pairs import FittedPairs

MOST_JUDGED = 1_000
"""Held-out replies for which one is written, and which are foreseen from another context; all are from their own."""
EXAMPLES = 12
EXAMPLE_CHARACTERS = 300


class Chat(Task[ChatOptions]):
    """Dialogues, lists of turns by two speakers; each turn but the first is a reply to those before it."""

    _subwords: Subwords
    _fitted: FittedPairs
    _model: Chatter
    _parts: PairParts
    _sources: list[list[int]]
    _replies: list[list[int]]

    def __init__(self, options: ChatOptions, job: Job) -> None:
        super().__init__(options, job)
        self._turns = Spool(job.directory)
        self._begins, self._ends, self._dialogue = array("q"), array("q"), array("q")
        self._digests, self._fingerprint = array("Q"), Fingerprint()
        self._counts = {"rows": 0, "empty_turns": 0, "short_dialogues": 0}
        self._left_out = 0

    def read(self) -> dict[str, Any]:
        options, voice = self.options, self.job.voice
        with self.job.timing.step("read"):
            voice.say(f"Reading {self.job.data}.")
            self._add(self.job.data)
            before = len(self._ends)
            if options.test is not None:
                voice.say(f"Reading {options.test}.")
                self._add(options.test)
        for finding in self._findings():
            voice.say(f"Data: {finding}")
        groups = np.array(self._digests, dtype=np.uint64).view(np.int64)[np.array(self._dialogue, dtype=np.int64)]
        self._parts = divide(groups, len(self._ends) - before, options, "dialogues")
        voice.say(f"Split: {self._parts.how}.")
        return {
            "name": Path(self.job.data).name,
            "how": self.job.data,
            "fingerprint": self._fingerprint.hexdigest(),
            "rows": len(self._ends),
            "dialogues": self._counts["rows"],
            "turns": options.turns,
        }

    def split(self) -> tuple[dict[str, Any], bytes]:
        return self._parts.counts(), self._parts.digest_bytes()

    def heading(self) -> str:
        from recurra.training.fit_pairs import auto_epochs

        options = self.options
        epochs = options.epochs or auto_epochs(len(self._parts.train))
        return (
            f"Training {options.layers} x {options.cell.upper()}({options.hidden}) in both directions, attention and a "
            f"decoder of {2 * options.hidden} on {len(self._parts.train):,} replies, {epochs} epochs"
        )

    def fit(self, learning: Learning) -> list[dict[str, Any]]:
        from recurra.training.fit_pairs import fit_pairs
        from recurra.training.translation import IdRows

        options, parts = self.options, self._parts
        learnt = np.unique(np.concatenate([np.arange(self._begins[row], self._ends[row] + 1) for row in parts.train]))
        self._subwords = Subwords.train((self._turns[int(turn)] for turn in learnt), options.vocabulary, SPECIALS)
        turns = [self._subwords.encode(turn) for turn in self._turns]
        self._sources = [
            source_of(turns[begin:end], options.context, options.max_tokens)
            for begin, end in zip(self._begins, self._ends, strict=True)
        ]
        self._replies = [turns[end] for end in self._ends]
        replies = IdRows.of(self._replies)
        train, valid = (
            short_enough(rows, [replies.lengths], options.max_tokens) for rows in (parts.train, parts.valid)
        )
        self._left_out = len(parts.train) + len(parts.valid) - len(train) - len(valid)
        if self._left_out:
            self.job.voice.say(f"Data: {self._left_out:,} replies are longer than --max-tokens and are not trained on.")
        self._fitted = fit_pairs(
            IdRows.of(self._sources),
            replies,
            train,
            valid,
            self._subwords.size,
            options,
            context=options.context,
            store=learning.store,
            resume=learning.resume,
            identity=learning.identity,
            watch=learning.watch,
        )
        self._model = Chatter(
            Seq2SeqSession(self._fitted.shape, self._fitted.encoder, self._fitted.step), self._subwords
        )
        return self._fitted.history

    def judge(self) -> dict[str, Any]:
        timing, fitted, seed, test = self.job.timing, self._fitted, self.options.seed, self._parts.test
        rng = np.random.default_rng(seed)
        judged = np.sort(rng.permutation(test)[:MOST_JUDGED])
        references = [self._turns[int(self._ends[row])] for row in judged]
        with timing.step("evaluate"):
            self.job.voice.say(f"Foreseeing {len(test):,} held-out replies, and writing {len(judged):,} ...")
            scores = self._foreseen(test, test)
            scores["rows"] = len(test)
            scores["perplexity_of_another_context"] = self._foreseen(judged, rng.permutation(judged))["perplexity"]
            sources = [self._sources[row] for row in judged]
            drawn, likeliest = self._model.replies(sources, seed=seed), self._model.likeliest(sources)
            scores |= diversity(drawn) | {"replies": len(judged), "likeliest": _written(likeliest, references, seed)}
            scores |= {name: value for name, value in _written(drawn, references, seed).items() if name not in scores}
        baseline = None
        if self.options.baseline:
            with timing.step("baseline"):
                self.job.voice.say("Looking up the baseline (the reply to the nearest turn) ...")
                found = self._nearest(judged)
                baseline = {"name": "Reply to the nearest turn (TF-IDF)", **_written(found, references, seed)}
        return {
            "labels": [],
            "test": scores,
            "valid": fitted.valid,
            "baseline": baseline,
            "people": diversity(references),
            "examples": self._examples(judged, drawn, likeliest),
            "hygiene": self._counts
            | {
                "findings": self._findings(),
                "tokens": {"vocabulary": self._subwords.size, "replies_longer_than_max_tokens": self._left_out},
            },
            "config": self.options.model_dump()
            | {"epochs": fitted.epochs, "precision": fitted.precision, "device": fitted.device},
        }

    def summary(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        test = metrics["test"]
        return {name: test[name] for name in ("perplexity", "perplexity_ci95", "distinct_1", "distinct_2", "rows")}

    def network(self) -> dict[str, Any]:
        return self._fitted.shape.model_dump()

    def labels(self) -> list[Label]:
        return []

    def files(self, metrics: Mapping[str, Any]) -> dict[str, bytes]:
        from safetensors.numpy import save

        from recurra.report import curves_png
        from recurra.report.chat import chat_card, chat_page

        return {
            "model.onnx": self._fitted.encoder,
            "step.onnx": self._fitted.step,
            "tokenizer.json": self._subwords.to_json().encode(),
            "weights.safetensors": save(self._fitted.weights),
            "report.html": chat_page(metrics).encode("utf-8", "replace"),
            "curves.png": curves_png(self._fitted.history),
            "README.md": chat_card(metrics).encode("utf-8", "replace"),
        }

    def close(self) -> None:
        self._turns.close()

    def _add(self, data: str) -> None:
        """Take every dialogue of a file: turns in order, and for each reply the turns that it is made from."""
        dialogues = read_dialogues(data, self.options.turns, self.options.encoding)
        for _, turns in self.job.voice.counting(dialogues, "Reading"):
            told = [turn for turn in turns if normalise(turn)]
            self._counts["rows"] += 1
            self._counts["empty_turns"] += len(turns) - len(told)
            self._counts["short_dialogues"] += len(told) < 2
            first = len(self._turns)
            for place, turn in enumerate(told):
                self._turns.append(turn)
                self._fingerprint.add(turn, str(self._counts["rows"]))
                if place:
                    self._begins.append(first + max(0, place - self.options.context))
                    self._ends.append(first + place)
                    self._dialogue.append(len(self._digests))
            self._digests.append(digest("\n".join(map(normalise, told))))

    def _findings(self) -> list[str]:
        counts, found = self._counts, []
        if counts["short_dialogues"]:
            found.append(f"{counts['short_dialogues']:,} dialogues have fewer than two turns and teach no reply.")
        if counts["empty_turns"]:
            found.append(f"{counts['empty_turns']:,} turns are empty and are left out.")
        repeats = len(self._digests) - len(set(self._digests))
        if repeats:
            found.append(f"{repeats:,} dialogues repeat another; repeats stay on one side of a split.")
        return found

    def _foreseen(self, rows: NDArray[np.int64], contexts: NDArray[np.int64]) -> dict[str, Any]:
        scored = self._model.score([self._sources[row] for row in contexts], [self._replies[row] for row in rows])
        return foreseen([one.nats for one in scored], [one.right for one in scored], self.options.seed)

    def _nearest(self, rows: NDArray[np.int64]) -> list[str]:
        known = np.concatenate([self._parts.train, self._parts.valid])
        nearest = NearestTurn.fit(self._turns[int(self._ends[row]) - 1] for row in known)
        found = nearest.find([self._turns[int(self._ends[row]) - 1] for row in rows])
        return [self._turns[int(self._ends[known[place]])] for place in found]

    def _examples(self, rows: NDArray[np.int64], drawn: list[str], likeliest: list[str]) -> list[dict[str, Any]]:
        chosen = np.sort(np.random.default_rng(self.options.seed).permutation(len(rows))[:EXAMPLES])
        limit = EXAMPLE_CHARACTERS
        return [
            {
                "turns": [self._turns[i][:limit] for i in range(self._begins[rows[place]], self._ends[rows[place]])],
                "reference": self._turns[self._ends[rows[place]]][:limit],
                "drawn": drawn[place][:limit],
                "likeliest": likeliest[place][:limit],
            }
            for place in map(int, chosen)
        ]


def _written(answers: list[str], references: list[str], seed: int) -> dict[str, Any]:
    """Return diversity and likeness to the references of written replies."""
    return diversity(answers) | {
        name: value
        for name, value in corpus_scores(answers, references, seed).items()
        if name.startswith(("bleu", "chrf"))
    }
