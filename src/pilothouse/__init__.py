"""Helm for Python: charts, releases and a sandbox.

What this module exports is promised; everything else may move.
"""

from __future__ import annotations

from pilothouse.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.errors import OperationFailed
    from pilothouse.actions.status import ReleaseStatus
    from pilothouse.actions.test import ReleaseTestResult
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
    from pilothouse.library.charts import Chart, Rendered, RenderedManifest
    from pilothouse.library.releases import Releases
    from pilothouse.library.tiller import TillerReleases, TillerStatus
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
    "ReleaseStatus",
    "ReleaseTestResult",
    "Releases",
    "Rendered",
    "RenderedManifest",
    "TillerReleases",
    "TillerStatus",
    "TimedOut",
    "Unreachable",
    "Unsupported",
    "__version__",
]

_HOMES = {
    "Chart": "library.charts",
    "Event": "progress",
    "ObjectState": "progress",
    "OperationFailed": "actions.errors",
    "Release": "releases.release",
    "ReleaseStatus": "actions.status",
    "ReleaseTestResult": "actions.test",
    "Releases": "library.releases",
    "Rendered": "library.charts",
    "RenderedManifest": "library.charts",
    "TillerReleases": "library.tiller",
    "TillerStatus": "library.tiller",
}


def __getattr__(name: str) -> object:
    """Import an exported name when it is first asked for, so that a command pays only for what it uses."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return __all__
