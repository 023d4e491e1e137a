"""`recurra train`: from a labelled table to a model directory, in ten steps that can be read from `train` downwards."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra import artefact
from recurra.config import TrainOptions
from recurra.corpus import Corpus
from recurra.data import findings
from recurra.errors import InterruptedTraining, OutputError, ResumeError
from recurra.evaluation import confident_mistakes, evaluate, fit_baseline, mcnemar
from recurra.files import check_publishable
from recurra.verbs.needs import training_installed
from recurra.verbs.prepare import Parts, divided, read_rows
from recurra.verbs.voice import Voice

if TYPE_CHECKING:
    from recurra.runtime.model import Model
    from recurra.training.checkpoints import CheckpointStore
    from recurra.training.fit import Fitted

TRAIN_SAMPLE = 5_000
"""Rows of the training part on which its accuracy is measured at the end."""
MISTAKES = 20
MISTAKE_CHARACTERS = 600
PACKAGES = ("recurra", "torch", "onnxruntime", "numpy", "duckdb", "scikit-learn")


@dataclass
class Timing:
    """Seconds by step."""

    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        before = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - before

    def move(self, step: str, to: str, seconds: float) -> None:
        """Count `seconds` of `step` as those of another step, which ran inside it."""
        self.seconds[step] -= seconds
        self.seconds[to] = self.seconds.get(to, 0.0) + seconds

    def all(self) -> dict[str, float]:
        return {**self.seconds, "total": time.perf_counter() - self.started}


def train(
    data: str,
    out: Path,
    options: TrainOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    command: str = "",
    voice: Voice | None = None,
) -> dict[str, Any]:
    """Train a classifier on `data` and write the model directory `out`. Returns what metrics.json holds.

    data: a path or a name from the catalog. resume: go on with the run that was stopped. overwrite: replace the model
    in `out`, or drop an unfinished run beside it. Raises RecurraError's kinds; `out` then is as it was.
    """
    training_installed()
    from recurra.report import curves_png, model_card, render
    from recurra.training.checkpoints import CheckpointStore, training_directory
    from recurra.training.fit import auto_epochs, fit, resolved

    voice, timing = voice or Voice(), Timing()
    out = _named(out)
    store = CheckpointStore(training_directory(out))
    _check_out(out, store, resume=resume, overwrite=overwrite)
    replaceable = {artefact.MANIFEST, *artefact.LIMITS} if overwrite else None
    check_publishable(out, replaceable=replaceable, what="a model")
    with _held(store, resume=resume, overwrite=overwrite), Corpus(store.directory) as corpus:
        with timing.step("read"):
            opened, said = read_rows(corpus, data, options, voice, rejects=out.with_name(out.name + ".rejects"))
            corpus.seal()
        timing.move("read", "tokenise", corpus.tokenising_seconds)
        labels, targets, parts = divided(corpus, said, options)
        hygiene = corpus.hygiene.report()
        hygiene["findings"] = findings(hygiene)
        for finding in hygiene["findings"]:
            voice.say(f"Data: {finding}")
        voice.say(f"Split: {parts.how}.")
        source = {
            "name": opened.source.name,
            "how": opened.source.how,
            "fingerprint": corpus.fingerprint,
            "rows": len(corpus),
            "text": opened.text,
            "label": opened.label,
        }
        identity = {
            "options": options.model_dump(),
            "data": source["fingerprint"],
            "rows": len(corpus),
            "machine": resolved(options),
            "split": hashlib.sha256(np.packbits([parts.train, parts.valid, parts.test]).tobytes()).hexdigest(),
        }
        if resume:
            _check_same_run(store, identity, voice)
        else:
            store.forget()

        epochs = options.epochs or auto_epochs(int(parts.train.sum()))
        voice.heading(
            f"Training {options.layers} x {options.cell.upper()}({options.hidden}), {options.direction}, "
            f"{options.pooling} pooling, {epochs} epochs"
        )
        with timing.step("train"), voice.training() as watch:
            fitted = fit(
                corpus,
                targets,
                len(labels),
                parts.train,
                parts.valid,
                options,
                store=store,
                resume=resume,
                identity=identity,
                watch=watch,
            )
        model = _model(fitted, labels)
        metrics: dict[str, Any] = {"task": "classify", "labels": labels}
        with timing.step("evaluate"):
            voice.say("Judging on the held-out rows ...")
            metrics["test"], answers = _judged(model, corpus, targets, parts.test, labels)
            metrics["train"] = _train_score(model, corpus, targets, parts.train, options.seed)
            metrics["valid"] = fitted.valid
            metrics["mistakes"] = _mistakes(corpus, targets, parts.test, answers, labels)
        with timing.step("baseline"):
            metrics["baseline"] = metrics["paired"] = None
            if options.baseline:
                voice.say("Training the baseline (TF-IDF and logistic regression) on the same rows ...")
                metrics["baseline"], metrics["paired"] = _baseline(corpus, targets, parts, answers, options.seed)
        metrics |= {
            "history": fitted.history,
            "temperature": fitted.temperature,
            "hygiene": hygiene | {"tokens": _tokens(model, corpus, parts)},
            "split": {
                "how": parts.how,
                "train": int(parts.train.sum()),
                "valid": int(parts.valid.sum()),
                "test": int(parts.test.sum()),
                "left_out_of_test_as_repeats": parts.leaked,
            },
            "config": options.model_dump()
            | {"epochs": fitted.epochs, "precision": fitted.precision, "device": fitted.device},
            "network": fitted.shape.model_dump(),
            "seed": options.seed,
            "versions": versions(),
            "data": source,
            "command": command,
            "timing": timing.all(),
        }
        _write(
            out,
            fitted,
            labels,
            metrics,
            curves_png(fitted.history),
            render(metrics),
            model_card(metrics),
            overwrite=overwrite,
        )
        store.forget()
    return metrics


def _named(out: Path) -> Path:
    """Return `out` with a name of its own, also where it was given as `.` or `..`."""
    named = out.resolve() if out.name in ("", "..") else out
    if not named.name:
        raise OutputError(f"--out {out} cannot become a model directory. Choose another place.")
    return named


def _check_out(out: Path, store: CheckpointStore, *, resume: bool, overwrite: bool) -> None:
    """Refuse, before any work, what would lose somebody's work at the end."""
    try:
        there = sorted(os.listdir(out))
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise OutputError(
            f"--out {out} is a file, or lies below one; a model is a directory. Choose another place."
        ) from None
    except OSError as error:
        raise OutputError(f"--out {out} cannot be used: {error.strerror}. Choose another place.") from None
    if not there:
        return
    if artefact.MANIFEST not in there:
        raise OutputError(f"--out {out} is not empty and holds no model. Choose another place.")
    if resume and not store.paths():
        raise ResumeError(f"{out} holds a finished model; there is nothing to resume.")
    if not overwrite:
        ways = "add --overwrite to --resume" if resume else "replace it with --overwrite"
        raise OutputError(f"{out} already holds a model. Choose another --out, or {ways}.")


