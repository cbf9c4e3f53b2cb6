"""A sandbox server in this process with one pod whose ports are really there, and an echo server behind them."""

from __future__ import annotations

import asyncio
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import uvicorn

from pilothouse.clock import Clock
from pilothouse.sandbox.auth import Authenticator, User
from pilothouse.sandbox.bootstrap import furnish
from pilothouse.sandbox.certificates import make_certificate
from pilothouse.sandbox.home import Credentials, Home, write_kubeconfig
from pilothouse.sandbox.portforward import dialer
from pilothouse.sandbox.requests import Request, Upgrade
from pilothouse.sandbox.resources import Registry
from pilothouse.sandbox.server import Server
from pilothouse.sandbox.store import Store
from pilothouse.sandbox.streaming import protocol_for
from pilothouse.sandbox.writing import Write


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Send everything back, and an end when there is one."""
        self.request.sendall(b"hello\n")
        while data := self.request.recv(65536):
            self.request.sendall(data)


class Forwarding:
    """The running server.

    Attributes:
        home: Where its kubeconfig is.
        faults: What it reported of its own faults.
        server: The sandbox's server.
    """

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder=str(folder))
        self._echo = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo)
        self._echo.daemon_threads = True
        tokens = {
            "admin": User(name="admin", groups=("system:masters", "system:authenticated")),
            "nobody": User(name="nobody", groups=("system:authenticated",)),
        }
        self.faults: list[str] = []
        authenticator = Authenticator(tokens, b"key", Clock())
        self.server = Server(Store(self.home.database), Registry(), Clock(), authenticator, self.faults.append, self)
        furnish(self.server.cluster)
        self._make_pod()

    def _make_pod(self) -> None:
        pods = self.server.cluster.resource("", "pods")
        spec = {"containers": [{"name": "c", "image": "x"}], "nodeName": "sandbox"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "echo"}, "spec": spec}
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        self.server.cluster.create(self.server.cluster.resource("", "serviceaccounts"), "default", account)
        self.server.cluster.create(pods, "default", pod)

        def run(value: dict[str, object]) -> None:
            ready = [{"type": "Ready", "status": "True"}]
            value["status"] = {"phase": "Running", "conditions": ready}

        write = Write(manager="test", subresource="status")
        self.server.cluster.modify(pods, "default", "echo", run, write)

    def address(self, uid: str, port: int) -> tuple[str, int] | None:
        """Return the echo server for port 7."""
        del uid
        return ("127.0.0.1", self._echo.server_address[1]) if port == 7 else None

    def log(self, uid: str, *, previous: bool) -> str | None:
        """Return None: the pod prints nothing."""
        del uid, previous
        return None

    def serve(self, ready: threading.Event) -> None:
        """Serve until told to stop."""
        certificate, key = make_certificate(Clock())
        for name, data in (("server.crt", certificate), ("server.key", key)):
            Path(self.home.path(name)).write_bytes(data)
        found = Credentials(
            admin="admin",
            nobody="nobody",
            key="00",
            certificate=self.home.path("server.crt"),
            private_key=self.home.path("server.key"),
        )
        listener = socket.create_server(("127.0.0.1", 0))
        write_kubeconfig(self.home, found, listener.getsockname()[1])
        config = uvicorn.Config(
            self.server,
            http=protocol_for(self.server),
            ws="none",
            lifespan="off",
            log_level="error",
            ssl_certfile=found.certificate,
            ssl_keyfile=found.private_key,
        )
        self._web = uvicorn.Server(config)
        threading.Thread(target=self._echo.serve_forever, daemon=True).start()
        with asyncio.Runner() as runner:
            runner.run(self._run(listener, ready))

    async def _run(self, listener: socket.socket, ready: threading.Event) -> None:
        asyncio.get_running_loop().call_later(0.05, ready.set)
        await self._web.serve(sockets=[listener])

    def stop(self) -> None:
        """End."""
        self._web.should_exit = True
        self._echo.shutdown()
        self._echo.server_close()


@contextmanager
def forwarding(folder: Path) -> Iterator[Forwarding]:
    """Run the server in a thread."""
    made = Forwarding(folder)
    ready = threading.Event()
    thread = threading.Thread(target=made.serve, args=(ready,))
    thread.start()
    assert ready.wait(10)
    try:
        yield made
    finally:
        made.stop()
        thread.join(10)


class Kubelet:
    """A kubelet that knows one thing: to forward port 7 of any pod to an echo server.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, folder: Path) -> None:
        self._echo = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo)
        self._echo.daemon_threads = True
        certificate, key = make_certificate(Clock())
        paths = [folder / "kubelet.crt", folder / "kubelet.key"]
        for path, data in zip(paths, (certificate, key), strict=True):
            path.write_bytes(data)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.paths: list[str] = []
        config = uvicorn.Config(
            _unused,
            http=protocol_for(cast("Server", self)),
            ws="none",
            lifespan="off",
            log_level="error",
            ssl_certfile=str(paths[0]),
            ssl_keyfile=str(paths[1]),
        )
        self._web = uvicorn.Server(config)

    def answer(self, request: Request) -> Upgrade:
        """Let every connection through."""
        self.paths.append(request.path)
        return Upgrade("echo", "uid", (), dialer(self, "uid"))

    def address(self, uid: str, port: int) -> tuple[str, int] | None:
        """Return the echo server for port 7."""
        del uid
        return ("127.0.0.1", self._echo.server_address[1]) if port == 7 else None

    def log(self, uid: str, *, previous: bool) -> str | None:
        """Return None: pods print nothing."""
        del uid, previous
        return None

    def run(self) -> None:
        """Serve until told to stop."""
        threading.Thread(target=self._echo.serve_forever, daemon=True).start()
        with asyncio.Runner() as runner:
            runner.run(self._web.serve(sockets=[self._listener]))

    def stop(self) -> None:
        """End."""
        self._web.should_exit = True
        self._echo.shutdown()
        self._echo.server_close()


async def _unused(scope: object, receive: object, send: object) -> None:
    """Answer nothing but upgrades."""
    del scope, receive, send


@contextmanager
def kubelet(folder: Path) -> Iterator[Kubelet]:
    """Run a kubelet in a thread."""
    made = Kubelet(folder)
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join(10)
