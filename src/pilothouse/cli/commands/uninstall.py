"""``helm uninstall``."""

from __future__ import annotations

from pilothouse.cli.offers import releases
from pilothouse.cli.options import HELM_2_ONLY, timeout_option, wait_options, wait_strategy
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Removes releases: their objects, and with them their history, so that the names
are free again.

--dry-run shows what would be removed. '--cascade foreground' with '--wait'
comes back only when objects with finalizers are gone as well.
"""
_CASCADE = (
    'Must be "background", "orphan", or "foreground". Selects the deletion cascading strategy for the dependents. '
    "Defaults to background."
)
_CASCADE_4 = (
    f'{_CASCADE} Use "foreground" with --wait to ensure resources with finalizers are fully deleted before returning.'
)
_WAIT_3 = (
    "if set, will wait until all the resources are deleted before returning. It will wait for as long as --timeout"
)
_CASCADES = ("background", "orphan", "foreground")


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "uninstall RELEASE_NAME [...]",
        long=_LONG,
        options=[
            Option("dry-run", "simulate a uninstall", BOOL),
            Option("no-hooks", "prevent hooks from running during uninstallation", BOOL),
            Option("ignore-not-found", 'Treat "release not found" as a successful uninstall', BOOL),
            Option(
                "keep-history",
                "remove all associated resources and mark the release as deleted, but retain the release history",
                BOOL,
            ),
            Option(
                "purge",
                "keep no history, as is usual; Helm 2's delete keeps it without this",
                BOOL,
                dialects=HELM_2_ONLY,
            ),
            *wait_options(session, jobs=False, usage_3=_WAIT_3),
            Option("cascade", _CASCADE if session.generation == 3 else _CASCADE_4, default="background"),
            timeout_option(),
            Option("description", "add a custom description"),
        ],
        exclusive=(("keep-history", "purge"),),
        validate=at_least(1),
        complete=releases(session, many=True),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Remove the releases, one after the other."""
    from pilothouse.actions.uninstall import UninstallOptions, uninstall

    cascade = invocation.text("cascade")
    if cascade not in _CASCADES:
        raise UsageError(f'invalid cascade value ({cascade}). Must be "background", "foreground", or "orphan"')
    context = session.context()
    for name in invocation.arguments:
        result = uninstall(
            context,
            UninstallOptions(
                name=name,
                dry_run=invocation.flag("dry-run"),
                keep_history=invocation.flag("keep-history"),
                ignore_not_found=invocation.flag("ignore-not-found"),
                no_hooks=invocation.flag("no-hooks"),
                wait=wait_strategy(session, invocation),
                timeout=invocation.number("timeout"),
                description=invocation.text("description"),
                cascade=cascade,
            ),
        )
        if result.information:
            session.streams.out.line(result.information)
        session.streams.out.line(f'release "{name}" uninstalled')
        session.streams.out.flush()
