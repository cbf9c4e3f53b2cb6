"""Reaching a Tiller: where it is, with which certificates, and the way to its pod."""

from __future__ import annotations

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol, Self

    from pilothouse.hapi.messages import Message
    from pilothouse.remote.tls import ClientTls

    class TillerClient(Protocol):
        """Sends Helm 2's calls to a Tiller; a context that ends with the connection."""

        address: str

        def __enter__(self) -> Self:
            """Begin to use it."""

        def __exit__(self, *_error: object) -> None:
            """Close the connection."""

        def call(self, call_name: str, **fields: Any) -> Message:
            """Send a request and return the answer."""

        def stream(self, call_name: str, **fields: Any) -> Iterator[Message]:
            """Send a request and yield the answers as they come."""

        def ping(self) -> None:
            """Ask for Tiller's health."""


class ConnectionOptions(Record):
    """How a Tiller is to be reached.

    Attributes:
        host: ``host:port``; empty to find it in the cluster.
        namespace: Where its pod is looked for.
        timeout: Seconds in which it must be reached.
        tls: Whether TLS is used at all.
        verify: Whether the server's certificate is checked.
        certificate: Path of the client's certificate.
        key: Path of its key.
        authority: Path of the authority that signed the server's certificate.
        server_name: Name that the server's certificate must have, empty for the host's.
    """

    host: str = ""
    namespace: str = "kube-system"
    timeout: float = 300.0
    tls: bool = False
    verify: bool = False
    certificate: str = ""
    key: str = ""
    authority: str = ""
    server_name: str = ""

    def read_tls(self) -> ClientTls | None:
        """Return the client's side of TLS, ``None`` for plain TCP.

        Raises:
            TlsFilesInvalid: A file cannot be used.
        """
        if not (self.tls or self.verify):
            return None
        from pilothouse.remote.tls import read_files

        trusted = self.authority if self.verify else ""
        return read_files(self.certificate, self.key, trusted, server_name=self.server_name)
