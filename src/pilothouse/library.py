"""Charts and releases for Python programs: the same actions that the commands use, with types.

::

    from pilothouse import Chart, Releases

    chart = Chart.load("./shop")
    for manifest in chart.render({"replicaCount": 3}, release="demo").manifests:
        print(manifest.kind, manifest.name)
    releases = Releases.sandbox()
    releases.upgrade("demo", chart, values={"replicaCount": 3}, install=True, wait=True)
"""

from __future__ import annotations

import os

from pilothouse.assembly import Assembly, Overrides
from pilothouse.charts import parsed
from pilothouse.charts.load import load
from pilothouse.clock import Clock
from pilothouse.environment import Environment
from pilothouse.errors import Invalid
from pilothouse.progress import Event, Reporter
from pilothouse.records import Record
from pilothouse.releases.release import UNINSTALLED, Release
from pilothouse.render.capabilities import default_capabilities, parse_kube_version
from pilothouse.render.pipeline import prepare_chart, render_chart
from pilothouse.render.settings import ReleaseFacts, RenderSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypedDict, Unpack

    from pilothouse.actions.context import Context
    from pilothouse.charts import model
    from pilothouse.charts.metadata import Metadata
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.render.postrender import PostRenderer

    class ChangeOptions(TypedDict, total=False):
        """What every change of a release takes, named as the commands' flags are.

        ``dry_run`` is ``none``, ``client`` or ``server``.
        """

        dry_run: str
        wait_for_jobs: bool
        no_hooks: bool
        description: str
        force_replace: bool
        force_conflicts: bool

    class ChartOptions(ChangeOptions, total=False):
        """What changes with a chart take as well; ``labels`` are those of the record."""

        hide_secret: bool
        skip_schema_validation: bool
        disable_openapi_validation: bool
        render_subchart_notes: bool
        enable_dns: bool
        labels: Mapping[str, str]
        take_ownership: bool
        post_renderer: PostRenderer | None

    class InstallOptions(ChartOptions, total=False):
        """What only an installation takes; ``reuse_name`` is ``--replace``."""

        reuse_name: bool
        skip_crds: bool
        server_side: bool

    class UpgradeOptions(ChartOptions, total=False):
        """What only an upgrade takes; ``server_side`` is ``true``, ``false`` or ``auto``."""

        cleanup_on_fail: bool
        reset_values: bool
        reset_then_reuse_values: bool
        history_max: int
        server_side: str

    class RollbackOptions(ChangeOptions, total=False):
        """What only a rollback takes; ``server_side`` as for an upgrade."""

        cleanup_on_fail: bool
        history_max: int
        server_side: str
        recreate_pods: bool

    class UninstallOptions(TypedDict, total=False):
        """How to remove; ``cascade`` is ``background``, ``foreground`` or ``orphan``."""

        dry_run: bool
        ignore_not_found: bool
        no_hooks: bool
        description: str
        cascade: str


#: What an upgrade takes and an installation in its place does not.
_ONLY_UPGRADES = ("cleanup_on_fail", "reset_values", "reset_then_reuse_values", "history_max", "server_side")


class RenderedManifest(Record):
    """One document that a chart's templates made.

    Attributes:
        kind: Its kind, empty for a document without one.
        name: Name of its object.
        source: Path of the template that made it, the chart's name first.
        text: The document.
        hook_events: When it runs, for hooks; empty for the others.
    """

    kind: str
    name: str
    source: str
    text: str
    hook_events: tuple[str, ...] = ()

    def decode(self) -> YamlValue:
        """Return the document as Python values, whole numbers as ``int``."""
        from pilothouse.formats.yaml_text import decode

        return decode(self.text, integers=True)


class Rendered(Record):
    """What a chart's templates made.

    Attributes:
        manifests: The objects, in the order of installing.
        hooks: Documents that run at events, in the order of installing.
        notes: The chart's words to its user.
        text: The objects as ``helm install`` keeps them.
    """

    manifests: tuple[RenderedManifest, ...]
    hooks: tuple[RenderedManifest, ...]
    notes: str
    text: str


