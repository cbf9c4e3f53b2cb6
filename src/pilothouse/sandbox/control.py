"""Starts, stops and asks after the sandbox's server process."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator

from pilothouse.clock import Clock
from pilothouse.errors import Unsupported
from pilothouse.records import Record
from pilothouse.sandbox.errors import SandboxFailed
from pilothouse.sandbox.home import Home

#: What the server imports beyond what every installation has.
_PACKAGES = ("httptools", "orjson", "uvicorn", "websockets")
_PATIENCE = 20.0
_STEP = 0.02


class ControlStatus(Record):
    """What is known of the sandbox.

    Attributes:
        running: The server answers.
        pid: Its process, or 0.
        port: Its port, or 0.
        kubeconfig: Path of the kubeconfig; it is there once the sandbox was started.
        folder: Where everything is kept.
    """

    running: bool
    pid: int
    port: int
    kubeconfig: str
    folder: str


@contextlib.contextmanager
def _locked(home: Home) -> Iterator[None]:
    """Let one process at a time start or stop the sandbox."""
    os.makedirs(home.folder, mode=0o700, exist_ok=True)
    with open(home.path("lock"), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read_state(home: Home) -> tuple[int, int]:
    try:
        with open(home.path("server.pid"), encoding="ascii") as file:
            state = json.load(file)
        return int(state["pid"]), int(state["port"])
    except (OSError, ValueError, KeyError):
        return 0, 0


def _is_alive(pid: int) -> bool:
    """Tell whether the process still runs and is a sandbox, not another that got its number."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            if file.read().rpartition(b")")[2].split()[0] == b"Z":
                return False
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            command = file.read()
    except OSError:
        return True
    # A process that is ending has no command line any more, but still its port and locks.
    return not command or b"pilothouse.sandbox" in command


def _is_healthy(home: Home, port: int) -> bool:
    import http.client
    import ssl

    try:
        context = ssl.create_default_context(cafile=home.path("server.crt"))
    except OSError:
        return False
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=context)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def status(folder: str) -> ControlStatus:
    """Return what is known of the sandbox in ``folder``."""
    home = Home(folder=folder)
    pid, port = _read_state(home)
    running = _is_alive(pid) and _is_healthy(home, port)
    return ControlStatus(
        running=running,
        pid=pid if running else 0,
        port=port if running else 0,
        kubeconfig=home.kubeconfig,
        folder=folder,
    )


def start(folder: str, *, port: int = 0, clock: Clock | None = None) -> ControlStatus:
    """Start the server unless it runs, and wait until it answers.

    Raises:
        SandboxFailed: It does not start.
        Unsupported: Packages that it needs are not installed.
    """
    import subprocess

    home = Home(folder=folder)
    clock = clock or Clock()
    with _locked(home):
        found = status(folder)
        if found.running:
            return found
        _check_packages()
        _end(home, clock)
        command = [sys.executable, "-m", "pilothouse.sandbox", "serve", "--home", folder, "--port", str(port)]
        with open(home.log, "ab") as log:
            os.chmod(home.log, 0o600)
            process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=True
            )
        deadline = clock.monotonic() + _PATIENCE
        while clock.monotonic() < deadline:
            pid, number = _read_state(home)
            if pid == process.pid and _is_healthy(home, number):
                process.returncode = 0  # It goes on without us: nobody waits for it.
                return status(folder)
            if process.poll() is not None:
                break
            clock.sleep(_STEP)
        process.kill()
        process.wait()
    hints = (f"its log is {home.log}", "helm sandbox reset begins anew")
    raise SandboxFailed(f"the sandbox does not start: {_last_words(home)}", hints=hints)


def _check_packages() -> None:
    from importlib.util import find_spec

    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        text = f"the sandbox needs packages that are not installed: {', '.join(missing)}"
        raise Unsupported(text, hints=("pip install 'pilothouse[server]' adds them",))


def _last_words(home: Home) -> str:
    try:
        with open(home.log, encoding="utf-8", errors="replace") as file:
            lines = file.read().strip().splitlines()
    except OSError:
        return "no log"
    return lines[-1] if lines else "no log"


def stop(folder: str, *, clock: Clock | None = None) -> bool:
    """Stop the server; return whether there was one."""
    home = Home(folder=folder)
    if not os.path.isdir(folder):
        return False
    with _locked(home):
        return _end(home, clock or Clock())


def _end(home: Home, clock: Clock) -> bool:
    pid, _ = _read_state(home)
    ended = False
    if _is_alive(pid):
        ended = True
        _signal(pid, signal.SIGTERM)
        deadline = clock.monotonic() + _PATIENCE / 2
        while _is_alive(pid):
            if clock.monotonic() > deadline:
                _signal(pid, signal.SIGKILL)
            _reap(pid)
            clock.sleep(_STEP)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(home.path("server.pid"))
    return ended


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _reap(pid: int) -> None:
    """Take note of the end of a server that this process started."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def reset(folder: str, *, clock: Clock | None = None) -> None:
    """Stop the server and remove everything it kept."""
    stop(folder, clock=clock)
    shutil.rmtree(folder, ignore_errors=True)
