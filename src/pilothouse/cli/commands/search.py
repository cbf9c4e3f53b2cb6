"""``helm search``."""

from __future__ import annotations

from pilothouse.cli.options import column_width_option, output_option
from pilothouse.cli.output.printing import Fields, show
from pilothouse.cli.places import places
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, Option
from pilothouse.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.actions.search import HubChart, Match
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.golang.kinds import YamlValue

_LONG = """
Finds charts: in the Artifact Hub with 'hub', in the repositories that were
added here with 'repo'.
"""
_FAIL = "search fails if no results are found"


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("search [keyword]", long=_LONG, children=[_hub(session), _repo(session)])


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
        run=session.runs(_run_hub),
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
        run=session.runs(_run_repo),
    )


def _run_repo(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.search import SearchOptions, search_repositories

    options = SearchOptions(
        words=" ".join(invocation.arguments) if invocation.arguments else None,
        regexp=invocation.flag("regexp"),
        every_version=invocation.flag("versions"),
        devel=invocation.flag("devel"),
        version=invocation.text("version"),
    )
    found = search_repositories(session.environment, places(session), options, reporter=session.reporter)
    _print(session, invocation, _repo_rows(found), lambda: [_repo_fields(match) for match in found])


def _repo_rows(found: list[Match]) -> list[tuple[str, ...]]:
    rows = [(match.name, match.version, match.app_version, match.description) for match in found]
    return [("NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION"), *rows]


def _repo_fields(match: Match) -> Fields:
    return Fields(name=match.name, version=match.version, app_version=match.app_version, description=match.description)


def _run_hub(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.search import search_hub

    words = " ".join(invocation.arguments)
    found = search_hub(session.environment, invocation.text("endpoint"), words, reporter=session.reporter)
    rows = _hub_rows(found, repositories=invocation.flag("list-repo-url"))
    _print(session, invocation, rows, lambda: [_hub_fields(chart) for chart in found])


def _hub_rows(found: list[HubChart], *, repositories: bool) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("URL", "CHART VERSION", "APP VERSION", "DESCRIPTION", "REPO URL")]
    rows += [(chart.url, chart.version, chart.app_version, chart.description, chart.repository_url) for chart in found]
    return rows if repositories else [row[:-1] for row in rows]


def _hub_fields(chart: HubChart) -> Fields:
    return Fields(
        url=chart.url,
        version=chart.version,
        app_version=chart.app_version,
        description=chart.description,
        repository=Fields(url=chart.repository_url, name=chart.repository),
    )


def _print(
    session: Session, invocation: Invocation, rows: list[tuple[str, ...]], data: Callable[[], YamlValue]
) -> None:
    """Print what was found, a header being the first row.

    Raises:
        NotFound: Nothing was, and that counts as a failure.
    """
    if len(rows) == 1 and invocation.flag("fail-on-no-result"):
        raise NotFound("no results found")

    def table() -> str:
        from pilothouse.commandline.tables import format_table

        if len(rows) == 1:
            return "No results found\n"
        return format_table(rows, maximum_width=invocation.values["max-col-width"]) + "\n"

    show(session, invocation, table=table, data=data)
