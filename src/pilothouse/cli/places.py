"""Where a command keeps repositories and archives, as its global flags say."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.sources import Places
    from pilothouse.cli.session import Session


def places(session: Session) -> Places:
    """Return the files and folders that the flags and the environment name."""
    from pilothouse.actions.sources import Places

    chosen = session.settings
    return Places.of(
        session.environment,
        repository_config=chosen.repository_config,
        repository_cache=chosen.repository_cache,
        content_cache=chosen.content_cache,
        registry_config=chosen.registry_config,
    )
