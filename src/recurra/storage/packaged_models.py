"""The models that come with the package, and which model a name means.

Each is a model directory like any other, `recurra/models/NAME/`. Its card begins with a heading and a paragraph that
says what the model is, and has a line `Licence: ...`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from recurra.data.model_folder import MANIFEST
from recurra.errors import did_you_mean

MODELS = Path(__file__).parents[1] / "models"
"""Where they lie."""

CARD = "README.md"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True)
class FoundModel:
    """What a name means. path: a model directory; hides: the model of the package that `path` has the name of."""

    path: Path
    hides: Path | None = None

    @property
    def note(self) -> str:
        """A sentence that tells of the hidden model, or nothing."""
        if self.hides is None:
            return ""
        return (
            f"{self.path} in the working folder is used, not the model of that name that comes with Recurra, which is "
            f"in {self.hides}."
        )


def packaged_models() -> dict[str, Path]:
    """Return the directory of each model that comes with the package, by name, in the order of their names."""
    try:
        names = sorted(os.listdir(MODELS))
    except OSError:  # a package that was installed without them
        return {}
    return {name: MODELS / name for name in names if (MODELS / name / MANIFEST).is_file()}


def find_model(name: str | os.PathLike[str]) -> FoundModel:
    """Return which model directory is meant: a path that exists, else the model of that name in the package.

    A name with a separator in it, such as `./sentiment-en`, is only ever a path. What is neither is returned as a path:
    reading it says that it does not exist, and which models there are.
    """
    path, packaged = Path(name), packaged_models().get(os.fspath(name))
    if packaged is None:
        return FoundModel(path)
    return FoundModel(path, hides=packaged) if os.path.lexists(path) else FoundModel(packaged)


def names_hint(path: str | os.PathLike[str]) -> str:
    """Return which models come with the package, for a path that does not exist and may be a name; else nothing."""
    names = packaged_models()
    name = os.fspath(path)
    if not names or not _NAME.fullmatch(name.lower()):
        return ""
    if name in names:  # it was written as a path
        return f" Give the name alone, {name}, for the model that comes with Recurra."
    said = "comes the model" if len(names) == 1 else "come the models"
    lower = name.lower()
    near = f" Did you mean '{lower}'?" if lower in names else did_you_mean(lower, names)
    return f"{near} With Recurra {said} {', '.join(names)}."


def hidden_hint(path: str | os.PathLike[str]) -> str:
    """Return what to do about a path that is no model and hides one of the package; nothing where it hides none."""
    packaged = find_model(path).hides
    if packaged is None:
        return ""
    return f" Rename it or remove it for the model of that name that comes with Recurra, or give {packaged}."


def summary_of(card: str) -> str:
    """Return the first paragraph of a model card in Markdown, on one line and without its mark-up; "" if none."""
    for block in re.split(r"\n\s*\n", card.strip()):
        if not block.startswith("#"):
            return " ".join(re.sub(r"[*`\\]", "", block).split())
    return ""


def licence_of(card: str) -> str:
    """Return what the line `Licence: ...` of a model card says; "" if it has none."""
    found = re.search(r"^Licence: *(.+?)\.?$", card, re.MULTILINE)
    return found[1] if found else ""
