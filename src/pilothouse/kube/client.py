"""The Kubernetes API as Pilothouse uses it: objects are dicts, kinds are looked up by discovery, errors are typed."""

from __future__ import annotations

from pilothouse.clock import Clock
from pilothouse.kube import requests
from pilothouse.kube.discovery import Discovery
from pilothouse.kube.errors import cluster_unreachable
from pilothouse.kube.requests import DeleteOptions, ListOptions, Request, WriteOptions
from pilothouse.kube.transfer import Transfer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.kube.config import ClusterConfig
    from pilothouse.kube.resources import KubeObject, ResourceMapping
    from pilothouse.kube.watch import Watch

    Names = list[str]
    Objects = list[KubeObject]

PAGE = 500


class KubeClient:
    """One cluster. Nothing is read or connected before the first call; any number of threads may call.

    Args:
        source: The cluster's configuration (:func:`pilothouse.kube.config.load`), or what loads it when it is needed.
        clock: Waits and deadlines.
        cache_folder: Where discovery may be kept between processes; empty for nowhere.
        user_agent: How the client calls itself.
        compatibility: The Helm generation whose words are used, 3 or 4.
    """

    def __init__(
        self,
        source: ClusterConfig | Callable[[], ClusterConfig],
        *,
        clock: Clock | None = None,
        cache_folder: str = "",
        user_agent: str = "",
        compatibility: int = 4,
    ) -> None:
        self.clock = clock or Clock()
        self._transfer = Transfer(source, self.clock, user_agent)
        self._discovery = Discovery(self._transfer, self.clock, cache_folder)
        self._compatibility = compatibility

    @property
    def config(self) -> ClusterConfig:
        """How the cluster is reached."""
        return self._transfer.config

    @property
    def namespace(self) -> str:
        """The namespace of the configuration, ``default`` when it names none."""
        return self.config.namespace

    def ping(self) -> None:
        """Ask the server for its version, as Helm does before it works on a cluster (``kube.Client.IsReachable``).

        Raises:
            Unreachable: It does not answer, refuses, or the configuration cannot be used.
        """
        from pilothouse.errors import PilothouseError

        try:
            self.server_version()
        except PilothouseError as error:
            raise cluster_unreachable(error, compatibility=self._compatibility) from error

    def server_version(self) -> dict[str, str]:
        """Return what the server says of itself: ``major``, ``minor``, ``gitVersion`` …"""
        return {key: str(value) for key, value in self._transfer.call(Request(method="GET", target="/version")).items()}

    def api_versions(self) -> Names:
        """Return what ``.Capabilities.APIVersions`` holds: each ``group/version``, then each ``group/version/Kind``."""
        return self._discovery.api_versions()

    def mapping(self, api_version: str, kind: str) -> ResourceMapping:
        """Return how a kind is served; asks the server anew before it says that there is no such kind.

        Raises:
            KindNotFound: The server does not serve it.
        """
        return self._discovery.mapping(api_version, kind)

    def mapping_for_resource(self, resource: str) -> ResourceMapping:
        """Return the kind behind ``pods``, ``deployment.apps`` or a short name, in its preferred version.

        Raises:
            NotFound: The server does not serve it.
        """
        return self._discovery.mapping_for_resource(resource)

    def refresh(self) -> None:
        """Forget what is known of the kinds served, after CustomResourceDefinitions were changed."""
        self._discovery.refresh()

    def get(self, mapping: ResourceMapping, namespace: str, name: str, *, subresource: str = "", form: str = "object") -> KubeObject:
        """Return one object.

        Args:
            mapping: Its kind.
            namespace: Its namespace; ignored for kinds without one.
            name: Its name.
            subresource: Such as ``status`` or ``scale``.
            form: ``object``, ``metadata`` or ``table``.

        Raises:
            ObjectNotFound: It does not exist.
        """
        return self._transfer.call(requests.get_request(mapping, namespace, name, subresource, form))

    def list(
        self,
        mapping: ResourceMapping,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        limit: int = PAGE,
        form: str = "object",
    ) -> Objects:
        """Return all objects of a collection, read in pages.

        Args:
            mapping: Their kind.
            namespace: Empty for all namespaces.
            labels: Label selector.
            fields: Field selector.
            limit: Objects a page, 0 for all in one.
            form: ``object`` or ``metadata``: only ``metadata`` is filled, where the server can do that.
        """
        options = ListOptions(labels=labels, fields=fields, limit=limit, form=form)
        return self.list_with_version(mapping, namespace, options)[0]

    def list_with_version(
        self, mapping: ResourceMapping, namespace: str, options: ListOptions,
    ) -> tuple[Objects, str]:
        """Return all objects of a collection and the resource version to watch it from."""
        from pilothouse.kube.listing import list_all

        return list_all(self._transfer, mapping, namespace, options)

    def table(self, mapping: ResourceMapping, namespace: str, *, name: str = "", labels: str = "") -> KubeObject:
        """Return an object, or a collection, as the ``Table`` that kubectl prints."""
        if name:
            return self.get(mapping, namespace, name, form="table")
        options = ListOptions(labels=labels, form="table")
        return self._transfer.call(requests.list_request(mapping, namespace, options))

    def create(
        self, mapping: ResourceMapping, namespace: str, body: KubeObject, options: WriteOptions | None = None,
    ) -> KubeObject:
        """Create an object and return it as stored.

        Raises:
            AlreadyExists: There is one of this name.
            ObjectInvalid: It breaks a rule of its kind.
        """
        request = requests.write_request("POST", mapping, namespace, _name(body), body, options or WriteOptions())
        return self._transfer.call(request)

    def create_subresource(  # noqa: PLR0913 - the parts of one request
        self,
        mapping: ResourceMapping,
        namespace: str,
        name: str,
        subresource: str,
        body: KubeObject,
        options: WriteOptions | None = None,
    ) -> KubeObject:
        """Send an object to a subresource, such as a pod's ``eviction`` or a service account's ``token``."""
        chosen = options or WriteOptions(field_manager="")
        request = requests.write_request("POST", mapping, namespace, name, body, chosen, subresource=subresource)
        return self._transfer.call(request)

    def replace(
        self,
        mapping: ResourceMapping,
        namespace: str,
        body: KubeObject,
        options: WriteOptions | None = None,
        *,
        subresource: str = "",
    ) -> KubeObject:
        """Put an object in the place of the stored one and return it as stored.

        Raises:
            ObjectNotFound: There is none to replace.
            ObjectConflict: Its ``metadata.resourceVersion`` is not the stored one's.
        """
        request = requests.write_request(
            "PUT", mapping, namespace, _name(body), body, options or WriteOptions(), subresource=subresource,
        )
        return self._transfer.call(request)

    def patch(  # noqa: PLR0913 - the parts of one request
        self,
        mapping: ResourceMapping,
        namespace: str,
        name: str,
        patch: YamlValue,
        *,
        patch_type: str = "strategic",
        options: WriteOptions | None = None,
        subresource: str = "",
    ) -> KubeObject:
        """Change an object and return it as stored.

        Args:
            mapping: Its kind.
            namespace: Its namespace.
            name: Its name.
            patch: An object, a list for JSON patches, or bytes that are sent as they are.
            patch_type: ``strategic``, ``merge``, ``json``, or ``apply`` for server-side apply, which may also create.
            options: How to write; ``force`` is for ``apply`` alone.
            subresource: Such as ``status`` or ``scale``.

        Raises:
            ObjectNotFound: It does not exist.
            ObjectConflict: Others own the fields that are applied.
        """
        request = requests.write_request(
            "PATCH",
            mapping,
            namespace,
            name,
            patch,
            options or WriteOptions(),
            patch_type=patch_type,
            subresource=subresource,
        )
        return self._transfer.call(request)

    def delete(
        self, mapping: ResourceMapping, namespace: str, name: str, options: DeleteOptions | None = None,
    ) -> KubeObject:
        """Delete an object; returns the object as it is going, or a ``Status``.

        Raises:
            ObjectNotFound: It does not exist.
            ObjectConflict: It is not the object that the preconditions name.
        """
        return self._transfer.call(requests.delete_request(mapping, namespace, name, options or DeleteOptions()))

    def watch(
        self, mapping: ResourceMapping, namespace: str = "", options: ListOptions | None = None, *, seconds: float = 0,
    ) -> Watch:
        """Return an iterator over the changes of a collection.

        Args:
            mapping: The objects' kind.
            namespace: Empty for all namespaces.
            options: Selectors; without a resource version, what exists comes first, as ``ADDED``.
            seconds: How long to watch, 0 for without end.
        """
        from pilothouse.kube.watch import Watch

        return Watch(self._transfer, self.clock, mapping, namespace, options or ListOptions(), seconds)

    def logs(  # noqa: PLR0913 - the parts of one request
        self,
        namespace: str,
        pod: str,
        *,
        container: str = "",
        follow: bool = False,
        previous: bool = False,
        tail: int | None = None,
        timestamps: bool = False,
    ) -> Iterator[bytes]:
        """Yield a container's log as it arrives, in pieces of any size.

        Args:
            namespace: Namespace of the pod.
            pod: Its name.
            container: Needed where there are several.
            follow: Whether to wait for more until the container ends.
            previous: Whether to read the log of the container that ran before.
            tail: Only the last lines, so many.
            timestamps: Whether the server writes a time before each line.
        """
        from pilothouse.kube.logs import log_request

        request = log_request(
            namespace, pod, container=container, follow=follow, previous=previous, tail=tail, timestamps=timestamps,
        )
        return self._transfer.stream(request).pieces()

    def request(self, method: str, target: str, body: YamlValue = None, *, accept: str = "application/json") -> KubeObject:
        """Send any request, for paths that are no resources, such as ``/openapi/v2``."""
        encoded = None if body is None else requests.encode_body(body)
        content_type = "" if body is None else "application/json"
        return self._transfer.call(
            Request(method=method, target=target, accept=accept, content_type=content_type, body=encoded),
        )

    def close(self) -> None:
        """Close the idle connections."""
        self._transfer.close()


def _name(body: KubeObject) -> str:
    return str((body.get("metadata") or {}).get("name") or "")
