"""Train a chat model: many-to-many, unaligned, the last turns of a dialogue in and a reply out."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.fingerprint import Fingerprint
from recurra.data.normalise import digest, normalise
from recurra.data.text_store import TextStore
from recurra.kernel.layout import CELL_NAMES
from recurra.report.verdict import Verdict
from recurra.seq2seq.learn.split import divide, short_enough
from recurra.tasks.chat.baseline import NAME, RetrievalBaseline
from recurra.tasks.chat.dialogues import read_dialogues
from recurra.tasks.chat.model import SPECIALS, Chatter, source_of
from recurra.tasks.chat.near_duplicates import NEAR, RUN, containment, near_finding
from recurra.tasks.chat.options import ChatOptions
from recurra.tasks.chat.reply_matching import best_weight, likelihoods, matches
from recurra.tasks.chat.reply_scores import HeldOut, ReplyScores
from recurra.tasks.chat.response_selection import candidate_blocks
from recurra.terminal.counts import counted
from recurra.text.bpe import Subwords
from recurra.text.words import split
from recurra.training.control import RunControl
from recurra.training.epochs import EpochBudget
from recurra.training.split import Parts
from recurra.training.trainer import RunContext, Trainer

if TYPE_CHECKING:
    from recurra.seq2seq.learn.fit import FittedSeq2Seq

EPOCHS = EpochBudget(rows=350_000, fewest=3, most=40)
"""More than for translations: which reply follows takes longer to learn than how to write one."""
MATCH_WIDTH = 128
"""Width of the vectors by which turns and replies are matched."""
WEIGHED_REPLIES = 500
"""Validation replies on which the factor of the match is chosen."""
FEWEST_WEIGHED, USUAL_WEIGHT = 50, 0.3
"""With fewer validation replies they could not tell, and the factor is this one."""
EXAMPLES = 12
EXAMPLE_CHARACTERS = 300


class ChatTrainer(Trainer[ChatOptions]):
    """Dialogues, lists of turns by two speakers; each turn but the first is a reply to those before it."""

    summary_scores = (
        "perplexity",
        "perplexity_ci95",
        "right_choice",
        "right_choice_ci95",
        "distinct_1",
        "distinct_2",
        "rows",
    )

    _subwords: Subwords
    _fitted: FittedSeq2Seq
    _model: Chatter
    _parts: Parts
    _sources: list[list[int]]
    _replies: list[list[int]]

    def __init__(self, options: ChatOptions, context: RunContext) -> None:
        super().__init__(options, context)
        self._turns = TextStore(context.directory)
        self._begins, self._ends, self._dialogue = array("q"), array("q"), array("q")
        self._firsts = array("q")  # of each dialogue, the number of its first turn
        self._digests, self._fingerprint = array("Q"), Fingerprint()
        self._counts = {"rows": 0, "empty_turns": 0, "short_dialogues": 0}
        self._left_out = 0

    def read(self) -> dict[str, Any]:
        options, reporter = self.options, self.context.reporter
        with self.context.timing.step("read"):
            reporter.info(f"Reading {self.context.data}.")
            self._add(self.context.data)
            before, training_fingerprint = len(self._ends), self._fingerprint.hexdigest()
            if options.test is not None:
                reporter.info(f"Reading {options.test}.")
                self._add(options.test)
        for finding in self._findings():
            reporter.info(f"Data: {finding}")
        groups = np.array(self._digests, dtype=np.uint64).view(np.int64)[np.array(self._dialogue, dtype=np.int64)]
        self._parts = divide(groups, len(self._ends) - before, options, "dialogues")
        reporter.info(f"Split: {self._parts.how}.")
        return {
            "name": Path(self.context.data).name,
            "how": self.context.data,
            "fingerprint": self._fingerprint.hexdigest(),
            "training_fingerprint": training_fingerprint,
            "rows": len(self._ends),
            "dialogues": self._counts["rows"],
            "turns": options.turns,
        }

    def split(self) -> tuple[dict[str, Any], bytes]:
        return self._parts.counts(), self._parts.digest_bytes()

    def heading(self) -> str:
        options = self.options
        epochs = EPOCHS.epochs(options, int(self._parts.train.sum()))
        return (
            f"Training {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}) in both directions, attention "
            f"and a decoder of {2 * options.hidden} on {counted(int(self._parts.train.sum()), 'reply', 'replies')}, "
            f"{counted(epochs, 'epoch')}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.seq2seq.learn.fit import fit_seq2seq
        from recurra.seq2seq.learn.objective import IdRows

        options = self.options
        train, valid = np.flatnonzero(self._parts.train), np.flatnonzero(self._parts.valid)
        trained_on = np.unique(np.concatenate([np.arange(self._begins[row], self._ends[row] + 1) for row in train]))
        self._subwords = Subwords.train((self._turns[int(turn)] for turn in trained_on), options.vocabulary, SPECIALS)
        turns = [self._subwords.encode(turn) for turn in self._turns]
        self._sources = [
            source_of(turns[begin:end], options.context, options.max_tokens)
            for begin, end in zip(self._begins, self._ends, strict=True)
        ]
        self._replies = [turns[end] for end in self._ends]
        replies = IdRows.of(self._replies)
        short_train, short_valid = (
            short_enough(rows, [replies.lengths], options.max_tokens) for rows in (train, valid)
        )
        self._left_out = len(train) + len(valid) - len(short_train) - len(short_valid)
        if self._left_out:
            self.context.reporter.info(
                f"Data: {counted(self._left_out, 'reply is', 'replies are')} longer than --max-tokens and left out of "
                "training."
            )
        self._fitted = fit_seq2seq(
            IdRows.of(self._sources),
            replies,
            short_train,
            short_valid,
            self._subwords.size,
            options,
            budget=EPOCHS,
            context=options.context,
            match=MATCH_WIDTH,
            control=control,
        )
        self._weigh_match(short_valid)
        self._model = Chatter(self._fitted.session, self._subwords)
        return self._fitted.history

    def _weigh_match(self, valid: NDArray[np.int64]) -> None:
        """Choose the factor of the match in the choice of a reply on validation replies. valid: their numbers."""
        seed, weight = self.options.seed, USUAL_WEIGHT
        rows = np.random.default_rng(seed).permutation(valid)[:WEIGHED_REPLIES]
        if len(rows) >= FEWEST_WEIGHED:
            model = Chatter(self._fitted.session, self._subwords)
            texts = [self._turns[self._ends[row]] for row in rows]
            blocks = candidate_blocks(rows, np.array(self._dialogue, dtype=np.int64), texts, seed)
            asked = model, self._sources, self._replies, blocks
            weight = best_weight(likelihoods(*asked), matches(*asked))
        shape = self._fitted.shape.model_copy(update={"match_weight": weight})
        self._fitted = replace(self._fitted, shape=shape)

    def evaluate(self) -> dict[str, Any]:
        timing, fitted, reporter = self.context.timing, self._fitted, self.context.reporter
        with timing.step("near_repeats"):
            near = self._nearly_repeated()
        with timing.step("evaluate"):
            reporter.info(f"Evaluating on {counted(len(near), 'held-out reply', 'held-out replies')} ...")
            replies = ReplyScores(self._model, self._held_out(), self.options.seed)
            parts = {"": np.ones(len(near), dtype=np.bool_)} | ({"apart": ~near} if not near.all() else {})
            scores = {name: replies.scores(part) for name, part in parts.items()}
        baseline = None
        if self.options.baseline:
            with timing.step("baseline"):
                reporter.info("Looking up the baseline (the reply to the nearest turn) ...")
                self._look_up(replies)
                others = {name: replies.baseline_scores(part) for name, part in parts.items()}
                baseline = {"name": NAME, **others.pop(""), **others}
        return {
            "test": {**scores.pop(""), **scores},
            "valid": fitted.valid,
            "baseline": baseline,
            "people": replies.people(),
            "examples": self._examples(replies),
            "hygiene": self._counts
            | {
                "findings": self._findings(),
                "near_repeats": {"held_out_replies": int(near.sum()), "run": RUN, "share": NEAR},
                "tokens": {"vocabulary": self._subwords.size, "replies_longer_than_max_tokens": self._left_out},
            },
            "config": self.config(),
        }

    def tokenizer_json(self) -> str:
        return self._subwords.to_json()

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict:
        from recurra.tasks.chat.learn.report import report_page

        return report_page(metrics).verdict

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.chat.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.chat.learn.report import model_card

        return model_card(metrics)

    def close(self) -> None:
        self._turns.close()

    def _add(self, data: str) -> None:
        """Take every dialogue of a file: turns in order, and for each reply the turns that it is made from."""
        dialogues = read_dialogues(data, self.options.turns, self.options.encoding)
        for _, turns in self.context.reporter.track(dialogues, "Reading"):
            spoken = [turn for turn in turns if normalise(turn)]
            self._counts["rows"] += 1
            self._counts["empty_turns"] += len(turns) - len(spoken)
            self._counts["short_dialogues"] += len(spoken) < 2
            first = len(self._turns)
            for index, turn in enumerate(spoken):
                self._turns.append(turn)
                self._fingerprint.add(turn, str(self._counts["rows"]))
                if index:
                    self._begins.append(first + max(0, index - self.options.context))
                    self._ends.append(first + index)
                    self._dialogue.append(len(self._digests))
            self._firsts.append(first)
            self._digests.append(digest("\n".join(map(normalise, spoken))))

    def _findings(self) -> list[str]:
        counts, findings = self._counts, []
        if counts["short_dialogues"]:
            findings.append(
                f"{counted(counts['short_dialogues'], 'dialogue has', 'dialogues have')} fewer than two turns, and so "
                "no reply."
            )
        if counts["empty_turns"]:
            findings.append(f"{counted(counts['empty_turns'], 'turn is', 'turns are')} empty and left out.")
        repeats = len(self._digests) - len(set(self._digests))
        if repeats:
            findings.append(
                f"{counted(repeats, 'dialogue repeats', 'dialogues repeat')} another; repeats stay on one side of a "
                "split."
            )
        return findings

    def _nearly_repeated(self) -> NDArray[np.bool_]:
        """Return for each held-out reply whether its dialogue is nearly one that training has seen."""
        dialogue_of = np.array(self._dialogue, dtype=np.int64)
        known = np.unique(dialogue_of[self._parts.train | self._parts.valid])
        tested, dialogue_index = np.unique(dialogue_of[self._parts.test], return_inverse=True)
        near = containment(map(self._words, tested), map(self._words, known)) >= NEAR
        if near.any():
            self.context.reporter.info(near_finding(int(near.sum()), len(near), "held-out "))
        return np.asarray(near[dialogue_index])

    def _words(self, dialogue: int) -> list[str]:
        ends = (*self._firsts[dialogue + 1 : dialogue + 2], len(self._turns))
        return [word for turn in range(self._firsts[dialogue], ends[0]) for word in split(normalise(self._turns[turn]))]

    def _held_out(self) -> HeldOut:
        rows = np.flatnonzero(self._parts.test)
        ends = [int(self._ends[row]) for row in rows]
        return HeldOut(
            [self._sources[row] for row in rows],
            [self._replies[row] for row in rows],
            [self._turns[end - 1] for end in ends],
            [self._turns[end] for end in ends],
            np.array([self._dialogue[row] for row in rows], dtype=np.int64),
        )

    def _look_up(self, replies: ReplyScores) -> None:
        known = np.concatenate([np.flatnonzero(self._parts.train), np.flatnonzero(self._parts.valid)])
        ends = [int(self._ends[row]) for row in known]
        replies.look_up(RetrievalBaseline.fit(self._turns[end - 1] for end in ends), [self._turns[end] for end in ends])

    def _examples(self, replies: ReplyScores) -> list[dict[str, Any]]:
        chosen = np.sort(np.random.default_rng(self.options.seed).permutation(len(replies.sample))[:EXAMPLES])
        limit, rows = EXAMPLE_CHARACTERS, np.flatnonzero(self._parts.test)[replies.sample]
        return [
            {
                "turns": [self._turns[i][:limit] for i in range(self._begins[rows[number]], self._ends[rows[number]])],
                "reference": self._turns[self._ends[rows[number]]][:limit],
                "drawn": replies.drawn[number][:limit],
                "likeliest": replies.likeliest[number][:limit],
            }
            for number in map(int, chosen)
        ]
