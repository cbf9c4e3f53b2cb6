#!/usr/bin/env python3
"""Load on a running Tiller, and killing it in the middle of its work.

  tiller_load.py load KUBECONFIG [--clients N] [--seconds S] [--storage configmap] [--sql-connection-string URL]
      N clients install, upgrade, list and delete for S seconds; then every record is checked
  tiller_load.py kill KUBECONFIG [--operations N] [--storage configmap] [--sql-connection-string URL]
      N operations are begun, Tiller gets SIGKILL in their middle and starts again; then every release must take an
      upgrade (or an installation, where the killed one left nothing), a rollback and a deletion

Figures are of the machine and of the API server as much as of Tiller. The result is one JSON object; the exit code is 1
when a revision was lost or is there twice, or a release cannot be used.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.hapi.messages import SERVICE, ChartMessage, ConfigMessage, calls_of

CALLS = calls_of(SERVICE)
METADATA = (("x-helm-api-client", "v2.17.0"),)
TEMPLATE = (
    "{{- range $i := until (int .Values.count) }}\n---\napiVersion: v1\nkind: ConfigMap\n"
    "metadata: {name: {{ $.Release.Name }}-{{ $i }}}\ndata: {a: {{ $.Values.a | quote }}}\n{{- end }}\n"
)


class Tiller:
    """The command tiller as a process."""

    def __init__(self, kubeconfig: str, namespace: str, storage: str, folder: Path, connection: str = "") -> None:
        self.folder = folder
        self._arguments = [f"--storage={storage}", "--listen=127.0.0.1:0", "--probe=false"]
        if connection:
            self._arguments.append(f"--sql-connection-string={connection}")
        self._variables = {**os.environ, "KUBECONFIG": kubeconfig, "TILLER_NAMESPACE": namespace}
        self.process: subprocess.Popen[bytes] | None = None
        self.address = ""

    def start(self) -> None:
        """Start it and wait until it listens."""
        log = self.folder / f"tiller-{time.monotonic_ns()}.log"
        with log.open("w") as file:
            command = [sys.executable, "-m", "pilothouse.tiller.main", *self._arguments]
            self.process = subprocess.Popen(command, env=self._variables, stderr=file)
        while self.process.poll() is None:
            for line in log.read_text().splitlines():
                if "Max history" in line:
                    return
                if "GRPC listening on" in line:
                    self.address = f"127.0.0.1:{line.rpartition(':')[2]}"
            time.sleep(0.05)
        raise SystemExit(f"tiller did not start: {log.read_text()}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it with a signal."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=60)

    def memory(self) -> int:
        """Return its resident memory in KiB."""
        assert self.process is not None
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def processor_seconds(self) -> float:
        """Return the processor time that it has used."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def chart() -> Any:
    """Return a chart of some ConfigMaps."""
    made = ChartMessage()
    made.metadata.name, made.metadata.version = "load", "0.1.0"
    made.templates.add(name="templates/cm.yaml", data=TEMPLATE.encode())
    made.values.raw = "a: zero\ncount: 3\n"
    return made


CHART = chart()


