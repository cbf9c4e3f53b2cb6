"""The releases of a Tiller, the server of Helm 2."""

from __future__ import annotations

import os

from pilothouse.actions.errors import OperationFailed
from pilothouse.assembly import Assembly, Overrides
from pilothouse.environment import Environment
from pilothouse.errors import NotFound
from pilothouse.progress import Event, Reporter
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Self, Unpack

    from pilothouse.actions.tiller_connection import TillerClient
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.hapi.messages import Message
    from pilothouse.library.charts import Chart
    from pilothouse.library.options import TillerChangeOptions, TillerRollbackOptions, TillerUpgradeOptions
    from pilothouse.releases.release import Release

    Listener = Callable[[Event], None]
    Releases = list[Release]

#: Number of a failed test in ``hapi.release.TestRun.Status``.
_FAILURE = 2


class TillerStatus(Record):
    """A release and what its Tiller shows for it.

    Attributes:
        release: The revision asked for, without its chart.
        resources: The tables of its live objects.
    """

    release: Release
    resources: str


class TillerReleases:
    """The releases of a Tiller; a context that ends with the connection.

    Args:
        client: Speaks to the Tiller.
        namespace: Where releases are installed.
        reporter: Hears of tests as they run.
        on_close: Called when the connection has ended.
    """

    __slots__ = ("_client", "_on_close", "_reporter", "namespace")

    def __init__(
        self, client: TillerClient, namespace: str, reporter: Reporter, *, on_close: Callable[[], None]
    ) -> None:
        self._client = client
        self._on_close = on_close
        self._reporter = reporter
        self.namespace = namespace

    def close(self) -> None:
        """End the connection."""
        self._client.__exit__()
        self._on_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def list(
        self,
        *,
        states: tuple[str, ...] = ("deployed", "failed"),
        pattern: str = "",
        namespace: str = "",
        maximum: int = 0,
    ) -> Releases:
        """Return the newest revision of each release, by name.

        Args:
            states: Statuses to list.
            pattern: A regular expression over names.
            namespace: Only those installed there, by default all.
            maximum: How many at most, 0 for all.
        """
        from pilothouse.hapi.convert import CODES

        codes = [CODES[state] for state in states]
        answers = self._client.stream(
            "ListReleases", limit=maximum or (1 << 31), filter=pattern, status_codes=codes, namespace=namespace
        )
        newest: dict[str, Message] = {}
        for found in (one for answer in answers for one in answer.releases):
            if found.name not in newest or newest[found.name].version < found.version:
                newest[found.name] = found
        return [_release(newest[name]) for name in sorted(newest)]

    def get(self, name: str, *, revision: int = 0) -> Release:
        """Return a revision of a release, by default the newest.

        Raises:
            NotFound: There is none.
        """
        return _release(self._call("GetReleaseContent", name=name, version=revision).release)

    def values(self, name: str, *, revision: int = 0, computed: bool = False) -> Mapping[str, YamlValue]:
        """Return the values that a revision was made with, with ``computed`` laid over the chart's default values.

        Raises:
            NotFound: There is no such revision.
        """
        from pilothouse.actions.tiller_chart import computed_values, given_values

        found = self._call("GetReleaseContent", name=name, version=revision).release
        return computed_values(found, self._reporter) if computed else given_values(found)

    def status(self, name: str, *, revision: int = 0) -> TillerStatus:
        """Return a revision with the tables of its live objects.

        Raises:
            NotFound: There is no such revision.
        """
        from pilothouse.hapi.messages import ReleaseMessage

        answer = self._call("GetReleaseStatus", name=name, version=revision)
        found = ReleaseMessage(name=answer.name, namespace=answer.namespace, info=answer.info, version=revision)
        if not revision:
            found.version = self._call("GetHistory", name=name, max=1).releases[0].version
        return TillerStatus(release=_release(found), resources=answer.info.status.resources)

    def history(self, name: str, *, maximum: int = 0) -> tuple[Release, ...]:
        """Return the revisions of a release, oldest first, only so many of the newest as ``maximum`` says.

        Raises:
            NotFound: There is none.
        """
        answer = self._call("GetHistory", name=name, max=maximum or (1 << 30))
        return tuple(_release(one) for one in reversed(answer.releases))

    def install(
        self,
        name: str,
        chart: Chart,
        *,
        values: Mapping[str, YamlValue] | None = None,
        reuse_name: bool = False,
        **more: Unpack[TillerChangeOptions],
    ) -> Release:
        """Install a chart.

        Args:
            name: Release name, empty to have one made up.
            chart: What to install.
            values: What is laid over the default values.
            reuse_name: Whether the name of a release that was deleted is used again.
            more: The flags of Helm 2's ``helm install`` that are left.

        Raises:
            Invalid: The chart or the values are not for Helm 2.
            OperationFailed: Tiller refuses, or the cluster did not take it.
        """
        fields = {**_chart_fields(chart, values), **_fields(more), "reuse_name": reuse_name}
        return _release(self._call("InstallRelease", name=name, namespace=self.namespace, **fields).release)

    def upgrade(
        self,
        name: str,
        chart: Chart,
        *,
        values: Mapping[str, YamlValue] | None = None,
        install: bool = False,
        rollback_on_failure: bool = False,
        **more: Unpack[TillerUpgradeOptions],
    ) -> Release:
        """Make a new revision of a release.

        Args:
            name: Release name.
            chart: What to install.
            values: What is laid over the default values.
            install: Whether a release that does not exist is installed.
            rollback_on_failure: Whether a failed upgrade is rolled back, and a failed installation removed.
            more: The flags of Helm 2's ``helm upgrade`` that are left.

        Raises:
            NotFound: There is nothing to upgrade.
            OperationFailed: Tiller refuses, or the cluster did not take it.
        """
        fields = {**_chart_fields(chart, values), **_fields(more)}
        fields["wait"] = bool(fields.get("wait")) or rollback_on_failure
        previous = self._newest(name) if install or rollback_on_failure else None
        first = install and previous is None
        call = "InstallRelease" if first else "UpdateRelease"
        if first:
            for key in ("force", "recreate", "cleanup_on_fail", "reset_values", "reuse_values"):
                fields.pop(key, None)
            fields["namespace"] = self.namespace
        try:
            return _release(self._call(call, name=name, **fields).release)
        except OperationFailed:
            if rollback_on_failure and first:
                self.uninstall(name)
            elif rollback_on_failure and previous is not None:
                self.rollback(name, previous, wait=True, timeout=more.get("timeout", 300))
            raise

    def rollback(self, name: str, revision: int = 0, **more: Unpack[TillerRollbackOptions]) -> Release:
        """Make a new revision that is what an earlier one was, by default the one before the newest.

        Raises:
            NotFound: There is no such release or revision.
            OperationFailed: Tiller refuses, or the cluster did not take it.
        """
        return _release(self._call("RollbackRelease", name=name, version=revision, **_fields(more)).release)

    def test(self, name: str, *, timeout: int = 300, cleanup: bool = False, logs: bool = False) -> tuple[str, ...]:
        """Run the tests of a release and return what Tiller told about them.

        Args:
            name: Release name.
            timeout: Seconds that each test may take.
            cleanup: Whether the tests' pods are removed.
            logs: Whether their logs are among what is told.

        Raises:
            NotFound: There is no such release.
            OperationFailed: A test failed; the hints are what Tiller told.
        """
        told, failed = [], 0
        with _Categories(name):
            for answer in self._client.stream("RunReleaseTest", name=name, timeout=timeout, cleanup=cleanup, logs=logs):
                message = answer.msg.replace("%%", "%")
                self._reporter.report("progress", message)
                told.append(message)
                failed += answer.status == _FAILURE
        if failed:
            raise OperationFailed(f"{failed} test(s) failed", hints=tuple(told))
        return tuple(told)

    def uninstall(
        self,
        name: str,
        *,
        keep_history: bool = False,
        timeout: int = 300,
        no_hooks: bool = False,
        description: str = "",
    ) -> Release:
        """Remove a release and return it as it was last.

        Args:
            name: Release name.
            keep_history: Whether its records stay, so that it can be rolled back.
            timeout: Seconds that each wait may take.
            no_hooks: Whether its hooks do not run.
            description: What is recorded.

        Raises:
            NotFound: There is no such release.
            OperationFailed: Something could not be removed.
        """
        answer = self._call(
            "UninstallRelease",
            name=name,
            purge=not keep_history,
            timeout=timeout,
            disable_hooks=no_hooks,
            description=description,
        )
        return _release(answer.release)

    def _newest(self, name: str) -> int | None:
        """Return the newest revision of a release, ``None`` when there is no release."""
        try:
            return int(self._call("GetHistory", name=name, max=1).releases[0].version)
        except NotFound:
            return None

    def _call(self, call: str, /, **fields: Any) -> Message:
        with _Categories(str(fields.get("name", ""))):
            return self._client.call(call, **fields)


