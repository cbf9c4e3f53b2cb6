"""Helm 2's folder for everything, ``HELM_HOME``, as ``helm init`` makes it (``installer.Initialize``)."""

from __future__ import annotations

import os

from pilothouse.charts.files import make_folder
from pilothouse.errors import Invalid, PilothouseError
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.clock import Clock
    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue

STABLE_URL = "https://charts.helm.sh/stable"
OLD_STABLE_URL = "https://kubernetes-charts.storage.googleapis.com"
LOCAL_URL = "http://127.0.0.1:8879/charts"
_FOLDERS = ("", "repository", "repository/cache", "repository/local", "plugins", "starters", "cache/archive")


class HomeOptions(Record):
    """How ``HELM_HOME`` is set up; flags of ``helm init``.

    Attributes:
        home: The folder.
        stable_url: The repository ``stable``.
        local_url: Where ``helm serve`` serves the repository ``local``.
        skip_refresh: Whether the index of ``stable`` is not fetched.
        skip_repositories: Whether there are no repositories.
    """

    home: str
    stable_url: str = STABLE_URL
    local_url: str = LOCAL_URL
    skip_refresh: bool = False
    skip_repositories: bool = False


def prepare_home(environment: Environment, options: HomeOptions, *, clock: Clock, tell: Callable[[str], None]) -> None:
    """Make what is missing of ``HELM_HOME`` and tell of each thing made.

    Raises:
        PilothouseError: Something is in the way, or the index of ``stable`` cannot be fetched.
    """
    for name in _FOLDERS:
        folder = os.path.join(options.home, name).rstrip("/")
        if not os.path.exists(folder):
            tell(f"Creating {folder} ")
            try:
                make_folder(folder)
            except PilothouseError as error:
                raise error.prefixed(f"Could not create {folder}: ") from error
        elif not os.path.isdir(folder):
            raise Invalid(f"{folder} must be a directory")
    path = os.path.join(options.home, "repository", "repositories.yaml")
    if os.path.isdir(path):
        raise Invalid(f"{path} must be a file, not a directory")
    if os.path.exists(path):
        _renew_file(path, clock, tell)
        return
    tell(f"Creating {path} ")
    entries = [] if options.skip_repositories else [_stable(environment, options, tell), _local(options, clock, tell)]
    _write(path, {"apiVersion": "v1", "generated": _time(clock), "repositories": entries})


def _stable(environment: Environment, options: HomeOptions, tell: Callable[[str], None]) -> YamlValue:
    tell(f"Adding stable repo with URL: {options.stable_url} ")
    entry = _entry(options, "stable", options.stable_url)
    if not options.skip_refresh:
        from pilothouse.actions.sources import Places, chart_source
        from pilothouse.sources.repositories.file import Entry

        places = Places.of(environment, repository_cache=os.path.join(options.home, "repository", "cache"))
        try:
            chart_source(environment, places).indexes.fetch(Entry(name="stable", url=options.stable_url))
        except PilothouseError as error:
            start = f'Looks like "{options.stable_url}" is not a valid chart repository or cannot be reached: '
            raise error.prefixed(start) from error
    return entry


def _local(options: HomeOptions, clock: Clock, tell: Callable[[str], None]) -> YamlValue:
    index = os.path.join(options.home, "repository", "local", "index.yaml")
    if not os.path.exists(index):
        tell(f"Adding local repo with URL: {options.local_url} ")
        _write(index, {"apiVersion": "v1", "entries": {}, "generated": _time(clock)})
        link = os.path.join(options.home, "repository", "cache", "local-index.yaml")
        if not os.path.lexists(link):
            os.symlink(index, link)
    return _entry(options, "local", options.local_url)


def _entry(options: HomeOptions, name: str, url: str) -> YamlValue:
    cache = os.path.join(options.home, "repository", "cache", f"{name}-index.yaml")
    empty = dict.fromkeys(("caFile", "certFile", "keyFile", "password", "username"), "")
    return {**empty, "cache": cache, "name": name, "url": url}


def _renew_file(path: str, clock: Clock, tell: Callable[[str], None]) -> None:
    """Bring a list of repositories from before Helm 2's release, a table of URLs, to its format."""
    from pilothouse.formats.yaml_text import decode_mapping

    with open(path, "rb") as file:
        found = decode_mapping(file.read())
    if "apiVersion" in found or not all(isinstance(url, str) for url in found.values()):
        return
    tell("Updating repository file format...")
    options = HomeOptions(home=os.path.dirname(os.path.dirname(path)))
    entries = [_entry(options, name, str(url)) for name, url in found.items()]
    _write(path, {"apiVersion": "v1", "generated": _time(clock), "repositories": entries})


def _time(clock: Clock) -> str:
    from pilothouse.releases.times import format_time

    return format_time(clock.now_ns(), utc=True)


def _write(path: str, value: YamlValue) -> None:
    from pilothouse.charts.files import write_file
    from pilothouse.formats.yaml_text import encode

    write_file(path, encode(value).encode(), 0o644)
