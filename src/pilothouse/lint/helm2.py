"""What Helm 2 finds wrong with a chart (``lint.All`` of Helm 2)."""

from __future__ import annotations

import os

from pilothouse.charts.errors import ChartInvalid
from pilothouse.charts.helm2 import load
from pilothouse.charts.load import decode_file
from pilothouse.charts.metadata import NULL_MAINTAINER, decode_metadata
from pilothouse.errors import PilothouseError
from pilothouse.formats.errors import FormatError
from pilothouse.formats.yaml_text import decode
from pilothouse.lint.addresses import is_email, is_request_url, is_url
from pilothouse.lint.findings import ERROR, INFO, WARNING, Findings
from pilothouse.render.engine import render
from pilothouse.render.errors import RenderError
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import SemverError
from pilothouse.semver.versions import Version
from pilothouse.values.errors import CoalesceError
from pilothouse.values.helm2 import coalesce_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.charts.metadata import Metadata
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.lint.findings import Finding
    from pilothouse.render.settings import RenderSettings

_CHART_FILE, _VALUES_FILE, _TEMPLATES = "Chart.yaml", "values.yaml", "templates/"
_EXTENSIONS = (".yaml", ".yml", ".tpl", ".txt")
_PARSE = "unable to parse YAML\n\t"


def run_rules(
    folder: str,
    values: Mapping[str, YamlValue],
    settings: RenderSettings,
) -> list[Finding]:
    """Return what the rules find in the chart in a folder.

    Args:
        folder: Absolute path of the chart.
        values: The user's values.
        settings: How to render; ``lint`` should be set.
    """
    findings = Findings()
    _check_chart_file(folder, findings)
    _check_values(folder, findings)
    _check_templates(folder, findings, values, settings)
    return findings.found


# ── Chart.yaml ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_chart_file(folder: str, findings: Findings) -> None:
    path = os.path.join(folder, _CHART_FILE)
    findings.add(ERROR, _CHART_FILE, "should be a file, not a directory" if os.path.isdir(path) else None)
    try:
        with open(path, "rb") as file:
            value = decode_file(file.read())
        metadata = decode_metadata(value, helm=3)
    except (FormatError, ChartInvalid, OSError) as error:
        findings.add(ERROR, _CHART_FILE, f"{_PARSE}{getattr(error, 'message', error)}")
        return
    engine = str(value.get("engine") or "") if isinstance(value, dict) else ""
    name, base = metadata.name, os.path.basename(folder)
    findings.add(ERROR, _CHART_FILE, None if name else "name is required")
    findings.add(WARNING, _CHART_FILE, _dotted(name))
    same = f"directory name ({base}) and chart name ({name}) must be the same"
    findings.add(ERROR, _CHART_FILE, None if name == base else same)
    findings.add(ERROR, _CHART_FILE, api_version_fault(metadata.api_version, required=True))
    findings.add(ERROR, _CHART_FILE, _version(metadata))
    wrong = f"engine '{engine}' not valid. Valid options are [gotpl]"
    findings.add(ERROR, _CHART_FILE, wrong if engine not in ("", "gotpl") else None)
    findings.add(ERROR, _CHART_FILE, _maintainers(metadata))
    findings.add(ERROR, _CHART_FILE, _sources(metadata))
    findings.add(INFO, _CHART_FILE, None if metadata.icon else "icon is recommended")
    icon = metadata.icon
    findings.add(ERROR, _CHART_FILE, None if not icon or is_request_url(icon) else f"invalid icon URL '{icon}'")


def _dotted(name: str) -> str | None:
    text = "name should be lower case letters and numbers. Words may be separated with dashes"
    return text if "." in name else None


def api_version_fault(api_version: str, *, required: bool) -> str | None:
    """Return what is wrong with the version of a chart's format, which Helm 2 knows one of."""
    if not api_version:
        return "apiVersion is required" if required else None
    return None if api_version == "v1" else f"apiVersion '{api_version}' is not valid. The value must be \"v1\""


def _version(metadata: Metadata) -> str | None:
    text = metadata.version
    if not text:
        return "version is required"
    try:
        version = Version.parse(text, helm=3)
    except SemverError:
        return f"version '{text}' is not a valid SemVer"
    if not Constraints.parse(">0.0.0-0", helm=3).check(version):
        return f"version {text} is less than or equal to 0.0.0-0"
    return None


def _maintainers(metadata: Metadata) -> str | None:
    for one in metadata.maintainers:
        if one is NULL_MAINTAINER or not one.name:
            return "each maintainer requires a name"
        if one.email and not is_email(one.email):
            return f"invalid email '{one.email}' for maintainer '{one.name}'"
        if one.url and not is_url(one.url):
            return f"invalid url '{one.url}' for maintainer '{one.name}'"
    return None


def _sources(metadata: Metadata) -> str | None:
    wrong = next((source for source in metadata.sources if not source or not is_request_url(source)), None)
    return None if wrong is None else f"invalid source URL '{wrong}'"


# ── values.yaml ────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_values(folder: str, findings: Findings) -> None:
    path = os.path.join(folder, _VALUES_FILE)
    if not os.path.exists(path):
        findings.add(INFO, _VALUES_FILE, "file does not exist")
        return
    try:
        with open(path, "rb") as file:
            decode(file.read())
    except (FormatError, OSError) as error:
        findings.add(ERROR, _VALUES_FILE, f"{_PARSE}{getattr(error, 'message', error)}")


# ── templates ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_templates(
    folder: str,
    findings: Findings,
    values: Mapping[str, YamlValue],
    settings: RenderSettings,
) -> None:
    path = os.path.join(folder, "templates")
    if not os.path.isdir(path):
        findings.add(WARNING, _TEMPLATES, "not a directory" if os.path.exists(path) else "directory not found")
        return
    try:
        chart = load(folder)
    except PilothouseError as error:
        findings.add(ERROR, _TEMPLATES, error.message)
        return
    try:
        coalesced = coalesce_values(chart, values)
    except (CoalesceError, FormatError):
        return
    try:
        rendered = render(chart, coalesced, settings)
    except RenderError as error:
        findings.add(ERROR, _TEMPLATES, error.message)
        return
    for file in chart.templates:
        extension = os.path.splitext(file.name)[1]
        known = ", ".join((*_EXTENSIONS[:-1], f"or {_EXTENSIONS[-1]}"))
        text = f"file extension '{extension}' not valid. Valid extensions are {known}"
        findings.add(WARNING, file.name, None if extension in _EXTENSIONS else text)
        if extension == ".yaml":
            findings.add(ERROR, file.name, _object_fault(rendered.get(f"{chart.name}/{file.name}", "")))


def _object_fault(text: str) -> str | None:
    """Return why what a template made is no object, as far as Helm 2 looks."""
    try:
        found = decode(text)
    except FormatError as error:
        return f"{_PARSE}{error.message}"
    if found is None or isinstance(found, dict):
        return None
    kind = "bool" if isinstance(found, bool) else "string" if isinstance(found, str) else "number"
    kind = "array" if isinstance(found, list) else kind
    start = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal"
    return f"{_PARSE}{start} {kind} into Go value of type rules.K8sYamlStruct"
