"""Processes of pods: started with the pod's flags, variables, files and identity, watched, probed and ended.

Nothing is run but Pilothouse's own Tiller. Its network is loopback: whatever addresses its flags name, it listens on
free ports there, which ``port-forward`` reaches under the pod's own numbers. Paths in its flags and variables mean
files in a private folder, which has what the pod mounts.
"""

from __future__ import annotations

import http.client
import json
import os
import posixpath
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable

from pilothouse.sandbox.home import write_private
from pilothouse.sandbox.lifecycle.programs import HttpProbe, Program, ProgramStatus
from pilothouse.sandbox.lifecycle.world import Key

_MOST = 16
_CANNOT_START = 128
_FIRST_PERIOD = 0.05
_PROBE_SECONDS = 1.0
_END_SECONDS = 3.0


class ApiAccess:
    """How pods reach the API server.

    Args:
        url: Its address.
        authority: Its certificate, in PEM.
        issue: Makes a token for a service account of a namespace.
    """

    def __init__(self, url: str, authority: str, issue: Callable[[str, str], str]) -> None:
        self._url = url
        self._authority = authority
        self._issue = issue

    def kubeconfig(self, namespace: str, account: str) -> bytes:
        """Return the kubeconfig of a service account; without one, of nobody."""
        user = {"token": self._issue(namespace, account)} if account else {}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "pod", "cluster": {"server": self._url, "certificate-authority": "ca.crt"}}],
            "users": [{"name": "pod", "user": user}],
            "contexts": [{"name": "pod", "context": {"cluster": "pod", "user": "pod", "namespace": namespace}}],
            "current-context": "pod",
        }
        return json.dumps(config).encode()

    @property
    def authority(self) -> bytes:
        """The API server's certificate, in PEM."""
        return self._authority.encode()


class _Process:
    """A process and what is known of it."""

    def __init__(self, program: Program, popen: subprocess.Popen[bytes], ports: dict[int, int]) -> None:
        self.program = program
        self.popen = popen
        self.ports = ports
        self.ended = threading.Event()
        self.asked_to_end = False
        self.status = ProgramStatus(running=True)


