"""What is wrong with the cluster and the user that were chosen from a kubeconfig, as client-go tells it."""

from __future__ import annotations

from pilothouse.errors import reason_of
from pilothouse.kube.errors import ConfigInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.kube.kubeconfig import KubeConfig

    Entry = Mapping[str, YamlValue]


def check_usable(files: KubeConfig, context: Entry, cluster: Entry, user: Entry) -> None:
    """Refuse what ``DirectClientConfig.ConfirmUsable`` finds wrong.

    Args:
        files: The kubeconfigs as one.
        context: The context that was chosen.
        cluster: Its cluster, with what flags say instead.
        user: Its user, likewise.

    Raises:
        ConfigInvalid: There are faults; all of them are named.
    """
    faults: list[str] = []
    current = files.current_context
    if current and current not in files.contexts:
        faults.append(f"context was not found for specified context: {current}")
    faults += _user_faults(_text(context, "user"), user)
    faults += _cluster_faults(_text(context, "cluster"), cluster)
    if faults:
        shown = faults[0] if len(faults) == 1 else f"[{', '.join(dict.fromkeys(faults))}]"
        raise ConfigInvalid(f"invalid configuration: {shown}")


def _cluster_faults(name: str, cluster: Entry) -> list[str]:
    faults: list[str] = []
    proxy = _text(cluster, "proxy-url")
    if proxy and proxy.partition("://")[0] not in ("http", "https", "socks5"):
        scheme = proxy.partition("://")[0] if "://" in proxy else ""
        faults.append(
            f'invalid \'proxy-url\' "{proxy}" for cluster "{name}": unsupported scheme "{scheme}", '
            "must be http, https, or socks5",
        )
    path = _text(cluster, "certificate-authority")
    if path and cluster.get("certificate-authority-data"):
        faults.append(
            f"certificate-authority-data and certificate-authority are both specified for {name}. "
            "certificate-authority-data will override.",
        )
    faults += _unreadable("certificate-authority", path, name)
    return faults


def _user_faults(name: str, user: Entry) -> list[str]:
    faults: list[str] = []
    methods = ["token"] if user.get("token") else []
    if user.get("username") or user.get("password"):
        methods.append("basicAuth")
    if user.get("client-certificate") or user.get("client-certificate-data"):
        faults += _certificate_faults(name, user)
    if user.get("exec"):
        faults += _plugin_faults(name, user)
    if len(methods) > 1:
        faults.append(
            f"more than one authentication method found for {name}; found [{' '.join(methods)}], only one is allowed",
        )
    if (user.get("as-uid") or user.get("as-groups") or user.get("as-user-extra")) and not user.get("as"):
        faults.append(f"requesting uid, groups or user-extra for {name} without impersonating a user")
    return faults


def _certificate_faults(name: str, user: Entry) -> list[str]:
    faults: list[str] = []
    certificate, key = _text(user, "client-certificate"), _text(user, "client-key")
    if certificate and user.get("client-certificate-data"):
        faults.append(
            f"client-cert-data and client-cert are both specified for {name}. client-cert-data will override.",
        )
    if key and user.get("client-key-data"):
        faults.append(f"client-key-data and client-key are both specified for {name}; client-key-data will override")
    if not key and not user.get("client-key-data"):
        faults.append(
            f"client-key-data or client-key must be specified for {name} to use the clientCert authentication method.",
        )
    return faults + _unreadable("client-cert", certificate, name) + _unreadable("client-key", key, name)


def _plugin_faults(name: str, user: Entry) -> list[str]:
    plugin: Entry = user["exec"]
    faults: list[str] = []
    if user.get("auth-provider"):
        faults.append(f"authProvider cannot be provided in combination with an exec plugin for {name}")
    missing = [key for key in ("command", "apiVersion") if not plugin.get(key)]
    faults += [f"{key} must be specified for {name} to use exec authentication plugin" for key in missing]
    if any(not (variable or {}).get("name") for variable in plugin.get("env") or ()):
        faults.append(f"env variable name must be specified for {name} to use exec authentication plugin")
    mode = _text(plugin, "interactiveMode")
    # Only v1beta1 and the older ones have a default.
    if not mode and "beta" not in (version := _text(plugin, "apiVersion")) and "alpha" not in version:
        faults.append(f"interactiveMode must be specified for {name} to use exec authentication plugin")
    if mode not in ("", "Never", "IfAvailable", "Always"):
        faults.append(f'invalid interactiveMode for {name}: "{mode}"')
    return faults


def _unreadable(what: str, path: str, name: str) -> list[str]:
    if not path:
        return []
    try:
        with open(path, "rb"):
            return []
    except OSError as error:
        return [f"unable to read {what} {path} for {name} due to open {path}: {reason_of(error)}"]


def _text(entry: Entry, key: str) -> str:
    return str(entry.get(key) or "")
