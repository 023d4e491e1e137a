"""What a model of texts starts from: nothing, a base, or a trained model that training goes on with."""

from __future__ import annotations

from recurra.errors import OptionError
from recurra.many_to_one.learn.continued_options import AnyOptions, going_on
from recurra.many_to_one.learn.from_base import based
from recurra.many_to_one.learn.trained import Trained, read_trained
from recurra.storage import model_directory
from recurra.storage.base import STARTS, Base, read_base
from recurra.storage.packaged_models import find_model

Start = Base | Trained | None


def read_start(
    options: AnyOptions, task: str, *, new_head: bool = False, old_test: str | None = None
) -> tuple[Start, AnyOptions]:
    """Return what --from names, and the options with what it decides.

    A model of the same task is gone on with, unless --new-head asks for its network alone. Raises ArtefactError for
    what cannot be started from, and OptionError for options that do not go with it.
    """
    if options.from_ is None:
        return None, options
    path = find_model(options.from_).path
    kind = model_directory.read_manifest(path).task
    if kind == task and not (new_head and kind in STARTS):
        trained = read_trained(options.from_, task)
        if options.features is not None or trained.tokenizer.features is not None:
            which = "has features" if options.features is None else "is to have features"
            raise OptionError(
                f"--from {options.from_} goes on with a trained model, and one that {which} cannot be. Give "
                "--new-head, which takes its words and layers alone, or train anew on all rows."
            )
        return trained, going_on(options, trained)
    base = read_base(options.from_)
    if old_test is not None:
        raise OptionError(
            f"--old-test {old_test} is for a model that training goes on with, and --from {base.path} "
            f"is started from anew. Leave --old-test out."
        )
    return base, based(options, base)
