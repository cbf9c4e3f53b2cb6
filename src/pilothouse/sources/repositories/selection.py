"""Which version of a chart a request means (``repo.IndexFile.Get``)."""

from __future__ import annotations

import re

from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version
from pilothouse.sources.errors import ChartUnknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.progress import Reporter

_RANGE_MARKS = frozenset("^~<>=!*")


def choose(versions: Sequence[str], wanted: str, chart: str, *, reporter: Reporter, helm: int = 4) -> int:
    """Return the place of the version that a request means.

    Args:
        versions: The versions of the chart, newest first.
        wanted: A version or a constraint, empty for the newest that is no pre-release.
        chart: Name of the chart, for messages.
        reporter: Hears when another version than the one asked for is taken.
        helm: Whose rules to follow.

    Raises:
        ChartUnknown: None fits.
        InvalidConstraint: The request is none.
    """
    if not versions:
        raise ChartUnknown("no chart version found")
    constraint = Constraints.parse(wanted or "*", helm=helm)
    if wanted in versions:
        return versions.index(wanted)
    place = first_fitting(versions, constraint)
    if place < 0:
        raise ChartUnknown(f"no chart version found for {chart}-{wanted}")
    if wanted and helm >= 4:
        if is_range(wanted):
            text, name = "selected version matching constraint", "constraint"
            reporter.debug(text, **{"chart": chart, name: wanted, "selected": versions[place]})
        else:
            text = "unable to find exact version requested; falling back to closest available version"
            reporter.warning(text, chart=chart, requested=wanted, selected=versions[place])
    return place


def first_fitting(versions: Sequence[str], constraint: Constraints) -> int:
    """Return the place of the first version that satisfies a constraint, -1 when none does."""
    for place, text in enumerate(versions):
        try:
            version = Version.parse(text)
        except InvalidVersion:
            continue
        if constraint.check(version):
            return place
    return -1


def is_range(text: str) -> bool:
    """Return whether a request is a range and no version (``isVersionRange``)."""
    if not _RANGE_MARKS.isdisjoint(text) or "||" in text or " - " in text:
        return True
    return re.search("[xX]", re.split("[-+]", text, maxsplit=1)[0]) is not None
