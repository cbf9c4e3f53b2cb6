"""The verbs on objects: from a request to an answer."""

from __future__ import annotations

from collections.abc import Callable

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import listing, ownership, patching, statuses
from pilothouse.sandbox.auth import Authorizer
from pilothouse.sandbox.bodies import Reader, read_yaml
from pilothouse.sandbox.cluster import Cluster
from pilothouse.sandbox.decoding import DecodeError
from pilothouse.sandbox.deletion import Deletion
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.escalation import check_grants
from pilothouse.sandbox.podrunner import PodRunner
from pilothouse.sandbox.requests import JSON, Answer, Request, Stream, Upgrade, answer_json, warning_headers
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.reviews import Reviews
from pilothouse.sandbox.subresources import Subresources
from pilothouse.sandbox.views import View
from pilothouse.sandbox.watching import Watchers
from pilothouse.sandbox.writing import Write

Object = dict[str, YamlValue]
_DELETE_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
# The subresources that are read and written as the object itself.
_PARTS = ("status", "approval", "finalize", "ephemeralcontainers", "resize")
_REVIEWS = ("authentication.k8s.io", "authorization.k8s.io")


class Handlers:
    """Answers requests for objects.

    Args:
        cluster: The objects.
        reader: Reads bodies.
        reviews: Answers access reviews.
        watchers: Opens watches.
        runner: Knows the pods that are real processes.
        authorizer: Knows who may do what.
    """

    def __init__(
        self,
        cluster: Cluster,
        reader: Reader,
        reviews: Reviews,
        watchers: Watchers,
        runner: PodRunner,
        authorizer: Authorizer,
    ) -> None:
        self._cluster = cluster
        self._reader = reader
        self._reviews = reviews
        self._watchers = watchers
        self._authorizer = authorizer
        self._subresources = Subresources(cluster, reader, reviews, runner)
        self._verbs: dict[str, Callable[[Request, Resource], Answer | Stream]] = {
            "get": self._get,
            "list": self._list,
            "watch": self._watch,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }

    def handle(self, request: Request) -> Answer | Stream | Upgrade:
        """Answer a request for an object, a collection or a subresource.

        Raises:
            StatusError: It is refused.
        """
        resource = self._cluster.registry.find(request.group, request.version, request.plural)
        if resource is None:
            raise statuses.no_such_path()
        request.resource = resource
        if request.namespace and not resource.namespaced and request.plural != "namespaces":
            raise statuses.no_such_path()
        if request.subresource and request.subresource not in _PARTS:
            return self._subresources.handle(request, resource)
        if request.subresource and resource.subresource(request.subresource) is None:
            raise statuses.no_such_path()
        handler = self._verbs.get(request.verb)
        if handler is None or (not request.subresource and request.verb not in resource.verbs):
            raise statuses.method_not_allowed()
        return handler(request, resource)

    def _write(self, request: Request) -> Write:
        dry = request.text("dryRun")
        if dry not in ("", "All"):
            cause = statuses.unsupported("dryRun", [dry], ("All",))
            raise statuses.bad_request(f"invalid dryRun: {cause.path}: {cause.text}")
        return Write(
            manager=request.manager,
            subresource=request.subresource,
            dry_run=dry == "All",
            check=lambda resource, value, old: check_grants(self._authorizer, request.user, resource, value, old),
        )

    def _view(self, request: Request, resource: Resource) -> View:
        return View(request, resource, self._cluster.clock)

    def _written(
        self, request: Request, resource: Resource, made: Object, warnings: list[str], *, status: int = 200
    ) -> Answer:
        return Answer(self._view(request, resource).one(made), status, JSON, warning_headers(warnings))

    # reading

    def _get(self, request: Request, resource: Resource) -> Answer:
        entry = self._cluster.entry(resource, request.namespace, request.name)
        return Answer(self._view(request, resource).entry(entry))

    def _list(self, request: Request, resource: Resource) -> Answer:
        entries, metadata = listing.page(self._cluster.store, request, resource)
        return Answer(self._view(request, resource).many(entries, metadata))

    def _watch(self, request: Request, resource: Resource) -> Stream:
        return Stream(self._watchers.open(request, resource, self._view(request, resource)))

    # writing

    def _create(self, request: Request, resource: Resource) -> Answer:
        if resource.group in _REVIEWS:
            value, _ = self._reader.read(request, resource)
            return answer_json(self._reviews.answer(request, resource, value), 201)
        if request.name:
            raise statuses.method_not_allowed()
        if resource.plural == "bindings" and not resource.group:
            return self._subresources.bind(request, resource)
        value, warnings = self._reader.read(request, resource)
        made = self._cluster.create(resource, request.namespace, value, self._write(request))
        return self._written(request, resource, made, warnings, status=201)

    def _update(self, request: Request, resource: Resource) -> Answer:
        value, warnings = self._reader.read(request, resource)
        metadata = value.setdefault("metadata", {})
        named = metadata.setdefault("name", request.name)
        if named != request.name:
            raise statuses.bad_request(
                f"the name of the object ({named}) does not match the name on the URL ({request.name})"
            )
        if resource.namespaced and (metadata.get("namespace") or request.namespace) != request.namespace:
            raise statuses.wrong_namespace()
        write = self._write(request)
        if request.subresource == "finalize":
            return self._finalize(request, resource, value)
        if resource.plural == "leases" and self._cluster.find(resource, request.namespace, named) is None:
            made = self._cluster.create(resource, request.namespace, value, write)
            return self._written(request, resource, made, warnings, status=201)
        made = self._cluster.update(resource, request.namespace, value, write)
        return self._written(request, resource, made, warnings)

    def _finalize(self, request: Request, resource: Resource, value: Object) -> Answer:
        finalizers = (value.get("spec") or {}).get("finalizers")

        def change(current: Object) -> None:
            current["spec"] = {"finalizers": finalizers} if finalizers else {}

        made = self._cluster.modify(resource, "", request.name, change, self._write(request).replace(subresource=""))
        return answer_json(made)

    def _patch(self, request: Request, resource: Resource) -> Answer:
        kind = request.content_type
        patching.check_type(resource, kind)
        if kind == patching.APPLY:
            made, created = self._apply(request, resource)
            return self._written(request, resource, made, [], status=201 if created else 200)
        warnings: list[str] = []

        def change(value: Object) -> Object:
            result = patching.patched(resource, value, kind, request.body)
            return self._decode_patched(request, resource, result, warnings)

        made = self._cluster.modify(resource, request.namespace, request.name, change, self._write(request))
        return self._written(request, resource, made, warnings)

    def _decode_patched(self, request: Request, resource: Resource, result: Object, warnings: list[str]) -> Object:
        try:
            decoded, unknown = self._reader.decode(result, resource)
        except DecodeError as error:
            raise patching.strict_fault(request.body, str(error)) from None
        metadata = decoded.get("metadata") or {}
        if metadata.get("name") != request.name:
            raise statuses.bad_request(
                f"the name of the object ({metadata.get('name', '')}) does not match the name on the URL"
                f" ({request.name})"
            )
        faults = [f'unknown field "{each}"' for each in unknown]
        validation = request.text("fieldValidation", "Warn")
        if faults and validation == "Strict":
            raise patching.strict_fault(request.body, "strict decoding error: " + ", ".join(faults))
        if validation == "Warn":
            warnings += faults
        return decoded

    def _apply(self, request: Request, resource: Resource) -> tuple[Object, bool]:
        wanted = read_yaml(request.body)
        if not request.text("fieldManager"):
            cause = statuses.required("fieldManager", "is required for apply patch")
            raise statuses.invalid(resource.replace(group="meta.k8s.io", kind="PatchOptions"), "", [cause])
        self._check_applied(request, resource, wanted)
        write = self._write(request).replace(operation="Apply")
        cluster = self._cluster
        with cluster.lock:
            live = cluster.find(resource, request.namespace, request.name)
            if live is None and request.subresource:
                raise statuses.not_found(resource, request.name)
            decoded = self._decode_applied(resource, wanted)
            merged = ownership.apply(cluster.clock, resource, live, decoded, write, force=request.flag("force"))
            merged.setdefault("metadata", {})["name"] = request.name
            merged, _ = self._reader.decode(merged, resource)
            if live is None:
                uid = decoded["metadata"].get("uid")
                if uid:
                    why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
                    raise statuses.conflict(resource, request.name, why)
                return cluster.create(resource, request.namespace, merged, write), True
            return cluster.update(resource, request.namespace, merged, write), False

    def _check_applied(self, request: Request, resource: Resource, wanted: YamlValue) -> None:
        if not isinstance(wanted, dict):
            raise statuses.bad_request("error decoding YAML: the patch must be an object")
        version, kind = wanted.get("apiVersion", ""), wanted.get("kind", "")
        if version != resource.api_version or kind != resource.kind:
            text = f"invalid object type: {version}, Kind={kind}" if version and kind else "Object 'Kind' is missing"
            raise statuses.bad_request(text)
        metadata = wanted["metadata"] = wanted.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise statuses.bad_request("error decoding YAML: metadata must be an object")
        if (metadata.get("name") or request.name) != request.name:
            raise statuses.bad_request(
                f"the name of the object ({metadata['name']}) does not match the name on the URL ({request.name})"
            )
        if (metadata.get("namespace") or request.namespace) != request.namespace and resource.namespaced:
            raise statuses.wrong_namespace()
        if metadata.get("managedFields"):
            raise statuses.bad_request("metadata.managedFields must be nil")
        metadata["name"] = request.name
        if resource.namespaced:
            metadata["namespace"] = request.namespace

    def _decode_applied(self, resource: Resource, wanted: Object) -> Object:
        begin = ownership.where(resource, wanted)
        faults = self._reader.typed_faults(wanted, resource)
        if faults:
            text = faults[0] if len(faults) == 1 else "errors:\n" + "".join(f"  {each}\n" for each in faults)
            raise StatusError(500, "", f"{begin}: {text}")
        decoded, _ = self._reader.check(wanted, resource, where=f'{resource.kind} in version "{resource.version}"')
        return decoded

    # deleting

    def _delete(self, request: Request, resource: Resource) -> Answer:
        options, dry = self._deletion_options(request, resource)
        value, gone = self._cluster.delete(resource, request.namespace, request.name, options, dry_run=dry)
        if not gone or resource.plural in ("pods", "services", "persistentvolumeclaims", "serviceaccounts"):
            return Answer(self._view(request, resource).one(value))
        details = {
            "name": request.name,
            "group": resource.group,
            "kind": resource.plural,
            "uid": value["metadata"]["uid"],
        }
        if not resource.group:
            del details["group"]
        return answer_json(
            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
        )

    def _delete_collection(self, request: Request, resource: Resource) -> Answer:
        options, dry = self._deletion_options(request, resource)
        entries, metadata = listing.page(self._cluster.store, request, resource)
        for entry in entries:
            found = entry.object["metadata"]
            try:
                self._cluster.delete(resource, found.get("namespace", ""), found["name"], options, dry_run=dry)
            except StatusError as error:
                if error.code != 404:
                    raise
        return Answer(self._view(request, resource).many(entries, metadata))

    def _deletion_options(self, request: Request, resource: Resource) -> tuple[Deletion, bool]:
        """Return what a request asks of a deletion, in its body or its query, and whether it is a dry run.

        Raises:
            StatusError: 400: the options are wrong.
        """
        value: Object = {}
        if request.body.strip():
            value, _ = self._reader.read(request, resource, "DeleteOptions", _DELETE_OPTIONS)
        grace = value.get("gracePeriodSeconds")
        if grace is None:
            grace = request.number("gracePeriodSeconds")
        orphan = value.get("orphanDependents")
        propagation = value.get("propagationPolicy") or request.text("propagationPolicy")
        if not propagation and orphan is not None:
            propagation = "Orphan" if orphan else "Background"
        if propagation not in ("", "Background", "Foreground", "Orphan"):
            supported = ("Foreground", "Background", "Orphan", "nil")
            cause = statuses.unsupported("propagationPolicy", propagation, supported)
            shown = statuses.show(propagation)
            raise StatusError(
                422,
                "Invalid",
                f'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: {cause.text}',
                {"causes": [shown]},
            )
        wanted = value.get("preconditions") or {}
        options = Deletion(
            grace=grace,
            propagation=propagation,
            uid=wanted.get("uid") or "",
            resource_version=wanted.get("resourceVersion") or "",
        )
        dry = "All" in (value.get("dryRun") or ()) or request.text("dryRun") == "All"
        return options, dry
