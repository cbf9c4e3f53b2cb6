"""``helm search``: charts in the repositories that are configured."""

from __future__ import annotations

from pilothouse.cli.helm2.options import output_option, text_option
from pilothouse.cli.places import places
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, UINT, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Looks for charts in the indexes that are kept here of all repositories.

The newest version of each chart is shown; '--devel' takes pre-releases along,
and '--version' a constraint:

    $ helm search nginx
    $ helm search nginx-ingress --version ^1.0.0

Names, descriptions and keywords are searched. Vertical tabs stand between them
for '--regexp':

    $ helm search --regexp '\\vstable/mysql\\v'
"""
_DEVEL = (
    "use development versions (alpha, beta, and release candidate releases), too. "
    "Equivalent to version '>0.0.0-0'. If --version is set, this is ignored"
)


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "search [keyword] [flags]",
        long=_LONG,
        options=[
            Option("regexp", "Use regular expressions for searching", BOOL, shorthand="r"),
            Option(
                "versions",
                "Show the long listing, with each version of each chart on its own line",
                BOOL,
                shorthand="l",
            ),
            Option("devel", _DEVEL, BOOL),
            text_option("version", "Search using semantic versioning constraints", shorthand="v"),
            Option("col-width", "Specifies the max column width of output", UINT, default=60),
            output_option(),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Print what is found."""
    from pilothouse.actions.helm2_repositories import search
    from pilothouse.actions.search import SearchOptions
    from pilothouse.cli.helm2.printing import write
    from pilothouse.cli.output.printing import Fields
    from pilothouse.commandline.tables import format_table

    out = session.streams.out
    options = SearchOptions(
        words=" ".join(invocation.arguments) if invocation.arguments else None,
        regexp=invocation.flag("regexp"),
        every_version=invocation.flag("versions"),
        devel=invocation.flag("devel"),
        version=invocation.text("version"),
    )
    found = search(session.environment, places(session), options, tell=out.line)

    def table() -> str:
        if not found:
            return "No results found\n"
        rows = [("NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION")]
        rows += [(each.name, each.version, each.app_version, each.description) for each in found]
        return format_table(rows, maximum_width=invocation.integer("col-width")) + "\n"

    def data() -> list[Fields] | None:
        return [
            Fields(Name=each.name, Version=each.version, AppVersion=each.app_version, Description=each.description)
            for each in found
        ] or None

    write(session, invocation.text("output"), table=table, data=data)
