"""``helm serve``: the local repository."""

from __future__ import annotations

import os

from pilothouse.commandline.command import Command
from pilothouse.commandline.options import Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Serves the charts of a local directory as a repository.

That is '$HELM_HOME/repository/local', where 'helm package' puts what it packs,
at 127.0.0.1:8879, unless flags say otherwise. The index is made anew whenever
an archive is added, changed or removed.

It is meant for trying out: everybody who reaches the address can read
everything in the directory.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "serve [flags]",
        long=_LONG,
        options=[
            Option("repo-path", "Local directory path from which to serve charts"),
            Option("address", "Address to listen on", default="127.0.0.1:8879"),
            Option("url", "External URL of chart repository"),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Serve until the process is told to end."""
    from pilothouse.actions.serve import ServeOptions, serve

    out = session.streams.out
    options = ServeOptions(
        folder=invocation.text("repo-path") or os.path.join(session.settings.home, "repository", "local"),
        address=invocation.text("address"),
        url=invocation.text("url"),
    )

    def tell(line: str) -> None:
        out.line(line)
        out.flush()

    serve(session.environment, options, clock=session.clock, tell=tell, reporter=session.reporter)
