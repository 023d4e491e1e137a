"""`recurra chat`: a dialogue with a trained model, turn by turn. Base installation only."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from recurra.inference.sampling import seeded
from recurra.tasks.chat.model import DEFAULT, Chatter, Default, sampling_of
from recurra.tasks.chat.options import TalkOptions
from recurra.terminal.progress import Reporter

RESET, QUIT = "/reset", "/quit"
PROMPT = "you> "


def chat(model: Chatter, lines: Iterable[str], options: TalkOptions, reporter: Reporter) -> Iterator[dict[str, Any]]:
    """Yield {"turn", "reply"} for each line, with the earlier turns of the dialogue as context.

    `/reset` forgets them and `/quit` ends; an empty line is skipped. Any other such command is reported as unknown.
    options: see `model.Chatter.reply`; the same seed and the same turns give the same replies.
    """
    sampling_of(options.temperature, options.top_k, _top_p(options))
    rng = seeded(options.seed)
    turns: list[str] = []
    for line in lines:
        turn = line.strip()
        if turn == QUIT:
            return
        if turn == RESET:
            turns.clear()
            reporter.info("(A new dialogue begins.)")
        elif turn.startswith("/"):
            reporter.info(f"There is no {turn.split()[0]}; there are {RESET} and {QUIT}.")
        elif turn:
            turns.append(turn)
            reply = _reply(model, turns, options, int(rng.integers(2**31)))
            turns.append(reply)
            del turns[: -2 * model.shape.context]
            yield {"turn": turn, "reply": reply}


def _reply(model: Chatter, turns: list[str], options: TalkOptions, seed: int) -> str:
    if options.beam is not None:
        return model.reply(turns, beam=options.beam)
    return model.reply(turns, temperature=options.temperature, top_k=options.top_k, top_p=_top_p(options), seed=seed)


def _top_p(options: TalkOptions) -> float | Default | None:
    return options.top_p if "top_p" in options.model_fields_set else DEFAULT


def typed(ask: Callable[[str], str] = input) -> Iterator[str]:
    """Yield what a person types at a terminal, line by line, with the line editing that Python's `readline` brings."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 (importing it is what switches line editing on)
    while True:
        try:
            yield ask(PROMPT)
        except EOFError:
            return
