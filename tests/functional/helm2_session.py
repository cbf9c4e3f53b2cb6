"""Recorded sessions of Helm 2.17: commands, a place to run them in, and a Tiller that gives the recorded answers."""

from __future__ import annotations

import base64
import functools
import io
import json
import re
import shutil
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.cli.main import run
from pilothouse.commandline.runner import Outcome, run_in_process
from pilothouse.environment import Environment
from pilothouse.hapi.messages import SERVICE, calls_of

CALLS = calls_of(SERVICE)
#: Where the recorded repository was served.
RECORDED_REPOSITORY = "127.0.0.1:8879"


class Step:
    """One recorded command."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.number: int = record["step"]
        self.words: list[str] = record["cmd"]
        self.variables: dict[str, str] = record.get("env") or {}
        self.exit_code = record["exit"]
        self.stdout: str = record["stdout"]
        self.stderr: str = record["stderr"]
        self.note: str = record.get("note") or ""

    def __repr__(self) -> str:
        return f"{self.number}: {' '.join(self.words)}"


def steps(folder: Path, name: str = "session.jsonl") -> list[Step]:
    """Return the commands of a recorded session."""
    records = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    return [Step(record) for record in records if "cmd" in record]


class Exchange:
    """One recorded call and its answer."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.step: int = record["step"]
        self.name: str = record["method"].rpartition("/")[2]
        call = CALLS[self.name]
        self.request = call.request.FromString(base64.b64decode(record["request"]))
        self.responses = [call.response.FromString(base64.b64decode(one)) for one in record["responses"]]
        self.error: str = "" if record["code"] == "OK" else record["message"]


class RecordedTiller:
    """Answers calls as they were recorded for a step, and keeps what was asked."""

    def __init__(self, folder: Path) -> None:
        self.exchanges: dict[int, list[Exchange]] = {}
        for line in (folder / "grpc.jsonl").read_text().splitlines():
            exchange = Exchange(json.loads(line))
            self.exchanges.setdefault(exchange.step, []).append(exchange)
        self.step = 0
        self.asked: list[tuple[str, Any]] = []
        self._server = grpc.server(ThreadPoolExecutor(max_workers=4))
        handlers = {name: self._handler(name) for name in CALLS}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> RecordedTiller:
        self._server.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.stop(0).wait()

    def begin(self, step: int) -> None:
        """Expect the calls of a step."""
        self.step, self.asked = step, []

    def expected(self) -> list[Exchange]:
        """Return the calls that were recorded for the step."""
        return self.exchanges.get(self.step, [])

    def _handler(self, name: str) -> grpc.RpcMethodHandler:
        call = CALLS[name]

        def answers(request: Any, context: Any) -> Iterator[Any]:
            self.asked.append((name, request))
            number = len(self.asked) - 1
            if number >= len(self.expected()) or self.expected()[number].name != name:
                context.abort(grpc.StatusCode.INTERNAL, f"{name} was not recorded here")
            exchange = self.expected()[number]
            yield from exchange.responses
            if exchange.error:
                context.abort(grpc.StatusCode.UNKNOWN, exchange.error)

        def answer(request: Any, context: Any) -> Any:
            return next(answers(request, context))

        make = grpc.unary_stream_rpc_method_handler if call.streams_responses else grpc.unary_unary_rpc_method_handler
        return make(
            answers if call.streams_responses else answer,
            request_deserializer=call.request.FromString,
            response_serializer=call.response.SerializeToString,
        )


class Workplace:
    """A folder like the one in which the sessions were recorded: charts, a repository, HELM_HOME."""

    def __init__(self, folder: Path, repository: str, host: str) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.home = folder / "helm"
        self.repository = repository
        self.host = host
        self.kubeconfig = ""

    def variables(self) -> dict[str, str]:
        """Return the environment of commands."""
        return {
            "HOME": str(self.folder),
            "HELM_HOME": str(self.home),
            "HELM_COMPAT": "2",
            "HELM_HOST": self.host,
            "KUBECONFIG": self.kubeconfig or str(self.folder / "none"),
            "PILOTHOUSE_CACHE": str(self.folder / "cache"),
            "TZ": "UTC",
        }

    def run(self, words: list[str], **variables: str) -> Outcome:
        """Run ``helm`` in process with the recorded words after its name."""
        environment = Environment(
            variables={**self.variables(), **variables},
            arguments=("helm",),
            working_directory=str(self.work),
        )
        given = [word.replace(RECORDED_REPOSITORY, self.repository) for word in words[1:]]
        return run_in_process(lambda rest, streams: run(rest, streams, environment), given)

    def masked(self, text: str) -> str:
        """Return what was printed with the recorder's placeholders."""
        for real, shown in (
            (self.repository, RECORDED_REPOSITORY),
            (str(self.work), "$WORK"),
            (str(self.home), "$HELM_HOME"),
            (self.host, "$HELM_HOST"),
            (str(self.folder), "$HOME"),
        ):
            text = text.replace(real, shown)
        return text


class _Quiet(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        self.path = self.path.removeprefix("/charts")
        super().do_GET()

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def workplace(folder: Path, golden: Path, host: str) -> Iterator[Workplace]:
    """Yield a place to run a session in, with its repository being served."""
    work, dist = folder / "work", folder / "dist"
    work.mkdir()
    dist.mkdir()
    with tarfile.open(golden / "charts.tar.gz") as packed:
        packed.extractall(work, filter="data")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(dist)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = Workplace(folder, f"127.0.0.1:{server.server_port}", host)
    try:
        _fill(made, dist)
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _fill(made: Workplace, dist: Path) -> None:
    for path in made.work.rglob("requirements.*"):
        path.write_text(path.read_text().replace(RECORDED_REPOSITORY, made.repository))
    for name, version in (("plain", "0.1.0"), ("plain", "0.2.0"), ("testy", "0.2.0"), ("waity", "0.3.0")):
        _pack(made.work / "charts" / name, dist / f"{name}-{version}.tgz", version)
    url = f"http://{made.repository}/charts"
    done = made.run(["helm", "repo", "index", str(dist), "--url", url], HELM_COMPAT="4")
    assert done.exit_code == 0, done.stderr
    cache = made.home / "repository" / "cache"
    for name in ("repository/cache", "repository/local", "plugins", "starters", "cache/archive"):
        (made.home / name).mkdir(parents=True)
    shutil.copy(dist / "index.yaml", cache / "local-index.yaml")
    (made.home / "repository" / "repositories.yaml").write_text(
        "apiVersion: v1\ngenerated: 2026-01-01T00:00:00Z\nrepositories:\n"
        f"- name: local\n  url: {url}\n  cache: local-index.yaml\n"
    )


def _ignores(chart: Path) -> bool:
    return (chart / ".helmignore").is_file()


def _pack(chart: Path, target: Path, version: str) -> None:
    """Pack a chart as ``helm package`` does, its Chart.yaml but for the version as it is."""
    ignored = [line.strip("/") for line in (chart / ".helmignore").read_text().split()] if _ignores(chart) else []
    with tarfile.open(target, "w:gz") as packed:
        for path in sorted(path for path in chart.rglob("*") if path.is_file()):
            if any(path.match(pattern) for pattern in ignored):
                continue
            data = path.read_bytes()
            if path.name == "Chart.yaml":
                data = re.sub(rb"(?m)^version: .*$", b"version: " + version.encode(), data)
            entry = tarfile.TarInfo(f"{chart.name}/{path.relative_to(chart)}")
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))
