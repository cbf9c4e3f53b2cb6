"""How to reach a cluster and as whom: kubeconfig, Helm's global flags, the pod that the process runs in, the default.

Follows client-go's ``clientcmd.DeferredLoadingClientConfig`` with the overrides that Helm binds to its flags.
"""

from __future__ import annotations

import os

from pilothouse.kube import kubeconfig
from pilothouse.kube.config_faults import check_usable
from pilothouse.kube.connections import Server, split_host
from pilothouse.kube.credentials import (
    CertificateCredentials,
    Credentials,
    NoCredentials,
    PasswordCredentials,
    TokenCredentials,
    TokenFileCredentials,
)
from pilothouse.kube.errors import ConfigInvalid, CredentialsFailed
from pilothouse.kube.throttle import UNLIMITED
from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.kube.kubeconfig import KubeConfig

    Entry = Mapping[str, YamlValue]

DEFAULT_SERVER = "http://localhost:8080"
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


class Overrides(Record):
    """Helm's global flags about the cluster; empty values leave the kubeconfig's.

    Attributes:
        kubeconfig: ``--kubeconfig``, one file.
        context: ``--kube-context``.
        namespace: ``--namespace``.
        server: ``--kube-apiserver``.
        token: ``--kube-token``.
        as_user: ``--kube-as-user``.
        as_groups: ``--kube-as-group``.
        ca_file: ``--kube-ca-file``.
        insecure: ``--kube-insecure-skip-tls-verify``.
        tls_server_name: ``--kube-tls-server-name``.
        qps: ``--qps``; nothing is throttled without it.
        burst: ``--burst-limit``.
    """

    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    server: str = ""
    token: str = ""
    as_user: str = ""
    as_groups: tuple[str, ...] = ()
    ca_file: str = ""
    insecure: bool = False
    tls_server_name: str = ""
    qps: float = UNLIMITED
    burst: int = 0


class Impersonation(Record):
    """As whom to act, when not as oneself."""

    user: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class ClusterConfig(Record):
    """Everything a client must know before it connects.

    Attributes:
        server: Where the API server is.
        namespace: Namespace of requests that name none.
        credentials: Who is asking.
        authorities: PEM certificates to trust, none for the system's.
        verify: Whether the server's certificate is checked.
        tls_server_name: Name to check in place of the host's.
        proxy: URL of the kubeconfig's proxy; empty follows the environment.
        compression: Whether answers may be compressed.
        impersonation: As whom to act.
        qps: Requests a second (:class:`pilothouse.kube.throttle.Throttle`).
        burst: Requests that may go out at once.
        variables: The environment, for proxies and credential plugins.
    """

    server: Server
    namespace: str = "default"
    credentials: Credentials = field(default_factory=NoCredentials)
    authorities: bytes | None = None
    verify: bool = True
    tls_server_name: str = ""
    proxy: str = ""
    compression: bool = True
    impersonation: Impersonation = field(default_factory=Impersonation)
    qps: float = UNLIMITED
    burst: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)


def load(environment: Environment, overrides: Overrides | None = None) -> ClusterConfig:
    """Return the configuration of the cluster that the environment and the flags choose.

    Raises:
        ConfigInvalid: The kubeconfig cannot be read or contradicts itself.
    """
    flags = overrides or Overrides()
    return _load(environment, flags).replace(qps=flags.qps, burst=flags.burst)


def _load(environment: Environment, flags: Overrides) -> ClusterConfig:
    files = kubeconfig.load(environment, flags.kubeconfig)
    context = _context(files, flags)
    cluster = _cluster(files, context, flags)
    user = _user(files, context, flags)
    check_usable(files, context, cluster, user)
    if _is_default(cluster, user):
        inside = in_cluster(environment, flags)
        if inside is not None:
            return inside
    server = parse_server(str(cluster.get("server") or ""), compatibility=environment.compatibility)
    impersonation = _impersonation(user)
    if server.scheme == "http":
        return ClusterConfig(
            server=server,
            namespace=_namespace(context, flags),
            proxy=str(cluster.get("proxy-url") or ""),
            impersonation=impersonation,
            variables=environment.variables,
        )
    return ClusterConfig(
        server=server,
        namespace=_namespace(context, flags),
        credentials=_credentials(user, cluster, environment, (flags.kubeconfig, str(context.get("user") or ""))),
        authorities=kubeconfig.content_of(cluster, "certificate-authority-data", "certificate-authority"),
        verify=not cluster.get("insecure-skip-tls-verify"),
        tls_server_name=str(cluster.get("tls-server-name") or ""),
        proxy=str(cluster.get("proxy-url") or ""),
        compression=not cluster.get("disable-compression"),
        impersonation=impersonation,
        variables=environment.variables,
    )


