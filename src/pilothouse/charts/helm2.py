"""Charts as Helm 2 writes them: Chart.yaml, archives, new charts."""

from __future__ import annotations

import os

from pilothouse.charts.errors import ChartInvalid
from pilothouse.charts.metadata import Metadata, encode_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue

#: Fields of Chart.yaml that Helm 2 does not know.
_LATER = ("dependencies", "type")


def chart_document(metadata: Metadata) -> dict[str, YamlValue]:
    """Return the JSON object of a Chart.yaml of Helm 2."""
    found = {name: value for name, value in encode_metadata(metadata).items() if name not in _LATER}
    if metadata.engine:
        found["engine"] = metadata.engine
    if metadata.tiller_version:
        found["tillerVersion"] = metadata.tiller_version
    return {name: found[name] for name in sorted(found)}


def check_for_saving(metadata: Metadata) -> None:
    """Refuse a chart without a name or a version (``chartutil.Save``).

    Raises:
        ChartInvalid: It lacks one.
    """
    if not metadata.name:
        raise ChartInvalid("no chart name specified (Chart.yaml)")
    if not metadata.version:
        raise ChartInvalid("no chart version specified (Chart.yaml)")
    if os.path.basename(metadata.name) != metadata.name:
        raise ChartInvalid(f"chart name {metadata.name!r} is no name of a file")
