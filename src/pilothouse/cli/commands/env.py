"""``helm env``."""

from __future__ import annotations

from pilothouse.cli.offers import no_more
from pilothouse.cli.variables import variables
from pilothouse.commandline.command import Command, at_most

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Prints what Helm takes from flags, environment and defaults, one variable a
line; with a name, the value of that variable alone.
"""


def declare(session: Session) -> Command:
    """Return the command."""

    def complete(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        if invocation.arguments:
            return no_more(invocation, typed)
        session.settle(invocation)
        return sorted(variables(session, namespace="")), 4

    return Command("env", long=_LONG, validate=at_most(1), complete=complete, run=session.runs(run))


def run(session: Session, invocation: Invocation) -> None:
    """Print the variables or one of them."""
    found = variables(session, namespace=session.namespace())
    out = session.streams.out
    if invocation.arguments:
        out.line(found.get(invocation.arguments[0], ""))
        return
    for name in sorted(found):
        out.line(f'{name}="{found[name]}"')
