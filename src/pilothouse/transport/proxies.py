"""Which proxy a request goes through: the rules of Go's ``golang.org/x/net/http/httpproxy``."""

from __future__ import annotations

from pilothouse.transport.auth import basic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT_PORTS = {"http": "80", "https": "443"}


def proxy_for(scheme: str, host: str, port: str, variables: Mapping[str, str]) -> str:
    """Return the URL of the proxy for a server, empty for a direct connection.

    Args:
        scheme: ``http`` or ``https``.
        host: Host name or address, without brackets.
        port: Port, empty for the scheme's own.
        variables: The environment: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY`` and their lower-case forms.
    """
    name = f"{scheme}_proxy"
    proxy = variables.get(name.upper()) or variables.get(name) or ""
    if scheme == "http" and variables.get("REQUEST_METHOD"):
        proxy = ""  # a CGI script's HTTP_PROXY is the caller's "Proxy:" header
    if not proxy or not _wants_proxy(host.lower().rstrip("."), port or _DEFAULT_PORTS[scheme], variables):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def login_headers(proxy: str) -> dict[str, str]:
    """Return the header that shows a proxy the user and the password of its URL, none when it names no user."""
    user = proxy.partition("://")[2].partition("/")[0].rpartition("@")[0]
    if not user:
        return {}
    from urllib.parse import unquote

    name, _, password = user.partition(":")
    return {"Proxy-Authorization": basic(unquote(name), unquote(password))}


def _wants_proxy(host: str, port: str, variables: Mapping[str, str]) -> bool:
    address = _address(host)
    if host == "localhost" or (address is not None and _is_loopback(address)):
        return False
    exceptions = variables.get("NO_PROXY") or variables.get("no_proxy") or ""
    return not any(_matches(entry.strip().lower(), host, port, address) for entry in exceptions.split(","))


def _matches(entry: str, host: str, port: str, address: bytes | None) -> bool:
    """Return whether one entry of ``NO_PROXY`` names the host: ``*``, a network, an address, a name or a domain."""
    if entry in ("", "*"):
        return bool(entry)
    if "/" in entry:
        return address is not None and _in_network(entry, address)
    name, wanted_port = _split_port(entry)
    if wanted_port and wanted_port != port:
        return False
    listed = _address(name)
    if listed is not None:
        return listed == address
    if name.startswith("*."):
        name = name[1:]
    if name.startswith("."):
        return host.endswith(name)
    return host == name or host.endswith("." + name)


def _split_port(entry: str) -> tuple[str, str]:
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return name, rest.lstrip(":")
    if entry.count(":") == 1:
        name, _, port = entry.partition(":")
        return name, port
    return entry, ""


def _address(text: str) -> bytes | None:
    """Return the bytes of an IP address, none when it is no address."""
    import socket

    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
    return None


def _is_loopback(address: bytes) -> bool:
    return address[0] == 127 if len(address) == 4 else address == bytes(15) + b"\1"


def _in_network(entry: str, address: bytes) -> bool:
    base, _, bits = entry.partition("/")
    network = _address(base)
    if network is None or len(network) != len(address) or not bits.isdigit() or int(bits) > 8 * len(network):
        return False
    shift = 8 * len(network) - int(bits)
    return int.from_bytes(network, "big") >> shift == int.from_bytes(address, "big") >> shift
