"""``helm test``."""

from __future__ import annotations

from pilothouse.cli.helm2.arguments import exact_arguments
from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.offers import releases
from pilothouse.cli.helm2.options import timeout_option, tls_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, UINT32, Option
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Runs the tests of a release: the pods that its chart defines as hooks of the
kinds test-success and test-failure.
"""
_LOGS = "Dump the logs from test pods (this runs after all tests are complete, but before any cleanup"
#: Number of FAILURE in ``hapi.release.TestRun.Status``.
_FAILURE = 2


class TestsFailed(PilothouseError):
    """Tests of a release failed."""

    reference = "tests-failed"


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "test [RELEASE]",
        long=_LONG,
        options=[
            timeout_option(),
            Option("cleanup", "Delete test pods upon completion", BOOL),
            Option("parallel", "Run test pods in parallel", BOOL),
            Option("max", "Maximum number of test pods to run in parallel", UINT32, default=20),
            Option("logs", _LOGS, BOOL),
            *tls_options(session),
        ],
        complete=releases(session),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Run the tests and print what happens as it does."""
    failed = 0
    with tiller(session, invocation) as client:
        (name,) = exact_arguments(invocation, "release name")
        for answer in client.stream(
            "RunReleaseTest",
            name=name,
            timeout=invocation.integer("timeout"),
            cleanup=invocation.flag("cleanup"),
            parallel=invocation.flag("parallel"),
            max_parallel=invocation.integer("max"),
            logs=invocation.flag("logs"),
        ):
            failed += answer.status == _FAILURE
            # the client of Helm 2 takes the message as a format; Tiller doubles the signs that are meant
            session.streams.out.line(answer.msg.replace("%%", "%"))
            session.streams.out.flush()
    if failed:
        raise TestsFailed(f"{failed} test(s) failed")
