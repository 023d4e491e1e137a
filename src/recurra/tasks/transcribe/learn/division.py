"""Which recordings train, validate and are held out: by speaker where there are some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.data.split import holdout
from recurra.errors import LabelError
from recurra.tasks.transcribe.options import TranscribeOptions
from recurra.training.split import Parts, file_in_words, share_in_words, validation_share

Numbers = NDArray[np.int64]


def numbered(names: Sequence[object]) -> Numbers:
    """Return a number for each name [N], equal for equal names, in the order of their first."""
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(name, len(seen)) for name in names], dtype=np.int64)


def divide(
    recordings: Sequence[object],
    speakers: Sequence[str | None],
    usable: NDArray[np.bool_],
    first: int,
    options: TranscribeOptions,
) -> Parts:
    """Return the division of N utterances.

    recordings: what each is a part of; those of one stay on one side. speakers: of each, None where not known: held out
    are whole speakers where at least two are named. usable: [N], which can be learnt from; others are held out or
    nothing. first: how many are of DATA; those after them are of --test.
    Raises LabelError where a part would be empty.
    """
    of_recording = numbered(recordings)
    known = len({speaker for speaker in speakers[:first] if speaker is not None})
    by_speaker = known > 1
    test = np.zeros(len(recordings), dtype=np.bool_)
    if options.test:
        test[first:] = True
        how = file_in_words(options.test)
        shared = {speaker for speaker in speakers[:first] if speaker is not None} & set(speakers[first:])
        if shared:
            how += f"; {len(shared):,} of its speakers are in training too"
    elif by_speaker:
        # what has no speaker is a voice of its own
        voices = numbered([speaker if speaker is not None else ("", number) for number, speaker in enumerate(speakers)])
        test = _whole_voices(voices, options.split, options.seed)
        held = len(set(voices[test].tolist()))
        how = (
            f"{held:,} of {len(set(voices.tolist())):,} speakers held out, {test.mean():.0%} of the recordings, "
            f"seed {options.seed}"
        )
    else:
        test = holdout(np.zeros_like(of_recording), of_recording, options.split, options.seed)
        how = share_in_words(options.split, "recordings", "parts of one recording", options.seed)
        how += "; no speakers are named, so that the same voices may be on both sides"
    learnt = np.flatnonzero(~test & usable)
    valid = np.zeros_like(test)
    share = validation_share(options.valid, len(learnt))
    groups = of_recording[learnt]
    valid[learnt[holdout(np.zeros_like(groups), groups, share, options.seed + 1)]] = True
    if len(learnt) > 1 and not valid.any():
        valid[learnt[-1]] = True
    train = ~test & usable & ~valid
    if not test.any():
        raise LabelError(
            "There is no recording to evaluate on. Give more, a larger --split, or a table of others with --test."
        )
    if not train.any():
        raise LabelError("There is no recording left to learn from. Give more, or a smaller --split.")
    return Parts(train, valid, test, how)


def _whole_voices(voices: Numbers, share: float, seed: int) -> NDArray[np.bool_]:
    """Return which utterances are held out: of as many voices, drawn at random, as make about `share` of them; at least
    one, and not all."""
    order = np.random.default_rng(seed).permutation(int(voices.max()) + 1)
    sizes = np.bincount(voices)[order]
    so_far = np.cumsum(sizes)
    count = int(np.argmin(np.abs(so_far - share * len(voices)))) + 1
    chosen = order[: min(count, len(order) - 1)]
    return np.isin(voices, chosen)
