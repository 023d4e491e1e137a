"""Which recordings train, validate and are held out: by speaker where there are some, else by file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.data.split import holdout, leaked_rows
from recurra.errors import LabelError
from recurra.tasks.transcribe.options import TranscribeOptions
from recurra.training.split import (
    Parts,
    file_in_words,
    numbered,
    share_in_words,
    validation_share,
    whole_groups,
)

Numbers = NDArray[np.int64]


def divide(
    files: Sequence[object],
    sounds: Sequence[object],
    speakers: Sequence[str | None],
    usable: NDArray[np.bool_],
    first: int,
    options: TranscribeOptions,
) -> Parts:
    """Return the division of N utterances.

    files: what each is a part of. sounds: equal for equal samples, of which none are on both sides. speakers: of each,
    None where not known: held out are whole speakers where at least two are named, and whole files otherwise. usable:
    [N], which can be learnt from; others are held out or nothing. first: how many are of DATA; those after them are of
    --test. Raises LabelError where a part would be empty.
    """
    of_file, of_sound = numbered(files), numbered(sounds)
    alike = of_sound
    known = {speaker for speaker in speakers[:first] if speaker is not None}
    if options.test:
        test = np.arange(len(of_sound)) >= first
        how = file_in_words(options.test)
        if shared := known & set(speakers[first:]):
            how += f"; {len(shared):,} of its speakers are in training too"
    elif len(known) > 1:
        # what has no speaker is a voice of its own, one for each file
        names = [
            ("file", file) if speaker is None else ("speaker", speaker)
            for file, speaker in zip(files, speakers, strict=True)
        ]
        voices = numbered(names)
        test = whole_groups(voices, options.split, options.seed)
        held = len(set(voices[test].tolist()))
        how = (
            f"{held:,} of {len(set(names)):,} speakers held out, {test.mean():.0%} of the recordings, "
            f"seed {options.seed}"
        )
    else:
        alike, kept, voice = of_file, "parts of one file", "the same voices"
        test = holdout(np.zeros_like(of_file), of_file, options.split, options.seed)
        if not test.any():  # of one file, or of one with nearly all parts
            alike, kept, voice = of_sound, "equal recordings", "the same voices, and parts of one file,"
            test = holdout(np.zeros_like(of_sound), of_sound, options.split, options.seed)
        how = share_in_words(options.split, "recordings", kept, options.seed)
        named = "one speaker alone is named" if known else "no speakers are named"
        how += f"; {named}, so that {voice} may be on both sides"
    learnt = np.flatnonzero(~test & usable & (np.arange(len(test)) < first))
    repeats = test & leaked_rows(of_sound[learnt], of_sound)
    test &= ~repeats
    if repeats.any():
        how += f"; {repeats.sum():,} more left out, whose sound is in training too"
    valid = np.zeros_like(test)
    share = validation_share(options.valid, len(learnt))
    for groups in (alike[learnt], of_sound[learnt]):
        if not valid.any():
            valid[learnt[holdout(np.zeros_like(groups), groups, share, options.seed + 1)]] = True
    if len(learnt) > 1 and not valid.any():
        valid[learnt[-1]] = True
    train = np.isin(np.arange(len(test)), learnt) & ~valid
    if not test.any():
        raise LabelError(
            "There is no recording to evaluate on. Give more, a larger --split, or a table of others with --test."
        )
    if not train.any():
        if not usable[:first].any():
            raise LabelError(
                f"None of the {first:,} recordings can be learnt from: each is too short for its transcript, or too "
                "long. Check that the transcripts are those of the recordings, and give --stack 2 or the parts of long "
                "recordings."
            )
        raise LabelError("There is no recording left to learn from. Give more, or a smaller --split.")
    return Parts(train, valid, test, how, int(repeats.sum()))
