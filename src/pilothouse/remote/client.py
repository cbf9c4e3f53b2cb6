"""A client of Tiller: connects, sends Helm 2's calls, and turns statuses into errors."""

from __future__ import annotations

from pilothouse.hapi.messages import SERVICE, calls_of, serialize
from pilothouse.remote.errors import CallFailed, GrpcMissing, TillerUnreachable
from pilothouse.remote.tls import ClientTls, presented_certificate
from pilothouse.version import HELM2_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Self

    from pilothouse.hapi.messages import Message

#: Bytes of a message at most, in both directions.
LARGEST_MESSAGE = 20 << 20
VERSION_HEADER = "x-helm-api-client"
_METADATA = ((VERSION_HEADER, HELM2_VERSION),)
_CALLS = calls_of(SERVICE)
_OPTIONS: tuple[tuple[str, str | int], ...] = (
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.enable_http_proxy", 0),
)


class TillerClient:
    """Sends calls to a Tiller; connects at the first one. Use it as a context.

    Args:
        address: ``host:port``.
        read_tls: Returns the client's side of TLS, ``None`` for plain TCP; called before the first call.
        timeout: Seconds in which the Tiller must be reached.
        on_close: Called once the connection has ended.

    Attributes:
        address: Where it connects to.
    """

    def __init__(
        self,
        address: str,
        *,
        read_tls: Callable[[], ClientTls | None] = lambda: None,
        timeout: float = 300.0,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.address = address
        self._on_close = on_close
        self._read_tls = read_tls
        self._timeout = timeout
        self._channel: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._on_close()

    def call(self, call_name: str, **fields: Any) -> Message:
        """Send a request and return the answer.

        Raises:
            CallFailed: Tiller answered with an error.
            TillerUnreachable: It cannot be connected to.
        """
        call = _CALLS[call_name]
        send = self._connected().unary_unary(
            f"/{SERVICE}/{call_name}", request_serializer=serialize, response_deserializer=call.response.FromString
        )
        with _Translated():
            return send(call.request(**fields), metadata=_METADATA)

    def stream(self, call_name: str, **fields: Any) -> Iterator[Message]:
        """Send a request and yield the answers as they come.

        Raises:
            CallFailed: Tiller answered with an error.
            TillerUnreachable: It cannot be connected to.
        """
        call = _CALLS[call_name]
        send = self._connected().unary_stream(
            f"/{SERVICE}/{call_name}", request_serializer=serialize, response_deserializer=call.response.FromString
        )
        with _Translated():
            yield from send(call.request(**fields), metadata=_METADATA)

    def ping(self) -> None:
        """Ask for Tiller's health.

        Raises:
            CallFailed: It is not healthy.
            TillerUnreachable: It cannot be connected to.
        """
        from pilothouse.hapi.messages import HEALTH

        call = calls_of(HEALTH)["Check"]
        send = self._connected().unary_unary(
            f"/{HEALTH}/Check", request_serializer=serialize, response_deserializer=call.response.FromString
        )
        with _Translated():
            answer = send(call.request(service="Tiller"), metadata=_METADATA)
        if answer.status != 1:
            raise CallFailed(
                "tiller is not serving requests at this time, Please try again later", status="UNAVAILABLE"
            )

    def _connected(self) -> Any:
        if self._channel is None:
            self._channel = self._connect()
        return self._channel

    def _connect(self) -> Any:
        tls = self._read_tls()
        grpc = _grpc()
        channel = grpc.insecure_channel(self.address, options=_OPTIONS) if tls is None else self._secure(grpc, tls)
        try:
            grpc.channel_ready_future(channel).result(timeout=self._timeout)
        except grpc.FutureTimeoutError as error:
            channel.close()
            raise TillerUnreachable("context deadline exceeded") from error
        return channel

    def _secure(self, grpc: Any, tls: ClientTls) -> Any:
        authority, name = tls.authority, tls.server_name
        if not authority:
            host, _, port = self.address.rpartition(":")
            authority, name = presented_certificate(host, int(port), tls, self._timeout)
        credentials = grpc.ssl_channel_credentials(authority, tls.key, tls.certificate)
        options = [*_OPTIONS, *([("grpc.ssl_target_name_override", name)] if name else [])]
        return grpc.secure_channel(self.address, credentials, options=options)


class _Translated:
    """Turns a status of gRPC into an error of ours."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        failure: Any = error
        if isinstance(error, _grpc().RpcError):
            raise CallFailed(str(failure.details()), status=failure.code().name) from error


def _grpc() -> Any:
    try:
        import grpc  # type: ignore[import-untyped]  # grpcio ships no types
    except ImportError as error:
        raise GrpcMissing(
            "this needs the packages for gRPC, which are not installed",
            hints=("pip install 'pilothouse[tiller]'",),
        ) from error
    return grpc
