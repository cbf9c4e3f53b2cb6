"""A loaded chart: Go's ``chart.Chart``."""

from __future__ import annotations

from pilothouse.charts.metadata import Lock, Metadata
from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pilothouse.golang.kinds import YamlValue


class ChartFile(Record):
    """One file of a chart.

    Attributes:
        name: Path inside the chart, with ``/``.
        data: Content.
        modified: Time of last change in nanoseconds since 1970, 0 when unknown.
    """

    name: str
    data: bytes
    modified: int = 0


class Chart(Record):
    """A chart with its subcharts.

    Attributes:
        metadata: Chart.yaml.
        lock: Chart.lock or requirements.lock, if there is one.
        templates: Files under ``templates/``.
        values: Default values as values.yaml gives them.
        schema: values.schema.json, if there is one.
        files: All other files, those under ``crds/`` included, those under ``charts/`` not.
        subcharts: The charts under ``charts/``; processing the dependencies leaves only those that are enabled.
        raw: Every file as it was read, for packing and for ``show``.
        schema_modified: Time of change of the schema, in nanoseconds since 1970.
        copied: The chart of which a declared dependency is a copy, perhaps under another name.
    """

    metadata: Metadata
    lock: Lock | None = None
    templates: tuple[ChartFile, ...] = ()
    values: Mapping[str, YamlValue] = field(default_factory=dict)
    schema: bytes | None = None
    files: tuple[ChartFile, ...] = ()
    subcharts: tuple[Chart, ...] = ()
    raw: tuple[ChartFile, ...] = ()
    schema_modified: int = 0
    copied: Chart | None = None

    @property
    def name(self) -> str:
        """The name in Chart.yaml."""
        return self.metadata.name

    @property
    def is_library(self) -> bool:
        """Whether the chart only shares templates (``type: library``)."""
        return self.metadata.type.lower() == "library"

    def crd_files(self) -> Iterator[ChartFile]:
        """Yield the files under ``crds/`` that can hold objects, this chart's first (``CRDObjects``)."""
        for _, file in self.crd_objects():
            yield file

    def crd_objects(self, path: str = "") -> Iterator[tuple[str, ChartFile]]:
        """Yield what :meth:`crd_files` does, each with its path from the root chart: ``root/charts/sub/crds/x.yaml``.

        Args:
            path: Path of this chart, when it is not the root.
        """
        own = path or self.name
        for file in self.files:
            if file.name.startswith("crds/") and file.name.lower().endswith((".yaml", ".yml", ".json")):
                yield f"{own}/{file.name}", file
        for subchart in self.subcharts:
            yield from subchart.crd_objects(f"{own}/charts/{subchart.name}")
