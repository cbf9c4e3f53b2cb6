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


def _parent(document: YamlValue, path: str, verb: str) -> tuple[YamlValue, str]:
    """Return the container that ``path`` ends in, and the last step."""
    steps = _steps(path)
    container = document if steps else _MISSING
    for step in steps[:-1]:
        try:
            container = _member(container, step)
        except PatchError:
            container = _MISSING
        if not isinstance(container, (dict, list)):
            break
    if not isinstance(container, (dict, list)):
        raise PatchError(f"{verb} operation does not apply: doc is missing path: {_quoted(path)}: missing value")
    return container, steps[-1]


def _add(document: YamlValue, path: str, value: YamlValue) -> YamlValue:
    if not path:
        return value
    container, step = _parent(document, path, "add")
    if isinstance(container, dict):
        container[step] = value
    else:
        try:
            container.insert(_position(container, step, adding=True), value)
        except PatchError as error:
            raise PatchError(f"error in add for path: '{path}': {error.message}") from error
    return document


def _remove(document: YamlValue, path: str, verb: str = "remove") -> YamlValue:
    container, step = _parent(document, path, verb)
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
    container, step = _parent(document, path, "replace")
    try:
        present = _member(container, step)
    except PatchError:
        present = _MISSING
    if present is _MISSING:
        raise PatchError(f"replace operation does not apply: doc is missing key: {path}: missing value")
    container[step if isinstance(container, dict) else _position(container, step)] = value
    return document


def _get(document: YamlValue, path: str, verb: str) -> YamlValue:
    if not path:
        return document
    container, step = _parent(document, path, verb)
    value = _member(container, step)
    if value is _MISSING:
        raise PatchError(f"error in {verb} for path: '{path}': unable to get nonexistent key: {step}: missing value")
    return value


def _test(document: YamlValue, path: str, value: YamlValue) -> None:
    actual = document
    if path:
        container, step = _parent(document, path, "test")
        try:
            actual = _member(container, step)
        except PatchError as error:
            raise PatchError(f"error in test for path: '{path}': {error.message}") from error
    if not same(None if actual is _MISSING else actual, value):
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
    if not isinstance(verb, str):
        raise PatchError("Unexpected kind: unknown")
    if not isinstance(path, str):
        raise PatchError(f"{verb} operation failed to decode path: missing value")
    if verb in {"add", "replace"} and "value" not in operation:
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
