"""What ``helm get metadata`` shows."""

from __future__ import annotations

from pilothouse.cli.output.printing import Fields
from pilothouse.cli.output.times import whole_seconds
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release

_METHODS = {
    "": "client-side apply (defaulted)",
    "csa": "client-side apply",
    "ssa": "server-side apply",
}


class MetadataView(Record):
    """The facts about a release, its chart's among them.

    Attributes:
        release: What is described.
        generation: Helm 3 knows fewer facts.
    """

    release: Release
    generation: int = 4

    def table(self) -> str:
        """Return a line for each fact."""
        release = self.release
        about = release.chart.metadata if release.chart else None
        lines = [f"NAME: {release.name}"]
        lines += [
            f"CHART: {about.name if about else ''}",
            f"VERSION: {about.version if about else ''}",
            f"APP_VERSION: {about.app_version if about else ''}",
        ]
        if self.generation != 3:
            names = sorted(dependency.name for dependency in about.dependencies) if about else []
            lines += [
                f"ANNOTATIONS: {_pairs(about.annotations if about else None)}",
                f"LABELS: {_pairs(release.labels)}",
                f"DEPENDENCIES: {','.join(names)}",
            ]
        lines += [
            f"NAMESPACE: {release.namespace}",
            f"REVISION: {release.revision}",
            f"STATUS: {release.info.status}",
            f"DEPLOYED_AT: {whole_seconds(release.info.last_deployed)}",
        ]
        if self.generation != 3:
            lines.append(f"APPLY_METHOD: {_method(release.apply_method)}")
        return "".join(f"{line}\n" for line in lines)

    def data(self) -> YamlValue:
        """Return an object with the facts."""
        from pilothouse.charts.metadata import encode_dependency

        release = self.release
        about = release.chart.metadata if release.chart else None
        made = Fields(
            name=release.name,
            chart=about.name if about else "",
            version=about.version if about else "",
            appVersion=about.app_version if about else "",
        )
        if self.generation != 3 and about:
            if about.annotations:
                made["annotations"] = dict(about.annotations)
            if release.labels:
                made["labels"] = dict(release.labels)
            if about.dependencies:
                made["dependencies"] = [Fields(encode_dependency(dependency)) for dependency in about.dependencies]
        made["namespace"] = release.namespace
        made["revision"] = release.revision
        made["status"] = release.info.status
        made["deployedAt"] = whole_seconds(release.info.last_deployed)
        if self.generation != 3 and release.apply_method:
            made["applyMethod"] = release.apply_method
        return made


def _pairs(mapping: Mapping[str, str] | None) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted((mapping or {}).items()))


def _method(method: str) -> str:
    return _METHODS.get(method, f'unknown ("{method}")')
