"""Searching the indexes that are kept here (``pkg/cmd/search``)."""

from __future__ import annotations

from pilothouse.errors import Invalid
from pilothouse.records import Record
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pilothouse.sources.repositories.stored import Described, StoredIndex

_SEPARATOR = "\v"
#: Worse matches are no matches.
_WORST = 25


class Match(Record):
    """A chart that was found.

    Attributes:
        name: Repository and chart.
        version: Its version.
        app_version: Version of what it installs.
        description: What it is.
    """

    name: str
    version: str
    app_version: str
    description: str


class _Group:
    """Versions of one chart that match equally well."""

    __slots__ = ("described", "index", "key", "name", "score")

    def __init__(self, name: str, score: int, key: str, index: StoredIndex, described: Described) -> None:
        self.name = name
        self.score = score
        self.key = key
        self.index = index
        self.described = described


def search(
    indexes: list[tuple[str, StoredIndex]],
    words: str | None,
    *,
    constraint: Constraints,
    regexp: bool = False,
    every_version: bool = False,
) -> list[Match]:
    """Return the charts that match, best match first, then by name and from the newest version on.

    Args:
        indexes: Repositories with their indexes.
        words: What to look for in names, descriptions and keywords; nothing to find all.
        constraint: What versions may be shown.
        regexp: Whether ``words`` is a regular expression.
        every_version: Whether all versions are wanted, not the newest alone.

    Raises:
        Invalid: ``words`` is no regular expression.
    """
    find = _finder(words, regexp=regexp)
    groups = [
        _Group(f"{repository}/{chart}", score, chart, index, described)
        for repository, index in indexes
        for chart, all_described in index.described()
        for described in all_described
        if (score := find(_line(repository, described))) is not None
    ]
    groups.sort(key=lambda group: (group.score, group.name))
    found: list[Match] = []
    seen: set[str] = set()
    for together in _alike(groups):
        if together[0].name in seen and not every_version:
            continue
        for match in _matches(together, constraint):
            found.append(match)
            seen.add(match.name)
            if not every_version:
                break
    return found


def _line(repository: str, described: Described) -> str:
    parts = (described.name, f"{repository}/{described.name}", described.description, described.keywords)
    return _SEPARATOR.join(parts)


def _finder(words: str | None, *, regexp: bool) -> Callable[[str], int | None]:
    """Return what tells how well a line matches: the place of the field that does, nothing for no match."""
    if words is None:
        return lambda _line: 0
    if regexp:
        from pilothouse.golang.regexps import RegexpSyntaxError, compile_pattern

        try:
            pattern = compile_pattern(words)
        except RegexpSyntaxError as error:
            raise Invalid(str(error)) from error

        def find_pattern(line: str) -> int | None:
            slots = pattern.find(line)
            return None if slots is None else _score(line, slots[0])

        return find_pattern
    lowered = words.lower()

    def find_words(line: str) -> int | None:
        line = line.lower()
        place = line.find(lowered)
        return None if place < 0 else _score(line, place)

    return find_words


def _score(line: str, place: int) -> int | None:
    """Return in which field a place lies (``calcScore``); a place on a separator belongs to the field before it."""
    score = line.count(_SEPARATOR, 0, place)
    return score if score < _WORST else None


def _alike(groups: list[_Group]) -> Iterator[list[_Group]]:
    """Yield groups of one chart that match equally well together, so that their versions are ordered together."""
    together: list[_Group] = []
    for group in groups:
        if together and (together[0].score, together[0].name) != (group.score, group.name):
            yield together
            together = []
        together.append(group)
    if together:
        yield together


def _matches(groups: list[_Group], constraint: Constraints) -> Iterator[Match]:
    """Yield the versions of one chart that a constraint lets through, newest first."""
    group = groups[0]
    columns = group.index.versions(group.key, downloads=False)
    if columns is None:
        return
    places = sorted((place, one.described.description) for one in groups for place in one.described.places)
    shown: set[str] = set()
    for place, description in places:
        text = columns.versions[place]
        try:
            version = Version.parse(text)
        except InvalidVersion:
            continue
        if text not in shown and constraint.check(version):
            shown.add(text)
            yield Match(name=group.name, version=text, app_version=columns.app_versions[place], description=description)
