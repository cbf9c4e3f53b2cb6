"""Listing releases (``action.List``)."""

from __future__ import annotations

from pilothouse.golang.regexps import compile_regexp
from pilothouse.records import Record
from pilothouse.releases.release import DEPLOYED, FAILED, SUPERSEDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pilothouse.actions.context import Context
    from pilothouse.releases.release import Release


class ListOptions(Record):
    """Which releases, in which order.

    Attributes:
        states: Statuses to show, empty for the generation's default.
        filter: A regular expression over names.
        selector: A label selector over the stored records.
        by_date: Whether they are sorted by date, oldest first, not by name.
        maximum: Number of releases at most, 0 for all.
    """

    all_namespaces: bool = False
    states: tuple[str, ...] = ()
    filter: str = ""
    selector: str = ""
    by_date: bool = False
    reverse: bool = False
    offset: int = 0
    maximum: int = 256


def list_releases(context: Context, options: ListOptions) -> list[Release]:
    """Return the newest revision of each release that the options choose.

    Raises:
        Invalid: The filter is no regular expression, or the selector none.
    """
    context.require_cluster()
    pattern = compile_regexp(options.filter) if options.filter else None
    found = context.store.list(all_namespaces=options.all_namespaces, selector=options.selector)
    if pattern is not None:
        found = [release for release in found if pattern.search(release.name)]
    states = options.states or _default_states(context.compatibility)
    if states != (SUPERSEDED,):
        found = newest_of_each(found)
    if states:
        found = [release for release in found if release.info.status in states]
    if options.by_date:
        found.sort(key=lambda release: (release.info.last_deployed, release.name, release.revision))
    else:
        found.sort(key=lambda release: (release.name, release.namespace, release.revision))
    if options.reverse:
        found.reverse()
    end = options.offset + options.maximum if options.maximum > 0 else len(found)
    return found[options.offset : end]


def newest_of_each(releases: Iterable[Release]) -> list[Release]:
    """Return the highest revision of each release (``filterLatestReleases``)."""
    newest: dict[tuple[str, str], Release] = {}
    for release in releases:
        key = (release.namespace, release.name)
        if key not in newest or newest[key].revision < release.revision:
            newest[key] = release
    return list(newest.values())


def _default_states(compatibility: int) -> tuple[str, ...]:
    """Return what is listed without a state flag: everything since Helm 4, before that deployed and failed ones."""
    return (DEPLOYED, FAILED) if compatibility == 3 else ()
