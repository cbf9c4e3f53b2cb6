"""What a pod of Tiller runs: its flags, variables and files, read off the pod's specification.

Only pods with one container of Tiller's image are run, and nothing but Pilothouse's own Tiller is run for them.
"""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from pilothouse.records import Record
from pilothouse.sandbox.lifecycle.world import Key, Object

#: Pilothouse's image, and those that ``helm init`` of Helm 2 names; a registry may stand before them.
IMAGES = ("pilothouse/tiller", "helm/tiller", "kubernetes-helm/tiller")
LISTEN_PORT, PROBE_PORT = 44134, 44135
_VARIABLES = "TILLER_"
_DATABASE = "sql-connection-string"
_REFERENCE = re.compile(r"\$(?:\$|\(([A-Za-z_.-][\w.-]*)\))")


class HttpProbe(Record):
    """A question that a container answers when it is well.

    Attributes:
        path: What is asked for.
        port: On which port of the container.
        period: Seconds between two questions.
        threshold: How many answers must be missing before it counts.
    """

    path: str
    port: int
    period: float
    threshold: int


class Program(Record):
    """What is to be run.

    Attributes:
        namespace: The pod's namespace.
        name: The pod's name.
        uid: Its unique id.
        account: Its service account; empty when it gets no token.
        arguments: Flags; paths are those in the container.
        variables: Its environment.
        files: Content by path in the container.
        listen: The port in the container for clients, or 0 when none can be told.
        probes: The port for probes, or 0.
        readiness: How to ask whether it is ready.
        liveness: How to ask whether it is alive.
    """

    namespace: str
    name: str
    uid: str
    account: str
    arguments: tuple[str, ...]
    variables: dict[str, str]
    files: dict[str, bytes]
    listen: int
    probes: int
    readiness: HttpProbe | None
    liveness: HttpProbe | None


class ProgramStatus(Record):
    """How a program does.

    Attributes:
        running: It runs.
        ready: It answers its probe.
        exit_code: With what it ended.
        problem: Why it could not be started, if so.
    """

    running: bool
    ready: bool = False
    exit_code: int = 0
    problem: str = ""


class Programs(Protocol):
    """Runs programs; :attr:`on_change` is called when one ends or its readiness changes."""

    on_change: Callable[[Key], None]

    def start(self, program: Program) -> None:
        """Start a program, in place of the one that its pod had before."""

    def renew(self, program: Program) -> None:
        """Give a program that runs the files that it has now."""

    def refuse(self, uid: str, problem: str) -> None:
        """Take note that the program of a pod cannot be started."""

    def status(self, uid: str) -> ProgramStatus | None:
        """Return how the program of a pod does, or None when none was started."""

    def end(self, uid: str, grace: float) -> None:
        """Ask the program of a pod to end, and end it after ``grace`` seconds; returns at once."""

    def forget(self, uid: str) -> None:
        """Drop what is known of the program of a pod that is gone, which is ended if it still runs."""


def is_run(pod: Object) -> bool:
    """Tell whether a pod is run, not simulated."""
    containers: list[Object] = pod["spec"].get("containers") or []
    return len(containers) == 1 and is_tiller(containers[0].get("image") or "")


def is_tiller(image: str) -> bool:
    """Tell whether an image is Tiller's: ``pilothouse/tiller:TAG``, or one of Helm 2's in its stead."""
    parts = image.partition("@")[0].split("/")
    repository = "/".join(parts[-2:])
    name, _, tag = repository.partition(":")
    hosted = len(parts) == 2 or (len(parts) == 3 and any(mark in parts[0] for mark in ".:"))
    return name in IMAGES and bool(tag) and hosted


def program_of(pod: Object, find: Callable[[str, str, str], Object | None]) -> Program:
    """Return what a pod runs.

    Args:
        pod: The pod.
        find: Finds an object by kind, namespace and name.

    Raises:
        ValueError: Its command is another program, or would reach out of the sandbox.
    """
    metadata, spec = pod["metadata"], pod["spec"]
    container = spec["containers"][0]
    namespace = metadata["namespace"]
    variables = dict(_variables(pod, container, find))
    words = [_expanded(each, variables) for each in (*(container.get("command") or ()), *(container.get("args") or ()))]
    if container.get("command"):
        program = words.pop(0)
        if posixpath.basename(program) != "tiller":
            raise ValueError(f'exec: "{program}": executable file not found in $PATH')
    if any(word.lstrip("-").partition("=")[0] == _DATABASE for word in words):
        raise ValueError(f"a Tiller in the sandbox keeps its releases there: --{_DATABASE} would reach out of it")
    listen, probes = _port(words, "listen", LISTEN_PORT), _port(words, "probe-listen", PROBE_PORT)
    account = spec.get("serviceAccountName") or "default"
    kept = {"TILLER_NAMESPACE": namespace, **{k: v for k, v in variables.items() if k.startswith(_VARIABLES)}}
    return Program(
        namespace=namespace,
        name=metadata["name"],
        uid=metadata["uid"],
        account=account if _mounts_token(spec, find("serviceaccounts", namespace, account)) else "",
        arguments=tuple(words),
        variables=kept,
        files=dict(_files(pod, container, find)),
        listen=listen,
        probes=probes,
        readiness=_probe(container, "readinessProbe"),
        liveness=_probe(container, "livenessProbe"),
    )


