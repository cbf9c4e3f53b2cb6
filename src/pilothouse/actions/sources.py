"""What finds and fetches charts, put together from an environment.

Commands that are given a local chart come by here for :class:`Places` alone; what fetches is loaded when it is needed.
"""

from __future__ import annotations

from pilothouse.clock import Clock
from pilothouse.progress import SILENT
from pilothouse.sources.places import Places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter
    from pilothouse.sources.getters import Getters
    from pilothouse.sources.locate import ChartSource, Verified, Verifier
    from pilothouse.sources.oci.getter import OciCharts

__all__ = ["Places", "chart_source", "getters", "verifier"]


def getters(environment: Environment, places: Places | None = None, *, reporter: Reporter = SILENT) -> Getters:
    """Return what fetches URLs, one getter for each scheme: web servers, registries and those of plugins."""
    return _getters(environment, _registries(environment, places or Places.of(environment), reporter), reporter)


def chart_source(
    environment: Environment,
    places: Places | None = None,
    *,
    keyring: str = "",
    reporter: Reporter = SILENT,
    web: Getters | None = None,
) -> ChartSource:
    """Return what finds and fetches charts.

    Args:
        environment: What the process was started with.
        places: Where things are kept, by default as the environment says.
        keyring: File of the keys that are trusted, for archives that must be signed.
        reporter: Hears what is done; events of kind ``registry`` are lines that Helm prints.
        web: Fetches URLs, by default as :func:`getters` does.
    """
    from pilothouse.sources.locate import ChartSource

    places = places or Places.of(environment)
    registries = _registries(environment, places, reporter)
    return ChartSource(
        places,
        web or _getters(environment, registries, reporter),
        reporter=reporter,
        helm=environment.compatibility,
        registries=registries,
        verifier=verifier(environment, keyring),
    )


def _registries(environment: Environment, places: Places, reporter: Reporter) -> OciCharts:
    from pilothouse.sources.oci.getter import OciCharts

    return OciCharts(environment, places.registry_config, lambda line: reporter.report("registry", line))


def _getters(environment: Environment, registries: OciCharts, reporter: Reporter) -> Getters:
    from pilothouse.actions.getter_plugins import plugin_getters
    from pilothouse.sources.getters import web_getters

    return web_getters(
        environment.variables,
        reporter=reporter,
        helm=environment.compatibility,
        others=[("oci", lambda: registries), *plugin_getters(environment, reporter)],
    )


def verifier(environment: Environment, keyring: str, *, clock: Clock | None = None) -> Verifier:
    """Return what checks archives against their provenance files with the keys of a ring."""

    def verify(archive: str, provenance: str, name: str) -> Verified:
        from pilothouse.actions.signing import given_path
        from pilothouse.sources.locate import Verified
        from pilothouse.sources.provenance import verify_file

        found = verify_file(
            archive,
            given_path(environment, keyring),
            now=(clock or Clock()).now(),
            provenance_path=provenance,
            name=name,
            helm=environment.compatibility,
        )
        return Verified(identities=found.signed_by, fingerprint=found.fingerprint, digest=found.hash)

    return verify
