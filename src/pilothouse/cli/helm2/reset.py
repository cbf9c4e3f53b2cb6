"""``helm reset``: takes the Tiller out of the cluster."""

from __future__ import annotations

from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.options import tls_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option
from pilothouse.errors import Conflict, PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Takes Tiller out of the cluster; the commands do without one again.

Releases and their records stay where they are. While there are deployed
releases, '--force' is needed. '--remove-helm-home' deletes $HELM_HOME as well.
"""
_FORCE = (
    "Forces Tiller uninstall even if there are releases installed, or if Tiller is not in ready state. "
    "Releases are not deleted.)"
)
_DEPLOYED = 1


class ReleasesLeft(Conflict):
    """There are releases that a Tiller looks after."""

    reference = "releases-left"


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "reset",
        long=_LONG,
        options=[
            Option("force", _FORCE, BOOL, shorthand="f"),
            Option("remove-helm-home", "If set, deletes $HELM_HOME", BOOL),
            *tls_options(session),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Take Tiller away and say so."""
    left = _deployed(session, invocation)
    if invocation.arguments:
        raise UsageError("This command does not accept arguments")
    if left and not invocation.flag("force"):
        raise ReleasesLeft(
            f"there are still {left} deployed releases (Tip: use --force to remove Tiller. "
            "Releases will not be deleted.)"
        )
    from pilothouse.actions.tiller_record import chosen_place, forget
    from pilothouse.actions.tiller_setup import uninstall

    chosen, out = session.settings, session.streams.out
    uninstall(session.assembly().client(), chosen.tiller_namespace)
    place = chosen_place(session.environment, kubeconfig=session.kubeconfig(), context=chosen.kube_context)
    forget(chosen.home, place)
    if invocation.flag("remove-helm-home"):
        from shutil import rmtree

        out.line(f"Deleting {chosen.home} ")
        rmtree(chosen.home)
    out.line("Tiller (the Helm server-side component) has been uninstalled from your Kubernetes Cluster.")


def _deployed(session: Session, invocation: Invocation) -> int:
    """Return how many releases are deployed, none known when ``--force`` does without the answer."""
    try:
        with tiller(session, invocation) as client:
            answers = client.stream("ListReleases", limit=0, status_codes=[_DEPLOYED])
            return sum(len(answer.releases) for answer in answers)
    except PilothouseError as error:
        if not invocation.flag("force") or error.message == "could not find tiller":
            raise
        return 0
