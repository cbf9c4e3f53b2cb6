"""OpenAPI documents: version 3 a group and version, version 2 for everything; made when first asked for."""

from __future__ import annotations

import hashlib

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.identity import join_api_version
from pilothouse.sandbox import gnostic
from pilothouse.sandbox.resources import Registry, Resource, Subresource

Object = dict[str, YamlValue]
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_ACTIONS = {
    "create": ("post", "post"),
    "delete": ("delete", "delete"),
    "deletecollection": ("delete", "deletecollection"),
    "get": ("get", "get"),
    "list": ("get", "list"),
    "patch": ("patch", "patch"),
    "update": ("put", "put"),
}
_ON_COLLECTION = ("create", "deletecollection", "list")
_TEXTS = ("pretty", "dryRun", "fieldManager", "fieldValidation")
_PATCH_TYPES = ("json-patch+json", "merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml")


class OpenAPI:
    """The documents of a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._serial = -1
        self._documents: dict[str, bytes] = {}

    def document(self, path: str) -> bytes | None:
        """Return a document by its path, such as ``/openapi/v3/apis/apps/v1``; None when there is none."""
        if self._serial != self._registry.serial:
            self._documents = {}
            self._serial = self._registry.serial
        found = self._documents.get(path)
        if found is None:
            made = self._make(path)
            if made is None:
                return None
            found = self._documents[path] = made
        return found

    def _make(self, path: str) -> bytes | None:
        if path == "/openapi/v2#protobuf":
            return gnostic.encode(self._version_2())
        if path == "/openapi/v2":
            return orjson.dumps(self._version_2())
        if path == "/openapi/v3":
            return orjson.dumps(self._index())
        parts = path.removeprefix("/openapi/v3/").split("/")
        if parts == ["version"]:
            return orjson.dumps(self._version_3([], {"/version/": {}}))
        group, version = "", ""
        if parts[0] == "api" and len(parts) == 2:
            version = parts[1]
        elif parts[0] == "apis" and len(parts) == 3:
            group, version = parts[1], parts[2]
        resources = self._registry.in_version(group, version)
        return orjson.dumps(self._version_3(resources, {})) if resources else None

    def _index(self) -> Object:
        paths: Object = {}
        for group, versions in self._registry.groups().items():
            for version in versions:
                name = f"apis/{group}/{version}" if group else f"api/{version}"
                seed = f"{self._registry.version} {name} {self._serial if '.' in group else 0}"
                mark = hashlib.sha512(seed.encode()).hexdigest().upper()
                paths[name] = {"serverRelativeURL": f"/openapi/v3/{name}?hash={mark}"}
        return {"paths": dict(sorted(paths.items()))}

    def _version_3(self, resources: list[Resource], paths: Object) -> Object:
        definitions: Object = {}
        for resource in resources:
            paths.update(_paths(resource, version=3))
            self._collect(resource, definitions)
        text = orjson.dumps(definitions).replace(b'"#/definitions/', b'"#/components/schemas/')
        return {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes", "version": f"v{self._registry.version}.0"},
            "paths": paths,
            "components": {"schemas": orjson.loads(text)},
        }

    def _version_2(self) -> Object:
        definitions: Object = {}
        paths: Object = {}
        for resource in self._registry.all():
            paths.update(_paths(resource, version=2))
            self._collect(resource, definitions)
        return {
            "swagger": "2.0",
            "info": {"title": "Kubernetes", "version": f"v{self._registry.version}.0"},
            "paths": paths,
            "definitions": definitions,
        }

    def _collect(self, resource: Resource, into: Object) -> None:
        known = self._registry.definitions
        if resource.custom is not None:
            name = definition_name(resource)
            into[name] = custom_definition(resource)
            into[name + "List"] = _list_definition(resource, name)
            waiting = [_META + each for each in ("ObjectMeta", "ListMeta", "DeleteOptions", "Status", "Patch")]
        else:
            waiting = [definition_name(resource), definition_name(resource) + "List"]
            waiting += [name for sub in resource.subresources if (name := self._named(sub))]
            waiting += [_META + each for each in ("DeleteOptions", "Status", "Patch", "WatchEvent")]
        while waiting:
            name = waiting.pop()
            if name in into or name not in known:
                continue
            into[name] = known[name]
            waiting += references(known[name])

    def _named(self, sub: Subresource) -> str:
        found = self._registry.of_kind(join_api_version(sub.group, sub.version), sub.kind)
        if found is not None:
            return found.definition
        short = sub.group.partition(".")[0] or "core"
        return f"io.k8s.api.{short}.{sub.version}.{sub.kind}"


def definition_name(resource: Resource) -> str:
    """Return the name of a kind's schema; of a custom one the group's parts stand backwards."""
    if resource.custom is None:
        return resource.definition
    return f"{'.'.join(reversed(resource.group.split('.')))}.{resource.version}.{resource.kind}"


def references(schema: YamlValue) -> list[str]:
    """Return the names of the definitions that ``schema`` refers to."""
    found: list[str] = []
    if isinstance(schema, dict):
        for key, item in schema.items():
            if key == "$ref" and isinstance(item, str):
                found.append(item.rpartition("/")[2])
            elif isinstance(item, dict | list):
                found += references(item)
    elif isinstance(schema, list):
        for item in schema:
            found += references(item)
    return found


def _kind(resource: Resource) -> Object:
    return {"group": resource.group, "kind": resource.kind, "version": resource.version}


def custom_definition(resource: Resource) -> Object:
    """Return the schema of a custom resource as it is published: with metadata and kind."""
    schema: Object = dict(resource.custom.schema) if resource.custom is not None else {}
    properties = dict(schema.get("properties") or {})
    properties["apiVersion"] = {"type": "string", **(properties.get("apiVersion") or {})}
    properties["kind"] = {"type": "string", **(properties.get("kind") or {})}
    properties["metadata"] = {"$ref": f"#/definitions/{_META}ObjectMeta"}
    schema["properties"] = dict(sorted(properties.items()))
    schema["type"] = "object"
    schema["x-kubernetes-group-version-kind"] = [_kind(resource)]
    return schema


def _list_definition(resource: Resource, name: str) -> Object:
    properties: Object = {
        "apiVersion": {"type": "string"},
        "items": {"type": "array", "items": {"$ref": f"#/definitions/{name}"}},
        "kind": {"type": "string"},
        "metadata": {"$ref": f"#/definitions/{_META}ListMeta"},
    }
    kind = {**_kind(resource), "kind": resource.list_kind}
    return {
        "description": f"{resource.list_kind} is a list of {resource.kind}",
        "type": "object",
        "required": ["items"],
        "properties": properties,
        "x-kubernetes-group-version-kind": [kind],
    }


def _paths(resource: Resource, *, version: int) -> Object:
    base = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    place = f"{base}/namespaces/{{namespace}}" if resource.namespaced else base
    collection, single = f"{place}/{resource.plural}", f"{place}/{resource.plural}/{{name}}"
    paths: Object = {}
    for verb in resource.verbs:
        if verb in _ACTIONS:
            path = collection if verb in _ON_COLLECTION else single
            method, operation = _operation(resource, verb, version=version)
            paths.setdefault(path, {})[method] = operation
    if resource.namespaced and "list" in resource.verbs:
        method, operation = _operation(resource, "list", version=version)
        paths[f"{base}/{resource.plural}"] = {method: operation}
    for sub in resource.subresources:
        inner = paths.setdefault(f"{single}/{sub.name}", {})
        for verb in sub.verbs:
            method, operation = _operation(resource, verb, version=version, sub=sub)
            inner[method] = operation
    return paths


def _operation(resource: Resource, verb: str, *, version: int, sub: Subresource | None = None) -> tuple[str, Object]:
    method, action = _ACTIONS[verb]
    name = definition_name(resource) + ("List" if verb == "list" else "")
    kind = _kind(resource)
    if sub is not None:
        kind = {"group": sub.group, "kind": sub.kind, "version": sub.version}
    where = "Namespaced" if resource.namespaced else ""
    suffix = sub.name.capitalize() if sub is not None else ""
    prefix = f"{resource.group.partition('.')[0] or 'core'}{resource.version.capitalize()}".capitalize()
    operation: Object = {
        "operationId": f"{action}{prefix}{where}{resource.kind}{suffix}",
        "responses": _responses(name, version),
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": kind,
    }
    wanted = _TEXTS if method in ("post", "put", "patch") else _TEXTS[:1]
    if method == "patch":
        wanted = (*wanted, "force")
    parameters = [_parameter(each, version) for each in wanted]
    operation["parameters"] = parameters
    if method in ("post", "put", "patch"):
        target = _META + "Patch" if method == "patch" else name
        # A client takes a strategic merge patch only where it is listed; custom resources cannot take one.
        fitting = [each for each in _PATCH_TYPES if resource.custom is None or not each.startswith("strategic")]
        types = [f"application/{each}" for each in fitting] if method == "patch" else ["*/*"]
        if version == 3:
            schema: Object = {"schema": {"$ref": f"#/components/schemas/{target}"}}
            content: Object = dict.fromkeys(types, schema)
            operation["requestBody"] = {"content": content, "required": True}
        else:
            operation["consumes"] = types
            schema = {"$ref": f"#/definitions/{target}"}
            parameters.append({"name": "body", "in": "body", "required": True, "schema": schema})
    return method, operation


def _parameter(name: str, version: int) -> Object:
    kind = "boolean" if name == "force" else "string"
    parameter: Object = {"name": name, "in": "query"}
    typed: Object = {"type": kind, "uniqueItems": True}
    return {**parameter, "schema": typed} if version == 3 else {**parameter, **typed}


def _responses(name: str, version: int) -> Object:
    if version == 3:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        return {"200": {"description": "OK", "content": content}, "401": {"description": "Unauthorized"}}
    schema = {"$ref": f"#/definitions/{name}"}
    return {"200": {"description": "OK", "schema": schema}, "401": {"description": "Unauthorized"}}
