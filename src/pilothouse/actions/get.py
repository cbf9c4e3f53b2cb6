"""One stored revision (``action.Get`` and ``Configuration.releaseContent``)."""

from __future__ import annotations

from pilothouse.errors import Invalid
from pilothouse.releases.history import newest
from pilothouse.releases.names import is_valid_name
from pilothouse.values.coalesce import coalesce_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.context import Context
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release


def get(context: Context, name: str, *, revision: int = 0) -> Release:
    """Return a revision of a release.

    Args:
        context: The ports.
        name: The release.
        revision: Which one, 0 for the newest.

    Raises:
        ReleaseNotFound: There is no such revision.
        Invalid: The name cannot be one.
    """
    context.require_cluster()
    return stored_release(context, name, revision=revision)


def stored_release(context: Context, name: str, *, revision: int = 0) -> Release:
    """Return a revision as ``get`` does, for callers that know the cluster to be there."""
    if not is_valid_name(name):
        raise Invalid(f"releaseContent: Release name is invalid: {name}")
    if revision > 0:
        return context.store.get(name, revision)
    return newest(context.store, name)


def computed_values(release: Release) -> dict[str, YamlValue]:
    """Return the values that a release was rendered with: the chart's defaults under the user's values."""
    if release.chart is None:
        return dict(release.config)
    return coalesce_values(release.chart, release.config)