def namespace_of(environment: Environment, overrides: Overrides | None = None) -> str:
    """Return the namespace of requests, ``default`` when the kubeconfig cannot be used (``EnvSettings.Namespace``)."""
    flags = overrides or Overrides()
    if flags.namespace:
        return flags.namespace
    try:
        return load(environment, flags).namespace
    except ConfigInvalid:
        return "default"


def _namespace(context: Entry, flags: Overrides) -> str:
    return flags.namespace or str(context.get("namespace") or "") or "default"


def _context(files: KubeConfig, flags: Overrides) -> Entry:
    name = flags.context or files.current_context
    if name in files.contexts:
        return files.contexts[name]
    if flags.context:
        raise ConfigInvalid(f'context "{flags.context}" does not exist')
    return {}


def _cluster(files: KubeConfig, context: Entry, flags: Overrides) -> Entry:
    """Return the cluster of the context with the flags laid over it (``DirectClientConfig.getCluster``)."""
    cluster: dict[str, YamlValue] = {"server": DEFAULT_SERVER}
    cluster |= {key: value for key, value in files.clusters.get(_text(context, "cluster"), {}).items() if value}
    if flags.server:
        cluster["server"] = flags.server
    if flags.insecure or flags.ca_file:
        cluster["insecure-skip-tls-verify"] = flags.insecure
        cluster["certificate-authority"] = flags.ca_file
        cluster["certificate-authority-data"] = ""
    if flags.tls_server_name or flags.server:
        cluster["tls-server-name"] = flags.tls_server_name
    return cluster


def _user(files: KubeConfig, context: Entry, flags: Overrides) -> Entry:
    user = dict(files.users.get(_text(context, "user"), {}))
    if flags.token:
        user["token"] = flags.token
        user.pop("tokenFile", None)
    if flags.as_user:
        user["as"] = flags.as_user
    if flags.as_groups:
        user["as-groups"] = list(flags.as_groups)
    return user


def _text(entry: Entry, key: str) -> str:
    return str(entry.get(key) or "")


def _is_default(cluster: Entry, user: Entry) -> bool:
    """Return whether nothing was chosen, so that the pod's own cluster comes into question."""
    return not user and {key: value for key, value in cluster.items() if value} == {"server": DEFAULT_SERVER}


def parse_server(url: str, *, compatibility: int = 4) -> Server:
    """Return the server of a URL or of ``host:port``, which means plain HTTP (``rest.DefaultServerURL``).

    Args:
        url: What the kubeconfig or the flag says.
        compatibility: The Helm generation whose Go decides.

    Raises:
        ConfigInvalid: It names no server.
    """
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    if scheme not in ("http", "https") or not _is_plain(authority):
        scheme, rest = _server_parts(url, go="1.22" if compatibility == 3 else "1.27")
        authority, slash, path = rest.partition("/")
    path = path.partition("?")[0].partition("#")[0]
    authority, usual = authority.rpartition("@")[2], 443 if scheme == "https" else 80
    prefix = (slash + path).rstrip("/")
    if authority.startswith(":") or (authority.count(":") > 1 and not authority.startswith("[")):
        written = authority.removesuffix(":")  # net/http ``removeEmptyPort``
        host, colon, number = written.rpartition(":")
        port = int(number) if colon and number else usual
        return Server(scheme=scheme, host=host if colon else written, port=port, prefix=prefix, written=written)
    host, port, _ = split_host(authority, usual)
    return Server(scheme=scheme, host=host, port=port, prefix=prefix)


