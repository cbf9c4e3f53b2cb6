"""The command ``helm`` as a process, which an interrupt ends quietly from the first import on."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # what signal is made of; that costs 3 ms more
import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from pilothouse.commandline.terminal import Streams

_INTERRUPTED = 130
_BROKEN_PIPE = 141


def main() -> NoReturn:
    """Run ``helm`` with the arguments of the process and end the process.

    It ends without the interpreter's clean-up, which costs milliseconds and does nothing that matters here: output is
    flushed, and files are closed where they are written.
    """
    gc.set_threshold(50_000, 20, 100)
    interruptible = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
    if interruptible:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from pilothouse.cli.main import run
    from pilothouse.commandline.terminal import Streams
    from pilothouse.environment import Environment

    streams = Streams.of_process()
    try:
        if interruptible:
            _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        code = run(sys.argv[1:], streams, Environment.of_process())
        code = _flushed(streams, code)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    os._exit(code)


def _flushed(streams: Streams, code: int) -> int:
    """Hand on what was written, and return the exit code, which tells when nobody takes it."""
    try:
        streams.out.flush()
        streams.err.flush()
    except BrokenPipeError:
        return code or _BROKEN_PIPE
    except OSError:  # that was told already, if anybody listens
        return code or 1
    return code
