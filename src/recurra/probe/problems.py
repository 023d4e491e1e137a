"""Problems that only memory solves: what decides the answer comes a given number of steps before it.

Every problem has a trivial score, that of the best answer without memory.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Sample:
    """Rows of a problem.

    values: [B, T] int64 symbols, or [B, T, 2] float32; targets: [B, A] int64 or float32, the answers at the last A
    steps.
    """

    values: Tensor
    targets: Tensor


class Problem(ABC):
    """One problem.

    name: on the command line. title: of its panel in the plot. score: the name of the score. trivial: the score of an
    answer that remembers nothing. perfect: the best possible score. solved: the score at which training stops.
    symbols: the size of the alphabet, or 0 where each step is a pair of numbers. outputs: the network's outputs for
    each answer.
    """

    name: str
    title: str
    score: str
    trivial: float
    perfect: float
    solved: float
    symbols: int
    outputs: int

    @abstractmethod
    def draw(self, rng: np.random.Generator, rows: int, length: int) -> Sample:
        """Return fresh rows, in which about `length` steps lie between what must be remembered and the answer."""

    @abstractmethod
    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Return the training loss. answers: [B, A, outputs]; targets: [B, A]."""

    def score_of(self, answers: Tensor, targets: Tensor) -> float:
        """Return the score. answers: [B, A, outputs]; targets: [B, A]."""
        return float(self.loss(answers, targets))

    def is_solved(self, score: float) -> bool:
        """Return whether a score is good enough to stop training."""
        return score <= self.solved if self.perfect < self.trivial else score >= self.solved


class Adding(Problem):
    """Add the two numbers that are marked, one in each half (Hochreiter and Schmidhuber, 1997, section 5.4).

    Each step is a number from 0 to 1 and a mark. Always answering 1 has a mean squared error of 1/6.
    """

    name, title, score = "adding", "Adding two marked numbers", "mean squared error"
    trivial, perfect, solved = 1 / 6, 0.0, 0.002
    symbols, outputs = 0, 1

    def draw(self, rng: np.random.Generator, rows: int, length: int) -> Sample:
        numbers = rng.random((rows, length), dtype=np.float32)
        marks = np.zeros_like(numbers)
        row, half = np.arange(rows), length // 2
        first, second = rng.integers(0, half, rows), rng.integers(half, length, rows)
        marks[row, first] = marks[row, second] = 1
        total = numbers[row, first] + numbers[row, second]
        return Sample(torch.from_numpy(np.stack([numbers, marks], axis=2)), torch.from_numpy(total[:, None]))

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        return functional.mse_loss(answers[:, :, 0], targets)


class Copy(Problem):
    """Repeat three symbols after `length` blank steps (Arjovsky et al., 2016, section 5.1, with fewer symbols).

    Guessing among eight symbols costs ln 8 nats each.
    """

    SYMBOLS, ALPHABET = 3, 8
    BLANK, RECALL = ALPHABET, ALPHABET + 1

    name, title, score = "copy", "Repeating three symbols", "nats a symbol"
    trivial, perfect, solved = math.log(ALPHABET), 0.0, 0.02
    symbols, outputs = ALPHABET + 2, ALPHABET

    def draw(self, rng: np.random.Generator, rows: int, length: int) -> Sample:
        kept = rng.integers(0, self.ALPHABET, (rows, self.SYMBOLS))
        values = np.full((rows, length + 2 * self.SYMBOLS), self.BLANK, dtype=np.int64)
        values[:, : self.SYMBOLS] = kept
        values[:, length + self.SYMBOLS] = self.RECALL
        return Sample(torch.from_numpy(values), torch.from_numpy(kept))

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        return functional.cross_entropy(answers.flatten(0, 1), targets.flatten())


class Agreement(Problem):
    """Who is "he"? A sentence begins with a man or a woman, mentions others, and ends before the pronoun.

    The answer to "the queen quietly met the door who saw the boy ... because" is "she". One later noun in five is a
    person too, men and women equally often: they carry no information, and chance is 50 %.
    """

    MEN = ("king", "boy", "uncle", "monk", "actor", "waiter")
    WOMEN = ("queen", "girl", "aunt", "nun", "actress", "waitress")
    VERBS = ("met", "praised", "saw", "helped", "followed", "called")
    THINGS = ("door", "letter", "song", "lamp", "garden", "bridge")
    ADVERBS = ("quietly", "often", "gladly", "today", "there", "again")
    WORDS = ("the", "who", "because", *MEN, *WOMEN, *THINGS, *VERBS, *ADVERBS)

    name, title, score = "agreement", "Who is “he”?", "accuracy"
    trivial, perfect, solved = 0.5, 1.0, 0.995
    symbols, outputs = len(WORDS), 2

    def draw(self, rng: np.random.Generator, rows: int, length: int) -> Sample:
        number = {word: index for index, word in enumerate(self.WORDS)}
        genders = rng.integers(0, 2, rows)
        chance = random.Random(int(rng.integers(2**63)))
        values = [[number[word] for word in self.sentence(chance, int(gender), length)] for gender in genders]
        return Sample(torch.tensor(values), torch.from_numpy(genders[:, None]))

    def sentence(self, chance: random.Random, gender: int, length: int) -> list[str]:
        """Return the words of a sentence about a man (0) or a woman (1), with `length` words after its subject."""
        words = ["the", chance.choice((self.MEN, self.WOMEN)[gender])]
        room = length - 1
        while room >= 4:
            if chance.random() < 0.3:
                words.append(chance.choice(self.ADVERBS))
                room -= 1
                continue
            linked = ["who"] if len(words) > 2 else []
            others = self.MEN + self.WOMEN if chance.random() < 0.2 else self.THINGS
            words += [*linked, chance.choice(self.VERBS), "the", chance.choice(others)]
            room -= 3 + len(linked)
        words += chance.choices(self.ADVERBS, k=room)
        return [*words, "because"]

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        return functional.cross_entropy(answers.flatten(0, 1), targets.flatten())

    def score_of(self, answers: Tensor, targets: Tensor) -> float:
        return float((answers.argmax(2) == targets).double().mean())


PROBLEMS: dict[str, Problem] = {problem.name: problem for problem in (Adding(), Copy(), Agreement())}
SHORTEST = 4
"""The smallest length that all problems accept."""
LONGEST = 10_000