def _mounts_token(spec: Object, account: Object | None) -> bool:
    if account is None:
        return False
    wanted = spec.get("automountServiceAccountToken")
    return bool(account.get("automountServiceAccountToken", True) if wanted is None else wanted)


def _port(words: list[str], name: str, default: int) -> int:
    found = f":{default}"
    for number, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag in (f"-{name}", f"--{name}"):
            found = value if equals else next(iter(words[number + 1 : number + 2]), "")
    port = found.rpartition(":")[2]
    return int(port) if port.isdigit() and int(port) < 65536 else 0


def _probe(container: Object, name: str) -> HttpProbe | None:
    wanted = container.get(name) or {}
    asked = wanted.get("httpGet")
    if not asked:
        return None
    port = asked.get("port")
    if not isinstance(port, int):
        named = [each["containerPort"] for each in container.get("ports") or () if each.get("name") == port]
        port = named[0] if named else 0
    return HttpProbe(
        path=asked.get("path") or "/",
        port=port,
        period=float(wanted.get("periodSeconds") or 10),
        threshold=int(wanted.get("failureThreshold") or 3),
    )


def _expanded(text: str, variables: dict[str, str]) -> str:
    """Return a text with ``$(NAME)`` replaced where the variable is known (``third_party/forked/golang/expansion``)."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return variables.get(match[1], match[0])

    return _REFERENCE.sub(value, text)


def _variables(
    pod: Object, container: Object, find: Callable[[str, str, str], Object | None]
) -> Iterator[tuple[str, str]]:
    namespace = pod["metadata"]["namespace"]
    known: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        for field, kind in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
            if source.get(field):
                data = _content(find(kind, namespace, source[field].get("name", "")))
                known.update({source.get("prefix", "") + key: text.decode("utf-8", "replace") for key, text in data})
    for each in container.get("env") or ():
        known[each["name"]] = _value(pod, each, known, find)
    yield from known.items()


def _value(pod: Object, variable: Object, known: dict[str, str], find: Callable[[str, str, str], Object | None]) -> str:
    source = variable.get("valueFrom") or {}
    if not source:
        return _expanded(variable.get("value") or "", known)
    namespace = pod["metadata"]["namespace"]
    for field, kind in (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")):
        if source.get(field):
            data = dict(_content(find(kind, namespace, source[field].get("name", ""))))
            return data.get(source[field].get("key", ""), b"").decode("utf-8", "replace")
    path = (source.get("fieldRef") or {}).get("fieldPath", "")
    found: object = pod
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return str(found) if isinstance(found, str) else ""


def _content(found: Object | None) -> Iterator[tuple[str, bytes]]:
    """Yield the keys of a Secret or ConfigMap with their content."""
    if found is None:
        return
    for key, text in (found.get("data") or {}).items():
        yield key, base64.b64decode(text) if found.get("kind") == "Secret" else str(text).encode()
    for key, text in (found.get("binaryData") or {}).items():
        yield key, base64.b64decode(text)


def _files(
    pod: Object, container: Object, find: Callable[[str, str, str], Object | None]
) -> Iterator[tuple[str, bytes]]:
    volumes = {each["name"]: each for each in pod["spec"].get("volumes") or ()}
    for mount in container.get("volumeMounts") or ():
        volume = volumes.get(mount["name"]) or {}
        sources = (volume, *((volume.get("projected") or {}).get("sources") or ()))
        for source in sources:
            for path, content in _shown(source, pod["metadata"]["namespace"], find):
                below = mount.get("subPath") or ""
                if not below:
                    yield posixpath.join(mount["mountPath"], path), content
                elif path == below:
                    yield mount["mountPath"], content


def _shown(
    source: Object, namespace: str, find: Callable[[str, str, str], Object | None]
) -> Iterable[tuple[str, bytes]]:
    for field, kind in (("secret", "secrets"), ("configMap", "configmaps")):
        wanted = source.get(field)
        if not wanted:
            continue
        data = dict(_content(find(kind, namespace, wanted.get("secretName") or wanted.get("name") or "")))
        items = wanted.get("items")
        if not items:
            yield from data.items()
            continue
        for item in items:
            if item["key"] in data:
                yield item["path"], data[item["key"]]
