"""Runs the server in this process until it is told to stop."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import sys
from types import FrameType

import uvicorn

from pilothouse.clock import Clock
from pilothouse.sandbox.auth import Authenticator, User
from pilothouse.sandbox.bootstrap import furnish
from pilothouse.sandbox.errors import SandboxFailed
from pilothouse.sandbox.home import Credentials, Home, credentials, write_kubeconfig, write_private
from pilothouse.sandbox.lifecycle.engine import Engine
from pilothouse.sandbox.lifecycle.store_objects import StoreObjects
from pilothouse.sandbox.processes import ApiAccess, Processes
from pilothouse.sandbox.resources import Registry
from pilothouse.sandbox.server import Server
from pilothouse.sandbox.store import Store
from pilothouse.sandbox.streaming import protocol_for

_SWITCH_SECONDS = 0.0005
_TOKEN_SECONDS = 365 * 24 * 3600


def _log(text: str) -> None:
    sys.stderr.write(text.rstrip("\n") + "\n")
    sys.stderr.flush()


def listen(home: Home, wanted: int) -> socket.socket:
    """Return a listening socket on loopback: the port wanted, else the one of last time, else any that is free."""
    ports = [wanted] if wanted else [_last_port(home), 0]
    for port in ports:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        # Head and body go out apart: without this each small answer would wait 40 ms for the client's acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
            if port == ports[-1]:
                raise
            continue
        listener.listen(128)
        return listener
    raise OSError("no free port")


def _last_port(home: Home) -> int:
    try:
        with open(home.path("port"), encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0


def build(home: Home, clock: Clock, port: int) -> tuple[Server, Processes]:
    """Return the server over the sandbox's store, furnished, and what runs the pods that are run."""
    found = credentials(home, clock)
    tokens = {
        found.admin: User(name="admin", groups=("system:masters", "system:authenticated")),
        found.nobody: User(name="nobody", groups=("nobodies", "system:authenticated")),
    }
    authenticator = Authenticator(tokens, bytes.fromhex(found.key), clock)
    store = Store(home.database)

    def issue(namespace: str, account: str) -> str:
        entry = store.get(f"/serviceaccounts/{namespace}/{account}")
        uid = entry.object["metadata"]["uid"] if entry is not None else ""
        return authenticator.issue(namespace, account, uid, _TOKEN_SECONDS, [])

    access = ApiAccess(f"https://127.0.0.1:{port}", _authority(found), issue)
    processes = Processes(home.path("pods"), access)
    server = Server(store, Registry(), clock, authenticator, _log, processes)
    furnish(server.cluster)
    return server, processes


def _hold(home: Home) -> int:
    """Take the database for this process.

    Raises:
        SandboxFailed: Another server has it.
    """
    os.makedirs(home.folder, mode=0o700, exist_ok=True)
    descriptor = os.open(home.path("serving.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise SandboxFailed(f"the sandbox in {home.folder} is served by another process already") from None
    return descriptor


def serve(home: Home, clock: Clock, *, port: int = 0) -> None:
    """Serve until SIGTERM or SIGINT."""
    lock = _hold(home)
    # Requests and controllers share the interpreter; a busy controller must not make a request wait 5 ms.
    sys.setswitchinterval(_SWITCH_SECONDS)
    found = credentials(home, clock)
    listener = listen(home, port)
    number = listener.getsockname()[1]
    server, processes = build(home, clock, number)
    write_private(home.path("port"), str(number).encode())
    write_kubeconfig(home, found, number)
    config = uvicorn.Config(
        server,
        http=protocol_for(server),
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
        server_header=False,
        timeout_keep_alive=300,
        timeout_graceful_shutdown=2,
        ssl_certfile=found.certificate,
        ssl_keyfile=found.private_key,
    )
    for each in (signal.SIGTERM, signal.SIGINT):
        # The web server raises the signal again when it has ended; by then there is nothing left to interrupt.
        signal.signal(each, _end_quietly)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        engine = Engine(StoreObjects(server.cluster), clock, authority=_authority(found), programs=processes)
        runner.run(_serve(_WebServer(config, server), engine, listener, home))
    processes.close()
    server.cluster.store.close()
    os.close(lock)


def _end_quietly(number: int, frame: object) -> None:
    del number, frame


class _WebServer(uvicorn.Server):
    """A web server that lets open watches end when it is told to stop, instead of waiting for them."""

    def __init__(self, config: uvicorn.Config, server: Server) -> None:
        super().__init__(config)
        self._watchers = server.watchers
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal comes."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._watchers.close)


def _authority(found: Credentials) -> str:
    with open(found.certificate, encoding="ascii") as file:
        return file.read()


async def _serve(web: _WebServer, engine: Engine, listener: socket.socket, home: Home) -> None:
    engine.start()
    state = {"pid": os.getpid(), "port": listener.getsockname()[1]}
    write_private(home.path("server.pid"), json.dumps(state).encode())
    try:
        await web.serve(sockets=[listener])
    finally:
        engine.stop()