@contextmanager
def _held(store: CheckpointStore, *, resume: bool, overwrite: bool) -> Iterator[None]:
    """Hold the directory of the run, and leave it behind only where it has a state to go on from."""
    with store.locked():
        if store.paths() and not (resume or overwrite):
            raise OutputError(
                f"{store.directory} holds an unfinished training run. Go on with it by --resume, or drop it by "
                "--overwrite."
            )
        try:
            for left in store.directory.glob("recurra-*"):  # the rows of a run that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield
        except KeyboardInterrupt:
            if not store.paths():
                raise
            raise InterruptedTraining(
                f"Stopped. The training so far is saved in {store.directory}. "
                "To go on, give the same command with --resume."
            ) from None
        except OutputError as error:
            if not store.paths():
                raise
            raise OutputError(
                f"{error} The training so far is saved in {store.directory}: give the same command with --resume."
            ) from error
        finally:
            if not store.paths():
                store.clear()


def _check_same_run(store: CheckpointStore, identity: dict[str, Any], voice: Voice) -> None:
    """Refuse to resume a run with other options or other data."""
    saved = store.newest()
    if saved is None:
        voice.say("There is nothing to resume; starting from the beginning.")
        return
    then = saved[1]["identity"]
    changes = [
        f"--{name.replace('_', '-')} was {then['options'].get(name)!r} and is now {value!r}"
        for name, value in identity["options"].items()
        if then["options"].get(name) != value
    ]
    changes += [
        f"the {name} was {then['machine'].get(name)} and is now {value}"
        for name, value in identity["machine"].items()
        if then["machine"].get(name) != value
    ]
    if then["data"] != identity["data"]:
        changes.append(
            f"the data were {then['rows']:,} rows with fingerprint {then['data'][:12]} and are now "
            f"{identity['rows']:,} rows with fingerprint {identity['data'][:12]}"
        )
    elif then["split"] != identity["split"]:
        changes.append("the rows are divided otherwise into training, validation and held-out rows")
    if changes:
        raise ResumeError(
            f"Cannot resume: {'; '.join(changes)}. Give the same options and data, or start over with --overwrite."
        )
    voice.say(f"Resuming after step {saved[1]['run']['step']:,}.")


def _model(fitted: Fitted, labels: list[str]) -> Model:
    from recurra.runtime.model import Model

    return Model(fitted.tokenizer, fitted.graph, labels)


