"""values.schema.json: whether values follow it, and if not, in which words each Helm says so.

Whether values are valid is decided by ``jsonschema-rs``. Only when they are not, :mod:`schema_faults` (Helm 4) or
:mod:`legacy_schema_faults` (Helm 3) walks the schema again to find the faults in the words of the Go libraries.
"""

from __future__ import annotations

import os

from pilothouse.values.errors import SchemaError
from pilothouse.values.schema_checks import dotted, pointer, unusable_pattern
from pilothouse.values.schema_cost import MAXIMUM, is_excessive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue

_HEADER = "values don't meet the specifications of the schema(s) in the following chart(s):\n"
_EXCESSIVE = f"values.schema.json applies parts of itself more than {MAXIMUM} times to one value, which is the limit\n"
_LATEST, _LEGACY = "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#"

_LEGACY_DRAFTS = tuple(f"http://json-schema.org/draft-0{number}/schema" for number in (4, 6, 7))
#: What ``draftFromURL`` of santhosh-tekuri/jsonschema knows, without the scheme.
_DRAFTS = {
    "json-schema.org/schema": _LATEST,
    "json-schema.org/draft/2020-12/schema": _LATEST,
    "json-schema.org/draft/2019-09/schema": "https://json-schema.org/draft/2019-09/schema",
    **{address.removeprefix("http://"): f"{address}#" for address in _LEGACY_DRAFTS},
}


def validate(chart: Chart, values: Mapping[str, YamlValue], *, helm: int = 4) -> None:
    """Check the coalesced values of a chart and its subcharts against their schemas (``ValidateAgainstSchema``).

    Raises:
        SchemaError: A schema refuses its values, or cannot be used; all charts are reported at once.
    """
    text = "".join(_chart_faults(chart, values, helm))
    if text:
        raise SchemaError(_HEADER + text)


def _chart_faults(chart: Chart, values: Mapping[str, YamlValue], helm: int) -> list[str]:
    """Return the blocks of text for a chart and its subcharts."""
    blocks = []
    if chart.schema is not None:
        try:
            validate_values(chart.schema, values, helm=helm)
        except SchemaError as error:
            blocks.append(f"{chart.name}:\n{error.message}")
    for subchart in chart.subcharts:
        section = values.get(subchart.name)
        if isinstance(section, dict):
            blocks += _chart_faults(subchart, section, helm)
        elif section is not None:
            from pilothouse.golang.kinds import type_name

            kind = type_name(section)
            blocks.append(f"{subchart.name}:\ninvalid type for values: expected object (map), got {kind}\n")
    return blocks


def validate_values(schema: bytes, values: Mapping[str, YamlValue], *, helm: int = 4) -> None:
    """Check values against one schema (``ValidateAgainstSingleSchema``).

    Raises:
        SchemaError: The schema refuses the values or cannot be used; ``message`` ends with a line feed in Helm's way.
    """
    parsed = _parse(schema)
    plain = _plain(values)
    try:
        if is_excessive(parsed):
            raise SchemaError(_EXCESSIVE)
        faults = _faults(parsed, plain, helm, patterned=b'"pattern' in schema)
    except RecursionError:
        faults = ["schema or values are nested too deeply"]
    if faults:
        raise SchemaError("\n".join(faults) + "\n", faults=tuple(faults))


def _parse(schema: bytes) -> Any:
    from pilothouse.formats.errors import JsonError
    from pilothouse.formats.json_text import decode

    try:
        return decode(schema, integers=True)
    except JsonError as error:
        text = "unexpected EOF" if error.message == "unexpected end of JSON input" else error.message
        raise SchemaError(text) from error


