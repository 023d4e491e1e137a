"""The explanation of a number as a page."""

from __future__ import annotations

from recurra.tasks.regress.explanation_page import page
from support.regressors import regressor


def test_the_page_holds_the_number_and_escapes_the_text() -> None:
    explanation = regressor().explain("w1 <script>w2</script>. w3 & w4.")
    shown = page(explanation, 5)
    assert f"<h1>{explanation.value:.6g}</h1>" in shown
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "The number is" in shown
    assert "Every word, in order" in shown
