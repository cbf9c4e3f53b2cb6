"""Showing a release: the status block for people, the record for programs."""

from __future__ import annotations

from pilothouse.cli.output.printing import show
from pilothouse.cli.output.status import StatusView

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release


def show_release(session: Session, invocation: Invocation, release: Release, *, hide_notes: bool = False) -> None:
    """Print a release that was just changed; programs get its record with the chart."""
    view = StatusView(
        release=release,
        description=session.generation != 3,
        debug=session.settings.debug,
        hide_notes=hide_notes,
        colour=session.colour,
    )
    show(session, invocation, table=view.text, data=lambda: record(release, session.generation))


def record(
    release: Release,
    generation: int,
    *,
    chart: bool = True,
    resources: Mapping[str, YamlValue] | None = None,
) -> YamlValue:
    """Return a release in the form of its stored record.

    Args:
        release: The release.
        generation: The Helm generation whose form is meant.
        chart: Whether the chart is part of it.
        resources: Live objects to put into ``info``.
    """
    from pilothouse.actions.records import release_record

    return release_record(release, compatibility=generation, chart=chart, resources=resources)
