"""values.yaml and its schema (Helm's ``rules.ValuesWithOverrides``)."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.formats.errors import YamlError
from pilothouse.formats.yaml_text import decode_mapping
from pilothouse.lint.findings import ERROR, INFO
from pilothouse.values.coalesce import coalesce_tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.lint.findings import Findings
    from pilothouse.lint.source import ChartSource
    from pilothouse.progress import Reporter

NAME = "values.yaml"
_SCHEMA = "values.schema.json"


def check_values_file(
    source: ChartSource,
    findings: Findings,
    values: Mapping[str, YamlValue],
    *,
    skip_schema: bool,
    reporter: Reporter,
) -> None:
    """Look at values.yaml; the user's values are laid over it, those of subcharts are left aside."""
    if not findings.add(INFO, NAME, None if source.has(NAME) else "file does not exist"):
        return
    findings.add(ERROR, NAME, _content(source, values, skip_schema=skip_schema, reporter=reporter))


def _content(
    source: ChartSource, values: Mapping[str, YamlValue], *, skip_schema: bool, reporter: Reporter
) -> str | None:
    try:
        defaults = decode_mapping(source.read(NAME))
    except YamlError as error:
        return f"unable to parse YAML: {_named(error.message, source.helm)}"
    except PilothouseError as error:
        return f"unable to parse YAML: {error.message}"
    merged = coalesce_tables({}, values, helm=source.helm, reporter=reporter)
    merged = coalesce_tables(merged, defaults, helm=source.helm, reporter=reporter)
    if not source.has(_SCHEMA) or (skip_schema and source.helm != 3):
        return None
    from pilothouse.values.schema import validate_values

    try:
        schema = source.read(_SCHEMA)
        if schema:
            validate_values(schema, merged, helm=source.helm)
    except PilothouseError as error:
        return error.message
    return None


def _named(message: str, helm: int) -> str:
    """Return a decoding error with the name that Go's type has here."""
    return message.replace(
        "Go value of type map[string]interface {}", f"Go value of type {'chartutil' if helm == 3 else 'common'}.Values"
    )
