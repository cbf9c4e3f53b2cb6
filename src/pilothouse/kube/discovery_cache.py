"""Discovery kept on disk for a short time: one JSON file a server, in a folder of the user's own."""

from __future__ import annotations

import json
import os

from pilothouse.wholefile import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    #: Plural (for subresources ``plural/subresource``), kind, whether namespaced, verbs, singular and short names.
    Resource = list[Any]
    #: Each group version with its resources, in the server's order of preference.
    Groups = list[tuple[str, list[Resource]]]

_FORMAT = 1


def read(folder: str, url: str, since: float) -> Groups | None:
    """Return what was kept for a server, none when there is nothing that is younger than ``since``."""
    try:
        with open(_path(folder, url), encoding="utf-8") as file:
            content = json.load(file)
        if content["format"] != _FORMAT or content["server"] != url or content["time"] < since:
            return None
        return [(str(name), resources) for name, resources in content["groups"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(folder: str, url: str, groups: Groups, now: float) -> None:
    """Keep what a server answered; a folder that cannot be written is no error."""
    content = {"format": _FORMAT, "server": url, "time": now, "groups": groups}
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        write_whole(_path(folder, url), json.dumps(content, separators=(",", ":")).encode(), mode=0o600)
    except OSError:
        pass


def remove(folder: str, url: str) -> None:
    """Forget a server."""
    try:  # noqa: SIM105 - contextlib costs start-up
        os.remove(_path(folder, url))
    except OSError:
        pass


def _path(folder: str, url: str) -> str:
    name = "".join(char if char.isalnum() or char in ".-" else "_" for char in url)
    return os.path.join(folder, f"discovery-{name[:180]}.json")
