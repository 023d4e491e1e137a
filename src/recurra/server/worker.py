"""A worker of `recurra serve --workers N`: started by the supervisor, which gives it the socket and the options."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

from recurra.errors import RecurraError
from recurra.http.options import ServeOptions
from recurra.server.process import end_process, serve_socket
from recurra.server.supervisor import READY


def main() -> int:
    """Serve with the options on standard input; write to the pipe given as the argument when ready."""
    setup = json.load(sys.stdin)
    pipe = int(sys.argv[1])
    try:
        serve_socket(
            Path(setup["directory"]),
            ServeOptions.model_validate(setup["options"], strict=False),
            socket.socket(fileno=setup["socket"]),
            hosts=setup["hosts"],
            on_ready=lambda: (os.write(pipe, READY), None)[1],
        )
    except RecurraError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    failed = main()
    if failed:
        sys.exit(failed)
    end_process()
