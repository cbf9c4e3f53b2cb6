"""Helm for Python: charts, releases and a sandbox.

What this module exports is promised; everything else may move.
"""

from __future__ import annotations

from pilothouse.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.errors import OperationFailed
    from pilothouse.errors import (
        Cancelled,
        Conflict,
        Denied,
        Exists,
        Invalid,
        NotFound,
        PilothouseError,
        TimedOut,
        Unreachable,
        Unsupported,
    )
    from pilothouse.library import Chart, Releases, Rendered, RenderedManifest
    from pilothouse.progress import Event, ObjectState
    from pilothouse.releases.release import Release

__all__ = [
    "Cancelled",
    "Chart",
    "Conflict",
    "Denied",
    "Event",
    "Exists",
    "Invalid",
    "NotFound",
    "ObjectState",
    "OperationFailed",
    "PilothouseError",
    "Release",
    "Releases",
    "Rendered",
    "RenderedManifest",
    "TimedOut",
    "Unreachable",
    "Unsupported",
    "__version__",
]

_HOMES = {
    "Chart": "library",
    "Event": "progress",
    "ObjectState": "progress",
    "OperationFailed": "actions.errors",
    "Release": "releases.release",
    "Releases": "library",
    "Rendered": "library",
    "RenderedManifest": "library",
}


def __getattr__(name: str) -> object:
    """Import an exported name when it is first asked for, so that a command pays only for what it uses."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return __all__
