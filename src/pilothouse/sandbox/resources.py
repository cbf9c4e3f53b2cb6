"""What the sandbox serves: resources built in, from the generated table, and defined by custom definitions."""

from __future__ import annotations

import gzip
import os

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.identity import join_api_version
from pilothouse.records import Record, field

_VERB_ORDER = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
KUBERNETES_VERSION = "1.37"


class Subresource(Record):
    """A part of an object with a path of its own, such as ``status``, and the kind that it speaks."""

    name: str
    group: str
    version: str
    kind: str
    verbs: tuple[str, ...]


class CustomVersion(Record):
    """What a custom resource definition says of one of its versions.

    Attributes:
        schema: ``openAPIV3Schema``.
        columns: ``additionalPrinterColumns``.
        preserve: Unknown fields are kept everywhere.
        status: It has the status subresource.
        scale: Its scale subresource's paths, if it has one.
        selectable: The JSON paths that field selectors may name.
    """

    schema: YamlValue
    columns: YamlValue = field(default_factory=list)
    preserve: bool = False
    status: bool = False
    scale: YamlValue = None
    selectable: tuple[str, ...] = ()


class Resource(Record):
    """One served kind in one version.

    Attributes:
        definition: The name of its schema among the definitions; empty of custom resources.
        custom: What its definition says, of a custom resource.
        storage_version: The version that objects of this group and plural are stored in.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    verbs: tuple[str, ...]
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()
    list_kind: str = ""
    definition: str = ""
    storage_version: str = ""
    custom: CustomVersion | None = None

    @property
    def api_version(self) -> str:
        """``group/version``, or the version alone in the core group."""
        return join_api_version(self.group, self.version)

    @property
    def qualified(self) -> str:
        """The name that errors use: ``deployments.apps``, ``pods`` (``schema.GroupResource.String``)."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def prefix(self) -> str:
        """The part of store keys that all its objects share; both groups' events are kept together."""
        return f"{'' if self.group == 'events.k8s.io' else self.group}/{self.plural}/"

    def key(self, namespace: str, name: str) -> str:
        """Return the store key of one object."""
        return f"{self.prefix}{namespace if self.namespaced else ''}/{name}"

    def prefix_in(self, namespace: str) -> str:
        """Return the key prefix of a namespace, or of all objects when ``namespace`` is empty."""
        return f"{self.prefix}{namespace}/" if namespace and self.namespaced else self.prefix

    def subresource(self, name: str) -> Subresource | None:
        """Return the subresource called ``name``, or None."""
        return next((sub for sub in self.subresources if sub.name == name), None)


def load_table(version: str = KUBERNETES_VERSION) -> dict[str, YamlValue]:
    """Return the generated table of kinds of a Kubernetes version."""
    path = os.path.join(os.path.dirname(__file__), "data", f"kubernetes-{version}.json.gz")
    with open(path, "rb") as file:
        table: dict[str, YamlValue] = orjson.loads(gzip.decompress(file.read()))
    return table


def sort_verbs(verbs: list[str]) -> tuple[str, ...]:
    """Return ``verbs`` in the order in which discovery lists them."""
    return tuple(verb for verb in _VERB_ORDER if verb in verbs)


class Registry:
    """The resources served now; custom ones come and go."""

    def __init__(self, version: str = KUBERNETES_VERSION) -> None:
        table = load_table(version)
        self.version: str = table["version"]
        self.definitions: dict[str, YamlValue] = table["definitions"]
        self.serial = 0
        self._by_path: dict[tuple[str, str, str], Resource] = {}
        self._by_kind: dict[tuple[str, str, str], Resource] = {}
        names = self._definition_names()
        versions: dict[tuple[str, str], list[str]] = {}
        for row in table["resources"]:
            versions.setdefault((row["group"], row["name"]), []).append(row["version"])
        for row in table["resources"]:
            storage = max(versions[row["group"], row["name"]])
            self._add(_built_in(row, names.get((row["group"], row["version"], row["kind"]), ""), storage))

    def _definition_names(self) -> dict[tuple[str, str, str], str]:
        names: dict[tuple[str, str, str], str] = {}
        for name, schema in self.definitions.items():
            for gvk in schema.get("x-kubernetes-group-version-kind", ()):
                names.setdefault((gvk["group"], gvk["version"], gvk["kind"]), name)
        return names

    def _add(self, resource: Resource) -> None:
        self._by_path[resource.group, resource.version, resource.plural] = resource
        self._by_kind[resource.group, resource.version, resource.kind] = resource
        self.serial += 1

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """Return the resource of a path, or None."""
        return self._by_path.get((group, version, plural))

    def of_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return the resource of an object's ``apiVersion`` and ``kind``, or None."""
        group, _, version = api_version.rpartition("/")
        return self._by_kind.get((group, version, kind))

    def stored(self, group: str, plural: str) -> Resource | None:
        """Return the resource in the version that objects are stored in, or None."""
        for resource in self._by_path.values():
            if resource.plural == plural and resource.group == group and resource.version == resource.storage_version:
                return resource
        return None

    def all(self) -> list[Resource]:
        """Return every resource, groups in the server's order."""
        return list(self._by_path.values())

    def storages(self) -> list[Resource]:
        """Return every resource that is kept once, in the version that its objects are stored in."""
        return [
            resource
            for resource in self._by_path.values()
            if resource.version == resource.storage_version and "list" in resource.verbs
        ]

    def groups(self) -> dict[str, list[str]]:
        """Return the groups with their versions, preferred first."""
        found: dict[str, list[str]] = {}
        for resource in self._by_path.values():
            versions = found.setdefault(resource.group, [])
            if resource.version not in versions:
                versions.append(resource.version)
        for versions in found.values():
            versions.sort(key=version_priority, reverse=True)
        return found

    def in_version(self, group: str, version: str) -> list[Resource]:
        """Return the resources of one group in one version."""
        return [r for r in self._by_path.values() if r.group == group and r.version == version]

    def define(self, resources: list[Resource]) -> None:
        """Serve custom resources."""
        for resource in resources:
            self._add(resource)

    def forget(self, group: str, plural: str) -> None:
        """Stop serving a custom resource, in every version."""
        for path in [path for path in self._by_path if path[0] == group and path[2] == plural]:
            resource = self._by_path.pop(path)
            self._by_kind.pop((resource.group, resource.version, resource.kind), None)
        self.serial += 1


def version_priority(version: str) -> tuple[int, int, int]:
    """Return a key that sorts versions as Kubernetes does: stable, then beta, then alpha, each by number."""
    rest = version.removeprefix("v")
    for rank, word in ((0, "alpha"), (1, "beta")):
        major, found, minor = rest.partition(word)
        if found and major.isdecimal():
            return rank, int(major), int(minor) if minor.isdecimal() else 0
    return (2, int(rest), 0) if rest.isdecimal() else (-1, 0, 0)


def _built_in(row: dict[str, YamlValue], definition: str, storage: str) -> Resource:
    return Resource(
        group=row["group"],
        version=row["version"],
        kind=row["kind"],
        plural=row["name"],
        singular=row["singular"],
        namespaced=row["namespaced"],
        verbs=sort_verbs(row["verbs"]),
        short_names=tuple(row.get("shortNames", ())),
        categories=tuple(row.get("categories", ())),
        subresources=tuple(Subresource(**{**sub, "verbs": tuple(sub["verbs"])}) for sub in row["subresources"]),
        list_kind=row["kind"] + "List",
        definition=definition,
        storage_version=storage,
    )
