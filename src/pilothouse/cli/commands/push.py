"""``helm push``."""

from __future__ import annotations

from pilothouse.cli.later import not_yet
from pilothouse.cli.offers import registries
from pilothouse.cli.options import login_options, plain_http_option, tls_options
from pilothouse.commandline.command import Command, at_least

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session

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
        run=session.runs(not_yet),
    )
