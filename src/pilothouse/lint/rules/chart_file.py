"""Chart.yaml (Helm's ``rules.Chartfile``)."""

from __future__ import annotations

from pilothouse.charts.archive import quoted
from pilothouse.charts.decoding import Struct
from pilothouse.charts.errors import ChartInvalid, ChartMissing
from pilothouse.charts.load import decode_file
from pilothouse.charts.metadata import METADATA, NULL_MAINTAINER, decode_metadata
from pilothouse.charts.validate import base_name
from pilothouse.formats.errors import YamlError
from pilothouse.lint.addresses import is_email, is_request_url, is_url
from pilothouse.lint.findings import ERROR, INFO, WARNING
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import SemverError
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.charts.metadata import Metadata
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.lint.findings import Findings
    from pilothouse.lint.source import ChartSource

NAME = "Chart.yaml"


def check_chart_file(source: ChartSource, findings: Findings) -> None:
    """Look at Chart.yaml."""
    helm = source.helm
    findings.add(ERROR, NAME, "should be a file, not a directory" if source.is_folder(NAME) else None)
    try:
        data = source.read(NAME)
        value = decode_file(data)
        metadata = decode_metadata(value, helm=helm)
    except (YamlError, ChartInvalid, ChartMissing) as error:
        findings.add(ERROR, NAME, f"unable to parse YAML\n\t{error.message}")
        return
    fields = value if isinstance(value, dict) else {}
    if helm >= 4:
        findings.add(WARNING, NAME, _strict(data, fields))
    findings.add(ERROR, NAME, _name(metadata))
    findings.add(ERROR, NAME, _api_version(metadata))
    findings.add(ERROR, NAME, _text_wanted(fields, "version"))
    findings.add(ERROR, NAME, _version(metadata, helm))
    findings.add(ERROR, NAME, _text_wanted(fields, "appVersion"))
    findings.add(ERROR, NAME, _maintainers(metadata))
    findings.add(ERROR, NAME, _sources(metadata))
    findings.add(INFO, NAME, None if metadata.icon else "icon is recommended")
    findings.add(ERROR, NAME, _icon(metadata))
    findings.add(ERROR, NAME, _type(metadata))
    findings.add(ERROR, NAME, _dependencies(metadata))
    if helm >= 4:
        findings.add(WARNING, NAME, _strict_version(metadata))


def _strict(data: bytes, fields: dict[str, YamlValue]) -> str | None:
    """Find keys that stand twice and keys that mean nothing (``yaml.UnmarshalStrict``)."""
    duplicates = _duplicate_keys(data)
    if duplicates:
        reason = "error converting YAML to JSON: yaml: unmarshal errors:\n" + "\n".join(duplicates)
    else:
        unknown = _unknown_field(fields, METADATA)
        if unknown is None:
            return None
        reason = f"error unmarshaling JSON: while decoding JSON: json: unknown field {quoted(unknown)}"
    return f"failed to strictly parse chart metadata file\n\t{reason}"


def _duplicate_keys(data: bytes) -> list[str]:
    """Return a line for each key that its map has already, in the order in which go-yaml meets the values."""
    import yaml

    found: list[str] = []

    def visit(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                visit(value)
                if key.value in seen:
                    found.append(f"  line {value.start_mark.line + 1}: key {quoted(str(key.value))} already set in map")
                seen.add(key.value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                visit(item)

    try:
        root = next(iter(yaml.compose_all(data.decode("utf-8", "replace"), Loader=yaml.SafeLoader)), None)
    except yaml.YAMLError:
        return []
    if root is not None:
        visit(root)
    return found


def _unknown_field(value: YamlValue, kind: YamlValue) -> str | None:
    """Return the first key that the struct ``kind`` has no field for, None when there is none."""
    if isinstance(kind, tuple):
        items = value if isinstance(value, list) else []
        return next((found for item in items if (found := _unknown_field(item, kind[0])) is not None), None)
    if not isinstance(kind, Struct) or not isinstance(value, dict):
        return None
    names = {name.lower(): name for name in kind.fields}
    for key in sorted(value):
        name = names.get(key.lower())
        if name is None:
            return str(key)
        inner = _unknown_field(value[key], kind.fields[name])
        if inner is not None:
            return inner
    return None


def _name(metadata: Metadata) -> str | None:
    if not metadata.name:
        return "name is required"
    if base_name(metadata.name) != metadata.name:
        return f"chart name {quoted(metadata.name)} is invalid"
    return None


def _api_version(metadata: Metadata) -> str | None:
    allowed = 'The value must be either "v1" or "v2"'
    if not metadata.api_version:
        return f"apiVersion is required. {allowed}"
    if metadata.api_version not in {"v1", "v2"}:
        return f"apiVersion '{metadata.api_version}' is not valid. {allowed}"
    return None


def _text_wanted(fields: dict[str, YamlValue], name: str) -> str | None:
    value = fields.get(name, "")
    if name not in fields or isinstance(value, str):
        return None
    kind = "<nil>" if value is None else "bool" if isinstance(value, bool) else "float64"
    if isinstance(value, list):
        kind = "[]interface {}"
    elif isinstance(value, dict):
        kind = "map[string]interface {}"
    return f"{name} should be of type string but it's of type {kind}"


def _version(metadata: Metadata, helm: int) -> str | None:
    if not metadata.version:
        return "version is required"
    try:
        version = Version.parse(metadata.version, helm=helm)
    except SemverError:
        return f"version '{metadata.version}' is not a valid SemVer"
    fits, reasons = Constraints.parse(">0.0.0-0", helm=helm).validate(version)
    return None if fits or not reasons else f"version {reasons[0]}"


def _strict_version(metadata: Metadata) -> str | None:
    try:
        Version.parse_strict(metadata.version)
    except SemverError:
        return f"version '{metadata.version}' is not a valid SemVerV2"
    return None


def _maintainers(metadata: Metadata) -> str | None:
    for maintainer in metadata.maintainers:
        if maintainer is NULL_MAINTAINER:
            return "a maintainer entry is empty"
        if not maintainer.name:
            return "each maintainer requires a name"
        if maintainer.email and not is_email(maintainer.email):
            return f"invalid email '{maintainer.email}' for maintainer '{maintainer.name}'"
        if maintainer.url and not is_url(maintainer.url):
            return f"invalid url '{maintainer.url}' for maintainer '{maintainer.name}'"
    return None


def _sources(metadata: Metadata) -> str | None:
    for address in metadata.sources:
        if not address or not is_request_url(address):
            return f"invalid source URL '{address}'"
    return None


def _icon(metadata: Metadata) -> str | None:
    if metadata.icon and not is_request_url(metadata.icon):
        return f"invalid icon URL '{metadata.icon}'"
    return None


def _type(metadata: Metadata) -> str | None:
    if metadata.type and metadata.api_version != "v2":
        return f"chart type is not valid in apiVersion '{metadata.api_version}'. It is valid in apiVersion 'v2'"
    return None


def _dependencies(metadata: Metadata) -> str | None:
    if metadata.dependencies and metadata.api_version != "v2":
        return (
            f"dependencies are not valid in the Chart file with apiVersion '{metadata.api_version}'. "
            "They are valid in apiVersion 'v2'"
        )
    return None
