"""`recurra chat`: talk with a trained model, turn by turn. Base installation only."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from recurra.errors import ArtefactError
from recurra.inference.sampling import Sampling, seeded
from recurra.tasks.chat.model import TEMPERATURE, TOP_P, Chatter
from recurra.tasks.registry import load
from recurra.terminal.progress import Reporter

RESET, QUIT = "/reset", "/quit"
PROMPT = "you> "


def chat(
    directory: Path,
    lines: Iterable[str],
    *,
    temperature: float = TEMPERATURE,
    top_k: int | None = None,
    top_p: float | None = TOP_P,
    beam: int | None = None,
    seed: int | None = None,
    reporter: Reporter | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield {"turn", "reply"} for each line that is said, the earlier turns of the talk being remembered.

    `/reset` forgets them and `/quit` ends; an empty line is passed over. Another such command is said to be unknown.
    temperature, top_k, top_p, beam: see `runtime.chatter.Chatter.reply`. seed: the same one, and the same turns, give
    the same replies. Raises ArtefactError for a model of another task, OptionError for values out of
    range.
    """
    reporter = reporter or Reporter()
    model = opened(directory)
    if beam is None:
        Sampling(temperature, top_k, top_p)
    rng = seeded(seed)
    turns: list[str] = []
    for line in lines:
        turn = line.strip()
        if turn == QUIT:
            return
        if turn == RESET:
            turns.clear()
            reporter.info("(The talk begins anew.)")
        elif turn.startswith("/"):
            reporter.info(f"There is no {turn.split()[0]}; there are {RESET} and {QUIT}.")
        elif turn:
            turns.append(turn)
            drawn = int(rng.integers(2**31))
            if beam is None:
                reply = model.reply(turns, temperature=temperature, top_k=top_k, top_p=top_p, seed=drawn)
            else:
                reply = model.reply(turns, beam=beam)
            turns.append(reply)
            del turns[: -2 * model.shape.context]
            yield {"turn": turn, "reply": reply}


def asked(say: Callable[[str], str] = input) -> Iterator[str]:
    """Yield what a person types at a terminal, line by line, with the line editing that Python's `readline` brings."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 (importing it is what switches line editing on)
    while True:
        try:
            yield say(PROMPT)
        except EOFError:
            return


def opened(directory: Path) -> Chatter:
    """Return the model that chats in a directory. Raises ArtefactError for a model of another task."""
    model = load(directory)
    if not isinstance(model, Chatter):
        raise ArtefactError(
            f"{directory} is no model that chats. Train one with: recurra train DIALOGUES.jsonl --task chat --out DIR"
        )
    return model
