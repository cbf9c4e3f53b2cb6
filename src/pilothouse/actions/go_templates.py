"""Go templates that users write on the command line: ``--template`` and ``--name-template``."""

from __future__ import annotations

import os

from pilothouse.clock import Clock
from pilothouse.errors import Invalid
from pilothouse.golang.kinds import StringList, StringMap
from pilothouse.gotemplate.errors import ExecutionError, ParseError
from pilothouse.gotemplate.template import Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pilothouse.charts.model import Chart, ChartFile
    from pilothouse.golang.functions import Function
    from pilothouse.golang.kinds import GoValue
    from pilothouse.releases.release import Hook, Release


class GoStruct:
    """A Go struct, or a pointer to one, made of names and values; subclasses give it its type.

    Args:
        fields: Values by the names of Go's fields.
    """

    go_kind = "ptr"
    go_type = "struct {}"
    go_fields: dict[str, str] = {}

    def __init__(self, fields: Mapping[str, GoValue]) -> None:
        for name, value in fields.items():
            setattr(self, name, value)


def _struct(go_type: str, fields: Mapping[str, GoValue]) -> GoStruct:
    """Return a struct of a Go type; a type that begins with ``*`` is a pointer."""
    kind = "ptr" if go_type.startswith("*") else "struct"
    names = {name: name for name in fields}
    made: GoStruct = type("Struct", (GoStruct,), {"go_type": go_type, "go_kind": kind, "go_fields": names})(fields)
    return made


def _render(name: str, text: str, data: GoValue, functions: Mapping[str, Function], go: str = "1.27") -> str:
    template = Template(name, functions, go=go)
    try:
        template.parse(name, text)
        return template.execute(name, data)
    except (ParseError, ExecutionError) as error:
        raise Invalid(str(error)) from error


def render_version(text: str, build: Mapping[str, str]) -> str:
    """Return what the template makes of the facts about this build.

    Raises:
        Invalid: The template is wrong.
    """
    return _render("_", text, _struct("version.BuildInfo", build), {})


def render_versions(text: str, versions: Mapping[str, Mapping[str, str]]) -> str:
    """Return what the template of Helm 2's ``version`` makes of the versions of client and server.

    Raises:
        Invalid: The template is wrong.
    """
    return _render("_", text, {name: _struct("*version.Version", fields) for name, fields in versions.items()}, {})


def render_message(text: str, message: Any) -> str:
    """Return what the template of Helm 2's ``get --template`` makes of an answer of Tiller.

    Raises:
        Invalid: The template is wrong.
    """
    return _render("_", text, _message(message), {})


def _message(message: Any) -> GoStruct:
    """Return a protobuf message as the pointer to a struct that golang/protobuf makes of it."""
    found: dict[str, GoValue] = {}
    for field in message.DESCRIPTOR.fields:
        name = "".join(part[:1].upper() + part[1:] for part in field.name.split("_"))
        value = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            found[name] = StringMap({key: value[key] for key in value})
        elif field.is_repeated:
            found[name] = [_field(field, one) for one in value]
        elif field.message_type is not None and not message.HasField(field.name):
            found[name] = None
        else:
            found[name] = _field(field, value)
    return _struct(f"*{message.DESCRIPTOR.name}", found)


def _field(field: Any, value: Any) -> GoValue:
    if field.message_type is not None:
        return _message(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return str(value) if known is None else str(known.name)
    plain: GoValue = value
    return plain


def render_name(text: str, *, helm: int = 4, clock: Clock | None = None, local_zone: str = "") -> str:
    """Return the release name that ``--name-template`` makes (``action.TemplateName``).

    Raises:
        Invalid: The template is wrong; the text is Go's.
    """
    from pilothouse.sprig.table import function_map

    functions = function_map(clock=clock or Clock(), entropy=os.urandom, local_zone=local_zone, helm=helm)
    return _render("name-template", text, None, functions, go="1.22" if helm == 3 else "1.27")


def render_release(text: str, release: Release) -> str:
    """Return what the template of ``get all --template`` makes of a release.

    Raises:
        Invalid: The template is wrong.
    """
    return _render("_", text, {"Release": _release(release)}, {})


def _release(release: Release) -> GoStruct:
    info = release.info
    return _struct(
        "*v1.Release",
        {
            "Name": release.name,
            "Info": _struct(
                "*v1.Info",
                {
                    "FirstDeployed": _time(info.first_deployed),
                    "LastDeployed": _time(info.last_deployed),
                    "Deleted": _time(info.deleted),
                    "Description": info.description,
                    "Status": info.status,
                    "RollbackRevision": info.rollback_revision,
                    "Notes": info.notes,
                },
            ),
            "Chart": _chart(release.chart) if release.chart else None,
            "Config": dict(release.config),
            "Manifest": release.manifest,
            "Hooks": [_hook(hook) for hook in release.hooks],
            "Version": release.revision,
            "Namespace": release.namespace,
            "Labels": StringMap(release.labels),
            "ApplyMethod": release.apply_method,
        },
    )


def _chart(chart: Chart) -> GoStruct:
    about = chart.metadata
    metadata = _struct(
        "*v2.Metadata",
        {
            "Name": about.name,
            "Home": about.home,
            "Sources": StringList(about.sources),
            "Version": about.version,
            "Description": about.description,
            "Keywords": StringList(about.keywords),
            "Icon": about.icon,
            "APIVersion": about.api_version,
            "Condition": about.condition,
            "Tags": about.tags,
            "AppVersion": about.app_version,
            "Deprecated": about.deprecated,
            "Annotations": StringMap(about.annotations or {}),
            "KubeVersion": about.kube_version,
            "Type": about.type,
        },
    )
    return _struct(
        "*v2.Chart",
        {
            "Metadata": metadata,
            "Templates": [_file(file) for file in chart.templates],
            "Values": dict(chart.values),
            "Schema": chart.schema or b"",
            "Files": [_file(file) for file in chart.files],
            "Name": about.name,
        },
    )


def _file(file: ChartFile) -> GoStruct:
    return _struct("*common.File", {"Name": file.name, "Data": file.data})


def _hook(hook: Hook) -> GoStruct:
    run = hook.last_run
    return _struct(
        "*v1.Hook",
        {
            "Name": hook.name,
            "Kind": hook.kind,
            "Path": hook.path,
            "Manifest": hook.manifest,
            "Events": list(hook.events),
            "LastRun": _struct(
                "v1.HookExecution",
                {"StartedAt": _time(run.started), "CompletedAt": _time(run.completed), "Phase": run.phase},
            ),
            "Weight": hook.weight,
            "DeletePolicies": list(hook.delete_policies),
        },
    )


def _time(stored: str) -> GoValue:
    from pilothouse.golang.times import Time

    return Time.parse("2006-01-02T15:04:05.999999999Z07:00", stored or "0001-01-01T00:00:00Z")
