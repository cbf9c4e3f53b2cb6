"""The types of a kubeconfig's fields, as ``clientcmd/api/v1`` declares them and ``encoding/json`` insists on them."""

from __future__ import annotations

from pilothouse.kube.errors import ConfigInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    from pilothouse.golang.kinds import YamlValue

    #: The name of a Go type, a struct, or a list that holds the struct of its items.
    Type: TypeAlias = "str | Struct | list[Struct]"

_LIST, _MAP, _BYTES = "[]", "map[string]", "[]uint8"
#: Bytes are written as base64, or as a list of numbers.
_SCALARS: dict[str, type | tuple[type, ...]] = {"string": str, "bool": bool, _BYTES: (str, list)}


class Struct:
    """A Go struct: its name, and the type of each field by its name in JSON."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: Mapping[str, Type]) -> None:
        self.name = name
        self.fields = fields


def _texts(*names: str) -> dict[str, Type]:
    return dict.fromkeys(names, "string")


_EXTENSIONS: dict[str, Type] = {"extensions": [Struct("NamedExtension", _texts("name"))]}
_PREFERENCES = Struct("Preferences", {"colors": "bool", **_EXTENSIONS})
_CLUSTER = Struct(
    "Cluster",
    {
        **_texts("server", "tls-server-name", "certificate-authority", "proxy-url"),
        "certificate-authority-data": _BYTES,
        "insecure-skip-tls-verify": "bool",
        "disable-compression": "bool",
        **_EXTENSIONS,
    },
)
_PROVIDER = Struct("AuthProviderConfig", {"name": "string", "config": "map[string]string"})
_PLUGIN = Struct(
    "ExecConfig",
    {
        **_texts("command", "apiVersion", "installHint", "interactiveMode"),
        "args": "[]string",
        "env": [Struct("ExecEnvVar", _texts("name", "value"))],
        "provideClusterInfo": "bool",
    },
)
_USER = Struct(
    "AuthInfo",
    {
        **_texts("client-certificate", "client-key", "token", "tokenFile", "as", "as-uid", "username", "password"),
        "client-certificate-data": _BYTES,
        "client-key-data": _BYTES,
        "as-groups": "[]string",
        "as-user-extra": "map[string][]string",
        "auth-provider": _PROVIDER,
        "exec": _PLUGIN,
        **_EXTENSIONS,
    },
)
_CONTEXT = Struct("Context", {**_texts("cluster", "user", "namespace"), **_EXTENSIONS})
CONFIG = Struct(
    "Config",
    {
        "preferences": _PREFERENCES,
        "clusters": [Struct("NamedCluster", {"name": "string", "cluster": _CLUSTER})],
        "users": [Struct("NamedAuthInfo", {"name": "string", "user": _USER})],
        "contexts": [Struct("NamedContext", {"name": "string", "context": _CONTEXT})],
        "current-context": "string",
        **_EXTENSIONS,
    },
)


def check_types(value: YamlValue, kind: Type = CONFIG, place: str = "", path: str = "") -> None:
    """Check that a kubeconfig holds values of the right types; null goes for each of them.

    Args:
        value: The kubeconfig, or a part of it.
        kind: What the part must be.
        place: The field in Go's words: the struct that has it, and the path to it.
        path: The names on the way to it, each with a dot behind.

    Raises:
        ConfigInvalid: One is not, the first in the order of their names.
    """
    if value is None:
        return
    python, shown = _expected(kind)
    fits = isinstance(value, python)
    if not fits:
        from pilothouse.formats.plain_values import json_kind

        raise ConfigInvalid(f"json: cannot unmarshal {json_kind(value)} into Go struct field {place} of type {shown}")
    if kind == _BYTES and isinstance(value, str):
        _check_base64(value)
    if isinstance(kind, Struct):
        for name in sorted(value.keys() & kind.fields.keys()):
            check_types(value[name], kind.fields[name], f"{kind.name}.{path}{name}", f"{path}{name}.")
        return
    for item, inner in _items(value, kind):
        check_types(item, inner, place, path)


def _check_base64(text: str) -> None:
    import binascii

    try:
        binascii.a2b_base64(text.encode(), strict_mode=True)
    except (ValueError, UnicodeError):
        from pilothouse.sprig.encoding import CorruptInput, decode_base64

        try:
            decode_base64(text)
        except CorruptInput as error:
            raise ConfigInvalid(str(error)) from error


def _expected(kind: Type) -> tuple[type | tuple[type, ...], str]:
    """Return the Python type of a value, and what Go calls the type."""
    if isinstance(kind, Struct):
        return dict, f"v1.{kind.name}"
    if isinstance(kind, list):
        return list, f"[]v1.{kind[0].name}"
    return _SCALARS.get(kind) or (list if kind.startswith(_LIST) else dict), kind


def _items(value: YamlValue, kind: str | list[Struct]) -> Iterator[tuple[YamlValue, Type]]:
    """Yield what a list or a map holds, with the type of each."""
    if isinstance(kind, list):
        yield from ((item, kind[0]) for item in value)
    elif kind not in _SCALARS:
        if kind.startswith(_LIST):
            yield from ((item, kind.removeprefix(_LIST)) for item in value)
        else:
            yield from ((item, kind.removeprefix(_MAP)) for _, item in sorted(value.items()))
