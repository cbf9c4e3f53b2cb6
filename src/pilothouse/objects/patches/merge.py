"""JSON merge patches (RFC 7386), made from two or three states. Go's ``jsonpatch`` and ``util/jsonmergepatch``."""

from __future__ import annotations

from pilothouse.objects.copying import deep_copy
from pilothouse.objects.errors import PreconditionFailed
from pilothouse.objects.patches.json_patch import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue

    Precondition = Callable[[Mapping[str, YamlValue]], bool]


def apply(document: YamlValue, patch: YamlValue) -> YamlValue:
    """Return ``document`` changed by ``patch``. Go's ``jsonpatch.MergePatch``."""
    if not isinstance(patch, dict):
        return deep_copy(patch)
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = apply(result.get(key), value)
    return result


def create(original: Mapping[str, YamlValue], modified: Mapping[str, YamlValue]) -> dict[str, YamlValue]:
    """Return the patch that turns ``original`` into ``modified``. Go's ``jsonpatch.CreateMergePatch``."""
    patch: dict[str, YamlValue] = {}
    for key, value in modified.items():
        if key not in original:
            patch[key] = deep_copy(value)
            continue
        old = original[key]
        if isinstance(old, dict) and isinstance(value, dict):
            inner = create(old, value)
            if inner:
                patch[key] = inner
        elif not same(old, value):
            patch[key] = deep_copy(value)
    patch.update((key, None) for key in original if key not in modified)
    return patch


def _keep(patch: YamlValue, *, nulls: bool) -> YamlValue:
    """Return only the deletions of a patch, or all but them. Go's ``keepOrDeleteNullInObj``."""
    kept: dict[str, YamlValue] = {}
    for key, value in patch.items():
        if value is None:
            if nulls:
                kept[key] = None
        elif isinstance(value, dict) and value:  # an empty map is a value, not an empty patch
            inner = _keep(value, nulls=nulls)
            if inner:
                kept[key] = inner
        elif not nulls:
            kept[key] = value
    return kept


def create_three_way(
    original: Mapping[str, YamlValue],
    modified: Mapping[str, YamlValue],
    current: Mapping[str, YamlValue],
    preconditions: Sequence[Precondition] = (),
) -> dict[str, YamlValue]:
    """Return the patch for ``current``: what ``modified`` has, without what it no longer has since ``original``.

    Go's ``jsonmergepatch.CreateThreeWayJSONMergePatch``.

    Raises:
        PreconditionFailed: The patch changes what a precondition protects.
    """
    changes = _keep(create(current, modified), nulls=False)
    deletions = _keep(create(original, modified), nulls=True)
    patch: dict[str, YamlValue] = _join(deletions, changes)
    check_preconditions(patch, preconditions)
    return patch


def _join(left: YamlValue, right: YamlValue) -> YamlValue:
    """Return ``left`` with the changes of the patch ``right``, whose deletions stay. Go's ``MergeMergePatches``."""
    result = dict(left)
    for key, value in right.items():
        old = result.get(key)
        result[key] = _join(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def check_preconditions(patch: Mapping[str, YamlValue], preconditions: Sequence[Precondition]) -> None:
    """Raise when a precondition does not hold. Go's ``mergepatch.ErrPreconditionFailed``."""
    for precondition in preconditions:
        if not precondition(patch):
            raise PreconditionFailed(f"precondition failed for: {_go_map(patch)}")


def _go_map(value: YamlValue) -> str:
    """Return a value as ``mergepatch.ToYAMLOrError`` shows it in the message of a failed precondition."""
    from pilothouse.formats.yaml_text import encode

    return str(encode(value))


def keeps_key(*path: str) -> Precondition:
    """Return a precondition: the patch must not touch the field at ``path``.

    Go's ``mergepatch.RequireKeyUnchanged`` and ``RequireMetadataKeyUnchanged``.
    """

    def holds(patch: Mapping[str, YamlValue]) -> bool:
        value: YamlValue = patch
        for step in path[:-1]:
            value = value.get(step) if isinstance(value, dict) else None
        return not isinstance(value, dict) or path[-1] not in value

    return holds
