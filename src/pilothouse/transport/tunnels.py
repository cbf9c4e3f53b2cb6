"""Ways through a proxy to one server: ``CONNECT`` over HTTP or HTTPS, and SOCKS5 (PySocks)."""

from __future__ import annotations

import socket

from pilothouse.errors import Unsupported
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any

HTTP, HTTPS = "http", "https"
SOCKS = ("socks5", "socks5h")
_PORTS = {HTTP: 80, HTTPS: 443, "socks5": 1080, "socks5h": 1080}


class Proxy(Record):
    """A proxy.

    Attributes:
        scheme: ``http``, ``https``, ``socks5`` or ``socks5h``.
        host: Name or address.
        port: TCP port.
        user: Who logs in, empty for nobody.
        password: Password; ``repr`` never shows it.
    """

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Proxy({self.scheme}://{self.host}:{self.port})"

    @classmethod
    def parse(cls, url: str) -> Proxy:
        """Return the proxy that a URL names.

        Raises:
            Unsupported: There are none of its kind.
        """
        from urllib.parse import unquote

        scheme, _, rest = url.partition("://")
        if scheme not in _PORTS:
            raise Unsupported(f'proxies of scheme "{scheme}" are not supported', hints=())
        login, _, authority = rest.partition("/")[0].rpartition("@")
        user, _, password = login.partition(":")
        host, _, port = authority.rpartition(":") if authority.rpartition(":")[2].isdigit() else (authority, "", "")
        return cls(
            scheme=scheme,
            host=host.strip("[]"),
            port=int(port or _PORTS[scheme]),
            user=unquote(user),
            password=unquote(password),
        )


def dial_socks(proxy: Proxy, host: str, port: int, timeout: float) -> socket.socket:
    """Return a connection to a server through a SOCKS5 proxy, which looks the server's name up itself.

    Raises:
        Unsupported: PySocks is not installed.
        OSError: There is no way; the text is Go's.
    """
    try:
        import socks  # type: ignore[import-untyped]
    except ImportError as error:
        raise Unsupported(
            "SOCKS proxies need the package PySocks", hints=("pip install 'pilothouse[socks]' adds it",)
        ) from error
    start = f"socks connect tcp {proxy.host}:{proxy.port}->{host}:{port}: "
    try:
        return socks.create_connection(  # type: ignore[no-any-return] # it has no types
            (host, port),
            timeout,
            proxy_type=socks.SOCKS5,
            proxy_addr=proxy.host,
            proxy_port=proxy.port,
            proxy_rdns=True,
            proxy_username=proxy.user or None,
            proxy_password=proxy.password or None,
        )
    except socks.ProxyConnectionError as error:
        raise (error.socket_err if isinstance(error.socket_err, OSError) else error) from error
    except socks.ProxyError as error:
        raise OSError(f"{start}unknown error {_reason(error)}") from error


def _reason(error: Any) -> str:
    """Return a proxy's refusal in Go's words; PySocks puts the code before it."""
    text = str(error.msg).rpartition(": ")[2]
    return text[:1].lower() + text[1:]


def within(context: ssl.SSLContext, sock: socket.socket, name: str) -> socket.socket:
    """Speak TLS on a connection, which may be TLS itself.

    Raises:
        OSError: The other side is not who it should be.
    """
    import ssl

    if not isinstance(sock, ssl.SSLSocket):
        return context.wrap_socket(sock, server_hostname=name)
    from urllib3.util.ssltransport import SSLTransport

    return SSLTransport(sock, context, server_hostname=name)  # type: ignore[return-value] # it stands in for a socket
