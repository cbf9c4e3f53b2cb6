"""The gRPC server: channel, TLS, the check of the client's version, health and reflection."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.errors import Invalid, PilothouseError
from pilothouse.hapi.messages import HEALTH, SERVICE, calls_of, serialize
from pilothouse.tiller import reflection
from pilothouse.tiller.certificates import credentials
from pilothouse.tiller.compatibility import is_compatible
from pilothouse.tiller.identity import peer_of
from pilothouse.tiller.service import CALLS, LARGEST_MESSAGE, METHODS
from pilothouse.tiller.status import GO_NAMES, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import NoReturn, Protocol

    from pilothouse.hapi.messages import Call, Message
    from pilothouse.progress import Reporter
    from pilothouse.tiller.certificates import CertificateFiles, TlsFiles
    from pilothouse.tiller.gate import Gate
    from pilothouse.tiller.metrics import Metrics
    from pilothouse.tiller.tracing import CallTrace

    class CallContext(Protocol):
        """What grpcio hands to a handler: metadata in, status out."""

        def invocation_metadata(self) -> Sequence[tuple[str, str | bytes]]:
            """Return the client's headers."""

        def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
            """End the call with a status."""

        def is_active(self) -> bool:
            """Whether the client still listens."""

        def peer(self) -> str:
            """Return the client's address."""

        def auth_context(self) -> Mapping[str, Sequence[bytes]]:
            """Return what the client's certificate says."""


#: Calls that are answered at the same time; more wait.
WORKERS = 64
#: For each call that is answered, so many may wait; more are refused.
WAITING = 4
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


class TillerServer:
    """Serves Helm 2's calls, health checks and reflection.

    Args:
        gate: What calls pass, and who answers them.
        version: Tiller's version, which decides on the clients that are answered.
        metrics: Counts calls.
        reporter: Hears of faults that are ours.
        workers: Calls that are answered at the same time.
        trace: Remembers calls, if that is wanted.
    """

    def __init__(
        self,
        gate: Gate,
        *,
        version: str,
        metrics: Metrics,
        reporter: Reporter,
        workers: int = WORKERS,
        trace: CallTrace | None = None,
    ) -> None:
        self._gate = gate
        self._version = version
        self._metrics = metrics
        self._reporter = reporter
        self._trace = trace
        self._serving = False
        self._changed = threading.Condition()
        self._lasting = threading.BoundedSemaphore(max(1, workers // 4))
        self._server = grpc.server(
            ThreadPoolExecutor(max_workers=workers, thread_name_prefix="tiller"),
            options=_OPTIONS,
            maximum_concurrent_rpcs=workers * (1 + WAITING),
        )
        handlers = {name: self._handler(name, call) for name, call in CALLS.items()}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(HEALTH, self._health()),))
        for name in reflection.SERVICES:
            self._server.add_generic_rpc_handlers((self._reflection(name),))

    def listen(self, address: str, tls: CertificateFiles | TlsFiles | None = None) -> int:
        """Bind an address and return its port.

        Raises:
            Invalid: It cannot be bound, or the certificate is none.
        """
        try:
            if tls is None:
                port: int = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, credentials(tls))
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
                with self._gate.call(name, request, peer_of(context)) as admitted:
                    self._check_version(name, context)
                    response = method(admitted.service, request)
                    admitted.answered(response)
                self._metrics.count("msg_sent", name, "unary")
                return response

        return answer

    def _streaming(self, name: str) -> Callable[[Message, CallContext], Iterator[Message]]:
        method = METHODS[name]

        def answer(request: Message, context: CallContext) -> Iterator[Message]:
            with _Watched(self, name, "server_stream", context):
                self._metrics.count("msg_received", name, "server_stream")
                with self._gate.call(name, request, peer_of(context)) as admitted:
                    self._check_version(name, context)
                    for response in method(admitted.service, request):
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
            with self._lasting_call(context):
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

    def _refuse_others(self, context: CallContext, call: str = "Check") -> None:
        try:
            self._gate.identify(peer_of(context))
            self._check_version(call, context)
        except PilothouseError as error:
            context.abort(*status_of(error))

    @contextmanager
    def _lasting_call(self, context: CallContext) -> Iterator[None]:
        """Hold a place among the calls that last as long as the client likes, so that they leave room for others."""
        if not self._lasting.acquire(blocking=False):
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many calls that watch")
        try:
            yield
        finally:
            self._lasting.release()

    def _set_serving(self, *, serving: bool) -> None:
        with self._changed:
            self._serving = serving
            self._changed.notify_all()

    def _reflection(self, service: str) -> grpc.GenericRpcHandler:
        call = calls_of(service)[reflection.CALL]

        def answer(requests: Iterator[Message], context: CallContext) -> Iterator[Message]:
            self._refuse_others(context, "GetVersion")
            with self._lasting_call(context):
                yield from reflection.answers(service, requests)

        handler = grpc.stream_stream_rpc_method_handler(
            answer,
            request_deserializer=call.request.FromString,
            response_serializer=serialize,
        )
        return grpc.method_handlers_generic_handler(service, {reflection.CALL: handler})

    # ── what every call has in common ──────────────────────────────────────────────────────────────────────────

    def begun(self, name: str, kind: str, context: CallContext) -> None:
        """Count a call that begins."""
        self._metrics.count("started", name, kind)
        if self._trace is not None:
            self._trace.begin(context, name, context.peer())

    def ended(self, name: str, kind: str, error: BaseException | None, context: CallContext) -> None:
        """Count a call that ended, and give its error to the client."""
        if error is None:
            self._metrics.count("handled", name, kind, "OK")
            self.traced(context, "OK")
            return
        if isinstance(error, PilothouseError):
            code, text = status_of(error)
        else:
            code, text = grpc.StatusCode.INTERNAL, "internal error"
            import traceback

            self._reporter.report("main", f"{name}: {''.join(traceback.format_exception(error))}")
        self._metrics.count("handled", name, kind, GO_NAMES[code])
        self.traced(context, GO_NAMES[code])
        context.abort(code, text)

    def traced(self, context: CallContext, status: str) -> None:
        """Remember how a call ended, if calls are remembered."""
        if self._trace is not None:
            self._trace.end(context, status)


class _Watched:
    """Surrounds a call: counts it and turns its error into a status."""

    __slots__ = ("_context", "_kind", "_name", "_server")

    def __init__(self, server: TillerServer, name: str, kind: str, context: CallContext) -> None:
        self._server = server
        self._name = name
        self._kind = kind
        self._context = context

    def __enter__(self) -> None:
        self._server.begun(self._name, self._kind, self._context)

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, GeneratorExit):
            self._server.traced(self._context, "Canceled")
        else:
            self._server.ended(self._name, self._kind, error, self._context)
