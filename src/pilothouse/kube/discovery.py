"""Which kinds a server serves: aggregated discovery, the older form one group at a time, and a cache on disk.

Follows client-go's ``discovery`` and ``restmapper``, and Helm's ``action.GetVersionSet``.
"""

from __future__ import annotations

import _thread

from pilothouse.errors import NotFound, PilothouseError
from pilothouse.kube import discovery_cache
from pilothouse.kube.errors import ApiError, KindNotFound
from pilothouse.kube.requests import Request
from pilothouse.kube.resources import ResourceMapping
from pilothouse.objects.identity import join_api_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pilothouse.clock import Clock
    from pilothouse.kube.discovery_cache import Groups, Resource
    from pilothouse.kube.resources import KubeObject
    from pilothouse.kube.transfer import Transfer

    Worker = Callable[[list[tuple[str, str]]], None]

_AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
    "application/json"
)
_CACHE_SECONDS = 600.0
#: Answers younger than this are not asked for again: one manifest may name many kinds that are unknown.
_FRESH_SECONDS = 1.0
_READERS = 8


class Discovery:
    """The kinds of one server, asked for when they are needed.

    Args:
        transfer: Sends requests to the server.
        clock: Tells how old answers are.
        cache_folder: Where answers may be kept; empty for nowhere.
    """

    def __init__(self, transfer: Transfer, clock: Clock, cache_folder: str) -> None:
        self._transfer = transfer
        self._clock = clock
        self._folder = cache_folder
        self._groups: Groups | None = None
        self._asked: float | None = None
        self._asking = _thread.allocate_lock()
        self._mappings: dict[tuple[str, str], ResourceMapping] = {}
        #: Group versions that the server lists but could not describe, with the reason.
        self.failures: dict[str, str] = {}

    def forget(self) -> None:
        """Forget everything, on disk as well."""
        self._groups = None
        self._asked = None
        self._mappings.clear()
        if self._folder:
            discovery_cache.remove(self._folder, self._transfer.config.server.url)

    def api_versions(self) -> tuple[str, ...]:
        """Return every ``group/version``, then every ``group/version/Kind``, asked of the server just now."""
        versions: dict[str, None] = {}
        kinds: dict[str, None] = {}
        for group_version, resources in self._fresh():
            versions[group_version] = None
            for resource in resources:
                kinds[f"{group_version}/{resource[1]}"] = None
        return (*versions, *kinds)

    def mapping(self, api_version: str, kind: str) -> ResourceMapping:
        """Return how a kind is served.

        Raises:
            KindNotFound: It is not, although the server was asked just now.
        """
        found = self._mappings.get((api_version, kind))
        if found is None:
            found = _find_kind(self._known(), api_version, kind)
            if found is None and not self._is_fresh():
                found = _find_kind(self._fresh(), api_version, kind)
            if found is None:
                raise KindNotFound(api_version, kind)
            self._mappings[api_version, kind] = found
        return found

    def mapping_for_resource(self, resource: str) -> ResourceMapping:
        """Return the kind behind a plural, singular or short name, with or without ``.group``.

        Raises:
            NotFound: There is none.
        """
        found = _find_resource(self._known(), resource)
        if found is None and not self._is_fresh():
            found = _find_resource(self._fresh(), resource)
        if found is None:
            raise NotFound(f'the server doesn\'t have a resource type "{resource}"')
        return found

    def _is_fresh(self) -> bool:
        """Return whether the server was asked just now."""
        return self._asked is not None and self._clock.monotonic() - self._asked < _FRESH_SECONDS

    def _known(self) -> Groups:
        if self._groups is None and self._folder:
            url = self._transfer.config.server.url
            self._groups = discovery_cache.read(self._folder, url, self._clock.now() - _CACHE_SECONDS)
        return self._fresh() if self._groups is None else self._groups

    def _fresh(self) -> Groups:
        """Return what the server says now; threads that want to know it at the same time ask once."""
        with self._asking:
            return self._asked_again()

    def _asked_again(self) -> Groups:
        if self._groups is None or not self._is_fresh():
            self.failures = {}
            groups = self._aggregated()
            self._groups = self._one_by_one() if groups is None else groups
            self._asked = self._clock.monotonic()
            self._mappings.clear()
            if self._folder:
                url = self._transfer.config.server.url
                discovery_cache.write(self._folder, url, self._groups, self._clock.now())
        return self._groups

    def _aggregated(self) -> Groups | None:
        """Return all groups from two requests, none when the server does not offer that (before 1.26)."""
        groups: Groups = []
        for root in ("/api", "/apis"):
            try:
                answer = self._transfer.call(Request(method="GET", target=root, accept=_AGGREGATED, raw=True))
            except ApiError as error:
                if error.code in (404, 406) and root == "/apis":
                    return None
                raise
            if answer.get("kind") != "APIGroupDiscoveryList":
                return None
            for group in answer.get("items") or ():
                groups += self._aggregated_group(group)
        return groups

    def _aggregated_group(self, group: KubeObject) -> Iterator[tuple[str, list[Resource]]]:
        name = str((group.get("metadata") or {}).get("name") or "")
        for version in group.get("versions") or ():
            group_version = join_api_version(name, str(version.get("version")))
            if version.get("freshness") == "Stale":
                self.failures[group_version] = f"stale GroupVersion discovery: {group_version}"
                continue
            resources: list[Resource] = []
            for resource in version.get("resources") or ():
                resources += _aggregated_resource(resource)
            yield group_version, resources

    def _one_by_one(self) -> Groups:
        """Return all groups from a request each, several at a time."""
        names = [
            str(version)
            for version in self._transfer.call(Request(method="GET", target="/api", raw=True)).get("versions") or ()
        ]
        targets = [(name, f"/api/{name}") for name in names]
        for group in self._transfer.call(Request(method="GET", target="/apis", raw=True)).get("groups") or ():
            for version in group.get("versions") or ():
                name = str(version.get("groupVersion"))
                targets.append((name, f"/apis/{name}"))
        found: dict[str, list[Resource]] = {}

        def read(part: list[tuple[str, str]]) -> None:
            for name, target in part:
                try:
                    answer = self._transfer.call(Request(method="GET", target=target))
                except PilothouseError as error:
                    self.failures[name] = error.message
                else:
                    found[name] = [_plain_resource(item) for item in answer.get("resources") or ()]

        _in_parallel(read, [targets[start::_READERS] for start in range(_READERS)])
        return [(name, found.get(name, [])) for name, _ in targets]


