"""Registries for those who look for charts: versions, archives and provenance files by URL (``getter.OCIGetter``)."""

from __future__ import annotations

from pilothouse.sources.getters import Fetched
from pilothouse.sources.oci import charts
from pilothouse.sources.oci.opening import RegistryOptions, open_registry
from pilothouse.sources.oci.references import PREFIX, parse
from pilothouse.transport.tls import TlsFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.environment import Environment
    from pilothouse.sources.getters import Validators
    from pilothouse.sources.oci.charts import PulledChart
    from pilothouse.sources.oci.client import Registry
    from pilothouse.transport.access import Access


class OciCharts:
    """Charts in registries; a getter and a teller of versions.

    Args:
        environment: Says where logins are kept beside Helm's own.
        config_file: Helm's file of logins.
        tell: Takes the lines that Helm prints about what it pulls.
    """

    def __init__(self, environment: Environment, config_file: str, tell: Callable[[str], None]) -> None:
        self._environment = environment
        self._config_file = config_file
        self._tell = tell
        self._registries: dict[RegistryOptions, Registry] = {}
        self._pulled: dict[str, PulledChart] = {}

    def reference(self, reference: str, version: str, access: Access) -> tuple[str, str]:
        """Return no digest, since a registry's is not the archive's, and the URL of the version that is meant."""
        helm = self._environment.compatibility
        found = charts.resolve(self._registry(access, asks=True), reference, version, helm=helm)
        if found.digest:
            return "", f"{PREFIX}{found}"
        return "", f"{PREFIX}{found.registry}/{found.repository}:{found.tag.replace('_', '+')}"

    def tags(self, reference: str, access: Access) -> list[str]:
        """Return the versions of a chart, newest first."""
        return charts.tags(self._registry(access, asks=True), parse(reference))

    def get(self, url: str, access: Access, known: Validators | None = None) -> Fetched:
        """Return an archive or, with ``.prov`` at its end, its provenance file from the same manifest."""
        del known
        address = url.removesuffix(".prov")
        registry = self._registry(access)
        if url != address:
            pulled = self._pulled.get(address)
            if pulled is None:
                pulled = charts.pull(registry, parse(address))
            return Fetched(data=charts.provenance(registry, pulled, tell=self._tell))
        pulled = self._pulled[address] = charts.pull(registry, parse(address), tell=self._tell)
        return Fetched(data=pulled.archive)

    def _registry(self, access: Access, *, asks: bool = False) -> Registry:
        """Return the client for an access; Helm 3 fetches with another one than it asks for versions."""
        options = RegistryOptions(
            config_file=self._config_file,
            username=access.username,
            password=access.password,
            plain_http=access.plain_http,
            tls=TlsFiles(
                ca_file=access.ca_file,
                certificate_file=access.cert_file,
                key_file=access.key_file,
                verify=not access.insecure,
            ),
        )
        if asks or self._environment.compatibility != 3:
            options = options.of_command()
        found = self._registries.get(options)
        if found is None:
            found = self._registries[options] = open_registry(self._environment, options)
        return found
