"""From utterances to a trained transcriber and its exported graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.storage.model_directory import MODEL
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.learn.augment import SpeechAugmentation
from recurra.tasks.transcribe.learn.check import check
from recurra.tasks.transcribe.learn.examples import Examples
from recurra.tasks.transcribe.learn.graph import build
from recurra.tasks.transcribe.learn.network import TranscriberNetwork
from recurra.tasks.transcribe.learn.objective import CTC
from recurra.tasks.transcribe.learn.waveforms import Waveforms
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import TranscribeOptions
from recurra.tasks.transcribe.shape import TranscriberShape, level_for
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.epochs import EpochBudget
from recurra.training.fit import Fitted, fit_network, weight_arrays
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors

EPOCHS = EpochBudget(rows=60_000, fewest=8, most=60)
CHECKED = 16
"""Validation utterances on which the graph is compared with the network."""
WIDE_RATE = 8_000
"""Up to so many samples a second speech has `NARROW_MELS` energies, above it `WIDE_MELS`."""
NARROW_MELS, WIDE_MELS = 26, 40


@dataclass(frozen=True)
class Utterances:
    """N utterances to learn from.

    rows: [N], their numbers among the waveforms; transcripts: [N], normalised, of characters of the alphabet; speakers:
    [N], equal numbers for one speaker.
    """

    rows: NDArray[np.int64]
    transcripts: list[str]
    speakers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, kw_only=True)
class FittedTranscriber(Fitted[TranscriberShape]):
    """A trained transcriber."""

    alphabet: Alphabet


def fit_transcriber(
    waveforms: Waveforms,
    training: Utterances,
    validation: Utterances,
    alphabet: Alphabet,
    front_end: FrontEnd,
    options: TranscribeOptions,
    *,
    control: RunControl = UNATTENDED,
) -> FittedTranscriber:
    """Train on the `training` utterances and validate with the `validation` ones, which have enough steps each.

    Raises TrainingError's kinds (see `errors.py`) and ExportError where the exported graph answers differently.
    """
    require_rows(len(training), len(validation), "recordings", "Give more recordings.")
    setup = prepare(options)
    shape = network_shape(front_end, len(alphabet), options)

    def examples(part: Utterances, augmentation: SpeechAugmentation | None = None) -> Examples:
        symbols = [alphabet.symbols(transcript) for transcript in part.transcripts]
        known = [row for row in symbols if row is not None]
        assert len(known) == len(symbols), "transcripts are of the alphabet"
        return Examples(waveforms, part.rows, known, part.speakers, front_end, alphabet.space, augmentation)

    valid = examples(validation)
    network = TranscriberNetwork(shape, options.dropout)
    mean, deviation = examples(training).statistics()
    network.standardise(mean, deviation)
    network = network.to(setup.device)
    epochs = EPOCHS.epochs(options, len(training))
    history = fit_network(
        network,
        CTC(),
        examples(training, SpeechAugmentation(front_end, mean) if options.augment else None),
        valid,
        options,
        setup,
        epochs=epochs,
        control=control,
    )
    network = network.cpu().eval()
    weights = weight_arrays(network)
    graph = build(shape, weights)
    check(network, Transcriber(shape, alphabet, graph), valid.frames(range(min(CHECKED, len(valid)))))
    return FittedTranscriber(
        shape=shape,
        alphabet=alphabet,
        graphs={MODEL: graph},
        weights=weights,
        history=history,
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
    )


def front_end_of(rate: int, options: TranscribeOptions) -> FrontEnd:
    """Return how a network hears sound of so many samples a second."""
    mels = options.mels or (NARROW_MELS if rate <= WIDE_RATE else WIDE_MELS)
    return FrontEnd(
        rate=rate,
        mels=mels,
        stack=options.stack,
        level=level_for(options.direction),
        changes=options.direction == "both",
    )


def network_shape(front_end: FrontEnd, symbols: int, options: TranscribeOptions) -> TranscriberShape:
    """Return the shape of a network. Raises OptionError where it cannot be."""
    with shape_errors_as_option_errors():
        return TranscriberShape(
            rate=front_end.rate,
            mels=front_end.mels,
            changes=front_end.changes,
            stack=front_end.stack,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            direction=options.direction,
            symbols=symbols,
        )
