"""The report and the model card of a transcriber: kinds of errors, speakers, confusions and the worst recordings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.report import card, page, wording
from recurra.report.blocks import boxed, quotes, table, tiles
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import Quantity
from recurra.report.verdict import SIGNIFICANT, Verdict

MOST_SPEAKERS = 100
USEFUL = 0.3
"""A word error rate above it is of little use, whatever it is better than."""
FEW_SPEAKERS = 4
"""With fewer held-out speakers the next voice may be quite another."""
FEW_WORDS = 300
"""With fewer held-out words the intervals are wide."""

QUANTITIES: dict[str, Quantity] = {
    "wer": Quantity(
        "Word error rate",
        "Words replaced, left out and added, of 100 that were said.",
        higher_is_better=False,
        share=True,
    ),
    "cer": Quantity(
        "Character error rate", "The same of characters, spaces among them.", higher_is_better=False, share=True
    ),
    "exact_match": Quantity(
        "Exact", "The share of the recordings without any error.", higher_is_better=True, share=True
    ),
    "real_time_factor": Quantity(
        "Real-time factor", "Seconds of computing for a second of speech, here.", higher_is_better=False, digits=4
    ),
}
LOSS = Quantity("Loss", "CTC: the negative log-likelihood of a character.", higher_is_better=False, unit="nats")

_USE = (
    '```python\nimport recurra\n\ntranscriber = recurra.load(".")\ntranscriber.transcribe(["recording.wav"])[0].text\n'
    "```\n\n```sh\nrecurra predict . recording.wav\nrecurra predict . recording.wav --subtitles srt > recording.srt\n"
    "```\n\nIt needs the extra `audio` (`pip install 'recurra[audio]'`) and no training framework."
)


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json."""
    return page.render(metrics, report_page(metrics))


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return the model card in Markdown, from the content of metrics.json."""
    return card.model_card(metrics, report_page(metrics), use=_USE)


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what a transcriber adds to the report and the card that all tasks share."""
    return ReportPage(
        title=f"{wording.shortened((metrics.get('data') or {}).get('name') or 'speech', 60)} transcriber",
        row="recording",
        rows="recordings",
        verdict=_verdict(metrics),
        quantities=QUANTITIES,
        intervals=f"Intervals are from a bootstrap over {_units(metrics)}.",
        loss=LOSS,
        sections=_sections(metrics),
    )


def _units(metrics: Mapping[str, Any]) -> str:
    """Return what is drawn again for intervals."""
    return str((metrics.get("test") or {}).get("ci95_over") or "utterances")


def _verdict(metrics: Mapping[str, Any]) -> Verdict:
    test, paired = metrics.get("test") or {}, metrics.get("paired")
    reasons, cautions = tuple(_reasons(metrics)), tuple(_cautions(metrics))
    if test.get("wer") is None:
        return Verdict("even", "Not evaluated yet.", reasons, cautions)
    share = wording.percent(test["wer"])
    if paired and paired["p_value"] < SIGNIFICANT and paired["difference"] > 0:
        headline = f"No: the nearest template makes fewer errors than its {share} of the words."
        return Verdict("bad", headline, reasons, cautions)
    if paired and paired["p_value"] >= SIGNIFICANT:
        return Verdict(
            "even", f"It errs in {share} of the words, not clearly less than the nearest template.", reasons, cautions
        )
    if test["wer"] > USEFUL:
        return Verdict("bad", f"Not yet: it errs in {share} of the words.", reasons, cautions)
    if paired:
        return Verdict("good", f"Yes: it errs in {share} of the words, less than the baseline.", reasons, cautions)
    return Verdict("even", f"It errs in {share} of the words, without a baseline to compare with.", reasons, cautions)


