"""The revisions of a release."""

from __future__ import annotations

from pilothouse.cli.output.listing import app_version, chart_text
from pilothouse.cli.output.printing import Fields
from pilothouse.cli.output.times import ansic
from pilothouse.commandline.tables import format_table
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release


class HistoryView(Record):
    """Revisions as ``helm history`` shows them.

    Attributes:
        releases: The revisions, oldest first.
        rollbacks: Whether the table says which revision was rolled back to.
        generation: Helm 3 writes an empty ``updated`` where Helm 4 leaves it out.
    """

    releases: tuple[Release, ...]
    rollbacks: bool = False
    generation: int = 4

    def table(self) -> str:
        """Return a table with a row for each revision."""
        headers = ["REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "DESCRIPTION"]
        if self.rollbacks:
            headers.insert(5, "ROLLBACK")
        rows = [headers]
        for release in self.releases:
            info = release.info
            row = [
                str(release.revision),
                ansic(info.last_deployed),
                info.status,
                chart_text(release),
                app_version(release),
                info.description,
            ]
            if self.rollbacks:
                row.insert(5, str(info.rollback_revision or ""))
            rows.append(row)
        return format_table(rows) + "\n"

    def data(self) -> YamlValue:
        """Return a list of objects."""
        return [self._object(release) for release in self.releases]

    def _object(self, release: Release) -> Fields:
        info = release.info
        made = Fields(revision=release.revision)
        if info.last_deployed or self.generation == 3:
            made["updated"] = info.last_deployed
        made["status"] = info.status
        made["chart"] = chart_text(release)
        made["app_version"] = app_version(release)
        if info.rollback_revision and self.generation != 3:
            made["rollback_revision"] = info.rollback_revision
        made["description"] = info.description
        return made
