"""``helm history``."""

from __future__ import annotations

from pilothouse.cli.helm2.arguments import release_name
from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.offers import releases
from pilothouse.cli.helm2.options import text_option, tls_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import INT32, UINT, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.hapi.messages import Message

_LONG = """
Shows the revisions of a release, the oldest first.

    $ helm history angry-bird --max=4
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "history [flags] RELEASE_NAME",
        long=_LONG,
        options=[
            Option("max", "Maximum number of revisions to include in history", INT32, default=256),
            Option("col-width", "Specifies the max column width of output", UINT, default=60),
            text_option(
                "output",
                "Prints the output in the specified format (json|table|yaml)",
                shorthand="o",
                default="table",
            ),
            *tls_options(session),
        ],
        complete=releases(session),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Print the revisions."""
    with tiller(session, invocation) as client:
        name = release_name(invocation)
        answer = client.call("GetHistory", name=name, max=invocation.integer("max"))
    if answer.releases:
        text = _formatted(list(reversed(answer.releases)), invocation)
        session.streams.out.line(text)


def _formatted(releases: list[Message], invocation: Invocation) -> str:
    from pilothouse.cli.helm2.printing import FormatUnknown
    from pilothouse.cli.output.printing import json_text, yaml_text
    from pilothouse.commandline.tables import format_table

    rows = [_row(release) for release in releases]
    output = invocation.text("output")
    if output == "json":
        return json_text(rows).rstrip("\n")
    if output == "yaml":
        return yaml_text(rows)
    if output != "table":
        from pilothouse.golang.quoting import quote

        raise FormatUnknown(f"unknown output format {quote(output)}")
    header = ("REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "DESCRIPTION")
    return format_table([header, *(tuple(row.values()) for row in rows)], maximum_width=invocation.integer("col-width"))


def _row(release: Message) -> dict[str, object]:
    from pilothouse.cli.helm2.listing import chart_text
    from pilothouse.cli.helm2.times import shown
    from pilothouse.cli.output.printing import Fields
    from pilothouse.hapi.messages import StatusMessage, enum_name

    return Fields(
        revision=release.version,
        updated=shown(release.info.last_deployed),
        status=enum_name(StatusMessage, "Code", release.info.status.code),
        chart=chart_text(release, missing="MISSING"),
        appVersion=release.chart.metadata.appVersion,
        description=release.info.Description,
    )