def _in_parallel(work: Worker, parts: list[list[tuple[str, str]]]) -> None:
    import threading

    threads = [threading.Thread(target=work, args=(part,), daemon=True) for part in parts if part]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _aggregated_resource(resource: KubeObject) -> Iterator[Resource]:
    plural = str(resource.get("resource"))
    kind = str((resource.get("responseKind") or {}).get("kind") or "")
    yield [
        plural,
        kind,
        resource.get("scope") == "Namespaced",
        list(resource.get("verbs") or ()),
        [str(resource.get("singularResource") or ""), *(resource.get("shortNames") or ())],
    ]
    for subresource in resource.get("subresources") or ():
        shown = str((subresource.get("responseKind") or {}).get("kind") or "")
        name = f"{plural}/{subresource.get('subresource')}"
        yield [name, shown, resource.get("scope") == "Namespaced", list(subresource.get("verbs") or ()), []]


def _plain_resource(resource: KubeObject) -> Resource:
    names = [str(resource.get("singularName") or ""), *(resource.get("shortNames") or ())]
    verbs = list(resource.get("verbs") or ())
    return [str(resource.get("name")), str(resource.get("kind")), bool(resource.get("namespaced")), verbs, names]


def _find_kind(groups: Groups, api_version: str, kind: str) -> ResourceMapping | None:
    for group_version, resources in groups:
        if group_version == api_version:
            for resource in resources:
                if resource[1] == kind and "/" not in resource[0]:
                    return _mapping(group_version, resource)
    return None


def _find_resource(groups: Groups, wanted: str) -> ResourceMapping | None:
    """Return the first match: groups and their versions come in the server's order of preference."""
    name, _, group = wanted.lower().partition(".")
    served = [
        (version, item)
        for version, items in groups
        if not group or version.rpartition("/")[0] == group
        for item in items
    ]
    for names in (0, 4):
        for group_version, resource in served:
            if name == resource[0] or (names and name in resource[names]) or name == resource[1].lower():
                return _mapping(group_version, resource)
    return None


def _mapping(group_version: str, resource: Resource) -> ResourceMapping:
    group, _, version = group_version.rpartition("/")
    return ResourceMapping(
        group=group,
        version=version,
        kind=resource[1],
        plural=resource[0],
        namespaced=resource[2],
        verbs=tuple(resource[3]),
    )
