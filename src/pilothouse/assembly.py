"""The one place that picks concrete classes: environment and flags → the ports of the actions."""

from __future__ import annotations

import os

from pilothouse.actions.context import Context
from pilothouse.clock import Clock
from pilothouse.errors import Unreachable
from pilothouse.kube import config
from pilothouse.kube.client import KubeClient
from pilothouse.kube.config import Impersonation, Overrides
from pilothouse.progress import SILENT, Reporter
from pilothouse.storage.opening import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.actions.convert import HelmSide, TillerSide
    from pilothouse.actions.tiller_connection import ConnectionOptions, TillerClient
    from pilothouse.actions.tiller_context import TillerContext
    from pilothouse.environment import Environment
    from pilothouse.kube.acting import ActingClients
    from pilothouse.kube.config import ClusterConfig
    from pilothouse.kube.portforward import PortForward
    from pilothouse.releases.store import ReleaseStore
    from pilothouse.storage.databases import Database, Migration
    from pilothouse.storage.tiller_store import TillerStore

__all__ = ["Assembly", "Overrides", "start_sandbox"]


class Assembly:
    """Builds contexts for actions.

    Args:
        environment: What the process was started with.
        overrides: The global flags about the cluster.
        sandbox: Whether the embedded cluster is meant; it is started when it is not running.
        reporter: Hears of progress, warnings and details.
        clock: Time and waiting.
    """

    def __init__(
        self,
        environment: Environment,
        overrides: Overrides | None = None,
        *,
        sandbox: bool = False,
        reporter: Reporter = SILENT,
        clock: Clock | None = None,
    ) -> None:
        self._environment = environment
        self._flags = overrides or Overrides()
        self._sandbox = sandbox
        self._reporter = reporter
        self._clock = clock or Clock()
        self._client: KubeClient | None = None
        self._stores: list[ReleaseStore] = []

    def close(self) -> None:
        """End the connections of the cluster and of stores; what was built makes new ones when it is used again."""
        if self._client is not None:
            self._client.close()
        for store in self._stores:
            store.close()

    @property
    def namespace(self) -> str:
        """Namespace of the request: the flag's, else the kubeconfig context's, else ``default``."""
        return config.namespace_of(self._environment, self._overrides())

    def context(self, *, namespace: str = "") -> Context:
        """Return the ports for actions in a namespace, by default the one of the flags.

        Raises:
            ConfigInvalid: The kubeconfig cannot be used.
            Invalid: The storage driver is unknown.
        """
        client = self.client()
        place = namespace or self.namespace
        store = open_store(
            self._environment.get("HELM_DRIVER"),
            client,
            place,
            environment=self._environment,
            clock=self._clock,
            compatibility=self._environment.compatibility,
        )
        self._stores.append(store)
        return Context(
            cluster=client,
            store=store,
            namespace=place,
            environment=self._environment,
            clock=self._clock,
            entropy=os.urandom,
            reporter=self._reporter,
            compatibility=self._environment.compatibility,
            resolve_host=_resolve_host,
        )

    def tiller(self, *, driver: str, namespace: str, history_max: int = 0, connection: str = "") -> TillerContext:
        """Return the ports for Tiller's actions; nothing is sent yet.

        Args:
            driver: ``configmap``, ``secret``, ``memory``, ``sql`` or ``secret-v3``.
            namespace: Tiller's own namespace, where records are kept.
            history_max: Revisions of a release to keep, 0 for all.
            connection: Where the database is, for ``sql``.
        """
        from pilothouse.actions.tiller_context import TillerContext
        from pilothouse.actions.tiller_names import make_name

        return TillerContext(
            cluster=self.client(),
            store=self.tiller_store(driver, namespace, connection),
            clock=self._clock,
            entropy=os.urandom,
            make_name=lambda: make_name(os.urandom),
            reporter=self._reporter,
            resolve_host=_resolve_host,
            history_max=history_max,
            cache_folder=self._environment.own_cache,
            local_zone=self._environment.get("TZ"),
        )

    def tiller_store(self, driver: str, namespace: str, connection: str = "") -> TillerStore:
        """Return where a Tiller keeps its releases.

        Args:
            driver: Its ``--storage``.
            namespace: Its namespace.
            connection: Where the database is, for ``sql``.
        """
        from pilothouse.storage.tiller_store import open_tiller_store

        def database(migrations: Sequence[Migration]) -> Database:
            from pilothouse.storage.databases import open_database

            return open_database(connection, migrations, variables=self._environment.variables, clock=self._clock)

        return open_tiller_store(
            driver, self.client, namespace, database=database, clock=self._clock, reporter=self._reporter
        )

    def conversion_sides(
        self, *, storage: str, tiller_namespace: str, connection: str, all_namespaces: bool
    ) -> tuple[TillerSide, HelmSide]:
        """Return where releases of either generation are.

        Args:
            storage: Where Tiller keeps releases.
            tiller_namespace: Tiller's namespace.
            connection: Tiller's database.
            all_namespaces: Whether releases of Helm 3 and 4 are looked for in every namespace.
        """
        from pilothouse.actions.convert import HelmSide, TillerSide
        from pilothouse.apply.tiller_objects import TillerObjects

        objects = TillerObjects(self.client(), self._clock, self._reporter)
        context = self.context()

        known = {"": context.store, context.namespace: context.store}

        def store_of(namespace: str) -> ReleaseStore:
            if namespace not in known:
                known[namespace] = self.context(namespace=namespace).store
            return known[namespace]

        helm = HelmSide(store_of, "" if all_namespaces else context.namespace, objects.ensure_namespace)
        return TillerSide(self.tiller_store(storage, tiller_namespace, connection)), helm

    def acting_clients(self) -> ActingClients:
        """Return what gives each user a client that acts as them."""
        from pilothouse.kube.acting import ActingClients

        return ActingClients(self._new_client)

    def tiller_client(self, options: ConnectionOptions) -> TillerClient:
        """Return a client of the Tiller that is meant; without a host, the way to its pod is opened first.

        Raises:
            PilothouseError: The cluster has no Tiller that is ready.
            Unsupported: The packages for gRPC are not installed.
        """
        from pilothouse.remote.client import TillerClient as GrpcClient

        if options.host:
            return GrpcClient(options.host, read_tls=options.read_tls, timeout=options.timeout)
        tunnel = self.tiller_tunnel(options.namespace)
        return GrpcClient(tunnel.address, read_tls=options.read_tls, timeout=options.timeout, on_close=tunnel.close)

    def tiller_tunnel(self, namespace: str) -> PortForward:
        """Return the way to the Tiller of a namespace, opened; whoever asks for it closes it.

        Raises:
            PilothouseError: The cluster has no Tiller that is ready.
        """
        from pilothouse.actions.tiller_setup import PORT, find_tiller
        from pilothouse.kube.portforward import PortForward

        pod = find_tiller(self.client(), namespace)
        tunnel = PortForward(
            lambda: config.load(self._environment, self._overrides()), namespace, pod, PORT, self._clock
        )
        tunnel.open()
        return tunnel

    def client(self) -> KubeClient:
        """Return the client of the cluster that the flags choose; nothing is sent yet."""
        if self._client is None:
            self._client = self._new_client()
        return self._client

    def _new_client(self, impersonation: Impersonation | None = None) -> KubeClient:
        def settings() -> ClusterConfig:
            found = config.load(self._environment, self._overrides())
            return found if impersonation is None else found.replace(impersonation=impersonation)

        return KubeClient(
            settings,
            cache_folder=os.path.join(self._environment.own_cache, "discovery"),
            clock=self._clock,
            on_warning=lambda text: self._reporter.report("server-warning", text),
        )

    def _overrides(self) -> Overrides:
        if not self._sandbox:
            return self._flags
        return self._flags.replace(kubeconfig=start_sandbox(self._environment))


