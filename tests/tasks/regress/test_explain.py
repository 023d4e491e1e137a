"""What words contribute to a number against hiding them by hand, and what n-grams and network add up to."""

from __future__ import annotations

import json

import numpy as np
import pytest

from recurra.errors import OptionError
from recurra.tasks.regress.explain import divided
from recurra.text.tokenizer import UNKNOWN
from support.regressors import regressor, shape

TEXT = "w1 w2 zork. w3 w1 w4."


@pytest.mark.parametrize("order", [0, 2])
def test_contributions_are_those_of_hiding_by_hand(order: int) -> None:
    model = regressor(shape(order))
    explanation = model.explain(TEXT)
    ids = model.tokenizer.encode(TEXT).ids
    whole = float(model.graph.run([ids])[1][0, 0])
    assert explanation.value == pytest.approx(np.clip(whole, 1, 10), abs=1e-5)
    for place, word in enumerate(explanation.words):
        without = ids.copy()
        without[place] = UNKNOWN
        assert word.contribution == pytest.approx(whole - float(model.graph.run([without])[1][0, 0]), abs=1e-4)
    assert len(explanation.sentences) == 2
    json.dumps(explanation.to_dict(), allow_nan=False)
    assert [word.text for word in explanation.top(1)] == [
        max(explanation.words, key=lambda w: abs(w.contribution)).text
    ]
    if order:
        assert explanation.ngram_total is not None
        assert explanation.network_total is not None
        assert explanation.ngram_total + explanation.network_total == pytest.approx(whole, abs=1e-4)
        assert f"The number is {whole:.4g}" in divided(explanation)
    else:
        assert explanation.ngrams == ()


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(OptionError):
        regressor().explain(3)  # type: ignore[arg-type]
