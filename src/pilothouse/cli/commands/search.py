"""``helm search``."""

from __future__ import annotations

from pilothouse.cli.later import not_yet
from pilothouse.cli.options import column_width_option, output_option
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session

_LONG = """
Finds charts: in the Artifact Hub with 'hub', in the repositories that were
added here with 'repo'.
"""
_FAIL = "search fails if no results are found"


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("search", long=_LONG, children=[_hub(session), _repo(session)])


def _hub(session: Session) -> Command:
    return Command(
        "hub [KEYWORD]",
        "search for charts in the Artifact Hub or your own hub instance",
        long="\nAsks the Artifact Hub, or the instance that --endpoint names, for charts that match the words.\n",
        options=[
            Option("endpoint", "Hub instance to query for charts", default="https://hub.helm.sh"),
            column_width_option(50),
            Option("list-repo-url", "print charts repository URL", BOOL),
            Option("fail-on-no-result", _FAIL, BOOL),
            output_option(),
        ],
        run=session.runs(not_yet),
    )


def _repo(session: Session) -> Command:
    return Command(
        "repo [keyword]",
        "search repositories for a keyword in charts",
        long="""
Finds charts in the repositories that were added with 'helm repo add', in the
copies of their indexes that are kept here. The newest stable version of each
chart is shown; --devel takes pre-releases along and --version a constraint:

    $ helm search repo nginx
    $ helm search repo nginx --devel
    $ helm search repo nginx-ingress --version ^1.0.0
""",
        options=[
            Option("regexp", "use regular expressions for searching repositories you have added", BOOL, shorthand="r"),
            Option(
                "versions",
                "show the long listing, with each version of each chart on its own line, "
                "for repositories you have added",
                BOOL,
                shorthand="l",
            ),
            Option(
                "devel",
                "use development versions (alpha, beta, and release candidate releases), too. "
                "Equivalent to version '>0.0.0-0'. If --version is set, this is ignored",
                BOOL,
            ),
            Option("version", "search using semantic versioning constraints on repositories you have added"),
            column_width_option(50),
            Option("fail-on-no-result", _FAIL, BOOL),
            output_option(),
        ],
        run=session.runs(not_yet),
    )