class Chart:
    """A chart, ready to be rendered or installed.

    Args:
        content: The loaded chart; :meth:`load` is the usual way to one.
    """

    __slots__ = ("content",)

    def __init__(self, content: model.Chart) -> None:
        self.content = content

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Chart:
        """Return the chart in a folder or an archive.

        Raises:
            Invalid: It is no usable chart.
            NotFound: Nothing is there.
        """
        return cls(load(os.fspath(path)))

    @property
    def name(self) -> str:
        """Its name."""
        return self.content.name

    @property
    def version(self) -> str:
        """Its version."""
        return self.content.metadata.version

    @property
    def metadata(self) -> Metadata:
        """What Chart.yaml says."""
        return self.content.metadata

    @property
    def values(self) -> Mapping[str, YamlValue]:
        """Its default values."""
        return self.content.values

    def render(  # noqa: PLR0913 - what `helm template` takes
        self,
        values: Mapping[str, YamlValue] | None = None,
        *,
        release: str = "release-name",
        namespace: str = "default",
        kube_version: str = "",
        api_versions: tuple[str, ...] = (),
        is_upgrade: bool = False,
        skip_schema_validation: bool = False,
        clock: Clock | None = None,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> Rendered:
        """Render the chart without a cluster, as ``helm template`` does.

        Args:
            values: What is laid over the default values.
            release: Release name.
            namespace: Release namespace.
            kube_version: Version of Kubernetes to render for, empty for the newest known.
            api_versions: API versions to have beside those that are known.
            is_upgrade: Whether ``.Release.IsUpgrade`` is true, not ``IsInstall``.
            skip_schema_validation: Whether values.schema.json is left aside.
            clock: What templates see as the time.
            entropy: Where random texts and keys come from; returns that many bytes.

        Raises:
            Invalid: The values, or a template, or what it makes, are wrong.
        """
        capabilities = default_capabilities(4)
        if kube_version:
            capabilities = capabilities.replace(kube_version=parse_kube_version(kube_version))
        if api_versions:
            capabilities = capabilities.replace(api_versions=capabilities.api_versions + api_versions)
        settings = RenderSettings(
            release=ReleaseFacts(name=release, namespace=namespace, is_install=not is_upgrade, is_upgrade=is_upgrade),
            capabilities=capabilities,
            clock=clock or Clock(),
            entropy=entropy,
            cache=parsed.MEMORY,
        )
        prepared = prepare_chart(self.content, values or {}, settings, skip_schema=skip_schema_validation)
        rendered = render_chart(prepared, settings)
        return Rendered(
            manifests=tuple(
                RenderedManifest(kind=one.kind, name=one.name, source=one.source, text=one.content)
                for one in rendered.manifests
            ),
            hooks=tuple(
                RenderedManifest(
                    kind=one.kind, name=one.name, source=one.path, text=one.manifest, hook_events=one.events
                )
                for one in rendered.hooks
            ),
            notes=rendered.notes,
            text=rendered.manifest_text(),
        )

    def __repr__(self) -> str:
        return f"Chart({self.name} {self.version})"


class Releases:
    """The releases of one namespace of a cluster.

    Args:
        context: The ports; :meth:`from_kubeconfig` and :meth:`sandbox` are the usual ways to them.
    """

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    @classmethod
    def from_kubeconfig(
        cls,
        path: str | os.PathLike[str] = "",
        *,
        context: str = "",
        namespace: str = "",
        on_progress: Callable[[Event], None] | None = None,
    ) -> Releases:
        """Return the releases of the cluster that a kubeconfig names.

        Args:
            path: The kubeconfig, by default ``KUBECONFIG`` or ``~/.kube/config``.
            context: Context in it, by default its current one.
            namespace: Namespace, by default the context's.
            on_progress: Hears of each step.

        Raises:
            Invalid: The kubeconfig cannot be used.
        """
        overrides = Overrides(kubeconfig=os.fspath(path), context=context, namespace=namespace)
        return cls(_context(overrides, on_progress))

    @classmethod
    def sandbox(cls, *, namespace: str = "", on_progress: Callable[[Event], None] | None = None) -> Releases:
        """Return the releases of the embedded cluster, which is started when it is not running."""
        return cls(_context(Overrides(namespace=namespace), on_progress, sandbox=True))

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

    def history(self, name: str) -> tuple[Release, ...]:
        """Return the revisions of a release, oldest first.

        Raises:
            NotFound: There is none.
        """
        from pilothouse.actions.history import history

        return tuple(history(self._context, name))

    def install(
        self,
        name: str,
        chart: Chart,
        *,
        values: Mapping[str, YamlValue] | None = None,
        wait: bool = False,
        timeout: float = 300.0,
        create_namespace: bool = False,
        rollback_on_failure: bool = False,
        **more: Unpack[InstallOptions],
    ) -> Release:
        """Install a chart.

        Args:
            name: Release name.
            chart: What to install.
            values: What is laid over the default values.
            wait: Whether to wait until the objects are ready.
            timeout: Seconds that each wait may take.
            create_namespace: Whether the namespace is created first.
            rollback_on_failure: Whether a failed installation is removed again.
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
            wait=_strategy(wait=wait),
            timeout=timeout,
            create_namespace=create_namespace,
            rollback_on_failure=rollback_on_failure,
            **more,
        )
        return action.install(self._context, options)

    def upgrade(  # noqa: PLR0913 - what `helm upgrade` takes
        self,
        name: str,
        chart: Chart,
        *,
        values: Mapping[str, YamlValue] | None = None,
        install: bool = False,
        reuse_values: bool = False,
        wait: bool = False,
        timeout: float = 300.0,
        create_namespace: bool = False,
        rollback_on_failure: bool = False,
        **more: Unpack[UpgradeOptions],
    ) -> Release:
        """Make a new revision of a release.

        Args:
            name: Release name.
            chart: What to install.
            values: What is laid over the default values.
            install: Whether a release that does not exist is installed.
            reuse_values: Whether the last revision's values stay below the new ones.
            wait: Whether to wait until the objects are ready.
            timeout: Seconds that each wait may take.
            create_namespace: Whether an installation creates the namespace first.
            rollback_on_failure: Whether a failed upgrade is rolled back.
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
                reuse_name=status is not None,
                server_side=more.get("server_side") != "false",
                **given,
            )
        options = action.UpgradeOptions(
            name=name,
            chart=chart.content,
            values=values or {},
            reuse_values=reuse_values,
            wait=_strategy(wait=wait),
            timeout=timeout,
            rollback_on_failure=rollback_on_failure,
            **more,
        )
        return action.upgrade(self._context, options)

    def rollback(
        self,
        name: str,
        revision: int = 0,
        *,
        wait: bool = False,
        timeout: float = 300.0,
        **more: Unpack[RollbackOptions],
    ) -> Release:
        """Make a new revision that is what an earlier one was, by default the one before the newest.

        Args:
            name: Release name.
            revision: Which one, 0 for the one before the newest.
            wait: Whether to wait until the objects are ready.
            timeout: Seconds that each wait may take.
            more: The flags of ``helm rollback`` that are left.

        Raises:
            NotFound: There is no such release or revision.
            OperationFailed: The cluster did not take it.
        """
        from pilothouse.actions import rollback as action

        options = action.RollbackOptions(
            name=name, revision=revision, wait=_strategy(wait=wait), timeout=timeout, **more
        )
        return action.rollback(self._context, options)

    def test(
        self,
        name: str,
        *,
        timeout: float = 300.0,
        include: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
    ) -> Release:
        """Run the tests of a release and return it with their results.

        Args:
            name: Release name.
            timeout: Seconds that each test may take.
            include: Names of the tests to run, empty for all.
            exclude: Names of those to leave out.

        Raises:
            NotFound: There is no such release.
            Invalid: A test failed; the message says which.
        """
        from pilothouse.actions.test import ReleaseTestOptions, test

        result = test(self._context, ReleaseTestOptions(name=name, timeout=timeout, include=include, exclude=exclude))
        if result.error is not None:
            raise Invalid(result.error.message, hints=result.error.hints) from result.error
        return result.release

    def uninstall(
        self,
        name: str,
        *,
        keep_history: bool = False,
        wait: bool = False,
        timeout: float = 300.0,
        **more: Unpack[UninstallOptions],
    ) -> Release | None:
        """Remove a release and return it as it was last.

        Args:
            name: Release name.
            keep_history: Whether its records stay, so that it can be rolled back.
            wait: Whether to wait until the objects are gone.
            timeout: Seconds that each wait may take.
            more: The flags of ``helm uninstall`` that are left.

        Raises:
            NotFound: There is no such release.
            OperationFailed: Something could not be removed.
        """
        from pilothouse.actions import uninstall as action

        options = action.UninstallOptions(
            name=name, keep_history=keep_history, wait=_strategy(wait=wait), timeout=timeout, **more
        )
        return action.uninstall(self._context, options).release


def _context(overrides: Overrides, on_progress: Callable[[Event], None] | None, *, sandbox: bool = False) -> Context:
    return Assembly(Environment.of_process(), overrides, sandbox=sandbox, reporter=Reporter(on_progress)).context()


def _strategy(*, wait: bool) -> str:
    return "watcher" if wait else "hookOnly"
