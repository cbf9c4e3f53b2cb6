"""Our helm beside the real one: the same commands on the same cluster, in two namespaces with names of one length."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
OURS = (sys.executable, "-m", "pilothouse")
#: Kinds whose objects are compared; the second list has no namespaces.
KINDS = "configmaps,secrets,services,serviceaccounts,deployments,statefulsets,jobs,pods,persistentvolumeclaims,roles"
_numbers = itertools.count(1)

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_GO_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} \w+")
_ANSIC = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d [\d:]{8} \d{4}"
)
_KLOG = re.compile(r"(?m)^([IWE])\d{4} [\d:.]+ +\d+ (?=\w+\.go:)")
#: What Go's client says of a watch that it ended itself, by chance.
_WATCH_ENDED = re.compile(r"(?m)^[IWE]\d{4} [\d:.]+ +\d+ reflector\.go:.*\n")
_ADDRESS = re.compile(r"\b10\.\d+\.\d+\.\d+\b")
_UNIX = re.compile(r"\b1[789]\d{8}\b")
_VERSION = re.compile(r'(?<="resourceVersion":")\d+|(?<=resourceVersion: ")\d+')
_UID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed, volatile parts masked."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass
class Side:
    """One helm program, with a home of its own, that works in one namespace of a cluster.

    Attributes:
        program: The command that starts it.
        kubeconfig: The cluster.
        namespace: Where it works.
        home: Its home folder.
        variables: More environment variables.
    """

    program: tuple[str, ...]
    kubeconfig: Path
    namespace: str
    home: Path
    kubectl_program: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Return the variables that its processes get."""
        return {
            "HOME": str(self.home),
            "PATH": os.defpath,
            "KUBECONFIG": str(self.kubeconfig),
            "PYTHONPATH": str(REPOSITORY / "src"),
            "HELM_NAMESPACE": self.namespace,
            "NO_PROXY": "*",
            **self.variables,
        }

    def raw(self, *words: str, stdin: str = "", timeout: float = 400) -> Ran:
        """Run the program and return exactly what it printed."""
        done = subprocess.run(
            [*self.program, *words],
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            cwd=self.home,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def __call__(self, line: str, **values: str) -> Ran:
        """Run a command line and return what it printed with times and namespaces masked."""
        ran = self.raw(*shlex.split(line.format(ns=self.namespace, **values)))
        stderr = _WATCH_ENDED.sub("", without_hints(ran.stderr))
        return Ran(ran.exit_code, self.masked(ran.stdout), self.masked(stderr))

    def kubectl(self, line: str, *, stdin: str = "", check: bool = True) -> str:
        """Run kubectl in the namespace."""
        done = subprocess.run(
            [self.kubectl_program, "-n", self.namespace, *shlex.split(line.format(ns=self.namespace))],
            env={**self.environment(), "HOME": str(self.home)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"kubectl {line}: {done.stderr}")
        return done.stdout

    def masked(self, text: str) -> str:
        """Return a text without what differs from run to run."""
        text = text.replace(self.namespace, "NAMESPACE").replace(str(self.home), "HOME")
        for pattern, word in (
            (_TIME, "TIME"),
            (_GO_TIME, "TIME"),
            (_ANSIC, "TIME"),
            (_ADDRESS, "ADDRESS"),
            (_UID, "UID"),
            (_UNIX, "SECONDS"),
            (_VERSION, "VERSION"),
            (_KLOG, r"\1 "),
        ):
            text = pattern.sub(word, text)
        text = re.sub(r" +(?=\t)", "", text)
        return _sorted_resources(text)

    def records(self) -> list[dict[str, Any]]:
        """Return every stored record of the namespace: labels and decoded JSON, times masked."""
        found = json.loads(self.kubectl("get secrets,configmaps -l owner=helm -o json"))["items"]
        return [self._record(item) for item in sorted(found, key=lambda item: str(item["metadata"]["name"]))]

    def _record(self, item: dict[str, Any]) -> dict[str, Any]:
        packed = item["data"]["release"]
        if item["kind"] == "Secret":
            packed = base64.b64decode(packed)
        try:
            decoded = gzip.decompress(base64.b64decode(packed)).decode()
        except ValueError:
            decoded = json.dumps(item["data"])
        labels = {name: _UNIX.sub("SECONDS", value) for name, value in item["metadata"]["labels"].items()}
        return {
            "name": item["metadata"]["name"],
            "kind": item["kind"],
            "type": item.get("type"),
            "labels": labels,
            "record": json.loads(self.masked(decoded)),
        }

    def objects(self, kinds: str = KINDS) -> dict[str, Any]:
        """Return the namespace's objects that Helm had a hand in, without what the server fills in."""
        items = json.loads(self.kubectl(f"get {kinds} -o json"))["items"]
        found = {}
        for item in items:
            if "owner" in item["metadata"].get("labels", {}):
                continue
            entries = item["metadata"].get("managedFields", ())
            managers = [entry for entry in entries if entry.get("manager") == "helm"]
            if not managers:
                continue
            found[f"{item['kind']}/{item['metadata']['name']}"] = _comparable(item, managers)
        text: dict[str, Any] = json.loads(self.masked(json.dumps(found, sort_keys=True)))
        return text

    def shared(self, *names: str) -> list[dict[str, Any]]:
        """Return objects of the whole cluster, without what the server fills in."""
        items = json.loads(self.kubectl(f"get {' '.join(names)} -o json --ignore-not-found") or '{"items": []}')
        found = [_comparable(item, item["metadata"].get("managedFields", [])) for item in items["items"]]
        text: list[dict[str, Any]] = json.loads(self.masked(json.dumps(found, sort_keys=True)))
        return text


def _comparable(item: dict[str, Any], managers: list[dict[str, Any]]) -> dict[str, Any]:
    metadata = {
        key: value
        for key, value in item["metadata"].items()
        if key not in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink")
    }
    rest = {key: value for key, value in item.items() if key not in ("metadata", "status", "spec")}
    return {
        **rest,
        "metadata": metadata,
        "spec": item.get("spec"),
        "managers": [{key: value for key, value in entry.items() if key != "time"} for entry in managers],
    }


def without_hints(text: str) -> str:
    """Return errors without the hints that only ours has, and without the traces of tools beneath."""
    # A hint may show lines of a template, which are indented.
    return (
        re.sub(r"(?m)^hint: .*\n(?: +.*\n)*", "", text if text.endswith("\n") else text + "\n")
        if "hint: " in text
        else text
    )


def readable(text: str) -> str:
    """Return a text whose live objects are in one order; a list's version is the cluster's, which others move on."""
    return _VERSION.sub("VERSION", _sorted_resources(text))


def _sorted_resources(text: str) -> str:
    """Return a status block whose resources are in order; Go prints them in the order of a map, by chance."""
    head, found, rest = text.partition("\nRESOURCES:\n")
    if not found:
        return text
    end = re.search(r"(?m)^(TEST SUITE:|NOTES:)|\Z", rest)
    assert end is not None
    block, tail = rest[: end.start()], rest[end.start() :]
    parts = sorted(part.rstrip() for part in re.split(r"(?m)^(?===> )", block) if part.strip())
    blank_lines = block[len(block.rstrip()) :]
    return head + found + "\n\n".join(_row_masked(part) for part in parts) + blank_lines + tail


def _row_masked(part: str) -> str:
    part = re.sub(r" +", " ", part)
    part = re.sub(r"\b(\d+[hms])+\b", "AGE", part)
    part = re.sub(r"(?<=-)[a-z0-9]{5}\b(?= )", "RANDOM", part)
    return re.sub(r"(?<=-)[a-f0-9]{8,10}(?=-RANDOM)", "HASH", part)


def side(program: Iterable[str], kubeconfig: Path, home: Path, kubectl: str, *, word: str, create: bool = True) -> Side:
    """Return a side in a new namespace.

    Args:
        program: The command that starts its helm.
        kubeconfig: The cluster.
        home: A folder for it.
        kubectl: The kubectl to look with.
        word: Four letters that tell the sides apart.
        create: Whether the namespace is created.
    """
    home.mkdir(parents=True, exist_ok=True)
    made = Side(tuple(program), kubeconfig, f"{word}-{os.getpid() % 10000:04d}{next(_numbers):03d}", home, kubectl)
    if create:
        made.kubectl("create namespace {ns}")
    return made


def write_chart(folder: Path, files: Mapping[str, str], *, name: str = "demo", version: str = "0.1.0") -> Path:
    """Write a chart and return its folder."""
    chart = folder / name
    described = {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: '7.1'\n", **files}
    for path, text in described.items():
        (chart / path).parent.mkdir(parents=True, exist_ok=True)
        (chart / path).write_text(text)
    return chart
