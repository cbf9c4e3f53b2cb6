"""Failed connections in the words of Go's ``net`` package."""

from __future__ import annotations

import errno
import socket


def resolved(host: str, port: int) -> str:
    """Return the address that a connection was tried to, as ``address:port``."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return f"{host}:{port}"
    address = str(found[-1][4][0])  # Go reports the last address it tried; IPv4 comes last where both are known
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


_REASONS = {
    errno.ECONNREFUSED: "connect: connection refused",
    errno.ENETUNREACH: "connect: network is unreachable",
    errno.EHOSTUNREACH: "connect: no route to host",
    errno.ETIMEDOUT: "connect: connection timed out",
    errno.EACCES: "connect: permission denied",
}


def dial_reason(error: BaseException) -> str:
    """Return why a connection could not be opened."""
    if isinstance(error, TimeoutError) and not getattr(error, "errno", None):
        return "i/o timeout"
    number = getattr(error, "errno", None) or 0
    return _REASONS.get(number) or f"connect: {getattr(error, 'strerror', None) or error}".lower()


#: What a name may consist of for a server to be asked about it (``isDomainName``).
_IN_NAMES = frozenset("-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def lookup_text(host: str, error: socket.gaierror) -> str:
    """Return what is said about a host that was not found; Go names the server that was asked."""
    if host.isascii() and not set(host) <= _IN_NAMES:
        return f"lookup {host}: no such host"
    server = ""
    try:
        with open("/etc/resolv.conf", encoding="utf-8", errors="replace") as file:
            servers = [line.split()[1] for line in file if line.startswith("nameserver") and len(line.split()) > 1]
        server = f" on {servers[0]}:53" if servers else ""
    except OSError:
        pass
    reason = "server misbehaving" if error.errno == socket.EAI_AGAIN else "no such host"
    return f"lookup {host}{server}: {reason}"


def io_text(error: BaseException, sock: socket.socket | None) -> str:
    """Return what Go says about a connection that failed after it was opened."""
    if isinstance(error, TimeoutError):
        return "context deadline exceeded"
    if is_tls(error):
        from pilothouse.transport.tls import alert_text

        return alert_text(error)
    ends = ""
    try:
        if sock is not None:
            mine, other = sock.getsockname(), sock.getpeername()
            ends = f" {mine[0]}:{mine[1]}->{other[0]}:{other[1]}"
    except (OSError, ValueError):
        pass
    if isinstance(error, ConnectionResetError):
        return f"read tcp{ends}: read: connection reset by peer"
    if isinstance(error, BrokenPipeError):
        return f"write tcp{ends}: write: broken pipe"
    number = getattr(error, "strerror", None) or str(error)
    return f"read tcp{ends}: read: {number.lower()}"


def is_tls(error: BaseException) -> bool:
    """Return whether an exception comes from ``ssl``, without importing it."""
    return type(error).__module__ == "ssl"
