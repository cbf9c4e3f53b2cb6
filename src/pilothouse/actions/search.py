"""Finding charts: in the repositories that are configured, and in a hub (``helm search``)."""

from __future__ import annotations

from pilothouse.actions.sources import chart_source
from pilothouse.errors import Invalid, NotFound, PilothouseError, Unreachable
from pilothouse.golang.quoting import quote
from pilothouse.progress import SILENT
from pilothouse.records import Record
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidConstraint
from pilothouse.sources.repositories.file import readable
from pilothouse.sources.repositories.search import Match, search

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter
    from pilothouse.sources.places import Places

__all__ = ["HubChart", "Match", "SearchOptions", "search_hub", "search_repositories"]

_HUB_PATH = "api/chartsvc/v1/charts/search"


class SearchOptions(Record):
    """What to look for.

    Attributes:
        words: Words or an expression, nothing for every chart.
        regexp: Whether that is a regular expression.
        every_version: Whether all versions are wanted.
        devel: Whether pre-releases count.
        version: What versions may be, in place of ``devel``.
    """

    words: str | None = None
    regexp: bool = False
    every_version: bool = False
    devel: bool = False
    version: str = ""


def search_repositories(
    environment: Environment, places: Places, options: SearchOptions, *, reporter: Reporter = SILENT
) -> list[Match]:
    """Return the charts of the configured repositories that match.

    Raises:
        NotFound: No repository is configured.
        Invalid: The expression or the constraint is none.
    """
    helm = environment.compatibility
    wanted = _wanted(options, reporter, helm)
    entries = readable(places.repository_config, helm=helm).entries
    if not entries:
        raise NotFound("no repositories configured")
    store = chart_source(environment, places, reporter=reporter).indexes
    indexes = []
    for entry in entries:
        try:
            indexes.append((entry.name, store.load(entry.name)))
        except PilothouseError as error:
            _tell_missing(reporter, entry.name, error, helm)
    constraint, fault = _constraint(wanted, helm)
    found = search(
        indexes,
        options.words,
        constraint=constraint,
        regexp=options.regexp,
        every_version=options.every_version,
    )
    if fault is not None:
        raise fault
    return found


def _wanted(options: SearchOptions, reporter: Reporter, helm: int) -> str:
    if helm == 3:
        reporter.debug(f"Original chart version: {quote(options.version)}")
    else:
        reporter.debug("original chart version", version=options.version)
    if options.version:
        return options.version
    wanted = ">0.0.0-0" if options.devel else ">0.0.0"
    reporter.debug(f"setting version to {wanted}")
    return wanted


def _constraint(wanted: str, helm: int) -> tuple[Constraints, Invalid | None]:
    """Return the constraint, or one that lets nothing through and the error that is told after the search."""
    try:
        return Constraints.parse(wanted, helm=helm), None
    except InvalidConstraint as error:
        return Constraints([], helm=helm), Invalid(f"an invalid version/constraint format: {error.message}")


def _tell_missing(reporter: Reporter, name: str, error: PilothouseError, helm: int) -> None:
    if helm == 3:
        reporter.report("info", f"WARNING: Repo {quote(name)} is corrupt or missing. Try 'helm repo update'.")
        reporter.report("info", f"WARNING: {error.message}")
    else:
        reporter.warning("repo is corrupt or missing", repo=name, error=error.message)


class HubChart(Record):
    """A chart that a hub knows.

    Attributes:
        url: Page about it.
        version: Its newest version.
        app_version: Version of what that installs.
        description: What it is.
        repository: Name of its repository.
        repository_url: URL of its repository.
    """

    url: str
    version: str
    app_version: str
    description: str
    repository: str
    repository_url: str


def search_hub(environment: Environment, endpoint: str, words: str, *, reporter: Reporter = SILENT) -> list[HubChart]:
    """Return the charts of a hub that match.

    Raises:
        Invalid: The endpoint is no URL.
        Unreachable: The hub does not answer.
    """
    from pilothouse.golang.urls import QUERY, UrlSyntaxError, escape, parse
    from pilothouse.sources.reference import joined

    try:
        host = parse(endpoint).hostname
        fault = "" if host else "no hostname provided"
    except UrlSyntaxError as error:
        fault = str(error)
    if fault:
        raise Invalid(f"unable to create connection to {quote(endpoint)}: {fault}")
    query = escape(words, QUERY, plus=True)
    try:
        answer = _asked(environment, f"{joined(endpoint, _HUB_PATH)}?q={query}")
    except PilothouseError as error:
        if environment.compatibility == 3:
            reporter.debug(error.message)
        else:
            reporter.debug("search failed", error=error.message)
        raise Unreachable(
            f"unable to perform search against {quote(endpoint)}", hints=(f"the hub did not answer: {error.message}",)
        ) from error
    return [_hub_chart(item, endpoint) for item in answer if isinstance(item, dict)]


def _asked(environment: Environment, url: str) -> list[YamlValue]:
    from pilothouse.formats.errors import JsonError
    from pilothouse.formats.json_text import decode
    from pilothouse.sources.getters import web_getters
    from pilothouse.transport.access import Access

    getters = web_getters(environment.variables, reporter=SILENT, helm=environment.compatibility)
    try:
        found = decode(getters.get(url, Access()).data)
    except JsonError:
        return []  # Helm leaves what it cannot read aside
    charts = found.get("data") if isinstance(found, dict) else None
    return charts if isinstance(charts, list) else []


def _hub_chart(item: Mapping[str, YamlValue], endpoint: str) -> HubChart:
    newest = _inner(item, "relationships", "latestChartVersion", "data")
    attributes = _inner(item, "attributes")
    repository = _inner(attributes, "repo")
    page = _text(_inner(item, "artifactHub"), "packageUrl")
    return HubChart(
        url=page or f"{endpoint}/charts/{_text(item, 'id')}",
        version=_text(newest, "version"),
        app_version=_text(newest, "app_version"),
        description=_text(attributes, "description"),
        repository=_text(repository, "name"),
        repository_url=_text(repository, "url"),
    )


def _inner(value: Mapping[str, YamlValue], *path: str) -> Mapping[str, YamlValue]:
    for name in path:
        inner = value.get(name)
        value = inner if isinstance(inner, dict) else {}
    return value


def _text(value: Mapping[str, YamlValue], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
