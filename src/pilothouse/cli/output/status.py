"""The block that tells what a release is: printed by install, upgrade, status, test and get all."""

from __future__ import annotations

from pilothouse.cli.output.colours import namespace_text, status_text
from pilothouse.cli.output.printing import yaml_text
from pilothouse.cli.output.times import ansic
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Hook, Release

DRY_RUN_COMPLETE = "dry run complete"


class StatusView(Record):
    """A release and what is shown of it (``statusPrinter``).

    Attributes:
        release: What is described.
        resources: Tables of its live objects by version and kind.
        metadata: Whether the chart's name and versions are shown.
        description: Whether the description is shown.
        debug: Whether values, hooks and manifest are shown.
        stored: Whether the release was read back; a record without values holds null then, not an empty map.
        hide_notes: Whether the notes are left out.
        colour: Whether to use colours.
    """

    release: Release
    resources: Mapping[str, Sequence[Mapping[str, YamlValue]]] | None = None
    metadata: bool = False
    description: bool = True
    debug: bool = False
    hide_notes: bool = False
    stored: bool = False
    colour: bool = False

    def text(self) -> str:
        """Return the block, line feeds included."""
        return "".join(self._pieces())

    def _pieces(self) -> Iterator[str]:
        release = self.release
        yield f"NAME: {release.name}\n"
        if release.info.last_deployed:
            yield f"LAST DEPLOYED: {ansic(release.info.last_deployed)}\n"
        yield f"NAMESPACE: {namespace_text(release.namespace, colour=self.colour)}\n"
        yield f"STATUS: {status_text(release.info.status, colour=self.colour)}\n"
        yield f"REVISION: {release.revision}\n"
        if self.metadata and release.chart:
            about = release.chart.metadata
            yield f"CHART: {about.name}\nVERSION: {about.version}\nAPP_VERSION: {about.app_version}\n"
        if self.description:
            yield f"DESCRIPTION: {release.info.description}\n"
        if self.resources:
            yield f"RESOURCES:\n{resource_tables(self.resources)}\n"
        yield from _tests(release)
        if self.debug:
            yield from _values(release, stored=self.stored)
        if self.debug or release.info.description.lower() == DRY_RUN_COMPLETE:
            yield f"HOOKS:\n{hooks_text(release.hooks)}MANIFEST:\n{release.manifest}\n"
        if release.info.notes and not self.hide_notes:
            yield f"NOTES:\n{release.info.notes.strip()}\n"


def hooks_text(hooks: tuple[Hook, ...]) -> str:
    """Return the manifests of hooks, each after the path of its template."""
    return "".join(f"---\n# Source: {hook.path}\n{hook.manifest}\n" for hook in hooks)


def resource_tables(resources: Mapping[str, Sequence[Mapping[str, YamlValue]]]) -> str:
    """Return the tables of live objects under headings."""
    from pilothouse.cli.output.kubectl_tables import TablePrinter

    printer = TablePrinter()
    pieces = []
    for heading, tables in resources.items():
        pieces.append(f"==> {heading}\n")
        pieces += [printer.format(table) for table in tables]
        pieces.append("\n")
    return "".join(pieces)


def _tests(release: Release) -> Iterator[str]:
    hooks = [hook for hook in release.hooks if "test" in hook.events]
    if not hooks:
        yield "TEST SUITE: None\n"
    for hook in hooks:
        run = hook.last_run
        if run.started:
            yield (
                f"TEST SUITE:     {hook.name}\n"
                f"Last Started:   {ansic(run.started)}\n"
                f"Last Completed: {ansic(run.completed)}\n"
                f"Phase:          {run.phase}\n"
            )


def _values(release: Release, *, stored: bool) -> Iterator[str]:
    from pilothouse.actions.get import computed_values

    yield f"USER-SUPPLIED VALUES:\n{yaml_text(release.config or (None if stored else {}))}\n"
    yield f"COMPUTED VALUES:\n{yaml_text(computed_values(release))}\n"
