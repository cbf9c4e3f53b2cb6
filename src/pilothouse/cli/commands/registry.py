"""``helm registry``."""

from __future__ import annotations

from pilothouse.cli.later import not_yet
from pilothouse.cli.offers import nothing
from pilothouse.cli.options import plain_http_option, tls_options
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session

_LONG = """
Logs in to registries and out of them.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("registry", long=_LONG, children=[_login(session), _logout(session)])


def _login(session: Session) -> Command:
    return Command(
        "login [host]",
        "login to a registry",
        long="""
Logs in to a registry and keeps the credentials:

    $ echo "$TOKEN" | helm registry login registry.example.com -u me --password-stdin
""",
        options=[
            Option("username", "registry username", shorthand="u"),
            Option("password", "registry password or identity token", shorthand="p"),
            Option("password-stdin", "read password or identity token from stdin", BOOL),
            Option("insecure", "allow connections to TLS registry without certs", BOOL),
            *(option for option in tls_options(client="registry") if option.name != "insecure-skip-tls-verify"),
            plain_http_option("chart upload", hidden=session.generation == 3),
        ],
        validate=at_least(1),
        complete=nothing,
        run=session.runs(not_yet),
    )


def _logout(session: Session) -> Command:
    return Command(
        "logout [host]",
        "logout from a registry",
        long="\nForgets the credentials kept for a registry.\n",
        validate=at_least(1),
        complete=nothing,
        run=session.runs(not_yet),
    )
