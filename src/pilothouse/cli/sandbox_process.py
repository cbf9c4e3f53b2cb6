"""The program of the embedded cluster, run as a process of its own: faces do not import each other."""

from __future__ import annotations

import subprocess
import sys

from pilothouse.cli.diagnostics import AlreadyTold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session


def run_sandbox(session: Session, verb: str) -> None:
    """Run one verb of the program.

    Raises:
        AlreadyTold: It did not succeed.
    """
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
        raise AlreadyTold(f"helm sandbox {verb}", done.returncode)
