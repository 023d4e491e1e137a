"""Does the tutorial's network learn as in Keras? The same weights and batches, and the weights after each step.

    python benchmarks/keras_steps.py --peers-python .venv-peers/bin/python > benchmarks/results/keras_steps.json

Keras (environment of requirements-peers.txt) makes the initial weights, and both train on the same made-up batches.
Prints one JSON object: what Keras starts from, and the largest difference of a weight from Keras's after 1, 3 and 10
steps, of word vectors and of all other weights, for Recurra's Adam and for each of the three things in which Keras's
differs, added one after the other.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

VOCABULARY, EMBEDDING, HIDDEN, LENGTH, BATCH = 2_000, 128, 64, 200, 32
STEPS = (1, 3, 10)
RATE, BETA1, BETA2 = 1e-3, 0.9, 0.999
DIRECTIONS = ("left_to_right", "right_to_left")

VARIANTS: dict[str, tuple[float, bool, bool, bool]] = {
    "Recurra": (1e-8, False, False, False),
    "+ one bias": (1e-8, False, True, False),
    "+ Keras's epsilon": (1e-7, True, True, False),
    "+ squares of occurrences": (1e-7, True, True, True),
}
"""Adam's epsilon; whether it is added before the bias correction; whether one bias of two is trained; whether the
second moment of a word's vector adds up the squares of its occurrences, not the square of their sum."""


def batches() -> list[tuple[Any, Any]]:
    """Return (ids [BATCH, LENGTH], labels [BATCH]) of each step: common and rare words, filled in front with 0."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(max(STEPS)):
        ids = np.minimum(rng.zipf(1.3, (BATCH, LENGTH)), VOCABULARY - 1).astype(np.int32)
        ids[np.arange(LENGTH) < rng.integers(0, LENGTH - 20, (BATCH, 1))] = 0
        made.append((ids, rng.integers(0, 2, BATCH)))
    return made


def keras_run(path: Path) -> None:
    """Train in Keras and keep its weights: `0.i` before the first step, `n.i` after n. i: as `model.get_weights()`."""
    os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            layers.Embedding(VOCABULARY, EMBEDDING),
            layers.Bidirectional(layers.LSTM(HIDDEN)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam")
    kept = {f"0.{i}": weight for i, weight in enumerate(model.get_weights())}
    for number, (ids, labels) in enumerate(batches(), 1):
        model.train_on_batch(ids, labels.astype("float32")[:, None])
        if number in STEPS:
            kept |= {f"{number}.{i}": weight for i, weight in enumerate(model.get_weights())}
    np.savez(path, version=np.array(keras.__version__), **kept)


def our_run(theirs: Any, variant: tuple[float, bool, bool, bool]) -> dict[int, dict[str, float]]:
    """Return the largest difference from Keras's weights after each of STEPS, of word vectors and of all others.

    theirs: what `keras_run` kept.
    """
    import torch
    from torch.nn import functional

    from recurra.many_to_one.learn.network import ManyToOneNetwork
    from recurra.many_to_one.shape import ManyToOneShape
    from recurra.nn.batch import Batch

    epsilon, before, one_bias, occurrences = variant
    network = ManyToOneNetwork(
        ManyToOneShape(
            vocabulary=VOCABULARY,
            embedding=EMBEDDING,
            cell="lstm",
            hidden=HIDDEN,
            layers=1,
            direction="both",
            pooling="last",
            outputs=1,
        )
    )
    network.load_state_dict(_from_keras([theirs[f"0.{i}"] for i in range(9)]))
    trained = [weight for name, weight in network.named_parameters() if not (one_bias and "bias_hh" in name)]
    moments = [(torch.zeros_like(weight), torch.zeros_like(weight)) for weight in trained]
    differences = {}
    for number, (ids, labels) in enumerate(batches(), 1):
        batch = Batch.of(list(ids))
        words = network.embedding.weight.detach()[batch.values.flatten()].requires_grad_()  # one for each occurrence
        index = torch.arange(len(words), dtype=torch.int32).view(batch.values.shape)
        logits = network.head(network.recurrent(words, index, batch, "last"))[:, 0]
        for weight in trained:
            weight.grad = None
        functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(labels).float()).backward()  # type: ignore[no-untyped-call]
        network.embedding.weight.grad = _by_word(batch.values, words.grad)
        correction = 1 - BETA2**number
        for weight, (first, second) in zip(trained, moments, strict=True):
            gradient = weight.grad
            assert gradient is not None
            of_words = occurrences and weight is network.embedding.weight
            square = _by_word(batch.values, words.grad**2) if of_words else gradient**2
            first.lerp_(gradient, 1 - BETA1)
            second.lerp_(square, 1 - BETA2)
            root = (second / correction).sqrt() + (epsilon / math.sqrt(correction) if before else epsilon)
            weight.data.addcdiv_(first, root, value=-RATE / (1 - BETA1**number))
        if number in STEPS:
            own = network.state_dict()
            keras = _from_keras([theirs[f"{number}.{i}"] for i in range(9)])
            apart = {name: _difference(own, keras, name) for name in own if "bias_hh" not in name}
            differences[number] = {"word_vectors": apart.pop("embedding.weight"), "others": max(apart.values())}
    return differences


def _by_word(ids: Tensor, values: Tensor | None) -> Tensor:
    """Add up the values [B * T, D] of each word: [V, D]."""
    import torch

    assert values is not None
    return torch.zeros(VOCABULARY, EMBEDDING).index_add_(0, ids.flatten(), values)


def _difference(own: dict[str, Tensor], keras: dict[str, Tensor], name: str) -> float:
    """Return the largest difference of a weight; of a layer's two biases, that of their sum."""
    other = name.replace("bias_ih", "bias_hh")
    ours = own[name] + own[other] if other != name else own[name]
    return float((ours - keras[name]).abs().max())