class Client:
    """Calls Tiller over one channel."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_error: object) -> None:
        self._channel.close()

    def __call__(self, call_name: str, **fields: Any) -> Any:
        """Send one request; raises grpc.RpcError."""
        call = CALLS[call_name]
        make = self._channel.unary_stream if call.streams_responses else self._channel.unary_unary
        send = make(
            f"/{SERVICE}/{call_name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=call.response.FromString,
        )
        answer = send(call.request(**fields), metadata=METADATA, timeout=300)
        return list(answer) if call.streams_responses else answer


def config(text: str) -> Any:
    """Return values."""
    return ConfigMessage(raw=text)


# ── load ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Worker(threading.Thread):
    """A client that lives the lives of releases of its own, one after the other, until the time is over."""

    def __init__(self, number: int, address: str, namespace: str, mark: str, end: float) -> None:
        super().__init__()
        self._mark = mark
        self._number = number
        self._address = address
        self._namespace = namespace
        self._end = end
        self._random = random.Random(number)
        self.seconds: dict[str, list[float]] = collections.defaultdict(list)
        self.errors: list[str] = []
        #: Revisions that must be there, by release.
        self.expected: dict[str, int] = {}

    def run(self) -> None:
        """Work."""
        with Client(self._address) as client:
            turn = 0
            while time.monotonic() < self._end:
                self._life(client, f"{self._mark}-{self._number}-{turn}")
                turn += 1

    def _life(self, client: Client, name: str) -> None:
        if not self._timed(client, "InstallRelease", name=name, namespace=self._namespace, chart=CHART, timeout=60):
            return
        self.expected[name] = 1
        for number in range(self._random.randint(1, 4)):
            if time.monotonic() > self._end:
                return
            if self._timed(client, "UpdateRelease", name=name, chart=CHART, values=config(f"a: v{number}\n")):
                self.expected[name] += 1
        self._timed(client, "ListReleases", filter=f"^{self._mark}-{self._number}-", limit=10)
        if self._random.random() < 0.7 and self._timed(client, "UninstallRelease", name=name, purge=True):
            del self.expected[name]

    def _timed(self, client: Client, call_name: str, **fields: Any) -> bool:
        begun = time.perf_counter()
        try:
            client(call_name, **fields)
        except grpc.RpcError as error:
            self.errors.append(f"{call_name} {fields.get('name')}: {error.code().name}: {error.details()}")
            return False
        finally:
            self.seconds[call_name].append(time.perf_counter() - begun)
        return True


def load(tiller: Tiller, namespace: str, clients: int, seconds: float) -> dict[str, Any]:
    """Put load on Tiller and return what was found."""
    end = time.monotonic() + seconds
    mark = f"load-{os.urandom(3).hex()}"
    workers = [Worker(number, tiller.address, namespace, mark, end) for number in range(clients)]
    memory, used = [tiller.memory()], tiller.processor_seconds()
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        memory.append(tiller.memory())
        time.sleep(1)
    for worker in workers:
        worker.join()
    calls: dict[str, list[float]] = collections.defaultdict(list)
    for worker in workers:
        for name, times in worker.seconds.items():
            calls[name] += times
    total = sum(map(len, calls.values()))
    used = tiller.processor_seconds() - used
    with Client(tiller.address) as client:
        problems = _wrong_records(client, mark, {k: v for worker in workers for k, v in worker.expected.items()})
    return {
        "clients": clients,
        "seconds": seconds,
        "calls": total,
        "calls per second": round(total / seconds, 1),
        "processor ms of Tiller per call": round(1000 * used / max(1, total), 1),
        "latency ms": {name: _percentiles(times) for name, times in sorted(calls.items())},
        "memory KiB": {"start": memory[0], "middle": memory[len(memory) // 2], "end": memory[-1], "most": max(memory)},
        "errors": [error for worker in workers for error in worker.errors][:20],
        "lost or doubled": problems,
    }


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    found: dict[str, float] = {"calls": len(ordered)}
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        found[name] = round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))], 1)
    return found


def _wrong_records(client: Client, mark: str, expected: dict[str, int]) -> list[str]:
    """Return what is wrong: each release must have one revision of each number, and the newest must be deployed."""
    problems = []
    for name, revisions in sorted(expected.items()):
        found = client("GetHistory", name=name, max=1000).releases
        numbers = sorted(one.version for one in found)
        deployed = [one.version for one in found if one.info.status.code == 1]
        if numbers != list(range(1, revisions + 1)) or deployed != [revisions]:
            problems.append(f"{name}: revisions {numbers}, deployed {deployed}, expected 1 to {revisions}")
    listed = {one.name for answer in client("ListReleases", limit=100000) for one in answer.releases}
    problems += [f"{name}: there, although deleted" for name in listed - set(expected) if name.startswith(mark)]
    return problems


# ── killing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def kill(tiller: Tiller, namespace: str, operations: int, seed: int = 0) -> dict[str, Any]:
    """Kill Tiller in the middle of operations, start it again, use every release, and return what was found."""
    chance = random.Random(seed)
    mark = os.urandom(3).hex()
    names = [f"kill-{mark}-{number}" for number in range(operations)]
    with Client(tiller.address) as client:
        for name in names[operations // 3 :]:
            client("InstallRelease", name=name, namespace=namespace, chart=CHART, timeout=60)
    answers: dict[str, str] = {}
    threads = [
        threading.Thread(target=_operate, args=(tiller.address, namespace, name, number, operations, answers))
        for number, name in enumerate(names)
    ]
    for thread in threads:
        thread.start()
    while len(answers) < operations * chance.uniform(0.2, 0.6):
        time.sleep(0.005)
    tiller.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    cut_off = sum(answer != "ok" for answer in answers.values())
    tiller.start()
    with Client(tiller.address) as client:
        before = collections.Counter(_state(client, name) for name in names)
        problems = [problem for name in names for problem in _use(client, namespace, name)]
    return {
        "operations": operations,
        "cut off": cut_off,
        "states after the restart": dict(before),
        "not usable": problems,
    }


def _operate(address: str, namespace: str, name: str, number: int, operations: int, answers: dict[str, str]) -> None:
    """Install the first third, upgrade the second, delete or roll back the last."""
    with Client(address) as client:
        try:
            if number < operations // 3:
                client("InstallRelease", name=name, namespace=namespace, chart=CHART, timeout=60)
            elif number < 2 * operations // 3:
                # more objects than before, and fewer: the one is created, the other removed when Tiller is killed
                count = 6 if number % 2 else 1
                client("UpdateRelease", name=name, chart=CHART, values=config(f"a: two\ncount: {count}\n"))
            elif number % 2:
                client("UninstallRelease", name=name, purge=number % 4 == 1)
            else:
                client("RollbackRelease", name=name, version=1)
            answers[name] = "ok"
        except grpc.RpcError as error:
            answers[name] = str(error.details())


def _state(client: Client, name: str) -> str:
    try:
        newest = client("GetHistory", name=name, max=1).releases[0]
    except grpc.RpcError:
        return "nothing"
    code: int = newest.info.status.code
    status: str = newest.info.status.DESCRIPTOR.enum_types_by_name["Code"].values_by_number[code].name
    interrupted = " (interrupted)" if newest.info.Description.startswith("Interrupted") else ""
    return status + interrupted


def _use(client: Client, namespace: str, name: str) -> Iterator[str]:
    """Go on with a release in the way that its state asks for, then upgrade it, roll it back and purge it."""
    state = _state(client, name)
    steps: list[tuple[str, dict[str, Any]]] = []
    if state in ("DELETING", "DELETED"):
        steps.append(("UninstallRelease", {"purge": True}))
    if state in ("DELETING", "DELETED", "nothing"):
        steps.append(("InstallRelease", {"namespace": namespace, "chart": CHART, "timeout": 60}))
    steps += [
        ("UpdateRelease", {"chart": CHART, "values": config("a: after\ncount: 4\n")}),
        ("UpdateRelease", {"chart": CHART, "values": config("a: last\ncount: 2\n")}),
        ("RollbackRelease", {}),
        ("UninstallRelease", {"purge": True}),
    ]
    for call_name, fields in steps:
        try:
            client(call_name, name=name, **fields)
        except grpc.RpcError as error:
            yield f"{name} ({state}): {call_name}: {error.details()}"
            return


# ── the command ────────────────────────────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def running(kubeconfig: str, namespace: str, storage: str, connection: str = "") -> Iterator[Tiller]:
    """Run a Tiller."""
    with tempfile.TemporaryDirectory() as folder:
        tiller = Tiller(kubeconfig, namespace, storage, Path(folder), connection)
        tiller.start()
        try:
            yield tiller
        finally:
            tiller.stop()


def main() -> int:
    """Run one of the two and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["load", "kill"])
    parser.add_argument("kubeconfig")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--operations", type=int, default=100)
    parser.add_argument("--storage", default="configmap")
    parser.add_argument("--sql-connection-string", default="")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with running(chosen.kubeconfig, "kube-system", chosen.storage, chosen.sql_connection_string) as tiller:
        if chosen.what == "load":
            result = load(tiller, "load", chosen.clients, chosen.seconds)
            bad = result["lost or doubled"] or result["errors"]
        else:
            result = kill(tiller, "load", chosen.operations, chosen.seed)
            bad = result["not usable"]
    print(json.dumps(result, indent=2))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
