"""What an object is called: group, version, kind, namespace, name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

    from pilothouse.golang.kinds import YamlValue

    class ObjectKey(NamedTuple):
        """What tells one object from another; the version does not count."""

        group: str
        kind: str
        namespace: str
        name: str

else:
    # Written out, since ``collections.namedtuple`` would cost every process two milliseconds.

    def _item(place: int) -> property:
        return property(lambda self: self[place])

    class ObjectKey(tuple):
        """What tells one object from another; the version does not count."""

        __slots__ = ()
        group, kind, namespace, name = _item(0), _item(1), _item(2), _item(3)

        def __new__(cls, group: str, kind: str, namespace: str, name: str) -> ObjectKey:
            """Return the four."""
            return tuple.__new__(cls, (group, kind, namespace, name))


def split_api_version(api_version: str) -> tuple[str, str]:
    """Return group and version of ``apps/v1`` or ``v1``. Go's ``schema.ParseGroupVersion`` without its error."""
    group, slash, version = api_version.partition("/")
    return (group, version) if slash else ("", api_version)


def join_api_version(group: str, version: str) -> str:
    """Return ``apps/v1`` or ``v1``. Go's ``schema.GroupVersion.String``."""
    return f"{group}/{version}" if group else version


def _text(value: YamlValue) -> str:
    return value if isinstance(value, str) else ""


def metadata_of(target: Mapping[str, YamlValue]) -> Mapping[str, YamlValue]:
    """Return the metadata of an object, an empty mapping when it has none."""
    found = target.get("metadata")
    return found if isinstance(found, dict) else {}


def api_version_of(target: Mapping[str, YamlValue]) -> str:
    """Return the ``apiVersion`` of an object."""
    return _text(target.get("apiVersion"))


def kind_of(target: Mapping[str, YamlValue]) -> str:
    """Return the ``kind`` of an object."""
    return _text(target.get("kind"))


def group_of(target: Mapping[str, YamlValue]) -> str:
    """Return the API group of an object; the core group is empty."""
    return split_api_version(api_version_of(target))[0]


def version_of(target: Mapping[str, YamlValue]) -> str:
    """Return the API version of an object without its group."""
    return split_api_version(api_version_of(target))[1]


def name_of(target: Mapping[str, YamlValue]) -> str:
    """Return the name of an object."""
    return _text(metadata_of(target).get("name"))


def namespace_of(target: Mapping[str, YamlValue]) -> str:
    """Return the namespace of an object, empty when it has none."""
    return _text(metadata_of(target).get("namespace"))


def uid_of(target: Mapping[str, YamlValue]) -> str:
    """Return the unique id that the server gave an object."""
    return _text(metadata_of(target).get("uid"))


def labels_of(target: Mapping[str, YamlValue]) -> Mapping[str, str]:
    """Return the labels of an object."""
    found = metadata_of(target).get("labels")
    return found if isinstance(found, dict) else {}


def annotations_of(target: Mapping[str, YamlValue]) -> Mapping[str, str]:
    """Return the annotations of an object."""
    found = metadata_of(target).get("annotations")
    return found if isinstance(found, dict) else {}
