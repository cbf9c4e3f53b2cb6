"""Helm 3's warning about a kubeconfig that others can read."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session

_READERS = ((0o040, "group"), (0o004, "world"))


def warn_of_readers(session: Session, path: str) -> None:
    """Say who else can read the kubeconfig, whichever the command (``checkPerms``).

    Args:
        session: The command's.
        path: The value of ``--kubeconfig``, empty for none.
    """
    path = path or session.environment.get("KUBECONFIG") or _default_path()
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return
    for bit, who in _READERS:
        if mode & bit:
            session.streams.warn(
                f"WARNING: Kubernetes configuration file is {who}-readable. This is insecure. Location: {path}"
            )


def _default_path() -> str:
    """Return the path in the home that the system knows, as Go's ``user.Current`` does; ``HOME`` does not count."""
    try:
        import pwd

        home = pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):
        return ""
    return os.path.join(home, ".kube", "config")
