"""What is served, told to clients: groups, versions, resources, in the old form and aggregated."""

from __future__ import annotations

import hashlib
import platform

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.identity import join_api_version
from pilothouse.sandbox.resources import Registry, Resource

Object = dict[str, YamlValue]
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


class Discovery:
    """The documents, made again when custom resources come and go."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._serial = -1
        self._documents: dict[str, bytes] = {}

    def document(self, name: str) -> bytes | None:
        """Return a document by its path, ``/api`` and ``/apis`` also with ``#aggregated``; None when there is none."""
        if self._serial != self._registry.serial:
            self._documents = {}
            self._serial = self._registry.serial
        found = self._documents.get(name)
        if found is None:
            made = self._make(name)
            if made is None:
                return None
            found = self._documents[name] = orjson.dumps(made)
        return found

    def _make(self, name: str) -> Object | None:
        parts = name.strip("/").split("/")
        if name == "/version":
            return version_info(self._registry.version)
        if name in ("/api#aggregated", "/apis#aggregated"):
            return self._aggregated(core=name.startswith("/api#"))
        if parts == ["api"]:
            addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}]
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}
        return self._groups(parts)

    def _groups(self, parts: list[str]) -> Object | None:
        groups = self._registry.groups()
        if parts == ["apis"]:
            listed = [_group(name, versions) for name, versions in groups.items() if name]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
        if parts[0] == "apis" and len(parts) == 2 and parts[1] in groups:
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(parts[1], groups[parts[1]])}
        group, version = ("", parts[1]) if parts[0] == "api" and len(parts) == 2 else ("", "")
        if parts[0] == "apis" and len(parts) == 3:
            group, version = parts[1], parts[2]
        if version and version in groups.get(group, ()):
            return self._resources(group, version)
        return None

    def _resources(self, group: str, version: str) -> Object:
        listed: list[Object] = []
        for resource in self._registry.in_version(group, version):
            listed.append(_resource(resource))
            for sub in resource.subresources:
                row: Object = {"name": f"{resource.plural}/{sub.name}", "singularName": ""}
                row["namespaced"] = resource.namespaced
                if (sub.group, sub.version) != (group, version):
                    row.update(group=sub.group, version=sub.version)
                listed.append({**row, "kind": sub.kind, "verbs": list(sub.verbs)})
        listed.sort(key=lambda row: row["name"])
        named = join_api_version(group, version)
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": named, "resources": listed}

    def _aggregated(self, *, core: bool) -> Object:
        items = []
        for group, versions in self._registry.groups().items():
            if bool(group) is core:
                continue
            rows = [
                {
                    "version": version,
                    "resources": [_aggregate(each) for each in self._registry.in_version(group, version)],
                    "freshness": "Current",
                }
                for version in versions
            ]
            items.append({"metadata": {"name": group, "creationTimestamp": None}, "versions": rows})
        return {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": items,
        }


def version_info(version: str) -> Object:
    """Return what ``/version`` says."""
    major, _, minor = version.partition(".")
    revision = hashlib.sha1(version.encode(), usedforsecurity=False).hexdigest()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return {
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": str(int(minor) - 1),
        "gitVersion": f"v{version}.0+pilothouse",
        "gitCommit": revision,
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "none",
        "compiler": "cpython",
        "platform": f"linux/{architecture}",
    }


def _group(name: str, versions: list[str]) -> Object:
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _resource(resource: Resource) -> Object:
    row: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    return row


def _aggregate(resource: Resource) -> Object:
    own = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    row: Object = {
        "resource": resource.plural,
        "responseKind": own,
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    if resource.subresources:
        row["subresources"] = [
            {
                "subresource": sub.name,
                "responseKind": {"group": sub.group, "version": sub.version, "kind": sub.kind},
                "verbs": list(sub.verbs),
            }
            for sub in resource.subresources
        ]
    return row
