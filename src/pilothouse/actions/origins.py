"""What the cluster refuses, explained by the templates that made it."""

from __future__ import annotations

import re

from pilothouse.apply.errors import HookFailed, NotReady
from pilothouse.errors import PilothouseError
from pilothouse.kube.errors import ApiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.actions.context import Context
    from pilothouse.releases.release import Release

# How API servers name fields in their texts: strict decoding, and structured merge of server-side apply.
_UNKNOWN = re.compile(r'unknown field "([^"]+)"')
_UNDECLARED = re.compile(r"(?:^|: |\n)\.([^\s:]+): field not declared in schema")
_MISTYPED = re.compile(r"(?:^|: |\n)\.([^\s:]+): expected ")
_DECODED = re.compile(r"Go struct field \w+\.(\S+) of type")
_CREATED = re.compile(r'([A-Za-z]+)[.\w]* "([^"]+)" is invalid')
_OBJECT = re.compile(r"\((?:[^;()]*/)?([^;/()]+); [^,()]*, Kind=([A-Za-z]+)\)")
_MOST_OBJECTS = 3
_CANNOT = re.compile(r"cannot be handled as a ([A-Za-z]+):")


def origin_hints(context: Context, release: Release, error: PilothouseError | None) -> tuple[str, ...]:
    """Return hints that name the lines of templates behind a failure; none where it names nothing of the chart's.

    They are about the fields that the API server has refused, or about the objects that did not become ready.
    """
    while error is not None and not isinstance(error, (ApiError, NotReady, HookFailed)):
        error = error.__cause__ if isinstance(error.__cause__, PilothouseError) else None
    if error is None or release.chart is None:
        return ()
    if not isinstance(error, ApiError):
        return _of_objects(context, release, error.objects[:_MOST_OBJECTS])
    fields = _fields(error)
    kind, name = _object(error)
    if not fields or not (kind or name):
        return ()
    from pilothouse.actions.rendering import origins_of

    try:
        return origins_of(context, release).of_object(release.manifest, kind, name, fields)
    except PilothouseError:
        # What only explains a failure must not become one.
        return ()


def _of_objects(context: Context, release: Release, objects: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    if not objects:
        return ()
    from pilothouse.actions.rendering import origins_of

    hooks = [(hook.path, hook.manifest) for hook in release.hooks]
    try:
        origins = origins_of(context, release)
        found = [origins.of_whole(release.manifest, hooks, kind, name) for kind, name in objects]
    except PilothouseError:
        # What only explains a failure must not become one.
        return ()
    return tuple(hint for hint in found if hint)


def _fields(error: ApiError) -> list[str]:
    fields = [str(cause["field"]).lstrip(".") for cause in error.causes if cause.get("field")]
    for pattern in (_UNKNOWN, _UNDECLARED, _MISTYPED, _DECODED):
        fields += pattern.findall(error.message)
    return list(dict.fromkeys(field for field in fields if field and field != "<nil>"))


def _object(error: ApiError) -> tuple[str, str]:
    """Return kind and name of the object that an API error is about."""
    details = error.status.get("details") or {}
    if details.get("name"):
        return str(details.get("kind") or ""), str(details["name"])
    named = _CREATED.search(error.message)
    if named is not None:
        return named[1], named[2]
    typed = _OBJECT.search(error.message)
    if typed is not None:
        return typed[2], typed[1]
    handled = _CANNOT.search(error.message)
    return (handled[1], "") if handled is not None else ("", "")
