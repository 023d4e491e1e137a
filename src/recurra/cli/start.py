"""Where the program begins: the signals are handled before anything that takes time is imported."""

from __future__ import annotations

import os
import sys

from recurra.cli.stop import STOPPED, end_with, stop_in_order


def main() -> None:
    """Run the command line and end the process."""
    stop_in_order()
    try:
        from recurra.cli.app import main as run

        run()
    except KeyboardInterrupt:
        end_with(STOPPED)
        os.write(2, b"Stopped.\n")
        sys.exit(STOPPED)
