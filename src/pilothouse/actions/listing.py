"""Listing releases (``action.List``)."""

from __future__ import annotations

from pilothouse.errors import Invalid
from pilothouse.objects import selectors
from pilothouse.records import Record
from pilothouse.releases.history import newest_of_each
from pilothouse.releases.release import DEPLOYED, FAILED, STATUSES, SUPERSEDED, UNKNOWN
from pilothouse.releases.times import parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.actions.context import Context
    from pilothouse.objects.selectors import Selector
    from pilothouse.releases.release import Release
    from pilothouse.releases.store import RecordSummary


#: What is shown when nothing is chosen (``action.ListAll``).
_LISTED = tuple(status for status in STATUSES if status != UNKNOWN)


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
    """Return the newest revision of each release that the options choose; only what is shown is decoded.

    Raises:
        Invalid: The filter is no regular expression, or the selector none.
    """
    context.require_cluster()
    states = options.states or ((DEPLOYED, FAILED) if context.helm3 else _LISTED)
    wanted = _chooser(options, states)
    if states == (SUPERSEDED,):
        summaries = context.store.summaries(all_namespaces=options.all_namespaces)
        found = context.store.load([summary for summary in summaries if wanted(summary)])
    else:
        sliced = options.maximum > 0 and not options.by_date and not options.reverse
        count = options.offset + options.maximum if sliced else 0
        found = newest_of_each(context.store, all_namespaces=options.all_namespaces, wanted=wanted, count=count)
    if options.by_date:
        found.sort(key=lambda release: (parse_time(release.info.last_deployed), release.name, release.revision))
    else:
        found.sort(key=lambda release: (release.name, release.namespace, release.revision))
    if options.reverse:
        found.reverse()
    end = options.offset + options.maximum if options.maximum > 0 else len(found)
    return found[options.offset : end]


def _chooser(options: ListOptions, states: tuple[str, ...]) -> Callable[[RecordSummary], bool]:
    pattern = None
    if options.filter:
        from pilothouse.golang.regexp_syntax import RegexpSyntaxError
        from pilothouse.golang.regexps import compile_pattern

        try:
            pattern = compile_pattern(options.filter)
        except RegexpSyntaxError as error:
            raise Invalid(str(error)) from error
    selector: Selector | None = None

    def wanted(summary: RecordSummary) -> bool:
        nonlocal selector
        if pattern is not None and not pattern.matches(summary.name):
            return False
        if options.selector and selector is None:  # Helm reads it once there is something to choose from
            selector = selectors.parse(options.selector)
        if states and summary.status not in states:
            return False
        return selector is None or selector.matches(summary.labels)

    return wanted
