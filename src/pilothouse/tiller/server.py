"""The gRPC server: channel, TLS, the check of the client's version, health and reflection."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.errors import Invalid, PilothouseError
from pilothouse.hapi.messages import HEALTH, SERVICE, calls_of, serialize
from pilothouse.records import Record
from pilothouse.tiller import reflection
from pilothouse.tiller.compatibility import is_compatible
from pilothouse.tiller.service import CALLS, LARGEST_MESSAGE, METHODS, ReleaseService
from pilothouse.tiller.status import GO_NAMES, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import NoReturn, Protocol

    from pilothouse.hapi.messages import Call, Message
    from pilothouse.progress import Reporter
    from pilothouse.tiller.metrics import Metrics

    class CallContext(Protocol):
        """What grpcio hands to a handler: metadata in, status out."""

        def invocation_metadata(self) -> Sequence[tuple[str, str | bytes]]:
            """Return the client's headers."""

        def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
            """End the call with a status."""

        def is_active(self) -> bool:
            """Whether the client still listens."""


#: Calls that are answered at the same time; more wait.
WORKERS = 64
VERSION_HEADER = "x-helm-api-client"
_HEALTH_NAME = "Tiller"
_OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    ("grpc.max_connection_idle_ms", 10 * 60 * 1000),
    ("grpc.http2.min_ping_interval_without_data_ms", 20 * 1000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 20 * 1000),
    ("grpc.so_reuseport", 0),
)


class TlsFiles(Record):
    """The server's certificate and whom it trusts.

    Attributes:
        certificate: The server's chain, PEM.
        key: Its private key, PEM.
        authority: Who signs clients' certificates, PEM; empty when clients need none.
    """

    certificate: bytes
    key: bytes
    authority: bytes = b""


