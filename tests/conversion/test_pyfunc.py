"""What MLflow calls: by the name that is written into models, with tables as pandas has them."""

from __future__ import annotations

import pandas as pd
import pytest

from recurra.conversion import pyfunc
from recurra.errors import ArtefactError, OptionError
from support.written_models import MODELS


def test_the_name_that_models_were_written_with_stays() -> None:
    assert pyfunc.__name__ == "recurra.conversion.pyfunc"
    assert isinstance(pyfunc._load_pyfunc(str(MODELS / "tag")), pyfunc.RecurraModel)


def test_rows_keep_their_order_and_an_empty_cell_is_an_empty_text() -> None:
    model = pyfunc.RecurraModel(str(MODELS / "classify"))
    texts = ["a good film", None, "dull", float("nan"), "", pd.NA]
    table = pd.DataFrame({"other": 1, "review": texts}, index=[5, 3, 9, 1, 0, 2])
    answers = model.predict(table, params={})
    assert list(answers.columns) == list(model.outputs) and len(answers) == len(texts)
    expected = [model.predict({"review": ["" if pd.isna(text) else text]}).to_dict("records")[0] for text in texts]
    for answer, alone in zip(answers.to_dict("records"), expected, strict=True):
        assert answer["probabilities"] == pytest.approx(alone["probabilities"])
        assert answer["label"] == alone["label"] and answer["nothing_known"] == alone["nothing_known"]
    assert list(answers.nothing_known) == [False, True, False, True, True, True]


def test_a_table_without_rows_has_answers_without_rows() -> None:
    for task in ("classify", "tag", "translate", "series", "transcribe"):
        model = pyfunc.RecurraModel(str(MODELS / task))
        answers = model.predict(pd.DataFrame({name: [] for name in model.inputs}))
        assert list(answers.columns) == list(model.outputs) and len(answers) == 0


def test_what_cannot_be_loaded_is_refused(tmp_path: object) -> None:
    with pytest.raises(ArtefactError, match="does not exist"):
        pyfunc._load_pyfunc(f"{tmp_path}/none")
    with pytest.raises(OptionError, match="a table"):
        pyfunc._load_pyfunc(str(MODELS / "chat"))