def _reasons(metrics: Mapping[str, Any]) -> list[str]:
    test, paired, baseline = metrics.get("test") or {}, metrics.get("paired"), metrics.get("baseline") or {}
    if test.get("wer") is None:
        return []
    held_out = f"{wording.count(test['words'], 'word')} in {wording.count(test['rows'], 'recording')}"
    reasons = [
        f"Of {held_out} that it had never heard, {wording.count(test['substitutions'])} were replaced, "
        f"{wording.count(test['deletions'])} left out, and {wording.count(test['insertions'])} were added."
    ]
    if baseline.get("wer") is not None and paired:
        reasons.append(
            f"The baseline ({baseline['name']}) errs in {wording.percent(baseline['wer'])} "
            f"({wording.probability(paired['p_value'])}, over {_units(metrics)})."
        )
    if test.get("real_time_factor"):
        reasons.append(f"It transcribes a minute of speech in {wording.duration(60 * test['real_time_factor'])} here.")
    return reasons


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    test, data = metrics.get("test") or {}, metrics.get("data") or {}
    cautions = []
    if not data.get("speakers"):
        cautions.append(
            "No speakers are named, so the same voices may be in training and held out: new voices bring more errors."
        )
    elif test.get("speakers") and test["speakers"] < FEW_SPEAKERS:
        cautions.append(
            f"It was heard on {wording.count(test['speakers'], 'speaker')} that it did not know: another voice may be "
            "easier or harder, which the interval does not show."
        )
    cautions += list((metrics.get("hygiene") or {}).get("findings") or [])
    if (test.get("words") or FEW_WORDS) < FEW_WORDS:
        cautions.append("There are few held-out words: the intervals are wide, and small differences mean nothing.")
    cautions.append(
        "It has heard its training recordings alone: other microphones, rooms, accents and words need their own."
    )
    return cautions


def _sections(metrics: Mapping[str, Any]) -> list[Section]:
    test = metrics.get("test") or {}
    sections = []
    if test.get("wer") is not None:
        kinds = [
            ("replaced", wording.count(test["substitutions"])),
            ("left out", wording.count(test["deletions"])),
            ("added", wording.count(test["insertions"])),
            ("words said", wording.count(test["words"])),
        ]
        sections.append(
            Section(
                "Errors",
                tiles(kinds),
                "Words as the smallest number of edits leads from what was said to what was written.",
            )
        )
    if test.get("confusions"):
        rows = [[one["truth"], one["heard"], wording.count(one["count"])] for one in test["confusions"]]
        sections.append(Section("Confusions", boxed(table(["said", "written", "times"], rows, numbers=1))))
    lost = [
        table(["word", "times"], [[one["word"], wording.count(one["count"])] for one in test[name]], title, numbers=1)
        for name, title in (("deleted", "Left out"), ("inserted", "Added"))
        if test.get(name)
    ]
    if lost:
        sections.append(Section("Words left out and added", boxed(*lost)))
    if len(test.get("per_speaker") or []) > 1:
        sections.append(Section("Speakers", boxed(_speakers(test["per_speaker"])), "Those with the most errors first."))
    if metrics.get("mistakes"):
        items = [
            (
                [
                    ("recording", one["recording"]),
                    *([("speaker", str(one["speaker"]))] if one.get("speaker") else []),
                    ("said", one["reference"] or "(nothing)"),
                ],
                one["answer"] or "(nothing)",
            )
            for one in metrics["mistakes"]
        ]
        sections.append(Section("Recordings with the most errors", quotes(items), "Below each: what was written."))
    return sections


def _speakers(per_speaker: list[dict[str, Any]]) -> Markup:
    ordered = sorted(per_speaker, key=lambda row: -(row["wer"] or 0))[:MOST_SPEAKERS]
    rows = [
        [
            wording.shortened(row["speaker"], 60),
            wording.count(row["rows"]),
            wording.count(row["words"]),
            wording.percent(row["wer"]),
        ]
        for row in ordered
    ]
    return table(["speaker", "recordings", "words", "word error rate"], rows, numbers=3)
