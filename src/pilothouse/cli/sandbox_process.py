"""The program of the embedded cluster, run as a process of its own: faces do not import each other."""

from __future__ import annotations

import subprocess
import sys

from pilothouse.errors import PilothouseError, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session


class SandboxFailed(PilothouseError):
    """The program of the embedded cluster ended with an error, which it printed itself.

    Attributes:
        exit_code: Its exit code.
    """

    reference = "sandbox-failed"

    def __init__(self, verb: str, exit_code: int) -> None:
        super().__init__(f"helm sandbox {verb} failed with exit code {exit_code}")
        self.exit_code = exit_code


def run_sandbox(session: Session, verb: str) -> None:
    """Run one verb of the program.

    Raises:
        SandboxFailed: It did not succeed.
        Unsupported: It is not part of this installation.
    """
    from importlib.util import find_spec

    if find_spec("pilothouse.sandbox.__main__") is None:
        raise Unsupported(
            "this installation has no embedded cluster",
            hints=("pip install 'pilothouse[server]' adds it",),
        )
    session.streams.out.flush()
    done = subprocess.run(  # noqa: S603 - our own module in our own interpreter
        [sys.executable, "-m", "pilothouse.sandbox", verb],
        env=dict(session.environment.variables),
        capture_output=True,
        check=False,
    )
    session.streams.out.write(done.stdout.decode("utf-8", "surrogateescape"))
    session.streams.out.flush()
    session.streams.err.write(done.stderr.decode("utf-8", "surrogateescape"))
    if done.returncode:
        raise SandboxFailed(verb, done.returncode)
