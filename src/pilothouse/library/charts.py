"""Charts: loaded and rendered without a cluster."""

from __future__ import annotations

import os

from pilothouse.charts import parsed
from pilothouse.charts.load import load
from pilothouse.clock import Clock
from pilothouse.environment import Environment
from pilothouse.records import Record
from pilothouse.render.capabilities import default_capabilities, parse_kube_version
from pilothouse.render.pipeline import prepare_chart, render_chart
from pilothouse.render.settings import ReleaseFacts, RenderSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Unpack

    from pilothouse.charts import model
    from pilothouse.charts.metadata import Metadata
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.library.options import FetchOptions


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

    @classmethod
    def fetch(cls, reference: str, *, version: str = "", repository: str = "", **more: Unpack[FetchOptions]) -> Chart:
        """Return the chart that ``helm install`` would take, fetched first when it is not on this machine.

        Args:
            reference: A path, a URL, ``repository/chart``, or ``oci://`` with a registry's reference.
            version: A version or a constraint, by default the newest.
            repository: URL of the repository in which ``reference`` is a name.
            more: The flags about logins, certificates and provenance.

        Raises:
            NotFound: There is no such chart.
            Unreachable: It cannot be fetched.
            Invalid: It is no usable chart, or its provenance does not hold.
        """
        from pilothouse.actions.locate import ChartPathOptions, locate_chart

        options = ChartPathOptions(version=version, repository=repository, **more)
        return cls.load(locate_chart(Environment.of_process(), reference, options))

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
