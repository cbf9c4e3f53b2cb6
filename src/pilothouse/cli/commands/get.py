"""``helm get``."""

from __future__ import annotations

from pilothouse.cli.offers import releases, revision_flag
from pilothouse.cli.options import output_option
from pilothouse.commandline.command import Command, exactly
from pilothouse.commandline.options import BOOL, INT, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.releases.release import Release

_LONG = """
Shows what is stored of a release:

- the values it was made with
- its objects as they were rendered
- the notes of its chart
- its hooks
- facts about it and its chart
"""


def declare(session: Session) -> Command:
    """Return the command."""
    output = output_option()
    return Command(
        "get",
        long=_LONG,
        children=[
            _part(
                session,
                "all",
                "download all information for a named release",
                "\nPrints all that is stored of a release: notes, hooks, values and objects.\n",
                _all,
                [Option("template", "go template for formatting the output, eg: {{.Release.Name}}")],
            ),
            _part(
                session,
                "hooks",
                "download all hooks for a named release",
                "\nPrints the hooks of a release as YAML, each after a line '---'.\n",
                _hooks,
            ),
            _part(
                session,
                "manifest",
                "download the manifest for a named release",
                "\nPrints the objects of a release, those of its subcharts among them, as they were rendered.\n",
                _manifest,
            ),
            _part(
                session,
                "metadata",
                "This command fetches metadata for a given release",
                "",
                _metadata,
                [output],
                revision="specify release revision",
            ),
            _part(
                session,
                "notes",
                "download the notes for a named release",
                "\nPrints the notes that the chart of a release gave.\n",
                _notes,
            ),
            _part(
                session,
                "values",
                "download the values file for a named release",
                "\nPrints the values that a release was made with.\n",
                _values,
                [Option("all", "dump all (computed) values", BOOL, shorthand="a"), output],
            ),
        ],
    )


def _part(
    session: Session,
    name: str,
    short: str,
    long: str,
    run: Callable[[Session, Invocation], None],
    options: Sequence[Option] = (),
    *,
    revision: str = "get the named release with revision",
) -> Command:
    return Command(
        f"{name} RELEASE_NAME",
        short,
        long=long,
        options=[*options, Option("revision", revision, INT, complete=revision_flag(session))],
        validate=exactly(1),
        complete=releases(session),
        run=session.runs(run),
    )


def _stored(session: Session, invocation: Invocation) -> Release:
    from pilothouse.actions.get import get

    return get(session.context(), invocation.arguments[0], revision=invocation.integer("revision"))


def _all(session: Session, invocation: Invocation) -> None:
    from pilothouse.cli.output.status import StatusView

    release = _stored(session, invocation)
    template = invocation.text("template")
    if template:
        from pilothouse.actions.go_templates import render_release

        session.streams.out.write(render_release(template, release))
        return
    view = StatusView(
        release=release,
        metadata=True,
        description=session.generation != 3,
        debug=True,
        stored=True,
        colour=session.colour,
    )
    session.streams.out.write(view.text())


def _hooks(session: Session, invocation: Invocation) -> None:
    from pilothouse.cli.output.status import hooks_text

    session.streams.out.write(hooks_text(_stored(session, invocation).hooks))


def _manifest(session: Session, invocation: Invocation) -> None:
    session.streams.out.line(_stored(session, invocation).manifest)


def _metadata(session: Session, invocation: Invocation) -> None:
    from pilothouse.cli.output.metadata import MetadataView
    from pilothouse.cli.output.printing import show

    view = MetadataView(release=_stored(session, invocation), generation=session.generation)
    show(session, invocation, table=view.table, data=view.data)


def _notes(session: Session, invocation: Invocation) -> None:
    notes = _stored(session, invocation).info.notes
    if notes:
        session.streams.out.line(f"NOTES:\n{notes}")


def _values(session: Session, invocation: Invocation) -> None:
    from pilothouse.cli.output.printing import show, yaml_text

    release = _stored(session, invocation)
    values = release.config or None
    heading = "USER-SUPPLIED VALUES:"
    if invocation.flag("all"):
        from pilothouse.actions.get import computed_values

        values = computed_values(release)
        heading = "COMPUTED VALUES:"
    show(session, invocation, table=lambda: f"{heading}\n{yaml_text(values)}", data=lambda: values)
