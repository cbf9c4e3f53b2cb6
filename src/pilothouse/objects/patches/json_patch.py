"""JSON patches (RFC 6902), with the messages of the library that the API server uses (evanphx/json-patch)."""

from __future__ import annotations

from pilothouse.objects.copying import deep_copy
from pilothouse.objects.errors import PatchError, PatchTestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.golang.kinds import YamlValue

_MISSING = object()


def _steps(path: str) -> list[str]:
    """Return the reference tokens of a JSON pointer (RFC 6901)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def _position(items: list[YamlValue], step: str, *, adding: bool = False) -> int:
    """Return the place in ``items`` that ``step`` names."""
    if adding and step == "-":
        return len(items)
    try:
        place = int(step)
    except ValueError:
        raise PatchError(f"strconv.Atoi: parsing {_quoted(step)}: invalid syntax") from None
    limit = len(items) + 1 if adding else len(items)
    if place >= limit or place < -limit:
        raise PatchError(f"Unable to access invalid index: {place}: invalid index referenced")
    return place + limit if place < 0 else place


def _quoted(text: str) -> str:
    return f'"{text}"'


def _member(container: YamlValue, step: str) -> YamlValue:
    """Return the value at ``step``, or a marker when there is none."""
    if isinstance(container, dict):
        return container.get(step, _MISSING)
    if isinstance(container, list):
        return container[_position(container, step)]
    return _MISSING


def _parent(document: YamlValue, path: str) -> tuple[YamlValue, str] | None:
    """Return the container that ``path`` ends in, and the last step."""
    steps = _steps(path)
    if not steps:
        return None
    container = document
    for step in steps[:-1]:
        try:
            container = _member(container, step)
        except PatchError:
            return None
        if not isinstance(container, (dict, list)):
            return None
    return (container, steps[-1]) if isinstance(container, (dict, list)) else None


def _missing_path(verb: str, path: str) -> PatchError:
    return PatchError(f"{verb} operation does not apply: doc is missing path: {_quoted(path)}: missing value")


def _add(document: YamlValue, path: str, value: YamlValue) -> YamlValue:
    if not path:
        return value
    found = _parent(document, path)
    if found is None:
        raise _missing_path("add", path)
    container, step = found
    if isinstance(container, dict):
        container[step] = value
    else:
        try:
            container.insert(_position(container, step, adding=True), value)
        except PatchError as error:
            raise PatchError(f"error in add for path: '{path}': {error.message}") from error
    return document


def _remove(document: YamlValue, path: str, verb: str = "remove") -> YamlValue:
    found = _parent(document, path)
    if found is None:
        raise _missing_path(verb, path)
    container, step = found
    if isinstance(container, dict):
        if step not in container:
            raise PatchError(
                f"error in {verb} for path: '{path}': Unable to remove nonexistent key: {step}: missing value"
            )
        return container.pop(step)
    try:
        return container.pop(_position(container, step))
    except PatchError as error:
        raise PatchError(f"error in {verb} for path: '{path}': {error.message}") from error


def _replace(document: YamlValue, path: str, value: YamlValue) -> YamlValue:
    if not path:
        return value
    found = _parent(document, path)
    if found is None:
        raise _missing_path("replace", path)
    container, step = found
    if isinstance(container, dict):
        if step not in container:
            raise PatchError(f"replace operation does not apply: doc is missing key: {path}: missing value")
        container[step] = value
    else:
        try:
            container[_position(container, step)] = value
        except PatchError:
            raise PatchError(f"replace operation does not apply: doc is missing key: {path}: missing value") from None
    return document


def _get(document: YamlValue, path: str, verb: str) -> YamlValue:
    if not path:
        return document
    found = _parent(document, path)
    if found is None:
        raise _missing_path(verb, path)
    value = _member(*found)
    if value is _MISSING:
        raise PatchError(
            f"error in {verb} for path: '{path}': unable to get nonexistent key: {found[1]}: missing value"
        )
    return value


def _test(document: YamlValue, path: str, value: YamlValue) -> None:
    found = _parent(document, path)
    if path and found is None:
        raise _missing_path("test", path)
    try:
        actual = document if found is None else _member(*found)
    except PatchError as error:
        raise PatchError(f"error in test for path: '{path}': {error.message}") from error
    actual = None if actual is _MISSING else actual
    if not same(actual, value):
        raise PatchTestError(f"testing value {path} failed: test failed")


def same(left: YamlValue, right: YamlValue) -> bool:
    """Say whether two JSON values are equal; true and 1 are not."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def _apply_one(document: YamlValue, operation: dict[str, YamlValue]) -> YamlValue:
    verb, path = operation.get("op"), operation.get("path")
    if not isinstance(path, str):
        raise PatchError(f"{verb} operation failed to decode path: missing value")
    if verb in {"add", "replace", "test"} and "value" not in operation and verb != "test":
        raise PatchError(f"{verb} operation: unable to decode value: missing value")
    if verb == "add":
        return _add(document, path, deep_copy(operation["value"]))
    if verb == "remove":
        _remove(document, path)
    elif verb == "replace":
        return _replace(document, path, deep_copy(operation["value"]))
    elif verb == "test":
        _test(document, path, operation.get("value"))
    elif verb in {"move", "copy"}:
        source = operation.get("from")
        if not isinstance(source, str):
            raise PatchError(f"{verb} operation failed to decode from: missing value")
        value = _remove(document, source, "move") if verb == "move" else deep_copy(_get(document, source, "copy"))
        return _add(document, path, value)
    else:
        raise PatchError(f"Unexpected kind: {verb}")
    return document


def apply(document: YamlValue, patch: Sequence[YamlValue]) -> YamlValue:
    """Return ``document`` with the operations of ``patch`` done, one after another.

    Raises:
        PatchError: An operation cannot be done.
        PatchTestError: A ``test`` does not hold.
    """
    if not isinstance(patch, list) or not all(isinstance(each, dict) for each in patch):
        raise PatchError("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    result = deep_copy(document)
    for operation in patch:
        result = _apply_one(result, operation)
    return result
