"""``helm get``."""

from __future__ import annotations

from pilothouse.cli.helm2.arguments import release_name
from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.offers import releases
from pilothouse.cli.helm2.options import text_option, tls_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, INT32, Option
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.hapi.messages import Message

_LONG = """
Shows what is stored of a release: the values it was made with, its chart, its
hooks and its objects as they were rendered.
"""
_REVISION = "Get the named release with revision"


def declare(session: Session) -> Command:
    """Return the command."""
    output = text_option("output", "Output the specified format (json or yaml)", default="yaml")
    template = text_option("template", "Go template for formatting the output, eg: {{.Release.Name}}")
    return Command(
        "get [flags] RELEASE_NAME",
        long=_LONG,
        options=[Option("revision", _REVISION, INT32), template, *tls_options(session)],
        complete=releases(session),
        run=session.runs(_all),
        children=[
            _part(session, "hooks", "Download all hooks for a named release", "the hooks of a release", _hooks),
            _part(
                session, "manifest", "Download the manifest for a named release", "the objects of a release", _manifest
            ),
            _part(
                session,
                "notes",
                "Displays the notes of the named release",
                "the notes that the chart of a release gave",
                _notes,
                revision="Get the notes of the named release with revision",
            ),
            _part(
                session,
                "values",
                "Download the values file for a named release",
                "the values that a release was made with",
                _values,
                [Option("all", "Dump all (computed) values", BOOL, shorthand="a"), output],
            ),
        ],
    )


def _part(
    session: Session,
    name: str,
    short: str,
    what: str,
    run: Callable[[Session, Invocation], None],
    options: Sequence[Option] = (),
    *,
    revision: str = _REVISION,
) -> Command:
    return Command(
        f"{name} [flags] RELEASE_NAME",
        short,
        long=f"\nPrints {what}.\n",
        options=[*options, Option("revision", revision, INT32), *tls_options(session)],
        complete=releases(session),
        run=session.runs(run),
    )


def _content(session: Session, invocation: Invocation) -> Message:
    with tiller(session, invocation) as client:
        name = release_name(invocation)
        return client.call("GetReleaseContent", name=name, version=invocation.integer("revision"))


def _all(session: Session, invocation: Invocation) -> None:
    answer = _content(session, invocation)
    template = invocation.text("template")
    if template:
        from pilothouse.actions.go_templates import render_message

        session.streams.out.write(render_message(template, answer))
        return
    from pilothouse.cli.helm2.release_view import release_text

    session.streams.out.write(release_text(session, answer.release))


def _hooks(session: Session, invocation: Invocation) -> None:
    try:
        answer = _content(session, invocation)
    except PilothouseError:
        if invocation.arguments:
            session.streams.out.line(invocation.arguments[0])
        raise
    for hook in answer.release.hooks:
        session.streams.out.line(f"---\n# {hook.name}\n{hook.manifest}")


def _manifest(session: Session, invocation: Invocation) -> None:
    session.streams.out.line(_content(session, invocation).release.manifest)


def _notes(session: Session, invocation: Invocation) -> None:
    with tiller(session, invocation) as client:
        name = release_name(invocation)
        answer = client.call("GetReleaseStatus", name=name, version=invocation.integer("revision"))
    if answer.info.status.notes:
        session.streams.out.line(f"NOTES:\n{answer.info.status.notes}")


def _values(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.tiller_chart import computed_values, given_values
    from pilothouse.cli.helm2.printing import FormatUnknown
    from pilothouse.cli.output.printing import json_text, yaml_text

    release = _content(session, invocation).release
    values = computed_values(release, session.reporter) if invocation.flag("all") else given_values(release)
    output = invocation.text("output")
    if output == "json":
        session.streams.out.write(json_text(values))
    elif output == "yaml":
        session.streams.out.line(yaml_text(values))
    else:
        from pilothouse.golang.quoting import quote

        raise FormatUnknown(f"Unknown output format {quote(output)}")
