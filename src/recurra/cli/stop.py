"""How a command ends on SIGINT and SIGTERM: in order at the first, at once at the second; never in a traceback.

The first raises KeyboardInterrupt, whichever it is, so that what is begun is put away and the way to continue is said.
Importing this module is enough where the program was begun by its name, and does nothing elsewhere.
Commands that stop in a way of their own, as training and the server do, set handlers of their own meanwhile.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any

STOPPED = 130
"""The exit status of a command that was stopped."""

AGAIN_SECONDS = 0.05
"""After which an interrupt is raised once more that was lost."""

_received: list[int] = []


def stop_in_order() -> None:
    """Handle the two signals from here on. Only a main thread can."""
    if threading.current_thread() is not threading.main_thread():
        return
    _received.clear()
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` and background jobs of a shell have it
            signal.signal(number, _stop)
    sys.unraisablehook = _again
    sys.excepthook = _uncaught


def stop_requested() -> bool:
    """Return whether a signal has come that asked the command to end."""
    return bool(_received)


def end_with(status: int) -> None:
    """From here on a signal ends the process with `status`: its work is done, and Python is only leaving."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _stop:
            signal.signal(number, lambda number, frame: os._exit(status))


def _stop(number: int, frame: FrameType | None) -> None:
    if _received:
        os.write(2, b"Stopped.\n")
        os._exit(STOPPED)
    _received.append(number)
    raise KeyboardInterrupt


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End in a word where nobody catches the interrupt: while the program itself is imported."""
    if issubclass(kind, KeyboardInterrupt):
        os.write(2, b"Stopped.\n")
        os._exit(STOPPED)
    sys.__excepthook__(kind, error, trace)


def _again(unraisable: Any) -> None:
    """Raise an interrupt once more that came where it could not be raised, as in a destructor."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt) and _received:
        # Not here, where it would be lost again, and not in a destructor that runs for long: a moment later.
        again = threading.Timer(AGAIN_SECONDS, os.kill, (os.getpid(), _received.pop()))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(unraisable)


if os.path.basename(sys.argv[0]) == "recurra":  # noqa: PTH119 (the program, whose other imports take a while)
    stop_in_order()
