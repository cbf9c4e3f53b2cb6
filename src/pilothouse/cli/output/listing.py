"""Lists of releases."""

from __future__ import annotations

from pilothouse.cli.output.colours import header_text, namespace_text, status_text
from pilothouse.cli.output.printing import Fields
from pilothouse.cli.output.times import go_string
from pilothouse.commandline.tables import format_table
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release

_HEADERS = ("NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION")


class ReleaseListView(Record):
    """Releases as ``helm list`` shows them.

    Attributes:
        releases: What is listed.
        time_format: Go layout of the times, empty for the usual form.
        headers: Whether the table has a header.
        colour: Whether to use colours.
    """

    releases: tuple[Release, ...]
    time_format: str = ""
    headers: bool = True
    colour: bool = False

    def table(self) -> str:
        """Return a table with a row for each release."""
        rows: list[tuple[str, ...]] = []
        if self.headers:
            rows.append(tuple(header_text(header, colour=self.colour) for header in _HEADERS))
        rows += [
            (
                release.name,
                namespace_text(release.namespace, colour=self.colour),
                str(release.revision),
                self._updated(release),
                status_text(release.info.status, colour=self.colour),
                chart_text(release),
                app_version(release),
            )
            for release in self.releases
        ]
        return format_table(rows) + "\n"

    def data(self) -> YamlValue:
        """Return a list of objects with texts."""
        return [
            Fields(
                name=release.name,
                namespace=release.namespace,
                revision=str(release.revision),
                updated=self._updated(release),
                status=release.info.status,
                chart=chart_text(release),
                app_version=app_version(release),
            )
            for release in self.releases
        ]

    def _updated(self, release: Release) -> str:
        stored = release.info.last_deployed
        if not stored:
            return "-"
        if not self.time_format:
            return go_string(stored)
        from pilothouse.cli.output.times import in_layout

        return in_layout(stored, self.time_format)


def chart_text(release: Release) -> str:
    """Return name and version of a release's chart, ``MISSING`` when the record has none."""
    if release.chart is None:
        return "MISSING"
    return f"{release.chart.metadata.name}-{release.chart.metadata.version}"


def app_version(release: Release) -> str:
    """Return the version of what a release's chart installs."""
    return "MISSING" if release.chart is None else release.chart.metadata.app_version
