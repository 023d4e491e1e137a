"""`recurra serve`: answers over HTTP."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from recurra.cli.options import Directory, Json, flags_of, print_json, takes
from recurra.http.options import ServeOptions
from recurra.options.base import validated
from recurra.terminal.output import discard_output


def command() -> Callable[..., None]:
    """Return the command."""

    @takes(flags_of(ServeOptions, "Serving"))
    def serve(*, directory: Directory, json_: Json = False, given: dict[str, Any]) -> None:
        """Answer over HTTP with a model of any task: its routes, streams of what it writes, and a page to try it.

        Example: recurra serve model --port 8000
        """
        from recurra.server.start import LogError
        from recurra.server.start import serve as run

        def ready(address: str) -> None:
            if json_:
                print_json({"address": address, "process": os.getpid()})
                sys.stdout.flush()

        try:
            run(directory, validated(ServeOptions, given), on_ready=ready)
        except LogError as error:
            print_json({"error": str(error)}) if json_ else print(f"Error: {error}")
            discard_output()
            sys.exit(error.exit_code)
        from recurra.server.process import end_process

        end_process()

    return serve