def _plain(value: YamlValue) -> Any:
    """Return values as JSON shows them: whole floats as integers."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e21 else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _faults(schema: Any, values: Any, helm: int, *, patterned: bool) -> list[str]:
    """Return a line or more for each fault; none if the values are valid."""
    import jsonschema_rs

    draft = _draft(schema, helm)
    suspect = helm < 4 or (patterned and unusable_pattern(schema) is not None)
    broken = _bad_schema(schema, draft, helm) if suspect else ""
    if broken:
        raise SchemaError(broken)
    judged = {**schema, "$schema": draft} if isinstance(schema, dict) else schema
    try:
        judge = jsonschema_rs.validator_for(judged, validate_formats=_asserts_formats(draft))
    except jsonschema_rs.ValidationError as error:
        return _judged_alone(schema, values, draft, helm, _generic_bad(error, draft))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return _judged_alone(schema, values, draft, helm, str(error))
    if judge.is_valid(values):
        return []
    found = _walked(schema, values, draft, helm)
    return found or [_generic(error, helm) for error in judge.iter_errors(values)]


def _judged_alone(schema: Any, values: Any, draft: str, helm: int, complaint: str) -> list[str]:
    """Return the faults by a schema that ``jsonschema-rs`` cannot use, and that Helm 3 may.

    Raises:
        SchemaError: Helm 4 cannot use it either.
    """
    if helm >= 4:
        raise SchemaError(_bad_schema(schema, draft, helm) or complaint)
    return _walked(schema, values, draft, helm)


def _walked(schema: Any, values: Any, draft: str, helm: int) -> list[str]:
    if helm >= 4:
        from pilothouse.values.schema_faults import find_faults

        return find_faults(schema, values, draft)
    from pilothouse.values.legacy_schema_faults import find_faults as find_legacy_faults

    return find_legacy_faults(schema, values, draft)


def _bad_schema(schema: Any, draft: str, helm: int) -> str:
    """Word what is wrong with a schema itself; nothing if that is not known."""
    if helm < 4:
        from pilothouse.values.legacy_schema_rules import broken_rule

        return broken_rule(schema, _declared(schema))
    from pilothouse.values.metaschemas import metaschema
    from pilothouse.values.schema_faults import find_faults

    faults = find_faults(metaschema(draft), schema, draft, formats=True)
    if faults:
        return "\n".join([_not_valid(draft), *faults])
    from pilothouse.values.schema_references import lost_reference

    return lost_reference(schema, draft)


def _draft(schema: Any, helm: int) -> str:
    """Return the address of the draft that decides about a schema.

    Raises:
        SchemaError: Helm 4 does not know what ``$schema`` names; Helm 3 then takes what all its drafts have.
    """
    declared = schema.get("$schema") if isinstance(schema, dict) else None
    if declared is None and not (isinstance(schema, dict) and "$schema" in schema):
        return _LATEST if helm >= 4 else _LEGACY
    if not isinstance(declared, str):
        if helm < 4:
            raise SchemaError("$schema must be of type string")
        raise SchemaError(_bad_schema(schema, _LATEST, helm))
    if helm < 4:
        return declared if declared.removesuffix("#") in _LEGACY_DRAFTS else _LEGACY
    address = declared.partition("#")[0]
    path = address.removeprefix("http://").removeprefix("https://")
    if path not in _DRAFTS:
        raise SchemaError(f"failing loading {_quoted(address)}: {_unloadable(address)}")
    if path == address:
        raise SchemaError(_bad_schema(schema, _DRAFTS[path], helm))
    return _DRAFTS[path]


def _not_valid(draft: str) -> str:
    address = f"{draft.removesuffix('#')}#"
    return (
        '"file:///values.schema.json#" is not valid against metaschema: '
        f"jsonschema validation failed with '{address}'"
    )


def _quoted(text: str) -> str:
    from pilothouse.golang.quoting import quote

    return quote(text)


def _unloadable(address: str) -> str:
    scheme, _, rest = address.partition("://")
    if scheme.lower() in ("http", "https"):
        return f"HTTP request failed for {address}: schemas of schemas are not loaded from the network"
    if scheme == "file":
        reason = "schemas of schemas are not loaded" if os.path.exists(rest) else "no such file or directory"
        return f"open {rest}: {reason}"
    return f"no URLLoader registered for {_quoted(address)}"


def _declared(schema: Any) -> str | None:
    """Return the draft that a schema names, if Helm 3 knows it."""
    declared = schema.get("$schema") if isinstance(schema, dict) else None
    return declared if isinstance(declared, str) and declared.removesuffix("#") in _LEGACY_DRAFTS else None


def _asserts_formats(draft: str) -> bool:
    """Tell whether a draft makes ``format`` binding: up to draft 7."""
    return "/draft-0" in draft


def _generic(error: Any, helm: int) -> str:
    """Word a fault that our own walk does not know."""
    if helm >= 4:
        return f"- at '{pointer(error.instance_path)}': {error.message}"
    return f"- {dotted(error.instance_path)}: {error.message}"


def _generic_bad(error: Any, draft: str) -> str:
    """Word the complaint about a schema that does not follow its draft."""
    location = pointer(error.instance_path)
    return f"{_not_valid(draft)}\n- at '{location}': {error.message}"