class TillerServer:
    """Serves Helm 2's calls, health checks and reflection.

    Args:
        service: Answers the calls.
        version: Tiller's version, which decides on the clients that are answered.
        metrics: Counts calls.
        reporter: Hears of faults that are ours.
    """

    def __init__(self, service: ReleaseService, *, version: str, metrics: Metrics, reporter: Reporter) -> None:
        self._service = service
        self._version = version
        self._metrics = metrics
        self._reporter = reporter
        self._serving = False
        self._changed = threading.Condition()
        self._server = grpc.server(
            ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="tiller"), options=_OPTIONS
        )
        handlers = {name: self._handler(name, call) for name, call in CALLS.items()}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(HEALTH, self._health()),))
        for name in reflection.SERVICES:
            self._server.add_generic_rpc_handlers((self._reflection(name),))

    def listen(self, address: str, tls: TlsFiles | None = None) -> int:
        """Bind an address and return its port.

        Raises:
            Invalid: It cannot be bound, or the certificate is none.
        """
        try:
            if tls is None:
                port: int = self._server.add_insecure_port(address)
            else:
                credentials = grpc.ssl_server_credentials(
                    [(tls.key, tls.certificate)],
                    root_certificates=tls.authority or None,
                    require_client_auth=bool(tls.authority),
                )
                port = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise Invalid(f"Server died: listen tcp {address}: bind: address cannot be used") from error
        if port == 0:
            raise Invalid("Could not create server TLS configuration: the key and the certificate cannot be used")
        return port

    def start(self) -> None:
        """Answer from now on."""
        self._server.start()
        self._set_serving(serving=True)

    def stop(self, grace: float) -> bool:
        """Take no more calls, and give those that run some seconds; return whether all of them ended."""
        self._set_serving(serving=False)
        stopped: threading.Event = self._server.stop(grace)
        return stopped.wait(grace + 1)

    # ── Helm's calls ───────────────────────────────────────────────────────────────────────────────────────────

    def _handler(self, name: str, call: Call) -> grpc.RpcMethodHandler:
        make = grpc.unary_stream_rpc_method_handler if call.streams_responses else grpc.unary_unary_rpc_method_handler
        behaviour = self._streaming(name) if call.streams_responses else self._unary(name)
        return make(behaviour, request_deserializer=call.request.FromString, response_serializer=serialize)

    def _unary(self, name: str) -> Callable[[Message, CallContext], Message]:
        method = METHODS[name]

        def answer(request: Message, context: CallContext) -> Message:
            with _Watched(self, name, "unary", context):
                self._metrics.count("msg_received", name, "unary")
                self._check_version(name, context)
                response = method(self._service, request)
                self._metrics.count("msg_sent", name, "unary")
                return response

        return answer

    def _streaming(self, name: str) -> Callable[[Message, CallContext], Iterator[Message]]:
        method = METHODS[name]

        def answer(request: Message, context: CallContext) -> Iterator[Message]:
            with _Watched(self, name, "server_stream", context):
                self._metrics.count("msg_received", name, "server_stream")
                self._check_version(name, context)
                for response in method(self._service, request):
                    self._metrics.count("msg_sent", name, "server_stream")
                    yield response

        return answer

    def _check_version(self, name: str, context: CallContext) -> None:
        """Refuse clients that are newer than Tiller (``checkClientVersion``)."""
        if name == "GetVersion":
            return
        metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
        client = metadata.get(VERSION_HEADER, "")
        if not is_compatible(client, self._version):
            raise Invalid(f"incompatible versions client[{client}] server[{self._version}]")

    # ── health ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _health(self) -> dict[str, grpc.RpcMethodHandler]:
        calls = calls_of(HEALTH)
        answer_kind = calls["Check"].response

        def state(service: str) -> Message:
            if service not in ("", _HEALTH_NAME):
                return None
            return answer_kind(status=1 if self._serving else 2)

        def check(request: Message, context: CallContext) -> Message:
            self._refuse_others(context)
            found = state(request.service)
            if found is None:
                context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
            return found

        def watch(request: Message, context: CallContext) -> Iterator[Message]:
            self._refuse_others(context)
            last = None
            while context.is_active():
                found = state(request.service) or answer_kind(status=3)
                if found != last:
                    last = found
                    yield found
                with self._changed:
                    self._changed.wait(1)

        return {
            "Check": grpc.unary_unary_rpc_method_handler(
                check, request_deserializer=calls["Check"].request.FromString, response_serializer=serialize
            ),
            "Watch": grpc.unary_stream_rpc_method_handler(
                watch, request_deserializer=calls["Watch"].request.FromString, response_serializer=serialize
            ),
        }

    def _refuse_others(self, context: CallContext) -> None:
        try:
            self._check_version("Check", context)
        except PilothouseError as error:
            context.abort(*status_of(error))

    def _set_serving(self, *, serving: bool) -> None:
        with self._changed:
            self._serving = serving
            self._changed.notify_all()

    def _reflection(self, service: str) -> grpc.GenericRpcHandler:
        call = calls_of(service)[reflection.CALL]
        handler = grpc.stream_stream_rpc_method_handler(
            lambda requests, _context: reflection.answers(service, requests),
            request_deserializer=call.request.FromString,
            response_serializer=serialize,
        )
        return grpc.method_handlers_generic_handler(service, {reflection.CALL: handler})

    # ── what every call has in common ──────────────────────────────────────────────────────────────────────────

    def begun(self, name: str, kind: str) -> None:
        """Count a call that begins."""
        self._metrics.count("started", name, kind)

    def ended(self, name: str, kind: str, error: BaseException | None, context: CallContext) -> None:
        """Count a call that ended, and give its error to the client."""
        if error is None:
            self._metrics.count("handled", name, kind, "OK")
            return
        if isinstance(error, PilothouseError):
            code, text = status_of(error)
        else:
            code, text = grpc.StatusCode.INTERNAL, "internal error"
            import traceback

            self._reporter.report("main", f"{name}: {''.join(traceback.format_exception(error))}")
        self._metrics.count("handled", name, kind, GO_NAMES[code])
        context.abort(code, text)


class _Watched:
    """Surrounds a call: counts it and turns its error into a status."""

    __slots__ = ("_context", "_kind", "_name", "_server")

    def __init__(self, server: TillerServer, name: str, kind: str, context: CallContext) -> None:
        self._server = server
        self._name = name
        self._kind = kind
        self._context = context

    def __enter__(self) -> None:
        self._server.begun(self._name, self._kind)

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if not isinstance(error, GeneratorExit):
            self._server.ended(self._name, self._kind, error, self._context)
