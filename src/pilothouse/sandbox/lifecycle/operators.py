"""Workloads that make what others wait for: certificate jobs and operators that write a Secret or a ConfigMap.

Nothing is run, so what a workload would make is read off what it is told: a pod that works, whose configuration names
the missing object and whose service account may create such objects, is taken to create it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from pilothouse.sandbox.certificates import make_certificate
from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.podrefs import Reference, containers_of, references
from pilothouse.sandbox.lifecycle.world import Object, World, is_leaving, is_true

MADE_BY = "sandbox.pilothouse.dev/made-by"
_KINDS = {"secrets": "Secret", "configmaps": "ConfigMap"}
_COMPONENT = "sandbox-workload"
_CERTIFICATES = ("tls.crt", "ca.crt")
_PRIVATE_KEY = "tls.key"
_TLS = {"tls.crt", _PRIVATE_KEY}
# What stands before or after a name when it is only a part of another one.
_PART = r"[A-Za-z0-9_-]"


class Operators:
    """Creates what pods wait for, on behalf of the pods that would."""

    def __init__(self, world: World, events: Recorder) -> None:
        self._world = world
        self._events = events

    def provide(self, pod: Object, wanted: Reference) -> float | None:
        """Let another pod make what ``pod`` waits for.

        Returns:
            The seconds after which to ask again, zero when it was made just now, None when nobody makes it.
        """
        world, namespace = self._world, pod["metadata"]["namespace"]
        if wanted.kind not in _KINDS or not wanted.name:
            return None
        found = world.objects.get(wanted.kind, namespace, wanted.name)
        if found is not None and MADE_BY not in (found["metadata"].get("annotations") or {}):
            return None
        maker = self._maker(pod, wanted)
        if maker is None:
            return None
        mark = f"making {wanted.kind}/{wanted.name}"
        left = world.timings["work"] - world.marks.elapsed(maker["metadata"]["uid"], mark)
        if left > 0:
            return left
        keys = {key for each in self._waiting(namespace, wanted) for key in each.keys}
        if found is None:
            self._create(maker, pod, wanted, keys)
        else:
            self._complete(maker, wanted, keys)
        world.marks.clear(maker["metadata"]["uid"], mark)
        return 0.0

    def _maker(self, pod: Object, wanted: Reference) -> Object | None:
        """Return the first pod by name that works, names the object, and may create it."""
        name = re.compile(f"(?<!{_PART})(?<![A-Za-z0-9]\\.){re.escape(wanted.name)}(?!{_PART})(?!\\.[A-Za-z0-9])")
        namespace, uid = pod["metadata"]["namespace"], pod["metadata"]["uid"]
        pods = sorted(self._world.objects.list("pods", namespace), key=lambda each: str(each["metadata"]["name"]))
        for each in pods:
            if each["metadata"]["uid"] == uid or not _works(each):
                continue
            account = each["spec"].get("serviceAccountName") or "default"
            if any(name.search(text) for text in self._texts(each)) and self._world.objects.may_create(
                wanted.kind, namespace, account
            ):
                return each
        return None

    def _texts(self, pod: Object) -> Iterator[str]:
        """Yield what a pod is told: commands, environment, and the config maps that it gets."""
        for container in containers_of(pod):
            yield from container.get("command") or ()
            yield from container.get("args") or ()
            yield from (variable.get("value") or "" for variable in container.get("env") or ())
        for name in dict.fromkeys(each.name for each in references(pod) if each.kind == "configmaps"):
            found = self._world.objects.get("configmaps", pod["metadata"]["namespace"], name)
            yield from ((found or {}).get("data") or {}).values()

    def _waiting(self, namespace: str, wanted: Reference) -> Iterator[Reference]:
        """Yield every reference to the same object: together they tell which keys it has."""
        for each in self._world.objects.list("pods", namespace):
            for reference in references(each):
                if (reference.kind, reference.name) == (wanted.kind, wanted.name):
                    yield reference

    def _create(self, maker: Object, pod: Object, wanted: Reference, keys: set[str]) -> None:
        namespace, name = maker["metadata"]["namespace"], maker["metadata"]["name"]
        value: Object = {
            "apiVersion": "v1",
            "kind": _KINDS[wanted.kind],
            "metadata": {"name": wanted.name, "namespace": namespace, "annotations": {MADE_BY: name}},
        }
        if wanted.kind == "secrets":
            # Most of what operators make is a certificate; a pod that takes all keys does not tell.
            secures = not keys or bool(keys & _TLS)
            keys = keys | {*_CERTIFICATES, _PRIVATE_KEY} if secures else keys
            value["type"] = "kubernetes.io/tls" if secures else "Opaque"
        value["data"] = self._data(wanted.kind, keys)
        if self._world.objects.create(wanted.kind, value, manager=_COMPONENT) is None:
            return
        text = f"Created {_KINDS[wanted.kind]} {wanted.name}, which pod {pod['metadata']['name']} waits for"
        self._events.normal(maker, "SimulatedWork", text, _COMPONENT)

    def _complete(self, maker: Object, wanted: Reference, keys: set[str]) -> None:
        """Add keys that pods need which came later."""

        def alter(value: Object) -> None:
            present = value.get("data") or {}
            value["data"] = {**self._data(wanted.kind, keys - set(present)), **present}

        key = (maker["metadata"]["namespace"], wanted.name)
        self._world.objects.change(wanted.kind, key, alter, manager=_COMPONENT)

    def _data(self, kind: str, keys: set[str]) -> dict[str, str]:
        certificate = private = b""
        if keys & {*_CERTIFICATES, _PRIVATE_KEY}:
            certificate, private = make_certificate(self._world.clock)
        made = {}
        for key in sorted(keys):
            random = self._world.entropy(16).hex().encode()
            content = certificate if key in _CERTIFICATES else private if key == _PRIVATE_KEY else random
            made[key] = (base64.b64encode(content) if kind == "secrets" else content).decode()
        return made


def _works(pod: Object) -> bool:
    """Tell whether a pod does what it is for, or has done it."""
    if is_leaving(pod):
        return False
    phase = (pod.get("status") or {}).get("phase")
    return phase == "Succeeded" or (phase == "Running" and is_true(pod, "Ready"))
