"""No regular expression takes more than a few steps for each character, whatever the text: counted, not timed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import recurra
from recurra.text import sentences, stable_prefix, words
from support.backtracking import WORST_GROWTH, Counting, worst_growth

SOURCES = Path(recurra.__file__).parent
FLAGS = {"IGNORECASE": re.IGNORECASE, "DOTALL": re.DOTALL, "ASCII": re.ASCII, "MULTILINE": re.MULTILINE}
ANCHORED = {"match", "fullmatch"}


def python_expressions() -> Iterator[tuple[str, str, int, str]]:
    """Yield (where, expression, flags, how it is used) of each literal one. One used in several ways is a search."""
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(SOURCES.rglob("*.py"))}
    every = "\n".join(sources.values())
    for path, source in sources.items():
        tree = ast.parse(source)
        names = {id(call): target for target, call in assigned(tree)}
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            owner, function, literal = node.func.value, node.func.attr, node.args[0]
            if not (isinstance(owner, ast.Name) and owner.id == "re" and isinstance(literal, ast.Constant)):
                continue
            flags = sum(
                FLAGS.get(part.attr, 0)
                for extra in node.args[1:]
                for part in ast.walk(extra)
                if isinstance(part, ast.Attribute)
            )
            how = function
            if function == "compile":
                name = names.get(id(node), "")
                methods = set(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", every)) if name else set()
                how = methods.pop() if len(methods) == 1 and methods <= ANCHORED else "search"
            yield f"{path.relative_to(SOURCES)}:{node.lineno}", str(literal.value), flags, how


def assigned(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Name):
                yield target.id, value
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                for one, part in zip(target.elts, value.elts, strict=True):
                    if isinstance(one, ast.Name):
                        yield one.id, part


def script_expressions() -> Iterator[tuple[str, str, int, str]]:
    for path in sorted(SOURCES.rglob("*.js")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for literal, flags in re.findall(
                r"(?:^|[(\[=,:?&|!])\s*/((?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[])+)/(\w*)", line
            ):
                yield f"{path.relative_to(SOURCES)}:{number}", literal, re.IGNORECASE if "i" in flags else 0, "search"


EXPRESSIONS = [*python_expressions(), *script_expressions()]


def test_the_expressions_are_found() -> None:
    modules = {where.partition(":")[0] for where, *_ in EXPRESSIONS}
    importing = {
        str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.py") if "re.compile(" in path.read_text("utf-8")
    }
    assert importing - modules == {"data/download.py"}  # whose expressions are those of the catalog
    assert "server/page/figures.js" in modules and len(EXPRESSIONS) > 30


@pytest.mark.parametrize(("where", "expression", "flags", "how"), EXPRESSIONS, ids=[one[0] for one in EXPRESSIONS])
def test_a_longer_text_takes_as_many_more_steps(where: str, expression: str, flags: int, how: str) -> None:
    growth, text = worst_growth(expression, flags, how=how)
    assert growth < WORST_GROWTH, f"{where}: {expression} takes {growth:.0f} times the steps for 5 times {text}"


def test_so_do_those_that_are_put_together() -> None:
    for expression in (words._special()[1].tokens, words._special()[1].ends):
        growth, text = worst_growth(expression.pattern)
        assert growth < WORST_GROWTH, text


@pytest.mark.parametrize(
    ("expression", "how"),
    [
        (r"<br\s*/?\s*>", "search"),
        (r"[.!?]+[\"')]*(?=\s|\Z)", "search"),
        (r"#\s*columns\s*=\s*(.*\S)\s*", "fullmatch"),
        (r"(a+)+b", "match"),
        (r"\S*part-\S+/end", "search"),
    ],
)
def test_what_takes_more_is_noticed(expression: str, how: str) -> None:
    assert worst_growth(expression, how=how)[0] > WORST_GROWTH


@given(st.text(st.sampled_from("<bBrR /\n>.!?…\"')x。」\u3000"), max_size=30))
def test_the_counting_matcher_finds_what_re_finds(text: str) -> None:
    for expression in (words.LINE_BREAK, sentences._END, words._PLAIN.tokens, stable_prefix._OPEN_BREAK):
        counting = Counting(expression.pattern, expression.flags & ~re.UNICODE)
        assert counting.find_all(text) == [match.group() for match in expression.finditer(text)]


@given(st.text(st.sampled_from("<bBrR /\n>.!?…\"')x。」\u3000"), max_size=30))
def test_they_find_what_the_ones_before_them_found(text: str) -> None:
    """Models that were trained with the former expressions read texts as before."""
    line_break = re.compile(r"<br\s*/?\s*>", re.IGNORECASE)
    end = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|<br|\Z)|[。！？]+[」』”’）]*|<br\s*/?\s*>|\n[^\S\n]*\n", re.IGNORECASE)
    assert [m.span() for m in words.LINE_BREAK.finditer(text)] == [m.span() for m in line_break.finditer(text)]
    assert [m.span() for m in sentences._END.finditer(text)] == [m.span() for m in end.finditer(text)]
