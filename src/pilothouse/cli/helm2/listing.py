"""``helm list``."""

from __future__ import annotations

from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.options import text_option, tls_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, INT, UINT, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.hapi.messages import Message

_LONG = """
Lists releases: those that are deployed or failed, unless flags such as
'--deleted' or '--all' say otherwise. Such flags may be combined.

The order is that of the names, with '-d' that of the dates. Arguments are a
regular expression over the names:

    $ helm list 'ara[a-z]+'

No more than 256 releases are shown; '--max' changes that, and '--offset' says
where to go on.
"""
#: Numbers of ``hapi.release.Status.Code`` by flag.
_CODES = (("deployed", (1,)), ("deleted", (2,)), ("deleting", (5,)), ("failed", (4,)), ("pending", (6, 7, 8)))
_ALL = (0, 1, 2, 5, 4, 6, 7, 8)
_BY_NAME, _BY_DATE, _BY_CHART = 1, 2, 3


def declare(session: Session) -> Command:
    """Return the command."""
    deployed = "Show deployed releases. If no other is specified, this will be automatically enabled"
    return Command(
        "list [flags] [FILTER]",
        long=_LONG,
        options=[
            Option("short", "Output short (quiet) listing format", BOOL, shorthand="q"),
            Option("date", "Sort by release date", BOOL, shorthand="d"),
            Option("reverse", "Reverse the sort order", BOOL, shorthand="r"),
            Option("max", "Maximum number of releases to fetch", INT, default=256, shorthand="m"),
            text_option("offset", "Next release name in the list, used to offset from start value", shorthand="o"),
            Option("all", "Show all releases, not just the ones marked DEPLOYED", BOOL, shorthand="a"),
            Option("deleted", "Show deleted releases", BOOL),
            Option("deleting", "Show releases that are currently being deleted", BOOL),
            Option("deployed", deployed, BOOL),
            Option("failed", "Show failed releases", BOOL),
            Option("pending", "Show pending releases", BOOL),
            text_option("namespace", "Show releases within a specific namespace"),
            Option("col-width", "Specifies the max column width of output", UINT, default=60),
            text_option("output", "Output the specified format (json or yaml)"),
            Option("chart-name", "Sort by chart name", BOOL, shorthand="c"),
            *tls_options(session),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Print the releases."""
    order = _BY_CHART if invocation.flag("chart-name") else _BY_DATE if invocation.flag("date") else _BY_NAME
    with tiller(session, invocation) as client:
        answers = list(
            client.stream(
                "ListReleases",
                limit=invocation.integer("max"),
                offset=invocation.text("offset"),
                sort_by=order,
                filter=" ".join(invocation.arguments),
                sort_order=int(invocation.flag("reverse")),
                status_codes=_codes(invocation),
                namespace=invocation.text("namespace"),
            )
        )
    if answers:
        releases = _newest([release for answer in answers for release in answer.releases])
        session.streams.out.line(_formatted(releases, answers[0].next, invocation))


def _codes(invocation: Invocation) -> list[int]:
    if invocation.flag("all"):
        return list(_ALL)
    chosen = [code for name, codes in _CODES if invocation.flag(name) for code in codes]
    return chosen or [1, 4]


def _newest(releases: list[Message]) -> list[Message]:
    """Return only the newest revision of each release (``filterList``)."""
    newest: dict[str, int] = {}
    for release in releases:
        newest[release.name] = max(newest.get(release.name, release.version), release.version)
    return [release for release in releases if newest[release.name] == release.version]


def _formatted(releases: list[Message], following: str, invocation: Invocation) -> str:
    from pilothouse.cli.helm2.printing import FormatUnknown
    from pilothouse.cli.output.printing import Fields, json_text, yaml_text

    output, short = invocation.text("output"), invocation.flag("short")
    rows = [_row(release) for release in releases]
    names = [release.name for release in releases]
    if output == "":
        return "\n".join(names) if short else _table(rows, following, invocation.integer("col-width"))
    data = names if short else Fields(Next=following, Releases=rows)
    if output == "json":
        return json_text(data).rstrip("\n")
    if output == "yaml":
        return yaml_text(data)
    from pilothouse.golang.quoting import quote

    raise FormatUnknown(f"Unknown output format {quote(output)}")


def _table(rows: list[dict[str, object]], following: str, width: int) -> str:
    from pilothouse.commandline.tables import format_table

    header = ("NAME", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "NAMESPACE")
    table = format_table([header, *(tuple(row.values()) for row in rows)], maximum_width=width)
    return f"\tnext: {following}\n{table}" if following else table


def _row(release: Message) -> dict[str, object]:
    from pilothouse.cli.helm2.times import shown_or
    from pilothouse.cli.output.printing import Fields
    from pilothouse.hapi.messages import StatusMessage, enum_name

    return Fields(
        Name=release.name,
        Revision=release.version,
        Updated=shown_or(release.info, "last_deployed", "-"),
        Status=enum_name(StatusMessage, "Code", release.info.status.code),
        Chart=chart_text(release),
        AppVersion=release.chart.metadata.appVersion,
        Namespace=release.namespace,
    )


def chart_text(release: Message, *, missing: str = "-") -> str:
    """Return name and version of a release's chart; ``missing`` stands for those of a chart that says nothing."""
    if not (release.HasField("chart") and release.chart.HasField("metadata")):
        return missing
    return f"{release.chart.metadata.name}-{release.chart.metadata.version}"
