"""The revisions of a release (``action.History`` with ``cmd/history.go``)."""

from __future__ import annotations

from pilothouse.errors import Invalid
from pilothouse.releases.errors import ReleaseNotFound
from pilothouse.releases.names import is_valid_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.context import Context
    from pilothouse.releases.release import Release


def history(context: Context, name: str, *, maximum: int = 256) -> list[Release]:
    """Return the newest revisions of a release, oldest first.

    Args:
        context: The ports.
        name: The release.
        maximum: How many at most; none below 1.

    Raises:
        ReleaseNotFound: There is none of that name.
    """
    context.require_cluster()
    if not is_valid_name(name):
        raise Invalid(f"release name is invalid: {name}")
    revisions = sorted(context.store.history(name), key=lambda release: release.revision)
    if not revisions and not context.store.summaries(name=name):
        raise ReleaseNotFound
    return revisions[-maximum:] if maximum > 0 else []


def newest_status(context: Context, name: str) -> str | None:
    """Return the state of the newest revision, empty when no record can be read, ``None`` when there is no release."""
    try:
        revisions = history(context, name)
    except ReleaseNotFound:
        return None
    return revisions[-1].info.status if revisions else ""
