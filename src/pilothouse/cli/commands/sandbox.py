"""``helm sandbox``: the embedded cluster."""

from __future__ import annotations

from pilothouse.cli.commands import sandbox_get
from pilothouse.commandline.command import Command, no_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Runs a small Kubernetes API server on this machine, for trying charts and for
tests. It is meant with --sandbox or HELM_SANDBOX=1 on any other command, which
starts it when it is not running:

    $ helm install demo ./demo --sandbox
    $ KUBECONFIG=$(helm sandbox kubeconfig) kubectl get pods

It stands on loopback only and simulates workloads; it is no place for
production.
"""
_VERBS = (
    ("start", "start the embedded cluster", "Starts the embedded cluster, unless it is running."),
    ("stop", "stop the embedded cluster", "Stops the embedded cluster; what it holds is kept."),
    ("status", "tell whether the embedded cluster is running", "Tells whether the embedded cluster is running."),
    ("reset", "forget everything in the embedded cluster", "Stops the embedded cluster and forgets what it holds."),
    (
        "kubeconfig",
        "print the path of the embedded cluster's kubeconfig",
        "Prints the path of the kubeconfig that reaches the embedded cluster.",
    ),
)


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "sandbox",
        long=_LONG,
        children=[
            Command(verb, short, long=f"\n{long}\n", validate=no_arguments, run=session.runs(_runner(verb)))
            for verb, short, long in _VERBS
        ]
        + [sandbox_get.declare(session)],
    )


def _runner(verb: str) -> Callable[[Session, Invocation], None]:
    def run(session: Session, _invocation: Invocation) -> None:
        from pilothouse.cli.sandbox_process import run_sandbox

        run_sandbox(session, verb)

    return run
