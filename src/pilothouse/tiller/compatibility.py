"""Which clients a Tiller answers (``version.IsCompatible``)."""

from __future__ import annotations

from pilothouse.semver.errors import SemverError
from pilothouse.semver.versions import Version


def is_compatible(client: str, server: str) -> bool:
    """Return whether a server of one version answers a client of another: the same major, and not an older minor."""
    if client.endswith("unreleased") or server.endswith("unreleased"):
        return True
    try:
        ours, theirs = Version.parse(server, helm=3), Version.parse(client, helm=3)
    except SemverError:
        return False
    if ours.prerelease or theirs.prerelease:
        return str(ours) == str(theirs)
    return ours.major == theirs.major and ours.minor >= theirs.minor