class Processes:
    """Runs programs, each in a process of its own, at most sixteen at a time.

    Args:
        folder: Where the files of pods are kept; emptied at the start.
        access: How pods reach the API server.
    """

    def __init__(self, folder: str, access: ApiAccess) -> None:
        self._folder = folder
        self._access = access
        self._processes: dict[str, _Process] = {}
        self._refused: dict[str, ProgramStatus] = {}
        self._lock = threading.Lock()
        self.on_change: Callable[[Key], None] = lambda _key: None
        shutil.rmtree(folder, ignore_errors=True)

    # what the controllers ask for

    def start(self, program: Program) -> None:
        """Start a program, in place of the one that its pod had before."""
        with self._lock:
            running = sum(each.status.running for each in self._processes.values())
        ports = {port: _free_port() for port in (program.listen, program.probes) if port}
        popen = None
        problem = f"the sandbox runs at most {_MOST} processes" if running >= _MOST else ""
        if not problem:
            try:
                popen = self._launch(program, ports)
            except OSError as error:
                problem = str(error)
        if popen is None:
            self.refuse(program.uid, problem)
            return
        process = _Process(program, popen, ports)
        with self._lock:
            self._refused.pop(program.uid, None)
            self._processes[program.uid] = process
        for work in (self._await, self._probe):
            threading.Thread(target=work, args=(process,), name=f"pod-{program.name}", daemon=True).start()

    def renew(self, program: Program) -> None:
        """Give a program that runs the files that it has now; those that are gone stay."""
        with self._lock:
            found = self._processes.get(program.uid)
        if found is not None and found.program.files != program.files:
            found.program = program
            self._write(program)

    def refuse(self, uid: str, problem: str) -> None:
        """Take note that the program of a pod cannot be started."""
        with self._lock:
            self._processes.pop(uid, None)
            self._refused[uid] = ProgramStatus(running=False, exit_code=_CANNOT_START, problem=problem)

    def status(self, uid: str) -> ProgramStatus | None:
        """Return how the program of a pod does, or None when none was started."""
        with self._lock:
            found = self._processes.get(uid)
            return self._refused.get(uid) if found is None else found.status

    def end(self, uid: str, grace: float) -> None:
        """Ask the program of a pod to end, and end it after ``grace`` seconds; returns at once."""
        with self._lock:
            found = self._processes.get(uid)
        if found is None or found.asked_to_end:
            return
        found.asked_to_end = True
        found.popen.terminate()
        timer = threading.Timer(grace, found.popen.kill)
        timer.daemon = True
        timer.start()

    def forget(self, uid: str) -> None:
        """Drop what is known of the program of a pod that is gone, which is ended if it still runs."""
        self.end(uid, _END_SECONDS)
        with self._lock:
            self._processes.pop(uid, None)
            self._refused.pop(uid, None)
        shutil.rmtree(self._home(uid), ignore_errors=True)

    def close(self) -> None:
        """End all processes and wait for it."""
        with self._lock:
            left = list(self._processes.values())
        self.on_change = lambda _key: None
        for each in left:
            each.popen.terminate()
        for each in left:
            if not each.ended.wait(_END_SECONDS):
                each.popen.kill()
                each.ended.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    # what the API asks for

    def address(self, uid: str, port: int) -> tuple[str, int] | None:
        """Return where a port of a pod is reached, or None when nothing listens there."""
        with self._lock:
            found = self._processes.get(uid)
        if found is None or not found.status.running or port not in found.ports:
            return None
        return "127.0.0.1", found.ports[port]

    def log(self, uid: str, *, previous: bool) -> str | None:
        """Return the path of what a pod's process prints, or of what the one before it printed; None without one."""
        path = os.path.join(self._home(uid), "log.1" if previous else "log")
        return path if os.path.exists(path) else None

    # running

    def _home(self, uid: str) -> str:
        return os.path.join(self._folder, uid.replace("/", "_"))

    def _launch(self, program: Program, ports: dict[int, int]) -> subprocess.Popen[bytes]:
        home = self._home(program.uid)
        root = os.path.join(home, "root")
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(root, mode=0o700)
        self._write(program)
        write_private(os.path.join(home, "ca.crt"), self._access.authority)
        write_private(os.path.join(home, "kubeconfig"), self._access.kubeconfig(program.namespace, program.account))
        variables = {name: _moved(root, value) for name, value in program.variables.items()}
        variables |= {"HOME": home, "KUBECONFIG": os.path.join(home, "kubeconfig"), "PATH": os.defpath}
        log = os.path.join(home, "log")
        if os.path.exists(log):
            os.replace(log, f"{log}.1")
        with open(log, "ab") as output:
            os.chmod(log, 0o600)
            # Isolated: no variable of the pod may bring code of its own.
            return subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-m", "pilothouse.sandbox.pod_process", *_arguments(program, root, ports)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=variables,
                cwd=root,
                start_new_session=True,
            )

    def _write(self, program: Program) -> None:
        """Write the files that a pod mounts."""
        root = os.path.join(self._home(program.uid), "root")
        for path, content in program.files.items():
            target = _inside(root, path)
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            write_private(target, content)

    def _await(self, process: _Process) -> None:
        code = process.popen.wait()
        assert process.popen.stdin is not None
        process.popen.stdin.close()
        process.status = ProgramStatus(running=False, exit_code=code if code >= 0 else 128 - code)
        process.ended.set()
        self._tell(process)

    def _tell(self, process: _Process) -> None:
        self.on_change(("pods", process.program.namespace, process.program.name))

    def _probe(self, process: _Process) -> None:
        """Ask again and again whether the program is ready and alive, until it ends."""
        program = process.program
        unready = dead = 0
        while not process.ended.wait(_FIRST_PERIOD if not process.status.ready else _period(program)):
            well = _answers(program.readiness, process.ports)
            unready = 0 if well else unready + 1
            if well != process.status.ready and (well or unready >= _threshold(program.readiness)):
                process.status = ProgramStatus(running=True, ready=well)
                if process.ended.is_set():
                    return
                self._tell(process)
            if process.status.ready or program.liveness is None:
                dead = 0 if _answers(program.liveness, process.ports) else dead + 1
                if dead >= _threshold(program.liveness):
                    process.popen.kill()


def _period(program: Program) -> float:
    return min(each.period for each in (program.readiness, program.liveness) if each) if _is_probed(program) else 60.0


def _is_probed(program: Program) -> bool:
    return program.readiness is not None or program.liveness is not None


def _threshold(probe: HttpProbe | None) -> int:
    return probe.threshold if probe else 1


def _answers(probe: HttpProbe | None, ports: dict[int, int]) -> bool:
    """Tell whether a probe is answered well; what is not probed is well."""
    if probe is None:
        return True
    port = ports.get(probe.port)
    if port is None:
        return False
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PROBE_SECONDS)
    try:
        connection.request("GET", probe.path)
        return 200 <= connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _arguments(program: Program, root: str, ports: dict[int, int]) -> Iterable[str]:
    """Yield the flags: the addresses on loopback, and the pod's own but for addresses, paths made private.

    A flag and its value are joined, so that no flag of the pod can swallow another or hide as a value.
    """
    for name, port in (("listen", program.listen), ("probe-listen", program.probes)):
        yield f"--{name}=127.0.0.1:{ports[port] if port else 0}"
    words = list(program.arguments)
    while words:
        flag, equals, value = words.pop(0).partition("=")
        if not equals and flag.startswith("-") and words and not words[0].startswith("-"):
            equals, value = "=", words.pop(0)
        if flag.lstrip("-") not in ("listen", "probe-listen"):
            yield f"{_moved(root, flag)}{equals}{_moved(root, value)}"


def _moved(root: str, value: str) -> str:
    """Return a value that is a path as the same path below ``root``; other values as they are."""
    return _inside(root, value) if value.startswith("/") or ".." in value.split("/") else value


def _inside(root: str, path: str) -> str:
    return root + posixpath.normpath("/" + path.lstrip("/"))
