"""Read the texts of --unlabelled, beside a corpus that is read and divided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.data.tables.rejects import report_rejected
from recurra.errors import ColumnError, OptionError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.reading import Opened, open_data
from recurra.many_to_one.unlabelled import UnlabelledTexts
from recurra.many_to_one.unlabelled_facts import left_out_in_words, used_in_words
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter
from recurra.training.split import Parts


def read_unlabelled(
    corpus: Corpus,
    data: str,
    labelled: Opened,
    parts: Parts,
    options: ClassifyOptions,
    reporter: Reporter,
    *,
    rejects: Path,
) -> tuple[UnlabelledTexts, dict[str, Any]]:
    """Return the texts of `options.unlabelled` to learn from, and what is stated of them: name, how, text, fingerprint
    and the counts of `UnlabelledTexts`.

    data: where the rows come from; labelled: their table, whose column of texts is meant where the options name none.
    Raises as `open_data` does, and OptionError where no text is left.
    """
    path = options.unlabelled or ""
    reading = options.model_copy(update={"text": options.unlabelled_text, "label": None})
    try:
        opened = open_data(
            path,
            reading,
            reporter,
            label_needed=False,
            rejects=rejects,
            also=(data, options.test),
            usual_text=labelled.text,
        )
    except ColumnError as error:
        words = str(error).replace("--text", "--unlabelled-text")
        raise ColumnError(f"--unlabelled {path}: {words}") from None
    texts = corpus.unlabelled()
    for (text,) in reporter.track(opened.rows(), "Reading"):
        texts.add(text)
    report_rejected(opened.table, reporter)
    learnt, judged = parts.train, parts.valid | parts.test
    texts.seal(corpus.digests[learnt], corpus.digests[judged])
    if not len(texts):
        why = left_out_in_words(texts.counts)
        raise OptionError(
            f"--unlabelled {path}: no text is left to learn from. {f'Left out: {why}.' if why else 'It has no rows.'} "
            "Give other texts, or omit --unlabelled."
        )
    reporter.info(f"Unlabelled: {used_in_words(texts.counts)}")
    facts = {"name": opened.source.name, "how": opened.source.how, **opened.facts()}
    return texts, {**facts, "fingerprint": texts.fingerprint, **texts.counts}
