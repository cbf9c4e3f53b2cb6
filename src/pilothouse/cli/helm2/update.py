"""``helm update``, the old name of ``helm repo update``."""

from __future__ import annotations

from pilothouse.cli.helm2.repo import update_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Command


def declare(session: Session) -> Command:
    """Return the command (``cmd/helm/helm.go`` ``markDeprecated``)."""
    return update_command(session, deprecated="Use 'helm repo update'\n")
