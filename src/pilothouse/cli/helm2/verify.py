"""``helm verify``."""

from __future__ import annotations

from pilothouse.cli.helm2.options import keyring_option
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Checks that the archive of a chart has a provenance file that fits it and is
signed with a key of the key ring. Nothing is printed when that is so.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    options = [keyring_option(session, "Keyring containing public keys")]
    return Command("verify [flags] PATH", long=_LONG, options=options, run=session.runs(run))


def run(session: Session, invocation: Invocation) -> None:
    """Check the archive."""
    if not invocation.arguments:
        raise UsageError("a path to a package file is required")
    from pilothouse.actions.verify import verify

    verify(session.environment, invocation.arguments[0], invocation.text("keyring"), clock=session.clock)
