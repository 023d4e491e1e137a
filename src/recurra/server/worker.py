"""A worker of `recurra serve --workers N`: started by the supervisor, which gives it the socket and the options."""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from recurra.errors import RecurraError
from recurra.http.options import ServeOptions
from recurra.server.process import end_process, serve_socket
from recurra.server.supervisor import READY


def main() -> int:
    """Serve with the options on standard input; write to the pipe given as the first argument when ready.

    The second argument is a pipe that closes when the supervisor is gone.
    """
    try:
        setup = json.load(sys.stdin)
    except ValueError:  # the supervisor ended before it had written them
        return 1
    pipe = int(sys.argv[1])
    try:
        serve_socket(
            Path(setup["directory"]),
            ServeOptions.model_validate(setup["options"], strict=False),
            socket.socket(fileno=setup["socket"]),
            hosts=setup["hosts"],
            on_ready=lambda: _report(pipe),
            supervisor=int(sys.argv[2]),
        )
    except RecurraError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _report(pipe: int) -> None:
    with suppress(BrokenPipeError):  # the supervisor is gone, which ends this worker in another way
        os.write(pipe, READY)


if __name__ == "__main__":
    end_process(main())
