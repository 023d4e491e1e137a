"""Run one command and say how long it took and how much memory its process held at most.

    python -m peers.measured OUTPUT COMMAND ...

Prints {"seconds", "peak_mb", "status"}; what the command prints goes to the file OUTPUT. A process of its own, because
the kernel counts the memory of whoever starts a command as that command's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main() -> None:
    with open(sys.argv[1], "wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(sys.argv[2:], stdout=output, stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    print(json.dumps({"seconds": seconds, "peak_mb": round(used.ru_maxrss / 1024), "status": process.returncode}))


if __name__ == "__main__":
    main()