def _judged(
    model: Model, corpus: Corpus, targets: NDArray[np.int64], rows: NDArray[np.bool_], labels: list[str]
) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """Return the evaluation on `rows` and the probabilities [n, K], from the text through the exported graph."""
    answers = list(model.predict_iter(_texts(corpus, rows)))
    probabilities = np.concatenate([part.probabilities for part in answers])
    tokens = np.concatenate([part.tokens for part in answers])
    truncated = np.concatenate([part.truncated for part in answers])
    return evaluate(probabilities, targets[rows], labels, tokens, truncated), probabilities


def _train_score(
    model: Model, corpus: Corpus, targets: NDArray[np.int64], rows: NDArray[np.bool_], seed: int
) -> dict[str, Any]:
    """Return accuracy and log loss on training rows, a sample of them where there are many."""
    chosen = np.flatnonzero(rows)
    if len(chosen) > TRAIN_SAMPLE:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, TRAIN_SAMPLE, replace=False))
    probabilities = model.predict_proba(corpus.texts[int(row)] for row in chosen)
    of_truth = probabilities[np.arange(len(chosen)), targets[chosen]]
    return {
        "rows": len(chosen),
        "accuracy": float((probabilities.argmax(1) == targets[chosen]).mean()),
        "log_loss": float(-np.log(np.maximum(of_truth, 1e-15)).mean()),
    }


def _mistakes(
    corpus: Corpus,
    targets: NDArray[np.int64],
    rows: NDArray[np.bool_],
    answers: NDArray[np.float64],
    labels: list[str],
) -> list[dict[str, Any]]:
    chosen = np.flatnonzero(rows)
    mistakes: list[dict[str, Any]] = []
    shown: set[int] = set()
    for mistake in confident_mistakes(answers, targets[rows], len(chosen), labels):
        row = int(chosen[mistake["row"]])
        if len(mistakes) == MISTAKES or int(corpus.groups[row]) in shown:
            continue  # one of several copies is enough
        shown.add(int(corpus.groups[row]))
        mistakes.append(mistake)
        mistake["row"] = int(corpus.sources[row])
        text = corpus.texts[row]
        mistake["text"] = text if len(text) <= MISTAKE_CHARACTERS else text[:MISTAKE_CHARACTERS] + " …"
    return mistakes


def _baseline(
    corpus: Corpus, targets: NDArray[np.int64], parts: Parts, answers: NDArray[np.float64], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the baseline's score and the paired comparison. It learns from the validation rows too: it may."""
    learning = parts.train | parts.valid
    baseline = fit_baseline(
        _texts(corpus, learning), targets[learning], _texts(corpus, parts.test), seed, classes=answers.shape[1]
    )
    right = baseline.probabilities.argmax(1) == targets[parts.test]
    return baseline.summary(targets[parts.test]), mcnemar(answers.argmax(1) == targets[parts.test], right)


def _texts(corpus: Corpus, rows: NDArray[np.bool_]) -> Iterator[str]:
    return (corpus.texts[int(row)] for row in np.flatnonzero(rows))


def _tokens(model: Model, corpus: Corpus, parts: Parts) -> dict[str, Any]:
    """Return what truncation and the vocabulary lose: over all rows, and the unknown share of the held-out tokens."""
    limit = model.tokenizer.max_tokens
    lost = np.maximum(0, corpus.counts - limit) if limit else np.zeros(len(corpus), dtype=np.int64)
    sample = np.flatnonzero(parts.test)[:2_000]
    encodings = model.encode(corpus.texts[int(row)] for row in sample)
    seen = sum(min(encoding.tokens, len(encoding.ids)) for encoding in encodings)
    return {
        "tokens": int(corpus.counts.sum()),
        "vocabulary": model.tokenizer.size,
        "truncated_rows": int((lost > 0).sum()),
        "lost_tokens": int(lost.sum()),
        "unknown_rate": sum(encoding.unknown for encoding in encodings) / max(1, seen),
    }


def versions() -> dict[str, str]:
    """Return the versions of what decides the numbers."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def _write(
    out: Path,
    fitted: Fitted,
    labels: list[str],
    metrics: Mapping[str, Any],
    curves: bytes,
    page: str,
    card: str,
    *,
    overwrite: bool,
) -> None:
    import json

    from safetensors.numpy import save

    summary = {
        "accuracy": metrics["test"]["accuracy"],
        "accuracy_ci95": metrics["test"]["accuracy_ci95"],
        "rows": metrics["test"]["rows"],
    }
    artefact.write(
        out,
        {
            "model.onnx": fitted.graph,
            "tokenizer.json": fitted.tokenizer.to_json().encode(),
            "weights.safetensors": save(fitted.weights),
            "metrics.json": json.dumps(metrics, indent=1, allow_nan=False).encode(),
            "report.html": page.encode("utf-8", "replace"),
            "curves.png": curves,
            "README.md": card.encode("utf-8", "replace"),
        },
        labels=list(labels),
        network=fitted.shape,
        config=metrics["config"],
        metrics=summary,
        data=metrics["data"],
        overwrite=overwrite,
    )
