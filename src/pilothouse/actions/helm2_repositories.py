"""The repositories of a HELM_HOME: added, updated, removed and searched as Helm 2 does (``cmd/helm/repo_*.go``)."""

from __future__ import annotations

from pilothouse.actions.repo import fetch_all
from pilothouse.actions.search import Match, SearchOptions
from pilothouse.actions.sources import chart_source
from pilothouse.errors import Exists, Invalid, NotFound, PilothouseError, Unreachable
from pilothouse.golang.quoting import quote
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidConstraint
from pilothouse.sources.errors import RepositoriesMissing
from pilothouse.sources.repositories.file import Entry, Locked, RepositoryFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.clock import Clock
    from pilothouse.environment import Environment
    from pilothouse.sources.places import Places

__all__ = ["Entry", "add", "remove", "repositories", "search", "update"]

#: The repository that is served by this machine; its index is never fetched.
LOCAL = "local"


def repositories(places: Places) -> RepositoryFile:
    """Return the configured repositories.

    Raises:
        RepositoriesMissing: There is no list of them.
    """
    path = places.repository_config
    try:
        found = RepositoryFile.load(path, helm=3)
    except RepositoriesMissing as error:
        text = "You might need to run `helm init` (or `helm init --client-only` if tiller is already installed)"
        raise RepositoriesMissing(f"Couldn't load repositories file ({path}).\n{text}") from error
    if not found.api_version:
        raise Invalid("repository file is out of date", hints=("`helm init --client-only` brings it up to date",))
    return found


def add(environment: Environment, places: Places, entry: Entry, *, clock: Clock, replace: bool) -> None:
    """Add a repository, or put it in the place of the one of its name.

    Raises:
        Exists: There is one of that name, which is not to be replaced.
        PilothouseError: It is no repository, or cannot be reached.
    """
    if not replace and repositories(places).get(entry.name) is not None:
        raise Exists(f"repository name ({entry.name}) already exists, please specify a different name")
    indexes = chart_source(environment, places).indexes
    _check_name(entry.name)
    try:
        indexes.check(entry)
    except PilothouseError as error:
        raise Invalid(_capital(error.message)) from error
    try:
        indexes.fetch(entry)
    except PilothouseError as error:
        text = f"Looks like {quote(entry.url)} is not a valid chart repository or cannot be reached: "
        raise Unreachable(text + _fetch_text(error.message), hints=error.hints) from error
    with Locked(places.repository_config, clock):
        found = repositories(places)
        found.put(entry)
        found.save_for_helm2(places.repository_config, places.repository_cache)


def _check_name(name: str) -> None:
    """Refuse names that would be paths: they become the names of files."""
    if "/" in name or name in ("", ".", ".."):
        raise Invalid(f"repository name ({name}) contains '/', please specify a different name without '/'")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _fetch_text(text: str) -> str:
    return _capital(text) if text.startswith("failed to fetch") else text


def remove(
    environment: Environment, places: Places, names: Sequence[str], *, clock: Clock, tell: Callable[[str], None]
) -> None:
    """Remove repositories and what is kept of their indexes, one after the other.

    Raises:
        NotFound: There is none of a name; those before it are removed.
    """
    indexes = chart_source(environment, places).indexes
    for name in names:
        with Locked(places.repository_config, clock):
            found = repositories(places)
            if not found.remove(name):
                raise NotFound(f"no repo named {quote(name)} found")
            found.save_for_helm2(places.repository_config, places.repository_cache)
        indexes.remove(name)
        tell(f"{quote(name)} has been removed from your repositories")


def update(environment: Environment, places: Places, name: str, *, strict: bool, tell: Callable[[str], None]) -> None:
    """Fetch the indexes of all repositories, or of one, again.

    Raises:
        NotFound: There are none, or none of that name.
        Unreachable: One failed, and that counts.
    """
    entries = repositories(places).entries
    if not entries:
        raise NotFound("no repositories found. You must add one before updating")
    if name:
        entries = tuple(entry for entry in entries if entry.name == name)
        if not entries:
            raise NotFound("no repositories found matching the provided name. Verify if the repo exists")
    tell("Hang tight while we grab the latest from your chart repositories...")
    for entry in entries:
        if entry.name == LOCAL:
            tell(f"...Skip {entry.name} chart repository")
    indexes = chart_source(environment, places).indexes
    failed = fetch_all(indexes, [entry for entry in entries if entry.name != LOCAL], tell=tell)
    if failed and strict:
        raise Unreachable("Update Failed. Check log for details")
    tell("Update Complete.")


def search(
    environment: Environment, places: Places, options: SearchOptions, *, tell: Callable[[str], None]
) -> list[Match]:
    """Return the charts that match; ``tell`` hears of repositories whose index cannot be read.

    Raises:
        Invalid: The expression or the constraint is none.
    """
    from pilothouse.sources.repositories.search import search as find

    store = chart_source(environment, places).indexes
    indexes = []
    for entry in repositories(places).entries:
        try:
            indexes.append((entry.name, store.load(entry.name)))
        except PilothouseError:
            tell(f"WARNING: Repo {quote(entry.name)} is corrupt or missing. Try 'helm repo update'.")
    wanted = options.version or (">0.0.0-0" if options.devel else ">0.0.0")
    try:
        constraint = Constraints.parse(wanted, helm=3)
    except InvalidConstraint as error:
        raise Invalid(f"an invalid version/constraint format: {error.message}") from error
    found = find(
        indexes,
        options.words,
        constraint=constraint,
        regexp=options.regexp,
        every_version=options.every_version,
    )
    if options.words is None or options.regexp:
        return found
    return [match.replace(name=match.name.lower()) for match in found]
