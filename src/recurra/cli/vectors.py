"""`recurra vectors`: pretrained word vectors by name, fetched once into the cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recurra.cli.options import Json, print_json
from recurra.errors import OptionError, did_you_mean
from recurra.terminal.output import already_written
from recurra.terminal.table import console, shown, table

if TYPE_CHECKING:
    from recurra.data.word_vectors.known import Fetched

ACTIONS = ("list", "fetch")


def listing() -> dict[str, Any]:
    """Return the names of word vectors that are known and those that were fetched, and where they lie."""
    from recurra.data.word_vectors.known import KNOWN, all_fetched, folder

    there = {each.name: each for each in all_fetched()}
    known = [
        {
            "name": name,
            "about": entry.about,
            "licence": entry.licence,
            "url": entry.url,
            "sha256": entry.sha256,
            "download_megabytes": entry.megabytes,
            "fetched": name in there,
        }
        for name, entry in KNOWN.items()
    ]
    return {"folder": str(folder()), "known": known, "fetched": [_plain(each) for each in there.values()]}


def command() -> Callable[..., None]:
    """Return the command."""

    def vectors(
        *,
        action: Annotated[
            str, typer.Argument(metavar="ACTION", help="What to do: list, or fetch.", show_default=False)
        ],
        name: Annotated[
            str | None,
            typer.Argument(metavar="[NAME]", help="What to fetch: a name from the list.", show_default=False),
        ] = None,
        url: Annotated[
            str | None,
            typer.Option("--url", help="Fetch from this address instead; needed for a name of your own."),
        ] = None,
        sha256: Annotated[
            str | None, typer.Option("--sha256", help="Digest that the download must have, for a name of your own.")
        ] = None,
        overwrite: Annotated[bool, typer.Option("--overwrite", help="Fetch again what is there.")] = False,
        json_: Json = False,
    ) -> None:
        """Fetch pretrained word vectors for --word-vectors, or list those that have a name.

        Example: recurra vectors fetch glove.6B.100d
        """
        if action not in ACTIONS:
            raise OptionError(f"There is no action {action!r}.{did_you_mean(action, ACTIONS)} Give list or fetch.")
        if action == "list":
            if name is not None or url is not None or sha256 is not None or overwrite:
                raise OptionError(
                    "`recurra vectors list` takes --json alone. To fetch, give `recurra vectors fetch NAME`."
                )
            print_json(listing()) if json_ else _print_list()
            return
        if name is None:
            raise OptionError(
                "`recurra vectors fetch` needs a name. `recurra vectors list` shows those that are known."
            )
        from recurra.data.word_vectors.fetch import fetch
        from recurra.data.word_vectors.known import fetched

        there = None if overwrite else fetched(name)
        found = fetch(name, url, sha256, overwrite=overwrite)
        with already_written():
            if json_:
                print_json(_plain(found))
            else:
                _print_fetched(found, again=there is not None and there.sha256 == found.sha256)

    return vectors


def _plain(found: Fetched) -> dict[str, Any]:
    return {
        "name": found.name,
        "path": str(found.path),
        "bytes": found.bytes,
        "url": found.url,
        "sha256": found.sha256,
        "pinned": found.pinned,
    }


def _print_list() -> None:
    from recurra.data.word_vectors.known import KNOWN, all_fetched, folder

    there = {each.name: each for each in all_fetched()}
    rows = table("Name", "Download", "Here", "About")
    rows.columns[-1].justify = "left"
    for name, entry in KNOWN.items():
        here = f"{there[name].bytes / 1e6:,.0f} MB" if name in there else "-"
        rows.add_row(name, f"{entry.megabytes:,} MB", here, entry.about)
    for name, each in there.items():
        if name not in KNOWN:
            rows.add_row(shown(name), "", f"{each.bytes / 1e6:,.0f} MB", shown(f"from {each.url}"))
    output = console()
    output.print(rows)
    output.print(f"Folder  {shown(folder())}")


def _print_fetched(found: Fetched, *, again: bool) -> None:
    output = console()
    output.print(f"{'Already here' if again else 'Fetched'}  {shown(found.path)} ({found.bytes / 1e6:,.0f} MB)")
    if not found.pinned:
        output.print(
            f"No digest was known before: its sha256, {found.sha256}, is recorded, and the file is checked by it from "
            "now on"
        )
    output.print(f"Next     recurra train DATA --word-vectors {shown(found.name)} --out model")
