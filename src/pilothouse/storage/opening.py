"""``HELM_DRIVER``: from the name of a driver to a store (``action.Configuration.Init``)."""

from __future__ import annotations

from pilothouse.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.clock import Clock
    from pilothouse.environment import Environment
    from pilothouse.releases.store import ReleaseStore
    from pilothouse.storage.objects import ObjectPort

SECRET_DRIVERS = ("", "secret", "secrets")
CONFIG_MAP_DRIVERS = ("configmap", "configmaps")


def open_store(
    driver: str,
    cluster: ObjectPort,
    namespace: str,
    *,
    environment: Environment | None = None,
    clock: Clock | None = None,
    compatibility: int = 4,
) -> ReleaseStore:
    """Return the store that a driver's name stands for; nothing is read from a cluster yet.

    Args:
        driver: Value of ``HELM_DRIVER``: ``secret``, ``configmap``, ``memory`` or ``sql``; empty for Secrets.
        cluster: The cluster; not used by ``memory``.
        namespace: Namespace of the releases.
        environment: Where ``HELM_MEMORY_DRIVER_DATA`` and ``HELM_DRIVER_SQL_CONNECTION_STRING`` are looked up.
        clock: Stamps the records.
        compatibility: The Helm generation whose form is written.

    Raises:
        Invalid: There is no such driver.
    """
    if driver in SECRET_DRIVERS:
        from pilothouse.storage.secrets import SecretStore

        return SecretStore(cluster, namespace, clock=clock, compatibility=compatibility)
    if driver in CONFIG_MAP_DRIVERS:
        from pilothouse.storage.configmaps import ConfigMapStore

        return ConfigMapStore(cluster, namespace, clock=clock, compatibility=compatibility)
    if driver == "memory":
        from pilothouse.storage.memory import MemoryStore, read_data_files

        paths = environment.get("HELM_MEMORY_DRIVER_DATA") if environment else ""
        return MemoryStore(namespace, read_data_files(paths))
    if driver == "sql":
        from pilothouse.storage.databases import open_database
        from pilothouse.storage.sql import MIGRATIONS, SqlStore

        variables = environment.variables if environment else {}
        connection = variables.get("HELM_DRIVER_SQL_CONNECTION_STRING", "")
        database = open_database(connection, MIGRATIONS, variables=variables, clock=clock)
        return SqlStore(database, namespace, clock=clock, compatibility=compatibility)
    raise Invalid(f'unknown driver "{driver}"')
