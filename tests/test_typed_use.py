"""A program that uses the public names passes mypy's strict checks: their signatures say what they take and give."""

from __future__ import annotations

from pathlib import Path

import pytest

FIXTURE = Path(__file__).parent / "fixtures" / "typed_use.py"
REVEALED = {
    "list[list[str]]": "tagger.predict(sentences)",
    "list[str]": "translator.predict(texts)",
    "str": "generator.generate()",
    "recurra.tasks.tag.model.Tagger": 'recurra.load("m", task="tag")',
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """What mypy says of the program, with lines that ask for the types of its answers; and its exit status."""
    api = pytest.importorskip("mypy.api")
    folder = tmp_path_factory.mktemp("typed")
    program = folder / "program.py"
    lines = [f"    reveal_type({expression})\n" for expression in REVEALED.values()]
    program.write_text(FIXTURE.read_text() + "".join(lines))
    configuration = folder / "mypy.ini"
    configuration.write_text(
        "[mypy]\nstrict = True\npython_version = 3.11\n[mypy-recurra.*]\nfollow_imports = silent\n"
        "[mypy-sklearn.*]\nignore_missing_imports = True\n"
    )
    arguments = ["--config-file", str(configuration), "--cache-dir", str(folder / "cache"), str(program)]
    said, errors, status = api.run(arguments)
    assert not errors, errors
    return said, status


def test_the_program_passes(checked: tuple[str, int]) -> None:
    said, status = checked
    assert status == 0, said


def test_answers_have_types(checked: tuple[str, int]) -> None:
    found = [line.split('"')[1].replace("builtins.", "") for line in checked[0].splitlines() if "Revealed" in line]
    assert found == list(REVEALED)