def start_sandbox(environment: Environment) -> str:
    """Return the kubeconfig of the embedded cluster, started first when it is not running.

    Raises:
        Unreachable: It does not start.
    """
    kubeconfig = os.path.join(environment.sandbox_home, "kubeconfig")
    if os.path.exists(kubeconfig) and _is_alive(os.path.join(environment.sandbox_home, "server.pid")):
        return kubeconfig
    import subprocess
    import sys

    started = subprocess.run(
        [sys.executable, "-m", "pilothouse.sandbox", "start"],
        env=dict(environment.variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if started.returncode != 0:
        told = started.stderr.strip() or started.stdout.strip() or f"it ended with exit code {started.returncode}"
        # What it says is an error with hints of its own, as the command prints them.
        message, *hints = told.removeprefix("Error: ").split("\nhint: ")
        raise Unreachable(message, hints=tuple(hints))
    return kubeconfig


def _is_alive(pid_file: str) -> bool:
    try:
        with open(pid_file, encoding="ascii") as file:
            os.kill(int(file.read().split()[0]), 0)
    except (OSError, ValueError, IndexError):
        return False
    return True


def _resolve_host(name: str) -> list[str]:
    import socket

    try:
        found = socket.getaddrinfo(name, None)
    except OSError:
        return []
    return list(dict.fromkeys(str(address[4][0]) for address in found))
