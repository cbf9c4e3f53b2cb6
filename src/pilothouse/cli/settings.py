"""What flags and environment variables settle for every command (``cli.EnvSettings``)."""

from __future__ import annotations

import os

from pilothouse.commandline.options import BOOL, FLOAT32, INT, TEXT_ARRAY, Custom, Option
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pilothouse.environment import Environment

DEFAULT_MAX_HISTORY = 10
DEFAULT_BURST_LIMIT = 100


class Settings(Record):
    """How to reach the cluster and where Helm keeps its files.

    Attributes:
        namespace: Namespace asked for, empty to take the kubeconfig context's.
        kubeconfig: Path of the kubeconfig, empty for the usual ones.
        kube_as_groups: Groups to impersonate.
        burst_limit: Requests that may go out at once, -1 for no limit.
        qps: Requests per second, 0 for the default.
        sandbox: Whether the embedded cluster is meant.
        home: Helm 2's folder for everything.
        host: Address of Tiller, empty to find it in the cluster.
        tiller_namespace: Where Tiller runs.
        tiller_connection_timeout: Seconds in which Tiller must be reached.
    """

    namespace: str = ""
    kubeconfig: str = ""
    kube_context: str = ""
    kube_token: str = ""
    kube_as_user: str = ""
    kube_as_groups: tuple[str, ...] = ()
    kube_apiserver: str = ""
    kube_ca_file: str = ""
    kube_insecure_skip_tls_verify: bool = False
    kube_tls_server_name: str = ""
    burst_limit: int = DEFAULT_BURST_LIMIT
    qps: float = 0.0
    debug: bool = False
    registry_config: str = ""
    repository_config: str = ""
    repository_cache: str = ""
    content_cache: str = ""
    sandbox: bool = False
    home: str = ""
    host: str = ""
    tiller_namespace: str = "kube-system"
    tiller_connection_timeout: int = 300


def settle(values: dict[str, Any]) -> Settings:
    """Return the settings that the values of the global flags make."""
    return Settings(
        namespace=values["namespace"],
        kubeconfig=values["kubeconfig"],
        kube_context=values["kube-context"],
        kube_token=values["kube-token"],
        kube_as_user=values["kube-as-user"],
        kube_as_groups=tuple(values["kube-as-group"]),
        kube_apiserver=values["kube-apiserver"],
        kube_ca_file=values["kube-ca-file"],
        kube_insecure_skip_tls_verify=values["kube-insecure-skip-tls-verify"],
        kube_tls_server_name=values["kube-tls-server-name"],
        burst_limit=values["burst-limit"],
        qps=values["qps"],
        debug=values["debug"],
        registry_config=values["registry-config"],
        repository_config=values["repository-config"],
        repository_cache=values["repository-cache"],
        content_cache=values["content-cache"],
        sandbox=values["sandbox"],
    )


def settle_helm2(values: dict[str, Any], environment: Environment) -> Settings:
    """Return the settings that the values of Helm 2's global flags make."""
    home = expanded(values["home"], environment)
    return Settings(
        kubeconfig=values["kubeconfig"],
        kube_context=values["kube-context"],
        debug=values["debug"],
        repository_config=os.path.join(home, "repository", "repositories.yaml"),
        repository_cache=os.path.join(home, "repository", "cache"),
        content_cache=os.path.join(home, "cache", "archive"),
        sandbox=values["sandbox"],
        home=home,
        host=values["host"],
        tiller_namespace=values["tiller-namespace"],
        tiller_connection_timeout=values["tiller-connection-timeout"],
    )


def expanded(text: str, environment: Environment) -> str:
    """Return ``text`` with ``$NAME`` and ``${NAME}`` replaced by variables (``os.ExpandEnv``)."""
    if "$" not in text:
        return text
    import re

    names = re.compile(r"\$(?:\{(\w*)\}|(\w+))")
    return names.sub(lambda found: environment.get(found[1] or found[2] or ""), text)


def _parsed(environment: Environment, name: str, option_kind: Any, default: Any) -> Any:
    """Return a variable read as a flag's kind; a wrong one silently falls back, as in Helm."""
    from pilothouse.commandline.errors import ValueRefused

    text = environment.get(name)
    if not text:
        return default
    try:
        return option_kind.read(text, None)
    except ValueRefused:
        return default


def max_history(environment: Environment) -> int:
    """Return the default of ``--history-max`` (``HELM_MAX_HISTORY``)."""
    value: int = _parsed(environment, "HELM_MAX_HISTORY", INT, DEFAULT_MAX_HISTORY)
    return value


def plugins_directory(environment: Environment) -> str:
    """Return the folders of plugins (``HELM_PLUGINS``)."""
    return environment.get("HELM_PLUGINS", os.path.join(environment.data_home, "plugins"))


def default_keyring(environment: Environment) -> str:
    """Return the public key ring that is read unless ``--keyring`` names one."""
    folder = environment.get("GNUPGHOME") or os.path.join(environment.home, ".gnupg")
    ring, keybox = os.path.join(folder, "pubring.gpg"), os.path.join(folder, "pubring.kbx")
    if environment.compatibility != 3 and os.path.exists(keybox) and not os.path.exists(ring):
        return keybox
    return ring


def colour_default(environment: Environment) -> str:
    """Return the default of ``--color`` (``NO_COLOR``, ``HELM_COLOR``)."""
    if environment.get("NO_COLOR"):
        return "never"
    wanted = environment.get("HELM_COLOR").lower()
    return wanted if wanted in ("never", "auto", "always") else "auto"


