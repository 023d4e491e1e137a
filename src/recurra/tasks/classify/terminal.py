"""What the commands print of a classifier, for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from recurra.data.label_spelling import written
from recurra.many_to_one.continued_facts import continued_sentences
from recurra.many_to_one.ensemble_facts import members_in_words
from recurra.many_to_one.shape_in_words import network_in_words
from recurra.many_to_one.unlabelled_facts import unlabelled_sentences
from recurra.tasks.classify.decision_facts import decision_sentences
from recurra.terminal.drift_lines import print_drift
from recurra.terminal.progress import visible
from recurra.terminal.slice_table import print_slices
from recurra.terminal.table import interval, shown, table

OF_ORDER = {
    "adjacent_accuracy": "Adjacent accuracy",
    "steps_off": "Steps off",
    "label_error": "Error in the labels' unit",
    "weighted_kappa": "Quadratic weighted kappa",
}
"""Of classes in an order."""
METRICS = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "roc_auc": "ROC AUC",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "ece": "Calibration error",
}


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the held-out accuracy and the baseline beside it; where no row was held out, that nothing was measured."""
    test = metrics["test"]
    if not test:
        console.print("[bold]Not evaluated: no row was held out, so how it does on new texts is unknown[/bold]")
        chosen = ", of rows that the epoch was chosen by" if metrics["config"]["keep"] == "best" else ""
        console.print(
            f"Training accuracy {metrics['train']['accuracy']:.1%}; validation accuracy "
            f"{metrics['valid']['accuracy']:.1%}{chosen}"
        )
        return
    console.print(
        f"[bold]Held-out accuracy {test['accuracy']:.1%}[/bold]  (95 % interval {interval(test['accuracy_ci95'])}, "
        f"{test['rows']:,} rows)"
    )
    if "steps_off" in test:
        console.print(_of_order(test, metrics.get("ridge")))
    if teacher := metrics.get("teacher"):
        used, valid = metrics["data"]["unlabelled"]["used"], metrics["valid"]
        console.print(
            f"  with {used:,} unlabelled texts; validation accuracy {valid['accuracy']:.1%}, that of the teacher "
            f"{teacher['valid']['accuracy']:.1%}"
        )
    if (ensemble := metrics.get("ensemble")) and ensemble["gain"]:
        console.print(f"Its members alone {members_in_words(ensemble)}")
    if parts := metrics.get("parts"):
        network, ngrams = (parts[name]["accuracy"] for name in ("network", "ngrams"))
        console.print(f"Its parts alone   {network:.1%} the network, {ngrams:.1%} the n-grams")
    if baseline := metrics["baseline"]:
        console.print(
            f"Baseline          {baseline['accuracy']:.1%}  (95 % interval {interval(baseline['accuracy_ci95'])}; "
            f"{shown(baseline['name'])})"
        )
        console.print(_paired(metrics["paired"]))
    console.print(
        f"Training accuracy {metrics['train']['accuracy']:.1%}; log loss {test['log_loss']:.3f}; "
        f"calibration error {test['ece']:.1%}"
    )
    for sentence in [*continued_sentences(metrics.get("continued")), *decision_sentences(metrics)]:
        console.print(shown(sentence))
    if bare := metrics["hygiene"].get("without_held_out"):
        names = ", ".join(map(written, bare[:5])) + (" ..." if len(bare) > 5 else "")
        console.print(shown(f"No held-out row has {names}: the scores are those of the other classes"))
    if count := test.get("nothing_known_rows"):
        console.print(f"Nothing known was read in {count:,} of the held-out rows; they count as any other")


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print each metric with its interval."""
    rows = table("Metric", "Value", "95 % interval")
    for name, title in {**METRICS, **OF_ORDER}.items():
        if name in OF_ORDER and name not in result:
            continue
        value, ends = result[name], result.get(f"{name}_ci95")
        number = "-" if value is None else f"{value:.4f}"
        rows.add_row(title, number, "-" if ends is None else interval(ends, "{:.4f}"))
    console.print(rows)
    console.print(f"{result['rows']:,} rows, of which {result['truncated_rows']:,} were cut to the model's length")
    if bare := result.get("classes_without_rows"):
        names = ", ".join(map(written, bare[:5])) + (" ..." if len(bare) > 5 else "")
        console.print(shown(f"No row has {names}: the figures are those of the other classes"))
    print_slices(console, result)
    print_drift(console, result)


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print label and probability, separated by a tab, and in the same way the next ones where there are such; after a
    further tab, that nothing known was read where that is so."""
    mark = "\tnothing known was read" if answer.get("nothing_known") else ""
    print("\t".join(f"{_named(one['label'])}\t{one['probability']:.4f}" for one in answer.get("top", [answer])) + mark)


def _named(label: object) -> str:
    """Return a label as it is printed; that there is none where none is likely enough."""
    return "(no label is likely enough)" if label is None else visible(str(label))


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of a classifier."""
    network, metrics, labels = manifest["network"], manifest["metrics"], manifest["labels"]
    test, baseline = metrics.get("test"), metrics.get("baseline")
    classes = ", ".join(map(str, labels[:8])) + (" ..." if len(labels) > 8 else "")
    return {
        "Task": f"{manifest['task']}: {len(labels)} classes"
        f"{' in an order' if network.get('link') == 'cumulative' else ''} ({classes})",
        **network_in_words(network),
        "Accuracy": f"{test['accuracy']:.1%} (95 % interval {interval(test['accuracy_ci95'])})" if test else "",
        "Answers": _decision(metrics.get("decision") or {}, labels),
        "Steps off": f"{test['steps_off']:.3f}" if test and "steps_off" in test else "",
        "Baseline": f"{baseline['accuracy']:.1%}" if baseline else "",
        "Members": members_in_words(ensemble) if (ensemble := metrics.get("ensemble")) and ensemble["gain"] else "",
        "Unlabelled": " ".join(unlabelled_sentences({**metrics, "data": manifest.get("data")})),
    }


def _decision(decision: Mapping[str, Any], labels: Sequence[Any]) -> str:
    """Return how a label is chosen, "" where it is the most probable one."""
    told = []
    if decision.get("positive") is not None:
        told.append(f"{labels[decision['positive']]} from a probability of {decision['threshold']:.3f} on")
    if decision.get("abstain"):
        told.append(f"none where the most probable label has less than {decision['abstain']:.0%}")
    return "; ".join(told)


def _of_order(test: Mapping[str, Any], ridge: Mapping[str, Any] | None) -> str:
    """Return how far answers are off in the order of the classes, and a rounded ridge regression beside it."""
    error, what = test.get("label_error", test["steps_off"]), "" if "label_error" in test else " steps"
    beside = f"; {ridge['steps_off']:.3f} steps by ridge regression, rounded" if ridge else ""
    return f"Off by {error:.3f}{what} on average; {test['adjacent_accuracy']:.1%} right or one step off{beside}"


def _paired(paired: Mapping[str, Any]) -> str:
    difference, p = paired["difference"], paired["p_value"]
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    if p >= 0.05:
        return f"The difference of {difference * 100:+.1f} points may be chance (McNemar's test, {chance})"
    better = "better" if difference > 0 else "worse"
    return f"The model is {better} than the baseline by {abs(difference) * 100:.1f} points (McNemar's test, {chance})"
