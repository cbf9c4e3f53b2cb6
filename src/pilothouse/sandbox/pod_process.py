"""The first code in the process of a pod: runs Tiller, and ends it when the sandbox is gone.

The sandbox holds the other end of standard input and never writes to it, so that it closes when the sandbox ends, in
whatever way.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading

_GRACE = 3.0


def _end_with_sandbox() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(_GRACE)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_sandbox, daemon=True).start()
    sys.argv[0] = "tiller"
    runpy.run_module("pilothouse.tiller.main", run_name="__main__")
