"""Flags and environment of ``tiller`` → one frozen value."""

from __future__ import annotations

import ipaddress
import os

from pilothouse.errors import Denied, Invalid, Unsupported
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.environment import Environment

_NAMESPACE_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
_DEFAULT_NAMESPACE = "kube-system"
#: Where ``--trace`` listens.
TRACE_PORT = 44136


class TillerSettings(Record):
    """How a Tiller runs.

    Attributes:
        listen: Address and port of the gRPC server.
        probe_listen: Address and port of the probes, empty for none.
        storage: ``configmap``, ``secret``, ``memory``, ``sql`` or ``secret-v3``.
        connection: Where the database is, for ``sql``.
        namespace: Where records are kept.
        tls: Whether clients must use TLS.
        tls_verify: Whether they must show a certificate.
        impersonate: Whether Tiller acts as its callers.
        audit_log: Where calls are logged, empty for nowhere.
        max_call_seconds: How long a call may take, 0 for as long as it asks for.
        max_concurrent_calls: How many are answered at the same time.
        trace_listen: Address and port of the pages about calls, empty for none.
        compatible: Whether everything is as with Helm 2.17.
        warnings: What is said at the start.
    """

    listen: str
    probe_listen: str
    storage: str
    namespace: str
    history_max: int
    tls: bool
    tls_verify: bool
    tls_certificate: str
    tls_key: str
    tls_authority: str
    connection: str = ""
    impersonate: bool = False
    audit_log: str = ""
    max_call_seconds: float = 0
    max_concurrent_calls: int = 64
    trace_listen: str = ""
    compatible: bool = False
    warnings: tuple[str, ...] = ()


def settings_from(flags: Mapping[str, str], environment: Environment) -> TillerSettings:
    """Return the settings that flags and environment give.

    Raises:
        Invalid: An address or the driver is wrong.
        Denied: Plain TCP is asked for where others could reach it.
        Unsupported: A flag of Helm 2.17 that is not there yet.
    """
    if _is_set(flags, "experimental-release", default=False):
        raise Unsupported(
            "the flag -experimental-release is not supported",
            hints=("it hands the work on objects to Rudder, an experiment that was given up; Tiller does it itself",),
        )
    warnings: list[str] = []
    certificates = environment.get("TILLER_TLS_CERTS")
    verify = _is_set(flags, "tls-verify", default=bool(environment.get("TILLER_TLS_VERIFY")))
    tls = _is_set(flags, "tls", default=bool(environment.get("TILLER_TLS_ENABLE"))) or verify
    compatible = _is_set(flags, "compat-insecure", default=False)
    exposed = compatible or _is_set(flags, "insecure", default=False)
    settings = TillerSettings(
        listen=flags.get("listen", ":44134"),
        probe_listen=flags.get("probe-listen", ":44135") if _is_set(flags, "probe", default=True) else "",
        storage=flags.get("storage", "configmap"),
        connection=_connection(flags),
        namespace=_namespace(environment),
        history_max=_history_max(flags, environment, warnings),
        tls=tls,
        tls_verify=verify,
        tls_certificate=flags.get("tls-cert", os.path.join(certificates, "tls.crt")),
        tls_key=flags.get("tls-key", os.path.join(certificates, "tls.key")),
        tls_authority=flags.get("tls-ca-cert", os.path.join(certificates, "ca.crt")),
        impersonate=_is_set(flags, "impersonate", default=False),
        audit_log=flags.get("audit-log", ""),
        max_call_seconds=float(flags.get("max-call-seconds", "0" if compatible else "3600")),
        max_concurrent_calls=int(flags.get("max-concurrent-calls", "64")),
        trace_listen=_trace_address(flags, everywhere=exposed),
        compatible=compatible,
        warnings=tuple(warnings),
    )
    if settings.storage not in _STORAGES and not compatible:
        raise Invalid(
            f'unknown storage driver "{settings.storage}"', hints=(f"--storage takes {', '.join(_STORAGES)}",)
        )
    if settings.max_concurrent_calls < 1:
        raise Invalid("--max-concurrent-calls must be at least 1")
    if not exposed:
        _check_exposure(settings)
    return settings


#: Helm 2.17 keeps releases in memory where the name is another, and they are lost with the process.
_STORAGES = ("configmap", "secret", "memory", "sql", "secret-v3")
_HINTS = (
    "use --tls-verify with a key, a certificate and the authority of the clients",
    "--listen 127.0.0.1:44134 keeps it on this host; --insecure allows it all the same",
)


def _check_exposure(settings: TillerSettings) -> None:
    """Refuse to be open to others than this host without knowing who calls.

    Raises:
        Denied: It would be.
    """
    if is_loopback(split_address(settings.listen)[0]):
        return
    if not settings.tls:
        raise Denied(
            f"refusing plain TCP on {settings.listen}: whoever reaches that port could change the whole cluster",
            hints=_HINTS,
        )
    if not settings.tls_verify and not settings.impersonate:
        raise Denied(
            f"refusing TLS without client certificates on {settings.listen}: whoever reaches that port could change "
            "the whole cluster",
            hints=(*_HINTS, "--impersonate wants a bearer token from clients without a certificate"),
        )


def _trace_address(flags: Mapping[str, str], *, everywhere: bool) -> str:
    """Return where ``--trace`` listens: as in Helm 2.17 on all addresses if that is asked for, else on this host."""
    if not _is_set(flags, "trace", default=False):
        return ""
    return f":{TRACE_PORT}" if everywhere else f"127.0.0.1:{TRACE_PORT}"


def _connection(flags: Mapping[str, str]) -> str:
    dialect = flags.get("sql-dialect", "postgres")
    connection = flags.get("sql-connection-string", "")
    if flags.get("storage") == "sql" and dialect != "postgres":
        raise Invalid(
            f'{dialect} dialect isn\'t supported, only "postgres" is available for now',
            hints=("--sql-connection-string=sqlite:///FILE keeps releases in a file",),
        )
    return connection


def _is_set(flags: Mapping[str, str], name: str, *, default: bool) -> bool:
    return flags[name] == "true" if name in flags else default


def _namespace(environment: Environment) -> str:
    """Return Tiller's namespace: the variable's, else the pod's, else the default."""
    named = environment.get("TILLER_NAMESPACE")
    if named:
        return named
    try:
        with open(_NAMESPACE_FILE, encoding="utf-8") as file:
            return file.read().strip() or _DEFAULT_NAMESPACE
    except OSError:
        return _DEFAULT_NAMESPACE


def _history_max(flags: Mapping[str, str], environment: Environment, warnings: list[str]) -> int:
    if "history-max" in flags:
        return int(flags["history-max"])
    text = environment.get("TILLER_HISTORY_MAX")
    if not text:
        return 0
    try:
        return int(text)
    except ValueError:
        warnings.append(f'Invalid max history "{text}". Defaulting to 0.')
        return 0


def split_address(address: str) -> tuple[str, int]:
    """Return host and port of an address such as ``:44134`` or ``[::1]:44134``; an empty host means all addresses.

    Raises:
        Invalid: It is no address.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise Invalid(
            f"address {address}: missing port in address" if not colon else f"address {address}: invalid port"
        )
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this host can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
