"""The files under crds/ (Helm 4's ``rules.Crds``)."""

from __future__ import annotations

from pilothouse.charts.errors import ChartInvalid
from pilothouse.errors import PilothouseError
from pilothouse.formats.errors import JsonError, YamlError
from pilothouse.lint.documents import decode_objects
from pilothouse.lint.findings import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.lint.findings import Findings
    from pilothouse.lint.source import ChartSource

_FOLDER = "crds/"


def check_crds(source: ChartSource, findings: Findings) -> None:
    """Look at the custom resource definitions."""
    if not source.has("crds"):
        return
    if not findings.add(ERROR, _FOLDER, None if source.is_folder("crds") else "not a directory"):
        return
    try:
        chart = source.load()
    except PilothouseError as error:
        findings.add(ERROR, _FOLDER, error.message)
        return
    for file in chart.crd_files():
        try:
            for found in decode_objects(file.data.decode("utf-8", "surrogateescape"), source.helm):
                group = found.api_version.startswith("apiextensions.k8s.io")
                findings.add(ERROR, file.name, None if group else "apiVersion is not in 'apiextensions.k8s.io'")
                fits = found.kind == "CustomResourceDefinition"
                findings.add(ERROR, file.name, None if fits else "object kind is not 'CustomResourceDefinition'")
        except (YamlError, JsonError, ChartInvalid) as error:
            findings.add(ERROR, file.name, f"unable to parse YAML: {error.message}")
            return