def _from_keras(weights: list[Any]) -> dict[str, Tensor]:
    """Return our weights by name: Keras's matrices transposed (its gates have our order), and one bias of two at 0."""
    import torch

    plain = {"embedding.weight": weights[0], "head.weight": weights[7].T, "head.bias": weights[8]}
    for place, direction in enumerate(DIRECTIONS):
        inputs, states, bias = weights[1 + 3 * place : 4 + 3 * place]
        layer = f"recurrent.layers.0.{direction}"
        plain |= {f"{layer}.weight_ih": inputs.T, f"{layer}.weight_hh": states.T, f"{layer}.bias_ih": bias}
        plain[f"{layer}.bias_hh"] = np.zeros_like(bias)
    return {name: torch.from_numpy(np.ascontiguousarray(weight)) for name, weight in plain.items()}


def _initial(theirs: Any) -> dict[str, Any]:
    """Return what Keras starts from: the largest of each kind of weight, and the forget gate's bias."""
    recurrent, bias = theirs["0.2"], theirs["0.3"].reshape(4, HIDDEN)
    product = recurrent @ recurrent.T
    return {
        "largest_of_embedding": float(np.abs(theirs["0.0"]).max()),
        "largest_of_input_weights": float(np.abs(theirs["0.1"]).max()),
        "glorot_limit_of_input_weights": math.sqrt(6 / (EMBEDDING + 4 * HIDDEN)),
        "largest_of_recurrent_product_minus_identity": float(np.abs(product - np.eye(HIDDEN)).max()),
        "biases_of_gates": bias.mean(axis=1).tolist(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers-python", type=Path, default=Path(".venv-peers/bin/python"), help="where Keras is")
    parser.add_argument("--keras", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.keras:
        keras_run(given.keras)
        return
    with tempfile.TemporaryDirectory(prefix="recurra-keras-") as folder:
        path = Path(folder) / "keras.npz"
        subprocess.run(
            [given.peers_python.absolute(), __file__, "--keras", path], check=True, stdout=subprocess.DEVNULL
        )
        with np.load(path) as theirs:
            metrics = {
                "keras": str(theirs["version"]),
                "initial": _initial(theirs),
                "largest_difference_after_steps": {
                    name: our_run(theirs, variant) for name, variant in VARIANTS.items()
                },
            }
    from record import machine

    result = {
        "name": "keras_steps",
        "command": "python benchmarks/keras_steps.py",
        "machine": machine(),
        "metrics": metrics,
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
