"""What Tiller answers without changing anything: lists, status, content, history."""

from __future__ import annotations

from pilothouse.actions.errors import InvalidOptions
from pilothouse.actions.tiller_context import TillerContext, check_name
from pilothouse.apply.tiller_status import resources_text
from pilothouse.errors import Invalid, PilothouseError
from pilothouse.hapi.convert import TillerRelease
from pilothouse.records import Record
from pilothouse.releases.release import DEPLOYED, FAILED, UNINSTALLED
from pilothouse.releases.times import parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

BY_NAME, BY_DATE, BY_CHART = 1, 2, 3
#: Releases in an answer when the request does not say.
DEFAULT_LIMIT = 512


class TillerListOptions(Record):
    """Which releases, in which order; fields of ``ListReleasesRequest``.

    Attributes:
        statuses: Only these, empty for deployed ones.
        filter: A regular expression over names.
        offset: Name of the first release wanted.
        sort_by: ``BY_NAME``, ``BY_DATE``, ``BY_CHART``, or anything else for the order of the store.
    """

    statuses: tuple[str, ...] = ()
    namespace: str = ""
    filter: str = ""
    sort_by: int = 0
    descending: bool = False
    offset: str = ""
    limit: int = 0


class TillerListing(Record):
    """Part of the releases that a request means.

    Attributes:
        releases: Those of the answer.
        total: How many there are.
        next: Name of the first that is left out, empty when there is none.
    """

    releases: tuple[TillerRelease, ...]
    total: int
    next: str = ""


def list_releases(context: TillerContext, options: TillerListOptions) -> TillerListing:
    """Return revisions of releases (``ReleaseServer.ListReleases``).

    Raises:
        Invalid: The filter is no regular expression, no release has the offset's name, or the limit is negative.
    """
    if options.limit < 0:
        raise InvalidOptions(f"invalid limit {options.limit}")
    statuses = options.statuses or (DEPLOYED,)
    found = [
        release
        for release in context.store.list()
        if isinstance(release, TillerRelease)
        and release.info.status in statuses
        and options.namespace in ("", release.namespace)
    ]
    if options.filter:
        found = _filtered(found, options.filter)
    total = len(found)
    key = _SORT_KEYS.get(options.sort_by)
    if key is not None:
        found.sort(key=key)
    if options.descending:
        found.reverse()
    if options.offset:
        places = [place for place, release in enumerate(found) if release.name == options.offset]
        if not places:
            raise InvalidOptions(f'offset "{options.offset}" not found')
        found = found[places[-1] :]
    limit = options.limit or DEFAULT_LIMIT
    following = found[limit].name if len(found) > limit else ""
    return TillerListing(releases=tuple(found[:limit]), total=total, next=following)


_SORT_KEYS: dict[int, Callable[[TillerRelease], str | int]] = {
    BY_NAME: lambda release: release.name,
    BY_DATE: lambda release: parse_time(release.info.last_deployed) // 1_000_000_000,
    BY_CHART: lambda release: release.chart_name,
}


def _filtered(found: list[TillerRelease], pattern: str) -> list[TillerRelease]:
    from pilothouse.golang.regexp_syntax import RegexpSyntaxError
    from pilothouse.golang.regexps import compile_pattern

    try:
        wanted = compile_pattern(pattern)
    except RegexpSyntaxError as error:
        raise Invalid(str(error)) from error
    return [release for release in found if wanted.matches(release.name)]


class TillerStatus(Record):
    """A release and the text about its live objects."""

    release: TillerRelease
    resources: str = ""


def status(context: TillerContext, name: str, revision: int = 0) -> TillerStatus:
    """Return a revision with the live state of its objects; 0 means the newest (``GetReleaseStatus``).

    Raises:
        PilothouseError: There is no such revision, or the cluster does not answer.
    """
    check_name(name)
    if revision <= 0:
        try:
            release = context.last(name)
        except PilothouseError as error:
            raise error.prefixed(f'getting deployed release "{name}": ') from error
    else:
        try:
            release = context.revision(name, revision)
        except PilothouseError as error:
            raise error.prefixed(f"getting release '{name}' (v{revision}): ") from error
    if not release.wire.HasField("info"):
        raise InvalidOptions("release info is missing")
    if not release.wire.HasField("chart"):
        raise InvalidOptions("release chart is missing")
    if release.info.status in (UNINSTALLED, FAILED):
        return TillerStatus(release=release)
    try:
        text = resources_text(context.cluster, release.manifest, release.namespace, context.reporter)
    except PilothouseError as error:
        context.log(f"warning: Get for {name} failed: {error.message}")
        raise
    return TillerStatus(release=release, resources=text)


def content(context: TillerContext, name: str, revision: int = 0) -> TillerRelease:
    """Return a revision as it is stored; 0 means the newest (``GetReleaseContent``).

    Raises:
        NotFound: There is none.
    """
    check_name(name)
    return context.revision(name, revision) if revision > 0 else context.last(name)


def history(context: TillerContext, name: str, maximum: int) -> list[TillerRelease]:
    """Return the newest revisions of a release, newest first (``GetHistory``).

    Raises:
        NotFound: There is none.
    """
    check_name(name)
    context.log(f"getting history for release {name}")
    found = context.revisions(name)
    return found[: max(0, maximum)]
