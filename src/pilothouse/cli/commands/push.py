"""``helm push``."""

from __future__ import annotations

from pilothouse.cli.offers import registries
from pilothouse.cli.options import login_options, plain_http_option, tls_options
from pilothouse.cli.registry_access import check_certificates
from pilothouse.commandline.command import Command, at_least

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Puts a chart's archive, and a provenance file beside it, into a registry.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "push [chart] [remote]",
        long=_LONG,
        options=[
            *tls_options("chart upload", client="registry"),
            plain_http_option("chart upload"),
            *login_options(hidden=session.generation == 3),
        ],
        validate=at_least(2),
        complete=registries,
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Push the chart."""
    from pilothouse.actions.push import push
    from pilothouse.cli.registry_access import registry_options

    check_certificates(session, invocation)
    path, remote = invocation.arguments[:2]
    push(
        session.environment,
        path,
        remote,
        registry_options(session, invocation),
        tell=session.registry_line,
    )
