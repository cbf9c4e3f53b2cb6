"""A server without a socket: requests go in as objects, answers come out."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.auth import Authenticator, User
from pilothouse.sandbox.bootstrap import furnish
from pilothouse.sandbox.requests import Answer, Request
from pilothouse.sandbox.resources import Registry
from pilothouse.sandbox.server import Server
from pilothouse.sandbox.store import Store


class Client:
    """Sends requests to a server in this process.

    Attributes:
        server: The server.
        log: What it reported of its own faults.
    """

    def __init__(self, path: str) -> None:
        self.log: list[str] = []
        tokens = {"admin": User(name="admin", groups=("system:masters",)), "nobody": User(name="nobody")}
        authenticator = Authenticator(tokens, b"key", Clock())
        self.server = Server(Store(path), Registry(), Clock(), authenticator, self.log.append)
        furnish(self.server.cluster)
        self.token = "admin"

    def send(
        self, method: str, path: str, body: YamlValue = None, *, kind: str = "application/json", accept: str = ""
    ) -> Answer:
        """Return the answer to a request; ``body`` may be bytes."""
        path, _, query = path.partition("?")
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        headers = {
            "authorization": f"Bearer {self.token}",
            "content-type": kind,
            "accept": accept,
            "user-agent": "test/1",
        }
        answer = self.server.answer(Request(method, path, query, headers, data))
        assert isinstance(answer, Answer)
        assert not self.log, self.log
        return answer

    def call(self, method: str, path: str, body: YamlValue = None, **options: str) -> tuple[int, YamlValue]:
        """Return status and object of an answer."""
        answer = self.send(method, path, body, **options)
        return answer.status, orjson.loads(answer.body)

    def ok(self, method: str, path: str, body: YamlValue = None, **options: str) -> YamlValue:
        """Return the object of an answer that must be a success."""
        status, value = self.call(method, path, body, **options)
        assert status < 300, value
        return value

    def fails(self, method: str, path: str, body: YamlValue = None, **options: str) -> tuple[int, str]:
        """Return status and message of an answer that must be a refusal."""
        status, value = self.call(method, path, body, **options)
        assert value["kind"] == "Status", value
        assert value["status"] == "Failure", value
        assert value["code"] == status
        return status, value["message"]


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A client of a fresh server without controllers."""
    return Client(str(tmp_path / "state.db"))
