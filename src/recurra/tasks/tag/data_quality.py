"""What people should know of the tags of a training file, before a model learns them."""

from __future__ import annotations

from collections.abc import Mapping

from recurra.data.label_spelling import clash_sentences, clashes
from recurra.data.tables.table import listed
from recurra.tasks.tag.spans import are_spans, marks_span

SHOWN = 8
EMPTY_TAGS = ("_", "-", "?", "*")


def tag_findings(counts: Mapping[str, int], *, numbered: bool = False, named: bool = False) -> list[str]:
    """Return findings on tags, in sentences. counts: the words that have each tag; numbered: they are numbers in JSON.

    named: they come from a column with a name, where an empty one is written `_`.
    """
    findings = clash_sentences(clashes(counts), "word", name="tag")
    if numbered:
        findings.append(
            f"The tags are numbers ({listed(sorted(counts, key=_by_number), SHOWN)}), so that spans such as B-PER and "
            "I-PER cannot be scored. Give their names with --tag-names, such as O,B-PER,I-PER, to have that."
        )
    others = sorted(tag for tag in counts if not marks_span(tag))
    if any(tag.startswith(("B-", "I-")) for tag in counts) and not are_spans(counts):
        findings.append(
            f"Some tags mark spans (B-, I-) and others do not ({listed(others, SHOWN)}), so that no spans are scored. "
            "Words outside spans have the tag 'O'."
        )
    elif not named and (empty := [tag for tag in EMPTY_TAGS if tag in counts]):
        findings.append(
            f"{sum(counts[tag] for tag in empty):,} words have the tag {listed(empty)}, which is learnt as any other. "
            "Is --tag-column right?"
        )
    return findings


def held_out_findings(train: Mapping[str, int], test: Mapping[str, int]) -> list[str]:
    """Return findings on tags that the held-out sentences do not have. train, test: the words that have each tag."""
    unseen = sorted((tag for tag in train if tag not in test), key=lambda tag: (-train[tag], tag))
    if not unseen:
        return []
    several = len(unseen) > 1
    return [
        f"No held-out sentence has the tag{'s'[:several]} {listed(unseen, SHOWN)}: how well "
        f"{'they are' if several else 'it is'} told is not known, and macro F1 is over the other "
        f"{len(set(train) & set(test)):,}."
    ]


def _by_number(tag: str) -> tuple[int, str]:
    return (int(tag) if tag.lstrip("-").isdecimal() else 0, tag)
