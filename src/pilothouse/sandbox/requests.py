"""Requests and answers: which object and verb a path means (``apiserver/pkg/endpoints/request``)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias
from urllib.parse import parse_qs, unquote

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.auth import Action, User
from pilothouse.sandbox.resources import Resource

JSON = "application/json"
_NUMBER = re.compile(r"[0-9]{1,19}")
_TRUE = ("true", "1")
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


class Request:
    """One request, taken apart.

    Attributes:
        resource: What is meant, set when it is served.
        upgrade: The protocol that the connection is to be turned to, if any: ``websocket`` or ``spdy/3.1``.
    """

    def __init__(
        self,
        method: str,
        path: str,
        query: str = "",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        upgrade: str = "",
    ) -> None:
        self.method = method
        self.path = path
        self.query = parse_qs(query, keep_blank_values=True) if query else {}
        self.headers = headers or {}
        self.body = body
        self.upgrade = upgrade
        self.user = User(name="system:anonymous")
        self.resource: Resource | None = None
        self.group = self.version = self.plural = self.namespace = self.name = self.subresource = ""
        self.extra: list[str] = []
        self.verb = ""
        self._split()

    def _split(self) -> None:
        parts = self.path.strip("/").split("/")
        if parts[0] == "api" and len(parts) > 2:
            self.version, rest = parts[1], parts[2:]
        elif parts[0] == "apis" and len(parts) > 3:
            self.group, self.version, rest = parts[1], parts[2], parts[3:]
        else:
            self.verb = self.method.lower()
            return
        watching = rest[0] == "watch" and len(rest) > 1
        if watching:
            rest = rest[1:]
        if rest[0] == "namespaces" and len(rest) > 2 and not (len(rest) == 3 and rest[2] in ("status", "finalize")):
            self.namespace = unquote(rest[1])
            rest = rest[2:]
        elif rest[0] == "namespaces" and len(rest) > 1:
            self.namespace = unquote(rest[1])
        self.plural = rest[0]
        self.name = unquote(rest[1]) if len(rest) > 1 else ""
        self.subresource = rest[2] if len(rest) > 2 else ""
        self.extra = rest[3:]
        self._find_verb(watching=watching)

    def _find_verb(self, *, watching: bool) -> None:
        if self.method in ("GET", "HEAD"):
            self.verb = "get" if self.name else "list"
            if watching or (not self.name and self.flag("watch")):
                self.verb = "watch"
        elif self.method == "DELETE":
            self.verb = "delete" if self.name else "deletecollection"
        else:
            self.verb = _VERBS.get(self.method, self.method.lower())

    def text(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        found = self.query.get(name)
        return found[0] if found else default

    def number(self, name: str) -> int | None:
        """Return a query parameter that is a whole number, or None."""
        found = self.text(name)
        return int(found) if _NUMBER.fullmatch(found) else None

    def flag(self, name: str) -> bool:
        """Tell whether a query parameter is true."""
        return self.text(name).lower() in _TRUE

    @property
    def action(self) -> Action:
        """What is to be authorized."""
        return Action(
            verb=self.verb,
            group=self.group,
            resource=self.plural,
            subresource=self.subresource,
            name=self.name,
            namespace=self.namespace,
            path=self.path,
        )

    @property
    def manager(self) -> str:
        """The field manager: as asked for, or the client's own name."""
        return self.text("fieldManager") or self.headers.get("user-agent", "").partition("/")[0] or "unknown"

    @property
    def accept(self) -> str:
        """What forms of answer the client takes."""
        return self.headers.get("accept", "")

    @property
    def content_type(self) -> str:
        """The form of the body, without parameters."""
        return self.headers.get("content-type", JSON).partition(";")[0].strip()


class Answer:
    """An answer whose body is at hand."""

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(
        self,
        body: bytes,
        status: int = 200,
        content_type: str = JSON,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.body = body
        self.status = status
        self.content_type = content_type
        self.headers = headers


class Stream:
    """An answer that comes in pieces."""

    __slots__ = ("content_type", "pieces")

    def __init__(self, pieces: AsyncIterator[bytes], content_type: str = JSON) -> None:
        self.pieces = pieces
        self.content_type = content_type


Dial: TypeAlias = Callable[[int], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Upgrade:
    """An answer that another protocol carries on: ports of a pod.

    Attributes:
        pod: The pod's name.
        uid: Its unique id.
        ports: The ports that the request names, if any.
        dial: Connects to one of its ports.
    """

    __slots__ = ("dial", "pod", "ports", "uid")

    def __init__(self, pod: str, uid: str, ports: tuple[int, ...], dial: Dial) -> None:
        self.pod = pod
        self.uid = uid
        self.ports = ports
        self.dial = dial


def answer_json(value: YamlValue, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Return an answer with an object."""
    return Answer(orjson.dumps(value), status, JSON, headers)


def warning_headers(warnings: list[str]) -> tuple[tuple[str, str], ...]:
    """Return the headers by which clients are warned."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in warnings)
    return tuple(("warning", f'299 - "{text}"') for text in quoted)
