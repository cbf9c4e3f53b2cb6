"""Kubeconfig files: found, read and merged as ``clientcmd.ClientConfigLoadingRules`` does it."""

from __future__ import annotations

import base64
import binascii
import json
import os

from pilothouse.errors import read_fault
from pilothouse.kube.errors import ConfigInvalid
from pilothouse.kube.kubeconfig_types import check_types
from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue

    Entries = dict[str, dict[str, YamlValue]]

_SCHEME = '"pkg/runtime/scheme.go:111"'
_CLUSTER_FILES = ("certificate-authority",)
_USER_FILES = ("client-certificate", "client-key", "tokenFile")


class KubeConfig(Record):
    """What the kubeconfig files say together.

    Attributes:
        clusters: Servers by name.
        users: Credentials by name.
        contexts: Pairs of both, by name.
        current_context: The context to use when none is named.
    """

    clusters: Entries = field(default_factory=dict)
    users: Entries = field(default_factory=dict)
    contexts: Entries = field(default_factory=dict)
    current_context: str = ""


def load(environment: Environment, explicit: str = "") -> KubeConfig:
    """Return the merged kubeconfig: ``explicit`` alone, else the files of ``KUBECONFIG``, else ``~/.kube/config``.

    The first file that sets a value or names an entry wins. Files that do not exist are passed over, but for an
    explicit one.

    Raises:
        ConfigInvalid: A file cannot be read or understood.
    """
    if explicit and not os.path.exists(explicit):
        raise ConfigInvalid(f"stat {explicit}: no such file or directory")
    merged = KubeConfig()
    faults: list[str] = []
    for path in files_of(environment, explicit):
        try:
            merged = _merge(merged, load_file(path))
        except FileNotFoundError:
            continue
        except (ConfigInvalid, OSError) as error:
            text = str(error) if isinstance(error, ConfigInvalid) else read_fault(error, path)
            faults.append(f'error loading config file "{path}": {text}')
    if faults:
        raise ConfigInvalid(faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]")
    return merged


def files_of(environment: Environment, explicit: str = "") -> list[str]:
    """Return the files that are read, in the order of their weight."""
    listed = environment.get("KUBECONFIG")
    paths = listed.split(os.pathsep) if listed else [os.path.join(environment.home, ".kube", "config")]
    return list(dict.fromkeys(path for path in ([explicit] if explicit else paths) if path))


def load_file(path: str) -> KubeConfig:
    """Return what one file says, the paths in it made absolute.

    Raises:
        ConfigInvalid: It is no kubeconfig.
        OSError: It cannot be read.
    """
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
    document = _parse(text)
    folder = os.path.dirname(os.path.abspath(path))
    clusters = _named(document, "clusters", "cluster")
    users = _named(document, "users", "user")
    for cluster in clusters.values():
        _make_absolute(cluster, _CLUSTER_FILES, folder)
    for user in users.values():
        _make_absolute(user, _USER_FILES, folder)
        plugin = user.get("exec")
        if plugin:
            command = str(plugin.get("command") or "")
            if os.sep in command and not os.path.isabs(command):
                plugin["command"] = os.path.join(folder, command)
    return KubeConfig(
        clusters=clusters,
        users=users,
        contexts=_named(document, "contexts", "context"),
        current_context=str(document.get("current-context") or ""),
    )


def _parse(text: str) -> Mapping[str, YamlValue]:
    if not text.strip():
        return {}
    document = _decode(text)
    if document is None:
        return {}
    if not isinstance(document, dict):
        from pilothouse.formats.plain_values import json_kind

        raise ConfigInvalid(
            "couldn't get version/kind; json parse error: "
            f"json: cannot unmarshal {json_kind(document)} into Go value of "
            r'type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }',
        )
    kind, version = document.get("kind") or "Config", document.get("apiVersion") or "v1"
    if kind != "Config" or version != "v1":
        raise ConfigInvalid(f'no kind "{kind}" is registered for version "{version}" in scheme {_SCHEME}')
    check_types(document)
    return document


def _decode(text: str) -> YamlValue:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass  # a flow mapping of YAML
    from pilothouse.formats.errors import YamlError
    from pilothouse.formats.yaml_text import decode

    try:
        return decode(text)
    except YamlError as error:
        raise ConfigInvalid(error.message.removeprefix("error converting YAML to JSON: ")) from error


def _named(document: Mapping[str, YamlValue], plural: str, singular: str) -> Entries:
    """Return the entries of a list of ``name`` and content as a mapping."""
    entries: Entries = {}
    for item in document.get(plural) or ():
        named = item or {}
        name = str(named.get("name") or "")
        if name in entries:
            go_type = {"clusters": "Cluster", "users": "AuthInfo", "contexts": "Context"}[plural]
            raise ConfigInvalid(
                f"error converting *[]Named{go_type} into *map[string]*api.{go_type}: "
                f'duplicate name "{name}" in list: {plural}',
            )
        entries[name] = dict(named.get(singular) or {})
    return entries


def _make_absolute(entry: dict[str, YamlValue], keys: tuple[str, ...], folder: str) -> None:
    for key in keys:
        path = entry.get(key)
        if path and not os.path.isabs(path):
            entry[key] = os.path.join(folder, path)


def _merge(first: KubeConfig, second: KubeConfig) -> KubeConfig:
    return KubeConfig(
        clusters={**second.clusters, **first.clusters},
        users={**second.users, **first.users},
        contexts={**second.contexts, **first.contexts},
        current_context=first.current_context or second.current_context,
    )


def content_of(entry: Mapping[str, YamlValue], data_key: str, file_key: str) -> bytes | None:
    """Return what is given inline (base64) or by path, none when neither is.

    Raises:
        ConfigInvalid: The data is no base64, or the file cannot be read.
    """
    data = entry.get(data_key)
    if data:
        try:
            return base64.b64decode(str(data), validate=False)
        except (binascii.Error, ValueError) as error:
            raise ConfigInvalid(f"the value of {data_key} is no base64: {error}") from error
    path = entry.get(file_key)
    if not path:
        return None
    try:
        with open(str(path), "rb") as file:
            return file.read()
    except OSError as error:
        raise ConfigInvalid(read_fault(error, str(path))) from error
