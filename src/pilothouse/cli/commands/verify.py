"""``helm verify``."""

from __future__ import annotations

from pilothouse.cli.offers import first_file
from pilothouse.cli.options import keyring_option
from pilothouse.commandline.command import Command, exactly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Checks that the archive of a chart has a provenance file that fits it and is
signed with a key of the key ring.

'helm package --sign' makes such files; other commands check them with --verify.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "verify PATH",
        long=_LONG,
        options=[keyring_option(session, "keyring containing public keys")],
        validate=exactly(1),
        complete=first_file,
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Check the archive."""
    from pilothouse.actions.verify import verify

    found = verify(session.environment, invocation.arguments[0], invocation.text("keyring"), clock=session.clock)
    session.streams.out.write(found.lines())
