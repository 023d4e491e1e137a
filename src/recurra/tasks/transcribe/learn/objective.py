"""Training by connectionist temporal classification: the loss, and the errors on the validation rows.

Source of the loss: A. Graves, S. Fernandez, F. Gomez and J. Schmidhuber (2006), "Connectionist temporal classification:
labelling unsegmented sequence data with recurrent neural networks".
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from recurra.inference.batching import batches_by_length
from recurra.tasks.transcribe.alphabet import BLANK
from recurra.tasks.transcribe.ctc import greedy
from recurra.tasks.transcribe.edits import count_edits
from recurra.tasks.transcribe.learn.examples import CTCTargets, Examples
from recurra.training.objective import Monitor, Validation

SCORING_STEPS = 2**13
"""Steps of a batch that is scored, padding included."""

LOSS_SHARE = 1e-4
"""How much of the loss decides between epochs of equal errors."""


class CTC:
    """Which characters are said? All paths that collapse to the transcript count."""

    def loss(self, outputs: Tensor, targets: CTCTargets) -> Tensor:
        """Return the mean negative log-likelihood in nats a character. outputs: logits [B, T, K] float32."""
        return self._sums(outputs, targets).sum() / targets.lengths.sum()

    def _sums(self, outputs: Tensor, targets: CTCTargets) -> Tensor:
        """Return the negative log-likelihood of each utterance [B], 0 for one without any path."""
        return functional.ctc_loss(
            outputs.log_softmax(-1).transpose(0, 1),
            targets.symbols,
            targets.steps,
            targets.lengths,
            blank=BLANK,
            reduction="none",
            zero_infinity=True,
        )

    def metrics(self, outputs: Tensor, targets: CTCTargets) -> dict[str, float]:
        """Return how many characters there are: their errors are counted on the validation rows alone."""
        return {"count": int(targets.lengths.sum())}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return nothing besides the loss."""
        return {}

    def validate(self, network: nn.Module, rows: Examples, device: torch.device) -> Validation:
        """Evaluate by the character error rate of the greedy answers, and by the loss where that is equal."""
        network.eval()
        loss, errors, count = 0.0, 0, 0
        with torch.inference_mode():
            for chosen in batches_by_length(rows.steps, SCORING_STEPS):
                batch, targets = rows.batch(chosen, device)
                outputs = network(batch).float()
                loss += float(self._sums(outputs, targets).sum())
                answers = outputs.log_softmax(-1).cpu().numpy()
                for row, log_probabilities in enumerate(answers):
                    length = int(targets.lengths[row])
                    truth = targets.symbols[row, :length].tolist()
                    found = greedy(log_probabilities[: int(targets.steps[row])]).symbols
                    errors += count_edits(truth, found.tolist()).errors
                    count += length
        cer, loss = errors / count, loss / count
        return Validation({"loss": loss, "cer": cer}, Monitor("cer", cer + LOSS_SHARE * loss))
