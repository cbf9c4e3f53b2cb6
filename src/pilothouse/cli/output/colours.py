"""What ``--color`` paints: headers, namespaces and states."""

from __future__ import annotations

from pilothouse.commandline.terminal import BOLD, CYAN, GREEN, RED, YELLOW, painted

_STATUS = {
    "deployed": GREEN,
    "failed": RED,
    "unknown": RED,
    "pending-install": YELLOW,
    "pending-upgrade": YELLOW,
    "pending-rollback": YELLOW,
    "uninstalling": YELLOW,
}


def status_text(status: str, *, colour: bool) -> str:
    """Return a release's state."""
    return painted(status, _STATUS.get(status)) if colour else status


def namespace_text(namespace: str, *, colour: bool) -> str:
    """Return a namespace."""
    return painted(namespace, CYAN) if colour else namespace


def header_text(header: str, *, colour: bool) -> str:
    """Return the header of a column."""
    return painted(header, BOLD) if colour else header
