"""The templates and what they make (Helm's ``rules.Templates``)."""

from __future__ import annotations

import re

from pilothouse.charts.archive import quoted
from pilothouse.charts.decoding import Decoder, Struct
from pilothouse.charts.errors import ChartInvalid
from pilothouse.errors import PilothouseError
from pilothouse.formats.errors import JsonError, YamlError
from pilothouse.formats.yaml_text import decode
from pilothouse.lint.deprecated_apis import rows
from pilothouse.lint.documents import decode_objects
from pilothouse.lint.findings import ERROR, WARNING
from pilothouse.lint.names import name_faults
from pilothouse.render.engine import render
from pilothouse.render.manifests import SPACES
from pilothouse.render.pipeline import prepare_chart
from pilothouse.values.errors import CoalesceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.lint.documents import LintedObject
    from pilothouse.lint.findings import Findings
    from pilothouse.lint.source import ChartSource
    from pilothouse.render.capabilities import KubeVersion
    from pilothouse.render.settings import RenderSettings

_FOLDER = "templates/"
_EXTENSIONS = (".yaml", ".yml", ".tpl", ".txt")
_SELECTING_KINDS = frozenset({"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"})
_ITEM_METADATA = "struct { Annotations map[string]string }"
_LIST = Struct(
    name="",
    full_names=("", ""),
    fields={
        "items": (
            Struct(
                name="",
                full_names=(f"struct {{ Metadata {_ITEM_METADATA} }}",) * 2,
                fields={
                    "metadata": Struct(
                        name="", full_names=(_ITEM_METADATA,) * 2, fields={"annotations": "map[string]string"}
                    )
                },
            ),
        )
    },
)


def check_templates(
    source: ChartSource,
    findings: Findings,
    values: Mapping[str, YamlValue],
    settings: RenderSettings,
    *,
    skip_schema: bool,
) -> None:
    """Render the chart with its own values and look at every document."""
    if not _check_folder(source, findings):
        return
    try:
        loaded = source.load()
        prepared = prepare_chart(loaded, values, settings, skip_schema=skip_schema, twice=True)
        rendered = render(prepared.chart, prepared.values, settings)
    except CoalesceError:
        # Helm ends here without a word; what cannot be laid over each other is told when the chart is rendered.
        return
    except PilothouseError as error:
        findings.add(ERROR, _FOLDER, error.message)
        return
    _check_files(prepared.chart, rendered, findings, settings)


def _check_folder(source: ChartSource, findings: Findings) -> bool:
    if not source.has("templates"):
        return source.helm == 3 or findings.add(WARNING, _FOLDER, "directory does not exist")
    severity = WARNING if source.helm == 3 else ERROR
    is_folder = source.is_folder("templates")
    return findings.add(severity, _FOLDER, None if is_folder else "not a directory")


def _check_files(chart: Chart, rendered: dict[str, str], findings: Findings, settings: RenderSettings) -> None:
    content_extensions = (".yaml",) if settings.helm == 3 else (".yaml", ".yml")
    for template in chart.templates:
        name = template.name
        findings.add(ERROR, name, _extension(name))
        if settings.helm == 3:
            findings.add(WARNING, name, _crd_hook(template.data))
            findings.add(ERROR, name, _release_time(template.data))
        text = rendered.get(f"{chart.name}/{name}", "")
        if not name.lower().endswith(content_extensions) or not text.strip(SPACES):
            continue
        findings.add(WARNING, name, _top_indent(text))
        try:
            for found in decode_objects(text, settings.helm):
                _check_object(found, name, text, findings, settings)
        except (YamlError, JsonError, ChartInvalid) as error:
            findings.add(ERROR, name, f"unable to parse YAML: {error.message}")
            return


def _check_object(found: LintedObject, name: str, text: str, findings: Findings, settings: RenderSettings) -> None:
    findings.add(WARNING, name, _object_name(found))
    findings.add(WARNING, name, _deprecation(found, settings.capabilities.kube_version, settings.helm))
    findings.add(ERROR, name, _selector(found, text))
    findings.add(ERROR, name, _list_annotations(found, text, settings.helm))


def _extension(name: str) -> str | None:
    base = name.rpartition("/")[2]
    extension = base[base.rfind(".") :] if "." in base else ""
    if extension.lower() in _EXTENSIONS:
        return None
    return f"file extension '{extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt"


def _crd_hook(data: bytes) -> str | None:
    """Warn of the hook that Helm 3 does not have any more (``validateNoCRDHooks``)."""
    if not re.search(rb'"?helm\.sh/hook"?:[\t\n\f\r ]+crd-install', data):
        return None
    return (
        "manifest is a crd-install hook. This hook is no longer supported in v3 and all CRDs should also exist the "
        "crds/ directory at the top level of the chart"
    )


def _release_time(data: bytes) -> str | None:
    """Refuse what Helm 2 had in templates (``validateNoReleaseTime``)."""
    if b".Release.Time" not in data:
        return None
    return ".Release.Time has been removed in v3, please replace with the `now` function in your templates"


def _top_indent(text: str) -> str | None:
    for line in text.split("\n"):
        if not line.strip(SPACES):
            continue
        if line.startswith((" ", "\t")):
            shown = quoted(line.removesuffix("\r"))
            return f"document starts with an illegal indent: {shown}, which may cause parsing problems"
        return None
    return None


def _object_name(found: LintedObject) -> str | None:
    faults = name_faults(found.kind, found.name)
    if not faults:
        return None
    shown = quoted(found.name)
    texts = [f"metadata.name: Invalid value: {shown}: {fault}" for fault in faults]
    reason = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    return f"object name does not conform to Kubernetes naming requirements: {shown}: {reason}"


def _deprecation(found: LintedObject, version: KubeVersion, helm: int) -> str | None:
    for api_version, kind, since, removed, *instead in rows(helm):
        if api_version != found.api_version or kind != found.kind:
            continue
        if _numbers(since) > (int(version.major), int(version.minor)):
            return None
        text = f"{api_version} {kind} is deprecated in v{since}+"
        if removed != "-":
            text += f", unavailable in v{removed}+"
        return f"{text}; use {' '.join(instead)}" if instead else text
    return None


def _numbers(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor)


def _selector(found: LintedObject, text: str) -> str | None:
    if found.kind in _SELECTING_KINDS and "matchLabels" not in text and "matchExpressions" not in text:
        return f"a {found.kind} must contain matchLabels or matchExpressions, and {quoted(found.name)} does not"
    return None


def _list_annotations(found: LintedObject, text: str, helm: int) -> str | None:
    if found.kind != "List":
        return None
    try:
        items = Decoder(helm).decode(decode(text, integers=True), _LIST).get("items", [])
    except (YamlError, ChartInvalid) as error:
        return f"unable to parse YAML: {error.message}"
    for item in items:
        if item and "helm.sh/resource-policy" in (item.get("metadata", {}).get("annotations") or {}):
            return f"{'A' if helm == 3 else 'a'}nnotation 'helm.sh/resource-policy' within List objects are ignored"
    return None
