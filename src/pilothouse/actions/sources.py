"""What finds and fetches charts, put together from an environment."""

from __future__ import annotations

from pilothouse.progress import SILENT
from pilothouse.sources.getters import Getters, web_getters
from pilothouse.sources.locate import ChartSource
from pilothouse.sources.places import Places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter

__all__ = ["ChartSource", "Places", "chart_source", "getters"]


def getters(environment: Environment, *, reporter: Reporter = SILENT) -> Getters:
    """Return what fetches URLs, one getter for each scheme."""
    return web_getters(environment.variables, reporter=reporter, helm=environment.compatibility)


def chart_source(
    environment: Environment,
    places: Places | None = None,
    *,
    reporter: Reporter = SILENT,
    web: Getters | None = None,
) -> ChartSource:
    """Return what finds and fetches charts.

    Args:
        environment: What the process was started with.
        places: Where things are kept, by default as the environment says.
        reporter: Hears what is done.
        web: Fetches URLs, by default as :func:`getters` does.
    """
    return ChartSource(
        places or Places.of(environment),
        web or getters(environment, reporter=reporter),
        reporter=reporter,
        helm=environment.compatibility,
    )