def global_options(environment: Environment) -> list[Option]:
    """Return the flags that every command takes, with the defaults that the environment sets."""
    generation = environment.compatibility
    return [
        *_cluster_options(environment),
        *_folder_options(environment, generation),
        *_log_options(),
        *_helm2_options(),
        Option("debug", "enable verbose output", BOOL, default=_parsed(environment, "HELM_DEBUG", BOOL, False)),
        Option(
            "sandbox",
            "use the embedded cluster, which is started when it is not running",
            BOOL,
            default=_parsed(environment, "HELM_SANDBOX", BOOL, False),
        ),
        *(
            Option(
                name,
                "use colored output (never, auto, always)",
                default=colour_default(environment),
                hidden=generation == 3,
                complete=_complete_colour,
            )
            for name in ("color", "colour")
        ),
    ]


def _helm2_options() -> list[Option]:
    """Return flags about Tiller, which say nothing where there is none."""
    only = (2,)
    return [
        Option("home", "Helm 2's folder, which says whether this cluster has a Tiller", dialects=only),
        Option("tiller-namespace", "namespace of Tiller; nothing without one", dialects=only),
        Option("tiller-connection-timeout", "seconds to reach Tiller; nothing without one", INT, dialects=only),
        *(Option(name, "use TLS with Tiller; nothing without one", BOOL, dialects=only) for name in _TLS_SWITCHES),
        *(Option(name, "about TLS with Tiller; nothing without one", dialects=only) for name in _TLS_TEXTS),
    ]


_TLS_SWITCHES = ("tls", "tls-verify")
_TLS_TEXTS = ("tls-ca-cert", "tls-cert", "tls-hostname", "tls-key")


def _complete_colour(_invocation: object, typed: str) -> tuple[list[str], int]:
    return [mode for mode in ("never", "auto", "always") if mode.startswith(typed)], 4


def _no_contexts(_invocation: object, _typed: str) -> tuple[list[str], int]:
    return [], 4


def _cluster_options(environment: Environment) -> list[Option]:
    get = environment.get
    groups = tuple(group.strip(", ") for group in get("HELM_KUBEASGROUPS").split(",") if group.strip(", "))
    return [
        Option(
            "namespace",
            "namespace scope for this request",
            shorthand="n",
            default=get("HELM_NAMESPACE"),
        ),
        Option("kubeconfig", "path to the kubeconfig file"),
        Option(
            "kube-context",
            "name of the kubeconfig context to use",
            default=get("HELM_KUBECONTEXT"),
            complete=_no_contexts,
        ),
        Option("kube-token", "bearer token used for authentication", default=get("HELM_KUBETOKEN")),
        Option("kube-as-user", "username to impersonate for the operation", default=get("HELM_KUBEASUSER")),
        Option(
            "kube-as-group",
            "group to impersonate for the operation, this flag can be repeated to specify multiple groups.",
            TEXT_ARRAY,
            default=groups,
        ),
        Option(
            "kube-apiserver",
            "the address and the port for the Kubernetes API server",
            default=get("HELM_KUBEAPISERVER"),
        ),
        Option(
            "kube-ca-file",
            "the certificate authority file for the Kubernetes API server connection",
            default=get("HELM_KUBECAFILE"),
        ),
        Option(
            "kube-tls-server-name",
            "server name to use for Kubernetes API server certificate validation. If it is not provided, "
            "the hostname used to contact the server is used",
            default=get("HELM_KUBETLS_SERVER_NAME"),
        ),
        Option(
            "kube-insecure-skip-tls-verify",
            "if true, the Kubernetes API server's certificate will not be checked for validity. "
            "This will make your HTTPS connections insecure",
            BOOL,
            default=_parsed(environment, "HELM_KUBEINSECURE_SKIP_TLS_VERIFY", BOOL, False),
        ),
        Option(
            "burst-limit",
            "client-side default throttling limit",
            INT,
            default=_parsed(environment, "HELM_BURST_LIMIT", INT, DEFAULT_BURST_LIMIT),
        ),
        Option(
            "qps",
            "queries per second used when communicating with the Kubernetes API, not including bursting",
            FLOAT32,
            default=_parsed(environment, "HELM_QPS", FLOAT32, 0.0),
        ),
    ]


def _folder_options(environment: Environment, generation: int) -> list[Option]:
    get, config, cache = environment.get, environment.config_home, environment.cache_home
    return [
        Option(
            "registry-config",
            "path to the registry config file",
            default=get("HELM_REGISTRY_CONFIG", os.path.join(config, "registry/config.json")),
        ),
        Option(
            "repository-config",
            "path to the file containing repository names and URLs",
            default=get("HELM_REPOSITORY_CONFIG", os.path.join(config, "repositories.yaml")),
        ),
        Option(
            "repository-cache",
            "path to the directory containing cached repository indexes",
            default=get("HELM_REPOSITORY_CACHE", os.path.join(cache, "repository")),
        ),
        Option(
            "content-cache",
            "path to the directory containing cached content (e.g. charts)",
            default=get("HELM_CONTENT_CACHE", os.path.join(cache, "content")),
            hidden=generation == 3,
        ),
    ]


def _accept(text: str, _current: object) -> str:
    return text


def _log_options() -> list[Option]:
    """Return the flags of klog, which Helm accepts on every command and which change nothing here."""
    anything = Custom("value", _accept)
    switches = ("logtostderr", "alsologtostderr", "skip-headers", "skip-log-headers", "add-dir-header", "one-output")
    taken = ("vmodule", "log-file", "log-dir", "log-file-max-size", "stderrthreshold", "log-backtrace-at")
    return [
        Option("v", "", anything, shorthand="v", hidden=True),
        *(Option(name, "", BOOL, hidden=True) for name in switches),
        *(Option(name, "", anything, hidden=True) for name in taken),
    ]