class _Categories:
    """Gives what a Tiller answers a category: it names what is missing in words alone."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        from pilothouse.remote.errors import CallFailed

        if not isinstance(error, CallFailed):
            return
        if f'release: "{self._name}" not found' in error.message or error.message.endswith("has no deployed releases"):
            raise NotFound(error.message, hints=error.hints) from error
        raise OperationFailed(error.message, hints=error.hints) from error


def connected(  # noqa: PLR0913 - how a Tiller is reached
    host: str,
    overrides: Overrides,
    *,
    tiller_namespace: str = "kube-system",
    tls: bool | None = None,
    home: str = "",
    timeout: float = 300.0,
    sandbox: bool = False,
    variables: Mapping[str, str] | None = None,
    on_progress: Listener | None = None,
) -> TillerReleases:
    """Return the releases of a Tiller; :meth:`pilothouse.Releases.tiller` tells of the arguments.

    Raises:
        PilothouseError: The cluster has no Tiller that is ready.
    """
    from pilothouse.actions.tiller_connection import ConnectionOptions

    environment = Environment.of_process().overlaid(variables or {})
    folder = home or environment.helm_home
    if tls is None:
        tls = not host and _is_secured(environment, folder, overrides, sandbox=sandbox)
    reporter = Reporter(on_progress)
    assembly = Assembly(environment, overrides, sandbox=sandbox, reporter=reporter)
    client = assembly.tiller_client(
        ConnectionOptions(
            host=host,
            namespace=tiller_namespace,
            timeout=timeout,
            tls=tls,
            verify=tls,
            certificate=os.path.join(folder, "cert.pem"),
            key=os.path.join(folder, "key.pem"),
            authority=os.path.join(folder, "ca.pem"),
        )
    )
    return TillerReleases(client, assembly.namespace, reporter, on_close=assembly.close)


def _is_secured(environment: Environment, home: str, overrides: Overrides, *, sandbox: bool) -> bool:
    """Return whether ``helm init`` made certificates for the Tiller of this cluster."""
    from pilothouse.actions.tiller_record import find_record

    kubeconfig = os.path.join(environment.sandbox_home, "kubeconfig") if sandbox else overrides.kubeconfig
    record = find_record(environment, home, kubeconfig=kubeconfig, context=overrides.context)
    return record is not None and record.tls


def _release(message: Message) -> Release:
    from pilothouse.hapi.convert import release_from
    from pilothouse.hapi.generations import to_helm3

    return to_helm3(release_from(message))


def _chart_fields(chart: Chart, values: Mapping[str, YamlValue] | None) -> dict[str, Any]:
    from pilothouse.actions import tiller_chart
    from pilothouse.charts import helm2

    content = helm2.load_files(chart.content.raw)
    tiller_chart.check_requirements(content)
    content = tiller_chart.processed(content, values or {})
    return {"chart": tiller_chart.chart_to_send(content), "values": tiller_chart.values_to_send(values or {})}


#: Names of flags whose fields are called otherwise.
_NAMES = {"no_hooks": "disable_hooks", "recreate_pods": "recreate"}


def _fields(options: Mapping[str, Any]) -> dict[str, Any]:
    return {"timeout": 300, **{_NAMES.get(name, name): value for name, value in options.items()}}
