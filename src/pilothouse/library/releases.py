"""The releases of one namespace of a cluster."""

from __future__ import annotations

import os
import sys

from pilothouse.actions.errors import OperationFailed
from pilothouse.assembly import Assembly, Overrides
from pilothouse.environment import Environment
from pilothouse.progress import Event, Reporter
from pilothouse.releases.release import UNINSTALLED, Release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Self, Unpack

    from pilothouse.actions.context import Context
    from pilothouse.actions.status import ReleaseStatus
    from pilothouse.actions.test import ReleaseTestResult
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.library.charts import Chart
    from pilothouse.library.options import (
        ConnectionOptions,
        InstallOptions,
        RollbackOptions,
        TillerOptions,
        UninstallOptions,
        UpgradeOptions,
        Wait,
    )
    from pilothouse.library.tiller import TillerReleases

    Listener = Callable[[Event], None]
    Variables = Mapping[str, str]

#: What an upgrade takes and an installation in its place does not.
_ONLY_UPGRADES = ("cleanup_on_fail", "reset_values", "reset_then_reuse_values", "history_max", "server_side")


def _nothing() -> None:
    """Close nothing."""


class Releases:
    """The releases of one namespace of a cluster; a context that ends with its connections.

    Args:
        context: The ports; :meth:`from_kubeconfig` and :meth:`sandbox` are the usual ways to them.
        on_close: Called by :meth:`close`.
    """

    __slots__ = ("_context", "_on_close")

    def __init__(self, context: Context, *, on_close: Callable[[], None] = _nothing) -> None:
        self._context = context
        self._on_close = on_close

    @classmethod
    def from_kubeconfig(
        cls,
        path: str | os.PathLike[str] = "",
        *,
        context: str = "",
        namespace: str = "",
        on_progress: Listener | None = None,
        variables: Variables | None = None,
        **connection: Unpack[ConnectionOptions],
    ) -> Self:
        """Return the releases of the cluster that a kubeconfig names.

        Args:
            path: The kubeconfig, by default ``KUBECONFIG`` or ``~/.kube/config``.
            context: Context in it, by default its current one.
            namespace: Namespace, by default the context's.
            on_progress: Hears of each step.
            variables: Laid over the process environment, such as ``HELM_DRIVER`` and ``HELM_COMPAT``.
            connection: The flags about the connection that are left.

        Raises:
            Invalid: The kubeconfig cannot be used, or ``HELM_COMPAT`` asks for a Helm that there is not.
        """
        overrides = Overrides(kubeconfig=os.fspath(path), context=context, namespace=namespace, **connection)
        return cls._of(Assembly(_environment(variables), overrides, reporter=Reporter(on_progress)))

    @classmethod
    def sandbox(
        cls, *, namespace: str = "", on_progress: Listener | None = None, variables: Variables | None = None
    ) -> Self:
        """Return the releases of the embedded cluster, which is started when it is not running.

        Args:
            namespace: Namespace, by default ``default``.
            on_progress: Hears of each step.
            variables: Laid over the process environment; ``PILOTHOUSE_SANDBOX_HOME`` says where the cluster is.
        """
        overrides = Overrides(namespace=namespace)
        return cls._of(Assembly(_environment(variables), overrides, sandbox=True, reporter=Reporter(on_progress)))

    @classmethod
    def tiller(
        cls,
        host: str = "",
        *,
        path: str | os.PathLike[str] = "",
        context: str = "",
        namespace: str = "",
        **more: Unpack[TillerOptions],
    ) -> TillerReleases:
        """Return the releases of a Tiller, the server of Helm 2; nothing is sent yet.

        Args:
            host: ``host:port`` of the Tiller; empty to go through the API server to its pod.
            path: The kubeconfig that leads to its pod.
            context: Context in the kubeconfig.
            namespace: Where releases are installed, by default the context's.
            more: Where the Tiller runs, and how it is spoken to.

        Raises:
            PilothouseError: The cluster has no Tiller that is ready.
        """
        from pilothouse.library.tiller import connected

        return connected(host, Overrides(kubeconfig=os.fspath(path), context=context, namespace=namespace), **more)

    @classmethod
    def _of(cls, assembly: Assembly) -> Self:
        return cls(assembly.context(), on_close=assembly.close)

    def close(self) -> None:
        """End the connections; the next call makes new ones."""
        self._on_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def namespace(self) -> str:
        """The namespace of these releases."""
        return self._context.namespace

    def list(
        self,
        *,
        all_namespaces: bool = False,
        states: tuple[str, ...] = (),
        pattern: str = "",
        selector: str = "",
        offset: int = 0,
        maximum: int = 0,
    ) -> list[Release]:
        """Return the newest revision of each release, by name.

        Args:
            all_namespaces: Whether releases of other namespaces are listed too.
            states: Statuses to list, such as ``failed``; empty for what ``helm list`` shows.
            pattern: A regular expression over names.
            selector: A label selector over the stored records.
            offset: How many are passed over.
            maximum: How many at most, 0 for all.

        Raises:
            Invalid: The pattern is no regular expression, or the selector none.
        """
        from pilothouse.actions.listing import ListOptions, list_releases

        options = ListOptions(
            all_namespaces=all_namespaces,
            states=states,
            filter=pattern,
            selector=selector,
            offset=offset,
            maximum=maximum,
        )
        return list_releases(self._context, options)

    def get(self, name: str, *, revision: int = 0) -> Release:
        """Return a revision of a release, by default the newest.

        Raises:
            NotFound: There is none.
        """
        from pilothouse.actions.get import get

        return get(self._context, name, revision=revision)

    def values(self, name: str, *, revision: int = 0, computed: bool = False) -> Mapping[str, YamlValue]:
        """Return the values that a revision was made with.

        Args:
            name: The release.
            revision: Which one, 0 for the newest.
            computed: Whether they are laid over the chart's default values.

        Raises:
            NotFound: There is no such revision.
        """
        from pilothouse.actions.get import computed_values

        release = self.get(name, revision=revision)
        return computed_values(release) if computed else release.config

    def status(self, name: str, *, revision: int = 0) -> ReleaseStatus:
        """Return a revision with its live objects, and with the operation that was interrupted, if one was.

        Raises:
            NotFound: There is no such revision.
        """
        from pilothouse.actions.status import status

        return status(self._context, name, revision=revision)

    def history(self, name: str, *, maximum: int = 0) -> tuple[Release, ...]:
        """Return the revisions of a release, oldest first.

        Args:
            name: The release.
            maximum: How many of the newest at most, 0 for all.

        Raises:
            NotFound: There is none.
        """
        from pilothouse.actions.history import history

        return tuple(history(self._context, name, maximum=maximum or sys.maxsize))

    def install(
        self,
        name: str,
        chart: Chart,
        *,
        values: Mapping[str, YamlValue] | None = None,
        wait: Wait = False,
        timeout: float = 300.0,
        create_namespace: bool = False,
        rollback_on_failure: bool = False,
        on_progress: Listener | None = None,
        **more: Unpack[InstallOptions],
    ) -> Release:
        """Install a chart.

        Args:
            name: Release name.
            chart: What to install.
            values: What is laid over the default values.
            wait: Whether to wait until the objects are ready, or how: ``watcher``, ``legacy`` or ``hookOnly``.
            timeout: Seconds that each wait may take.
            create_namespace: Whether the namespace is created first.
            rollback_on_failure: Whether a failed installation is removed again.
            on_progress: Hears of each step of this call.
            more: The flags of ``helm install`` that are left.

        Raises:
            Exists: A release has this name.
            Invalid: The chart or the values are wrong.
            OperationFailed: The cluster did not take it.
        """
        from pilothouse.actions import install as action

        options = action.InstallOptions(
            name=name,
            chart=chart.content,
            values=values or {},
            wait=_strategy(wait),
            timeout=timeout,
            create_namespace=create_namespace,
            rollback_on_failure=rollback_on_failure,
            **more,
        )
        return action.install(self._listened(on_progress), options)

    def upgrade(  # noqa: PLR0913 - what `helm upgrade` takes
        self,
        name: str,
        chart: Chart,
        *,
        values: Mapping[str, YamlValue] | None = None,
        install: bool = False,
        reuse_values: bool = False,
        wait: Wait = False,
        timeout: float = 300.0,
        create_namespace: bool = False,
        rollback_on_failure: bool = False,
        on_progress: Listener | None = None,
        **more: Unpack[UpgradeOptions],
    ) -> Release:
        """Make a new revision of a release.

        Args:
            name: Release name.
            chart: What to install.
            values: What is laid over the default values.
            install: Whether a release that does not exist is installed.
            reuse_values: Whether the last revision's values stay below the new ones.
            wait: Whether to wait until the objects are ready, or how: ``watcher``, ``legacy`` or ``hookOnly``.
            timeout: Seconds that each wait may take.
            create_namespace: Whether an installation creates the namespace first.
            rollback_on_failure: Whether a failed upgrade is rolled back.
            on_progress: Hears of each step of this call.
            more: The flags of ``helm upgrade`` that are left.

        Raises:
            NotFound: There is nothing to upgrade.
            Conflict: Another operation has not ended.
            OperationFailed: The cluster did not take it.
        """
        from pilothouse.actions import upgrade as action
        from pilothouse.actions.history import newest_status

        status = newest_status(self._context, name) if install else ""
        if status in (None, UNINSTALLED):
            given: dict[str, Any] = {key: value for key, value in more.items() if key not in _ONLY_UPGRADES}
            return self.install(
                name,
                chart,
                values=values,
                wait=wait,
                timeout=timeout,
                create_namespace=create_namespace,
                rollback_on_failure=rollback_on_failure,
                on_progress=on_progress,
                reuse_name=status is not None,
                server_side=more.get("server_side") != "false",
                **given,
            )
        options = action.UpgradeOptions(
            name=name,
            chart=chart.content,
            values=values or {},
            reuse_values=reuse_values,
            wait=_strategy(wait),
            timeout=timeout,
            rollback_on_failure=rollback_on_failure,
            **more,
        )
        return action.upgrade(self._listened(on_progress), options)

    def rollback(
        self,
        name: str,
        revision: int = 0,
        *,
        wait: Wait = False,
        timeout: float = 300.0,
        on_progress: Listener | None = None,
        **more: Unpack[RollbackOptions],
    ) -> Release:
        """Make a new revision that is what an earlier one was, by default the one before the newest.

        Args:
            name: Release name.
            revision: Which one, 0 for the one before the newest.
            wait: Whether to wait until the objects are ready, or how: ``watcher``, ``legacy`` or ``hookOnly``.
            timeout: Seconds that each wait may take.
            on_progress: Hears of each step of this call.
            more: The flags of ``helm rollback`` that are left.

        Raises:
            NotFound: There is no such release or revision.
            OperationFailed: The cluster did not take it.
        """
        from pilothouse.actions import rollback as action

        options = action.RollbackOptions(name=name, revision=revision, wait=_strategy(wait), timeout=timeout, **more)
        return action.rollback(self._listened(on_progress), options)

    def test(
        self,
        name: str,
        *,
        timeout: float = 300.0,
        include: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
        logs: bool = False,
        check: bool = True,
        on_progress: Listener | None = None,
    ) -> ReleaseTestResult:
        """Run the tests of a release and return it with their results.

        Args:
            name: Release name.
            timeout: Seconds that each test may take.
            include: Names of the tests to run, empty for all.
            exclude: Names of those to leave out.
            logs: Whether the logs of the tests' pods are read.
            check: Whether a test that fails is raised; else the result's ``error`` says so.
            on_progress: Hears of each step of this call.

        Raises:
            NotFound: There is no such release.
            OperationFailed: A test failed; the message says which.
        """
        from pilothouse.actions.test import ReleaseTestOptions, test

        options = ReleaseTestOptions(name=name, timeout=timeout, include=include, exclude=exclude, logs=logs)
        result = test(self._listened(on_progress), options)
        if check and result.error is not None:
            error = result.error
            raise OperationFailed(error.message, release=result.release, hints=error.hints) from error
        return result

    def uninstall(
        self,
        name: str,
        *,
        keep_history: bool = False,
        wait: Wait = False,
        timeout: float = 300.0,
        on_progress: Listener | None = None,
        **more: Unpack[UninstallOptions],
    ) -> Release | None:
        """Remove a release and return it as it was last.

        Args:
            name: Release name.
            keep_history: Whether its records stay, so that it can be rolled back.
            wait: Whether to wait until the objects are gone, or how.
            timeout: Seconds that each wait may take.
            on_progress: Hears of each step of this call.
            more: The flags of ``helm uninstall`` that are left.

        Raises:
            NotFound: There is no such release.
            OperationFailed: Something could not be removed.
        """
        from pilothouse.actions import uninstall as action

        options = action.UninstallOptions(
            name=name, keep_history=keep_history, wait=_strategy(wait), timeout=timeout, **more
        )
        return action.uninstall(self._listened(on_progress), options).release

    def _listened(self, listener: Listener | None) -> Context:
        return self._context if listener is None else self._context.replace(reporter=Reporter(listener))


def _environment(variables: Variables | None) -> Environment:
    environment = Environment.of_process().overlaid(variables or {})
    environment.check_generation()
    return environment


def _strategy(wait: Wait) -> str:
    if isinstance(wait, str):
        return wait
    return "watcher" if wait else "hookOnly"
