"""``helm home``: where Helm 2 keeps its files."""

from __future__ import annotations

import os

from pilothouse.commandline.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Prints the folder in which Helm keeps its files, HELM_HOME; with '--debug' also
the files and folders in it.
"""
_INSIDE = (
    ("Repository", "repository"),
    ("RepositoryFile", "repository/repositories.yaml"),
    ("Cache", "repository/cache"),
    ("Stable CacheIndex", "repository/cache/stable-index.yaml"),
    ("Starters", "starters"),
    ("LocalRepository", "repository/local"),
    ("Plugins", "plugins"),
)


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("home [flags]", long=_LONG, run=session.runs(run))


def run(session: Session, _invocation: Invocation) -> None:
    """Print the folder."""
    out, home = session.streams.out, session.settings.home
    out.line(home)
    if session.settings.debug:
        for name, path in _INSIDE:
            out.line(f"{name}: {os.path.join(home, path)}")
