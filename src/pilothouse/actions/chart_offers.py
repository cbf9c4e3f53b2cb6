"""What completion can say of charts in repositories, from what is kept of them here."""

from __future__ import annotations

import os

from pilothouse.errors import PilothouseError
from pilothouse.sources.repositories.index import read_index
from pilothouse.sources.repositories.store import charts_name, index_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pilothouse.sources.places import Places

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def chart_names(places: Places, repository: str, *, helm: int) -> list[str]:
    """Return ``repository/chart`` for each chart of a repository (``cmd.compListChartsOfRepo``)."""
    try:
        path = os.path.join(places.repository_cache, charts_name(repository))
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            names = file.read().splitlines()
    except FileNotFoundError:
        names = sorted(_entries(places, repository, helm))
    except OSError:
        names = []
    return [f"{repository}/{name}" for name in names]


def chart_versions(places: Places, reference: str, *, helm: int) -> list[str]:
    """Return the versions of ``repository/chart``, each with what is known of it (``cmd.compVersionFlag``)."""
    repository, slash, chart = reference.partition("/")
    if not slash or "/" in chart:
        return []
    return [
        f"{version.get('version', '')}\t{_described(version)}"
        for version in _entries(places, repository, helm).get(chart, ())
    ]


def _entries(places: Places, repository: str, helm: int) -> Mapping[str, Any]:
    try:
        with open(os.path.join(places.repository_cache, index_name(repository)), "rb") as file:
            return read_index(file.read(), helm=helm).entries
    except (OSError, PilothouseError):
        return {}


def _described(version: Mapping[str, Any]) -> str:
    application = version.get("appVersion", "")
    year, month, day = str(version.get("created") or "0001-01-01")[:10].split("-")
    created = f"Created: {_MONTHS[int(month) - 1]} {int(day)}, {year} "
    return (
        (f"App: {application}, " if application else "")
        + created
        + ("(deprecated)" if version.get("deprecated") else "")
    )
