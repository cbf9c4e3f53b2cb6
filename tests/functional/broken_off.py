"""Kills a command at each moment at which it changes a file, one after the other, each on a copy of one home.

Run as a program: ``broken_off.py HOME WORK WORD...``. For every number N there is a folder ``HOME-N`` in the end, in
which the command was killed at its N-th touch; the last one is where it came to its end. The command runs in a child
that loads nothing anew, so that hundreds of moments cost seconds.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable

#: What tells that a file is about to be touched.
EVENTS = frozenset(("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod"))
MOST = 400
_WRITING = os.O_WRONLY | os.O_RDWR


def main(home: str, work: str, words: list[str]) -> int:
    """Kill the command everywhere and return 0 when it came to its end at last."""
    from pilothouse.cli.main import run
    from pilothouse.commandline.terminal import Streams
    from pilothouse.environment import Environment

    _load_everything()
    for number in range(MOST):
        place = f"{home}-{number}"
        shutil.copytree(home, place, symlinks=True)
        child = os.fork()
        if not child:
            os.chdir(os.path.join(place, work))
            sys.addaudithook(_killer(place, number))
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            variables = {
                name: value.replace(home, place) for name, value in os.environ.items() if not name.startswith("PYTHON")
            }
            surroundings = Environment(variables=variables, arguments=("helm",), working_directory=os.getcwd())
            given = [word.replace(home, place) for word in words]
            os._exit(run(given, Streams.of_process(), surroundings))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return os.waitstatus_to_exitcode(status)
        if os.WTERMSIG(status) != signal.SIGKILL:
            return 2
    return 3


def _killer(place: str, number: int) -> Callable[[str, tuple[object, ...]], None]:
    left = number

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
            return
        if event in EVENTS and str(arguments[0]).startswith(place):
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    return hook


def _load_everything() -> None:
    """Load what commands load when they need it, so that children do not."""
    for name in ("urllib3", "ssl", "tempfile", "pilothouse.actions.repo", "pilothouse.actions.pull"):
        __import__(name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
