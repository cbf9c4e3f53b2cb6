"""Which repositories the dependencies of a chart come from, and their indexes (``downloader.Manager``)."""

from __future__ import annotations

from pilothouse.actions.repo import UNMANAGED, Entry, fetch_all
from pilothouse.dependencies.resolver import LOCAL, REGISTRY
from pilothouse.errors import NotFound
from pilothouse.sources.reference import equal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.actions.dependency_work import DependencyWork
    from pilothouse.charts.metadata import Dependency

_ALIAS_NOTE = """
Note that repositories must be URLs or aliases. For example, to refer to the "example"
repository, use "https://charts.example.com/" or "@example" instead of
"example". Don't forget to add the repo, too ('helm repo add')."""
_OLD_ALIAS_NOTE = """
Note that repositories must be URLs or aliases. For example, to refer to the stable
repository, use "https://charts.helm.sh/stable" or "@stable" instead of
"stable". Don't forget to add the repo, too ('helm repo add')."""


def named(work: DependencyWork, dependencies: Sequence[Dependency]) -> tuple[list[Dependency], dict[str, str]]:
    """Return dependencies with URLs in place of aliases, and the name of the index for each chart."""
    entries = work.source.repositories().entries
    indexes: dict[str, str] = {}
    found: list[Dependency] = []
    missing: list[str] = []
    for one in dependencies:
        repository = one.repository
        found.append(one)
        if not repository:
            continue
        if repository.startswith(LOCAL):
            work.local_path(repository)
            if work.options.debug:
                work.tell(f"Repository from local path: {repository}\n")
            indexes[one.name] = repository
            continue
        if repository.startswith(REGISTRY):
            indexes[one.name] = repository
            continue
        entry = _configured(repository, entries)
        if entry is None:
            if not _is_url(repository):
                missing.append(repository)
            continue
        indexes[one.name] = entry.name
        if repository.startswith(("@", "alias:")):
            found[-1] = one.replace(repository=entry.url)
    if missing:
        raise _unknown(missing, _OLD_ALIAS_NOTE if work.is_helm2 else _ALIAS_NOTE)
    return found, indexes


def unmanaged(work: DependencyWork, dependencies: Sequence[Dependency], indexes: dict[str, str]) -> dict[str, str]:
    """Return the names of the indexes, those of repositories that only the chart names fetched first.

    Helm 2 has none of them: it looks such a chart up when it fetches it.
    """
    if work.is_helm2:
        return indexes
    from hashlib import sha256

    indexes = dict(indexes)
    entries: list[Entry] = []
    for one in dependencies:
        if not one.repository or one.name in indexes:
            continue
        name = UNMANAGED + sha256(one.repository.encode("utf-8", "surrogateescape")).hexdigest()
        indexes[one.name] = name
        entries.append(Entry(name=name, url=one.repository))
    if entries and not work.options.skip_refresh:
        work.tell("Getting updates for unmanaged Helm repositories...\n")
        fetch_all(work.source.indexes, _once_each(entries, work.helm), tell=lambda line: work.tell(f"{line}\n"))
    return indexes


def _once_each(entries: Sequence[Entry], helm: int) -> list[Entry]:
    """Return each repository once, as Helm 4 asks them (``dedupeRepos``); Helm 3 asks as often as they are named."""
    return list(entries) if helm == 3 else list({entry.url.removesuffix("/"): entry for entry in entries}.values())


def refresh(work: DependencyWork) -> None:
    """Fetch the indexes of all configured repositories (``UpdateRepositories``)."""
    entries = work.source.repositories().entries
    if not entries:
        return
    work.tell("Hang tight while we grab the latest from your chart repositories...\n")
    fetch_all(work.source.indexes, _once_each(entries, work.helm), tell=lambda line: work.tell(f"{line}\n"))
    cheer = "" if work.is_helm2 else " \N{HELM SYMBOL}Happy Helming!\N{HELM SYMBOL}"
    work.tell(f"Update Complete.{cheer}\n")


def check_configured(work: DependencyWork, dependencies: Sequence[Dependency]) -> None:
    """Check that the repositories of locked dependencies are configured (``hasAllRepos``).

    Raises:
        NotFound: Some are not.
    """
    entries = work.source.repositories().entries
    missing = [
        one.repository
        for one in dependencies
        if one.repository
        and not one.repository.startswith((LOCAL, REGISTRY))
        and not any(equal(entry.url, one.repository.removesuffix("/")) for entry in entries)
    ]
    if missing:
        text = f"no repository definition for {', '.join(missing)}"
        raise NotFound(f"{text}. Please add the missing repos via 'helm repo add'")


def _configured(repository: str, entries: Sequence[Entry]) -> Entry | None:
    """Return the repository that a dependency names, by alias or URL."""
    for entry in entries:
        if repository in (f"@{entry.name}", f"alias:{entry.name}") or equal(entry.url, repository):
            return entry
    return None


def _is_url(text: str) -> bool:
    """Return whether Go's ``url.ParseRequestURI`` takes a text."""
    from pilothouse.golang.urls import UrlSyntaxError, parse

    if not text or text.startswith("@"):
        return False
    try:
        found = parse(text)
    except UrlSyntaxError:
        return False
    return bool(found.scheme) or text.startswith("/")


def _unknown(missing: Sequence[str], note: str) -> NotFound:
    """Return the error that names repositories which nobody knows."""
    text = f"no repository definition for {', '.join(missing)}. Please add them via 'helm repo add'"
    if any("//" not in one and not one.startswith(("@", "alias:")) for one in missing):
        text += note
    return NotFound(text)