def _is_plain(authority: str) -> bool:
    """Return whether a host and its port are of the usual form, for which Go's rules need not be asked."""
    host, colon, port = authority.partition(":")
    name = host.replace(".", "").replace("-", "")
    return name.isascii() and name.isalnum() and (not colon or (port.isascii() and port.isdecimal()))


def _server_parts(url: str, *, go: str) -> tuple[str, str]:
    """Return the scheme and the rest of a URL that is not of the usual form, as Go understands it."""
    from pilothouse.golang import urls

    try:
        found = urls.parse(url, go=go)
    except urls.UrlSyntaxError:
        pass
    else:
        if found.scheme and found.host:
            return found.scheme, url.partition("://")[2]
    try:
        found = urls.parse(f"http://{url}", go=go)
    except urls.UrlSyntaxError as error:
        raise ConfigInvalid(str(error)) from error
    if found.path not in ("", "/") or not found.host:
        raise ConfigInvalid(f'host must be a URL or a host:port pair: "{url}"')
    return "http", url


def _impersonation(user: Entry) -> Impersonation:
    extra = user.get("as-user-extra") or {}
    return Impersonation(
        user=_text(user, "as"),
        uid=_text(user, "as-uid"),
        groups=tuple(str(group) for group in user.get("as-groups") or ()),
        extra={str(key): tuple(str(value) for value in values or ()) for key, values in extra.items()},
    )


def _credentials(user: Entry, cluster: Entry, environment: Environment, origin: tuple[str, str]) -> Credentials:
    """Return who is asking; a certificate goes with any of the other ways.

    Args:
        user: The user's entry.
        cluster: The cluster's entry.
        environment: The process's environment.
        origin: The explicit kubeconfig, if there is one, and the user's name, for what has to be written down.
    """
    certificate = kubeconfig.content_of(user, "client-certificate-data", "client-certificate")
    key = kubeconfig.content_of(user, "client-key-data", "client-key")
    inner = _header_credentials(user, cluster, environment, origin)
    if certificate and key:
        return CertificateCredentials(certificate, key, inner)
    return inner


def _header_credentials(user: Entry, cluster: Entry, environment: Environment, origin: tuple[str, str]) -> Credentials:
    token, token_file = _text(user, "token"), _text(user, "tokenFile")
    if token and not token_file:
        return TokenCredentials(token)
    if token_file:
        return _token_file(token_file, token)
    if user.get("exec"):
        from pilothouse.kube.execplugin import PluginCredentials

        return PluginCredentials(user["exec"], cluster, environment)
    if user.get("username") or user.get("password"):
        return PasswordCredentials(_text(user, "username"), _text(user, "password"))
    if user.get("auth-provider"):
        from pilothouse.kube.authprovider import provider_credentials

        return provider_credentials(user["auth-provider"], environment, *origin)
    return NoCredentials()


def _token_file(path: str, token: str) -> Credentials:
    """Return the credentials of a token file, which must be there at the beginning unless there is a token as well."""
    credentials = TokenFileCredentials(path, token)
    try:
        credentials.headers()
    except CredentialsFailed as error:
        raise ConfigInvalid(error.message) from error
    return credentials


def in_cluster(environment: Environment, flags: Overrides) -> ClusterConfig | None:
    """Return the configuration of a process in a pod, none elsewhere (``rest.InClusterConfig``)."""
    host, port = environment.get("KUBERNETES_SERVICE_HOST"), environment.get("KUBERNETES_SERVICE_PORT")
    token = f"{SERVICE_ACCOUNT}/token"
    if not host or not port or not os.path.isfile(token):
        return None
    authorities, namespace = b"", "default"
    try:
        with open(f"{SERVICE_ACCOUNT}/ca.crt", "rb") as file:
            authorities = file.read()
    except OSError:
        pass
    try:
        with open(f"{SERVICE_ACCOUNT}/namespace", encoding="utf-8") as file:
            namespace = file.read().strip() or namespace
    except OSError:
        pass
    return ClusterConfig(
        server=Server(scheme="https", host=host, port=int(port)),
        namespace=flags.namespace or environment.get("POD_NAMESPACE") or namespace,
        credentials=TokenFileCredentials(token, ""),
        authorities=authorities or None,
        variables=environment.variables,
    )
