"""Parts of objects with a path of their own: scale, logs, bindings, evictions, tokens."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects import selectors
from pilothouse.objects.progressing import at
from pilothouse.sandbox import patching, podlogs, portforward, statuses
from pilothouse.sandbox.bodies import Reader
from pilothouse.sandbox.cluster import Cluster
from pilothouse.sandbox.deletion import Deletion
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.podrunner import PodRunner
from pilothouse.sandbox.requests import Answer, Request, Stream, Upgrade, answer_json
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.reviews import Reviews
from pilothouse.sandbox.writing import Write

Object = dict[str, YamlValue]
_SCALE = "io.k8s.api.autoscaling.v1.Scale"
_TOKEN = "io.k8s.api.authentication.v1.TokenRequest"  # noqa: S105 - the name of a schema
_BINDING = "io.k8s.api.core.v1.Binding"
_EVICTION = "io.k8s.api.policy.v1.Eviction"

_CREATED = answer_json({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)


class Subresources:
    """Answers requests for them."""

    def __init__(self, cluster: Cluster, reader: Reader, reviews: Reviews, runner: PodRunner) -> None:
        self._runner = runner
        self._cluster = cluster
        self._reader = reader
        self._reviews = reviews

    def handle(self, request: Request, resource: Resource) -> Answer | Stream | Upgrade:
        """Answer a request.

        Raises:
            StatusError: It is refused, or there is no such subresource.
        """
        name = request.subresource
        known = resource.subresource(name)
        if name == "proxy":
            raise statuses.not_implemented("the sandbox does not proxy requests to pods, services and nodes")
        if known is None:
            raise statuses.no_such_path()
        if name in ("exec", "attach", "portforward"):
            return self._connect(request, resource)
        if request.verb not in known.verbs:
            raise statuses.method_not_allowed()
        if name == "scale":
            return self._scale(request, resource)
        if name == "log":
            return podlogs.answer(self._cluster, self._runner, request, resource)
        if name == "binding":
            return self.bind(request, resource)
        if name == "eviction":
            return self._evict(request, resource)
        value, _ = self._reader.read(request, resource, "TokenRequest", _TOKEN)
        return answer_json(self._reviews.token(self._cluster, request, value), 201)

    def _connect(self, request: Request, resource: Resource) -> Upgrade:
        """Let a connection through to a pod."""
        pod = self._cluster.entry(resource, request.namespace, request.name).object
        if request.subresource != "portforward":
            raise statuses.not_implemented(f"the sandbox simulates its pods: {request.subresource} is not supported")
        if not request.upgrade:
            raise statuses.bad_request("Upgrade request required")
        uid = pod["metadata"]["uid"]
        ports = tuple(
            int(each) for text in request.query.get("ports", ()) for each in text.split(",") if each.isdigit()
        )
        return Upgrade(request.name, uid, ports, portforward.dialer(self._runner, uid))

    def bind(self, request: Request, resource: Resource) -> Answer:
        """Assign a pod to a node."""
        value, _ = self._reader.read(request, resource, "Binding", _BINDING)
        pods = self._cluster.resource("", "pods")
        name = request.name or value.get("metadata", {}).get("name", "")
        node = (value.get("target") or {}).get("name", "")

        def change(pod: Object) -> None:
            if pod["spec"].get("nodeName"):
                why = f'pod {name} is already assigned to node "{pod["spec"]["nodeName"]}"'
                raise statuses.conflict(pods.replace(plural="pods/binding"), name, why)
            pod["spec"]["nodeName"] = node

        self._cluster.modify(
            pods, request.namespace, name, change, Write(manager=request.manager, subresource="binding")
        )
        return _CREATED

    def _evict(self, request: Request, resource: Resource) -> Answer:
        value, _ = self._reader.read(request, resource, "Eviction", _EVICTION)
        self._check_budgets(resource, request)
        options = value.get("deleteOptions") or {}
        wanted = Deletion(grace=options.get("gracePeriodSeconds"))
        self._cluster.delete(resource, request.namespace, request.name, wanted, dry_run=request.text("dryRun") == "All")
        return _CREATED

    def _check_budgets(self, resource: Resource, request: Request) -> None:
        """Refuse to evict a pod that a disruption budget holds."""
        pod = self._cluster.get(resource, request.namespace, request.name)
        labels = pod["metadata"].get("labels") or {}
        for budget in self._cluster.list(self._cluster.resource("policy", "poddisruptionbudgets"), request.namespace):
            selector = (budget.get("spec") or {}).get("selector")
            if selector is None or not selectors.from_object(selector).matches(labels):
                continue
            status = budget.get("status") or {}
            if not status.get("disruptionsAllowed"):
                name, healthy = budget["metadata"]["name"], status.get("currentHealthy", 0)
                needed = status.get("desiredHealthy", 0)
                text = f"The disruption budget {name} needs {needed} healthy pods and has {healthy} currently"
                causes = [{"reason": "DisruptionBudget", "message": text}]
                message = "Cannot evict pod as it would violate the pod's disruption budget."
                raise StatusError(429, "TooManyRequests", message, {"causes": causes})

    # scale

    def _scale(self, request: Request, resource: Resource) -> Answer:
        current = self._cluster.get(resource, request.namespace, request.name)
        shown = scale_of(resource, current)
        if request.verb == "get":
            return answer_json(shown)
        if request.verb == "patch":
            if request.content_type == patching.APPLY:
                raise statuses.not_implemented("the sandbox does not apply to scale subresources")
            wanted = patching.patched(resource.replace(custom=None), shown, request.content_type, request.body)
            wanted, _ = self._reader.check(wanted, resource, _SCALE, where='Scale in version "v1"')
        else:
            wanted, _ = self._reader.read(request, resource, "Scale", _SCALE)
        version = wanted.get("metadata", {}).get("resourceVersion", "")
        if version and version != current["metadata"]["resourceVersion"]:
            raise statuses.conflict(resource, request.name)
        amount = (wanted.get("spec") or {}).get("replicas", 0)
        if not isinstance(amount, int) or amount < 0:
            detail = "must be greater than or equal to 0"
            raise _scale_fault(request.name, statuses.invalid_value("spec.replicas", amount, detail), resource)
        path = resource.custom.scale["specReplicasPath"] if resource.custom is not None else ".spec.replicas"

        def change(value: Object) -> None:
            *parents, last = path.strip(".").split(".")
            inner = value
            for part in parents:
                inner = inner.setdefault(part, {})
            inner[last] = amount

        dry = request.text("dryRun") == "All"
        write = Write(manager=request.manager, subresource="scale", dry_run=dry)
        return answer_json(
            scale_of(resource, self._cluster.modify(resource, request.namespace, request.name, change, write))
        )


def _scale_fault(name: str, cause: statuses.Cause, resource: Resource) -> StatusError:
    return statuses.invalid(resource.replace(group="autoscaling", kind="Scale"), name, [cause])


def scale_of(resource: Resource, value: Object) -> Object:
    """Return an object's Scale."""
    metadata = value["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    if resource.custom is not None:
        paths = resource.custom.scale
        wanted, actual = _at(value, paths["specReplicasPath"]), _at(value, paths["statusReplicasPath"])
        text = _at(value, paths.get("labelSelectorPath") or ".-") or ""
    else:
        wanted = (value.get("spec") or {}).get("replicas")
        actual = (value.get("status") or {}).get("replicas")
        text = _selector_text((value.get("spec") or {}).get("selector") or {})
    status: Object = {"replicas": actual or 0}
    if text:
        status["selector"] = text
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: metadata[name] for name in kept if name in metadata},
        "spec": {"replicas": wanted} if wanted else {},
        "status": status,
    }


def _at(value: YamlValue, path: str) -> YamlValue:
    return at(value, *path.strip(".").split("."))


def _selector_text(selector: Object) -> str:
    labels = selector.get("matchLabels", selector if "matchExpressions" not in selector else {})
    parts = [f"{key}={item}" for key, item in sorted(labels.items())]
    words = {"In": "in", "NotIn": "notin"}
    for each in selector.get("matchExpressions") or ():
        operator = each["operator"]
        if operator in words:
            parts.append(f"{each['key']} {words[operator]} ({','.join(sorted(each['values']))})")
        else:
            parts.append(each["key"] if operator == "Exists" else f"!{each['key']}")
    return ",".join(parts)
