"""The API server as an ASGI application: who asks, may they, and who answers."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import orjson

from pilothouse.clock import Clock
from pilothouse.sandbox import gnostic, statuses
from pilothouse.sandbox.auth import Authenticator, Authorizer
from pilothouse.sandbox.bodies import Reader
from pilothouse.sandbox.cluster import Cluster
from pilothouse.sandbox.discovery import AGGREGATED, Discovery
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.handlers import Handlers
from pilothouse.sandbox.impersonation import BETWEEN, impersonated
from pilothouse.sandbox.openapi import OpenAPI
from pilothouse.sandbox.podrunner import PodRunner, Simulated
from pilothouse.sandbox.requests import JSON, Answer, Request, Stream, Upgrade
from pilothouse.sandbox.resources import Registry
from pilothouse.sandbox.reviews import Reviews
from pilothouse.sandbox.store import Store
from pilothouse.sandbox.watching import Watchers

Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
_OPEN = ("/healthz", "/livez", "/readyz", "/version")
_LARGEST_BODY = 3 << 20


class Server:
    """The application.

    Args:
        store: Where the objects are.
        registry: What kinds there are.
        clock: The time.
        authenticator: Knows who asks.
        log: Is told lines about faults of the server's own.
        runner: Knows the pods that are real processes; without it there are none.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        clock: Clock,
        authenticator: Authenticator,
        log: Callable[[str], None],
        runner: PodRunner | None = None,
    ) -> None:
        self.cluster = Cluster(store, registry, clock)
        self.watchers = Watchers(store)
        self._authenticator = authenticator
        self._authorizer = Authorizer(store)
        self._discovery = Discovery(registry)
        self._openapi = OpenAPI(registry)
        reviews = Reviews(authenticator, self._authorizer)
        self._handlers = Handlers(
            self.cluster, Reader(registry.definitions), reviews, self.watchers, runner or Simulated(), self._authorizer
        )
        self._log = log

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        headers = _headers(scope["headers"])
        body = b""
        if scope["method"] not in ("GET", "HEAD"):
            body = await _body(receive)
        path = scope["path"]
        raw = scope.get("raw_path")
        request = Request(
            scope["method"],
            raw.decode("latin-1") if raw else path,
            scope["query_string"].decode("utf-8", "replace"),
            headers,
            body,
        )
        answer = self.answer(request)
        assert not isinstance(answer, Upgrade)
        if isinstance(answer, Stream):
            await _stream(answer, receive, send)
        else:
            await _send(answer, send, head_only=scope["method"] == "HEAD")

    def answer(self, request: Request) -> Answer | Stream | Upgrade:
        """Answer a request; refusals are answers too."""
        try:
            return self._answer(request)
        except StatusError as error:
            headers = (("retry-after", "1"),) if error.code == 504 else ()
            return Answer(orjson.dumps(error.status()), error.code, JSON, headers)
        except Exception as error:  # noqa: BLE001 - one bad request must not end the server
            self._log(f"{request.method} {request.path}: {traceback.format_exc()}")
            refused = statuses.internal(f"{type(error).__name__}: {error}")
            return Answer(orjson.dumps(refused.status()), 500)

    def _answer(self, request: Request) -> Answer | Stream | Upgrade:
        path = request.path
        if path in _OPEN[:3] or path.startswith(("/readyz/", "/livez/", "/healthz/")):
            return Answer(b"ok", 200, "text/plain; charset=utf-8")
        self._identify(request)
        if request.upgrade and request.verb == "get":
            # Who streams through a websocket must be allowed what a POST would ask for.
            request.verb = "create"
        if not self._is_public(path) and not self._authorizer.allows(request.user, request.action):
            raise self._refusal(request)
        if len(request.body) > _LARGEST_BODY:
            raise StatusError(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728")
        document = self._document(request)
        if document is not None:
            return document
        if not request.plural:
            if path in ("/", ""):
                return Answer(
                    orjson.dumps({"paths": ["/api", "/apis", "/healthz", "/openapi/v2", "/openapi/v3", "/version"]})
                )
            raise statuses.no_such_path()
        return self._handlers.handle(request)

    def _identify(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        user = self._authenticator.user(token.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            raise statuses.unauthorized()
        if any(name.startswith("impersonate-") for name in request.headers):
            user = impersonated(user, request.headers, self._authorizer.allows)
        request.user = user

    def _is_public(self, path: str) -> bool:
        return path == "/version" or path in ("/api", "/apis") or path.startswith("/openapi/") or _is_discovery(path)

    def _refusal(self, request: Request) -> StatusError:
        action = request.action
        why = f'User "{request.user.name}" cannot {action.describe()}'
        resource = (
            self.cluster.registry.find(request.group, request.version, request.plural) if request.plural else None
        )
        if request.plural and resource is None:
            kind = f"{request.plural}.{request.group}" if request.group else request.plural
            return StatusError(403, "Forbidden", f"{kind} is forbidden: {why}", {"kind": request.plural})
        return statuses.forbidden(resource, request.name, why)

    def _document(self, request: Request) -> Answer | None:
        path = request.path.rstrip("/")
        if path.startswith("/openapi/"):
            if path == "/openapi/v2" and any(form in request.accept for form in gnostic.ASKED):
                body = self._openapi.document(f"{path}#protobuf")
                return Answer(body or b"", 200, gnostic.CONTENT_TYPE)
            found = self._openapi.document(path)
            return Answer(found) if found is not None else None
        if request.plural:
            return None
        if (
            path in ("/api", "/apis")
            and "as=APIGroupDiscoveryList" in request.accept
            and "v=v2;" in request.accept + ";"
        ):
            body = self._discovery.document(f"{path}#aggregated")
            return Answer(body or b"", 200, AGGREGATED, (("vary", "Accept"),))
        found = self._discovery.document(path)
        return Answer(found) if found is not None else None


def _headers(given: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers by name, those that are repeated joined: by what no value holds where it is about names."""
    headers: dict[str, str] = {}
    for name, value in given:
        key, text = name.decode("latin-1"), value.decode("utf-8", "replace")
        between = BETWEEN if key.startswith("impersonate-") else ", "
        headers[key] = f"{headers[key]}{between}{text}" if key in headers else text
    return headers


def _is_discovery(path: str) -> bool:
    parts = path.strip("/").split("/")
    return (parts[0] == "api" and len(parts) <= 2) or (parts[0] == "apis" and len(parts) <= 3)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts = [body]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


def _head(status: int, content_type: str, extra: tuple[tuple[str, str], ...]) -> Message:
    headers = [(b"content-type", content_type.encode()), (b"cache-control", b"no-cache, private")]
    headers += [(name.encode("latin-1"), value.encode("utf-8")) for name, value in extra]
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _send(answer: Answer, send: Send, *, head_only: bool) -> None:
    start = _head(answer.status, answer.content_type, answer.headers)
    start["headers"].append((b"content-length", str(len(answer.body)).encode()))
    await send(start)
    await send({"type": "http.response.body", "body": b"" if head_only else answer.body})


async def _stream(answer: Stream, receive: Receive, send: Send) -> None:
    import asyncio

    async def pump() -> None:
        async for piece in answer.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})

    async def hang_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    await send(_head(200, answer.content_type, ()))
    pumping, listening = asyncio.ensure_future(pump()), asyncio.ensure_future(hang_up())
    await asyncio.wait((pumping, listening), return_when=asyncio.FIRST_COMPLETED)
    listening.cancel()
    pumping.cancel()
    await asyncio.gather(pumping, listening, return_exceptions=True)
    await send({"type": "http.response.body", "body": b"", "more_body": False})
