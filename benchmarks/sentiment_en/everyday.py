"""Sentences on what films lack, put together from the words of everyday.toml: products, restaurants, and verdicts.

A model of film reviews does not know that a battery dies and that bread is stale. The words are this project's own
work; what they yield is trained on, and never measured on: short_reviews.csv, which is measured on, was written apart
from them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from random import Random

ENDS = (".", ".", ".", "!", "", "!!", "...")
BETWEEN = (" and ", ", ", " and ", ". ")
TURNS = (", but ", " but ", ". However, ")

_READ = tomllib.loads(Path(__file__).with_name("everyday.toml").read_text(encoding="utf-8"))


def _words(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(",") if part.strip())


LIKES, DISLIKES = _words(_READ["likes"]), _words(_READ["dislikes"])
VIRTUES, PROBLEMS, EXCESSES = _words(_READ["virtues"]), _words(_READ["problems"]), _words(_READ["excesses"])
DOES_WELL, DOES_BADLY = _words(_READ["does_well"]), _words(_READ["does_badly"])
GOOD, BAD = _words(_READ["good"]), _words(_READ["bad"])
SLOTS = {name: _words(text) for name, text in _READ["slots"].items()}
ASPECTS = {
    name: (_words(aspect["things"]), _words(aspect["good"]), _words(aspect["bad"]))
    for name, aspect in _READ["aspects"].items()
}
"""By aspect: things, good words for them, and bad ones."""


def sentences(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return `count` different sentences, half of them negative: (text, label), the same for the same seed."""
    random, found, seen = Random(seed), list[tuple[str, str]](), set[str]()
    while len(found) < count:
        good = len(found) % 2 == 0
        text = _sentence(random, good)
        if text not in seen:
            seen.add(text)
            found.append((text, "positive" if good else "negative"))
    return found


def _sentence(random: Random, good: bool) -> str:
    kind = random.random()
    if kind < 0.6:
        text = _clause(random, good)
    elif kind < 0.85:
        text = f"{_clause(random, good)}{random.choice(BETWEEN)}{_clause(random, good)}"
    else:  # what comes after a "but" counts
        text = f"{_clause(random, not good)}{random.choice(TURNS)}{_clause(random, good)}"
    return text[0].upper() + text[1:] + random.choice(ENDS)


def _clause(random: Random, good: bool) -> str:
    aspect = random.choice(list(ASPECTS))
    things, pleasant, unpleasant = ASPECTS[aspect]
    same, opposite = (pleasant, unpleasant) if good else (unpleasant, pleasant)
    thing, word = random.choice(things), random.choice(same)
    the, verb = random.choice(["the", "the", "this", "my", "our", "their"]), random.choice(["is", "was"])
    more = f"{random.choice(_words(_READ['modifiers']))} " if random.random() < 0.3 and " " not in word else ""

    def statement() -> str:
        return f"{the} {thing} {verb} {more}{word}"

    def phrase() -> str:
        values = {name: random.choice(words) for name, words in SLOTS.items()}
        return random.choice(GOOD if good else BAD).format(
            thing=thing, food=random.choice(ASPECTS["food"][0]), **values
        )

    def fragment() -> str:
        return f"{more}{word} {thing}"

    def two_words() -> str:
        return f"{word} and {random.choice(same)}"

    def negation() -> str:
        denied = random.choice([word for word in opposite if not word.startswith("not ")])
        return f"{the} {thing} {random.choice(_words(_READ['negations']))} {denied}"

    def opinion() -> str:
        return f"{random.choice(_words(_READ['openings']))} {thing} {verb} {word}"

    def verdict() -> str:
        return f"I {random.choice(LIKES if good else DISLIKES)} {the} {thing}"

    def doing() -> str:
        return f"{the} {thing} {random.choice(DOES_WELL if good else DOES_BADLY)}"

    def having() -> str:
        virtue, problem = random.choice(VIRTUES), random.choice(PROBLEMS)
        if good:
            return random.choice(
                [f"no {problem}", f"without any {problem}", f"{word} {virtue}", f"no {problem} at all"]
            )
        return random.choice([f"no {virtue}", f"it lacks {virtue}", f"too many {problem}", f"nothing but {problem}"])

    def too_much() -> str:
        excess = random.choice(EXCESSES)
        return f"{the} {thing} {verb} not too {excess}" if good else f"{the} {thing} {verb} way too {excess}"

    forms: list[tuple[Callable[[], str], int]] = [
        (statement, 4),
        (phrase, 6),
        (fragment, 2),
        (two_words, 1),
        (negation, 2),
        (opinion, 1),
        (verdict, 3),
        (having, 2),
        *([(doing, 8), (too_much, 2)] if aspect in ("product", "part") else []),
    ]
    return random.choices([form for form, _ in forms], [weight for _, weight in forms])[0]()
