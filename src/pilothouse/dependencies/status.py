"""What there is of the charts that a chart needs (``action.Dependency.List``)."""

from __future__ import annotations

import os

from pilothouse.errors import PilothouseError
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import SemverError
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.charts.metadata import Dependency
    from pilothouse.charts.model import Chart

_PATTERN = frozenset("*?[\\")


def status(folder: str, dependency: Dependency, parent: Chart, *, load: Callable[[str], Chart], helm: int = 4) -> str:
    """Return the state of one dependency in Helm's words.

    Args:
        folder: Path of the parent, which may be an archive.
        dependency: What is declared.
        parent: The chart that declares it.
        load: Reads a chart.
        helm: Whose rules to follow, Helm 2's among them.
    """
    archives = _archives(os.path.join(folder, "charts"), dependency.name)
    if archives is None:
        return "bad pattern"
    if len(archives) > 1 and helm >= 3:
        archives = [path for path in archives if _is_versioned(path, dependency.name)]
    if len(archives) > 1:
        return "too many matches"
    if archives:
        return _status_at(archives[0], dependency, load, helm) or "ok"
    if helm == 2:
        return _folder_status(os.path.join(folder, "charts", dependency.name), dependency, load)
    found = next((chart for chart in reversed(parent.subcharts) if chart.name == dependency.name), None)
    if found is None:
        return "missing"
    return _fit(dependency, found.metadata.version, helm) or "unpacked"


def _archives(folder: str, name: str) -> list[str] | None:
    """Return the archives whose names begin with that of a chart; ``None`` when its name is no pattern."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        names = []
    if _PATTERN.isdisjoint(name):
        found = [one for one in names if one.startswith(f"{name}-") and one.endswith(".tgz")]
        return [os.path.join(folder, one) for one in found if len(one) >= len(name) + len("-.tgz")]
    from pilothouse.golang.globs import GlobSyntaxError, path_match

    try:
        return [os.path.join(folder, one) for one in ("", *names) if path_match(f"{name}-*.tgz", one)]
    except GlobSyntaxError:
        return None


def _is_versioned(path: str, name: str) -> bool:
    text = os.path.basename(path).removesuffix(".tgz").removeprefix(f"{name}-")
    try:
        Version.parse_strict(text)
    except SemverError:
        return False
    return True


def _folder_status(path: str, dependency: Dependency, load: Callable[[str], Chart]) -> str:
    if not os.path.exists(path):
        return "missing"
    if not os.path.isdir(path):
        return "mispackaged"
    return _status_at(path, dependency, load, 2) or "unpacked"


def _status_at(path: str, dependency: Dependency, load: Callable[[str], Chart], helm: int) -> str:
    """Return what is wrong with the chart at a path, empty when it is the one that is declared."""
    try:
        chart = load(path)
    except PilothouseError:
        return "corrupt"
    if chart.name != dependency.name:
        return "misnamed"
    return _fit(dependency, chart.metadata.version, helm)


def _fit(dependency: Dependency, version: str, helm: int) -> str:
    """Return what is wrong with a version, empty when it fits."""
    if version == dependency.version:
        return ""
    helm = max(helm, 3)
    try:
        fits = Constraints.parse(dependency.version, helm=helm).check(Version.parse(version, helm=helm))
    except SemverError:
        return "invalid version"
    return "" if fits else "wrong version"


def undeclared(
    folder: str, shown: str, dependencies: Sequence[Dependency], *, load: Callable[[str], Chart]
) -> list[str]:
    """Return a warning for each chart in ``charts/`` that is not declared, and for what is no chart there."""
    charts = os.path.join(folder, "charts")
    names = {one.name for one in dependencies}
    try:
        files = sorted(os.listdir(charts))
    except OSError:
        return []
    told: list[str] = []
    for file in files:
        path = os.path.join(charts, file)
        named = os.path.normpath(os.path.join(shown, "charts", file))
        if not os.path.isdir(path) and os.path.splitext(file)[1] != ".tgz":
            continue
        from pilothouse.golang.quoting import quote

        try:
            chart = load(path)
        except PilothouseError:
            told.append(f"WARNING: {quote(named)} is not a chart.")
            continue
        if chart.name not in names:
            told.append(f"WARNING: {quote(named)} is not in Chart.yaml.")
    return told
