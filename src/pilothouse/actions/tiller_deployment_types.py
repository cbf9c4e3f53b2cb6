"""Reading a map back into the type of a Deployment, as Helm 2.17 does after ``helm init --override``.

The rules are those of ``ghodss/yaml`` over Go's ``encoding/json``: names of fields match in any case, unknown ones
vanish, numbers and switches become texts where the type wants texts, other wrong types are errors, and what is empty is
left out unless the type always writes it.
"""

from __future__ import annotations

from pilothouse.actions.tiller_deployment_fields import FIELDS
from pilothouse.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue

#: Fields that hold a struct and no pointer, so that they are written even if nothing is in them.
_STRUCTS = {
    "Container": ("resources",),
    "Deployment": ("metadata", "spec", "status"),
    "DeploymentSpec": ("strategy",),
    "EphemeralContainer": ("resources",),
    "PodTemplateSpec": ("metadata", "spec"),
}
#: Fields that hold pointers, so that a zero, a ``false`` or an empty text in them is written.
_POINTERS = frozenset(
    (
        *("replicas", "revisionHistoryLimit", "progressDeadlineSeconds", "terminationGracePeriodSeconds"),
        *("activeDeadlineSeconds", "priority", "runAsUser", "runAsGroup", "fsGroup", "tolerationSeconds"),
        *("defaultMode", "mode", "lun", "expirationSeconds", "deletionGracePeriodSeconds", "collisionCount"),
        *("automountServiceAccountToken", "shareProcessNamespace", "enableServiceLinks", "optional", "privileged"),
        *("runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "controller", "blockOwnerDeletion"),
        *("preemptionPolicy", "runtimeClassName", "procMount", "storagePolicyName", "gmsaCredentialSpec"),
    )
)
#: Whole numbers that are 64 bits wide.
_WIDE = frozenset(
    (
        *("terminationGracePeriodSeconds", "activeDeadlineSeconds", "runAsUser", "runAsGroup", "fsGroup"),
        *("tolerationSeconds", "generation", "observedGeneration", "expirationSeconds", "deletionGracePeriodSeconds"),
    )
)
_ZEROS: dict[str, YamlValue] = {"text": "", "number": 0, "switch": False, "any": None}


def as_deployment(value: YamlValue) -> YamlValue:
    """Return a Deployment as it is after it was read into its type and written again.

    Raises:
        Invalid: A value has a type that its field cannot take; the text is Go's.
    """
    return _struct(value, "Deployment", ())


def _struct(value: dict[str, YamlValue], kind: str, path: tuple[str, ...]) -> dict[str, YamlValue]:
    fields = FIELDS[kind]
    folded = {name.lower(): name for name in fields}
    given: dict[str, YamlValue] = {}
    for key in sorted(value):
        name = key if key in fields else folded.get(key.lower())
        if name is None or value[key] is None:
            continue
        both = isinstance(value[key], dict) and isinstance(given.get(name), dict)
        given[name] = {**given[name], **value[key]} if both else value[key]
    made = {}
    for name, shape in fields.items():
        always = shape.startswith("!") or name in _STRUCTS.get(kind, ())
        if name in given:
            read = _read(given[name], shape.removeprefix("!"), kind, (*path, name))
            if always or name in _POINTERS or not _is_empty(read, shape):
                made[name] = read
        elif always:
            made[name] = _zero(kind, name, shape.removeprefix("!"))
    if kind == "ObjectMeta":
        made.setdefault("creationTimestamp", None)
    return made


def _read(value: YamlValue, shape: str, kind: str, path: tuple[str, ...]) -> YamlValue:
    if shape.startswith("[]"):
        if not isinstance(value, list):
            raise _mismatch(value, shape, kind, path)
        return [None if one is None else _read(one, shape[2:], kind, path) for one in value]
    if shape.startswith("{}"):
        if not isinstance(value, dict):
            raise _mismatch(value, shape, kind, path)
        return {name: _read("" if one is None else one, shape[2:], kind, path) for name, one in value.items()}
    if shape in FIELDS:
        if not isinstance(value, dict):
            raise _mismatch(value, shape, kind, path)
        return _struct(value, shape, path)
    return _scalar(value, shape, kind, path)


def _scalar(value: YamlValue, shape: str, kind: str, path: tuple[str, ...]) -> YamlValue:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if shape == "text" and is_number:
        return _number_text(value)
    if shape == "text" and isinstance(value, bool):
        return "true" if value else "false"
    fits = {"text": isinstance(value, str), "number": is_number, "switch": isinstance(value, bool), "any": True}[shape]
    if not fits or (shape == "number" and value != int(value)):
        raise _mismatch(value, shape, kind, path)
    return int(value) if shape == "number" else value


def _number_text(value: float) -> str:
    from pilothouse.golang.printf import sprintf

    return str(value) if isinstance(value, int) else sprintf("%v", value)


def _zero(kind: str, name: str, shape: str) -> YamlValue:
    if shape in FIELDS and (kind, name) != ("DeploymentSpec", "selector"):
        return _struct({}, shape, ())
    return _ZEROS.get(shape)


def _is_empty(value: YamlValue, shape: str) -> bool:
    """Return whether a value is left out as empty: a struct that was given is not."""
    return value in ("", 0, False, None, []) or (value == {} and shape.startswith("{}"))


def _mismatch(value: YamlValue, shape: str, kind: str, path: tuple[str, ...]) -> Invalid:
    names = {bool: "bool", str: "string", dict: "object", list: "array"}
    found = names.get(type(value), "number")
    if found == "number" and shape == "number":
        found = f"number {_number_text(value)}"
    text = (
        f"json: cannot unmarshal {found} into Go struct field {kind}.{'.'.join(path)} of type {_go_type(shape, path)}"
    )
    return Invalid(f"Error unmarshalling Values to Deployment manifest: error unmarshaling JSON: {text}")


def _go_type(shape: str, path: tuple[str, ...]) -> str:
    if shape.startswith("[]"):
        return "[]" + _go_type(shape[2:], path)
    if shape.startswith("{}"):
        return "map[string]" + _go_type(shape[2:], path)
    wide = "int64" if path[-1] in _WIDE else "int32"
    return {"text": "string", "number": wide, "switch": "bool"}.get(shape, f"v1.{shape}")
