"""The Kubernetes API as Pilothouse uses it: objects are dicts, kinds are looked up by discovery, errors are typed."""

from __future__ import annotations

from pilothouse.clock import Clock
from pilothouse.errors import PilothouseError
from pilothouse.kube import requests
from pilothouse.kube.discovery import Discovery
from pilothouse.kube.errors import cluster_unreachable
from pilothouse.kube.requests import DeleteOptions, ListOptions, Request, WriteOptions
from pilothouse.kube.resources import api_version_of
from pilothouse.kube.transfer import Transfer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.kube.config import ClusterConfig
    from pilothouse.kube.resources import KubeObject, ResourceMapping
    from pilothouse.kube.validation import Validator
    from pilothouse.kube.watch import Watch
    from pilothouse.objects.mapping import Mapping

    Objects = list[KubeObject]

PAGE = 500


class KubeClient:
    """One cluster. Nothing is read or connected before the first call; any number of threads may call.

    Args:
        source: The cluster's configuration (:func:`pilothouse.kube.config.load`), or what loads it when it is needed.
        clock: Waits and deadlines.
        cache_folder: Where discovery may be kept between processes; empty for nowhere.
        user_agent: How the client calls itself.
        on_warning: Hears what the server warns of, such as a deprecated version.
    """

    def __init__(
        self,
        source: ClusterConfig | Callable[[], ClusterConfig],
        *,
        clock: Clock | None = None,
        cache_folder: str = "",
        user_agent: str = "",
        on_warning: Callable[[str], None] | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self._transfer = Transfer(source, self.clock, user_agent, on_warning)
        self._discovery = Discovery(self._transfer, self.clock, cache_folder)
        self._version: KubeObject = {}
        self._validator: Validator | None = None
        self._validates = False

    def __enter__(self) -> KubeClient:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def config(self) -> ClusterConfig:
        """How the cluster is reached."""
        return self._transfer.config

    # ── the server ─────────────────────────────────────────────────────────────────────────────────────────────

    def ping(self, *, compatibility: int = 4) -> None:
        """Ask the server for its version, as Helm does before it works on a cluster (``kube.Client.IsReachable``).

        Raises:
            Unreachable: It does not answer, refuses, or the configuration cannot be used.
        """
        try:
            self.server_version()
        except PilothouseError as error:
            raise cluster_unreachable(error, compatibility=compatibility) from error

    def server_version(self) -> KubeObject:
        """Return what the server says of itself: ``major``, ``minor``, ``gitVersion`` and more."""
        self._version = self._transfer.call(Request(method="GET", target="/version", raw=True))
        return self._version

    def schema_problems(self, document: KubeObject) -> list[str]:
        """Return what kubectl finds wrong with an object before it is sent; a server since 1.23 finds it itself."""
        if not self._validates:
            from pilothouse.kube.validation import validator_for

            self._validator = validator_for(self._transfer, self._version or self.server_version())
            self._validates = True
        return self._validator.problems(document) if self._validator is not None else []

    def request(
        self, method: str, target: str, body: YamlValue = None, *, accept: str = "application/json"
    ) -> KubeObject:
        """Send any request, for paths that are no resources, such as ``/openapi/v2``."""
        encoded = None if body is None else requests.encode_body(body)
        content_type = "" if body is None else "application/json"
        return self._transfer.call(
            Request(method=method, target=target, accept=accept, content_type=content_type, body=encoded),
        )

    def close(self) -> None:
        """Close the idle connections."""
        self._transfer.close()

    # ── kinds ──────────────────────────────────────────────────────────────────────────────────────────────────

    def api_versions(self) -> tuple[str, ...]:
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

    def forget_discovery(self) -> None:
        """Forget what is known of the kinds served, after CustomResourceDefinitions were changed."""
        self._discovery.forget()

    # ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

    def get(
        self,
        mapping: Mapping,
        namespace: str,
        name: str,
        *,
        subresource: str = "",
        form: str = "object",
    ) -> KubeObject:
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

    def get_table(self, mapping: Mapping, namespace: str, name: str) -> KubeObject:
        """Return one object as the ``Table`` that kubectl prints, the object inside."""
        return self.get(mapping, namespace, name, form="table")

    def list(
        self,
        mapping: Mapping,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = PAGE,
        form: str = "object",
    ) -> Objects:
        """Return all objects of a collection, read in pages.

        Args:
            mapping: Their kind.
            namespace: Empty for all namespaces.
            label_selector: Conditions on their labels.
            field_selector: Conditions on their fields.
            limit: Objects a page, 0 for all in one.
            form: ``object`` or ``metadata``: only ``metadata`` is filled, where the server can do that.
        """
        options = ListOptions(labels=label_selector, fields=field_selector, limit=limit, form=form)
        return self.list_with_version(mapping, namespace, options)[0]

    def list_with_version(self, mapping: Mapping, namespace: str, options: ListOptions) -> tuple[Objects, str]:
        """Return all objects of a collection and the resource version to watch it from."""
        from pilothouse.kube.listing import list_all

        return list_all(self._transfer, mapping, namespace, options)

    def list_object(self, mapping: Mapping, namespace: str = "", *, label_selector: str = "") -> KubeObject:
        """Return a collection as the list object that the server sends, each item with its kind."""
        options = ListOptions(labels=label_selector)
        items, version = self.list_with_version(mapping, namespace, options)
        metadata = {"resourceVersion": version}
        return {
            "apiVersion": api_version_of(mapping),
            "items": items,
            "kind": f"{mapping.kind}List",
            "metadata": metadata,
        }

    def list_table(self, mapping: Mapping, namespace: str = "", *, label_selector: str = "") -> KubeObject:
        """Return a collection as the ``Table`` that kubectl prints."""
        options = ListOptions(labels=label_selector, form="table")
        return self._transfer.call(requests.list_request(mapping, namespace, options))

    def watch(
        self,
        mapping: Mapping,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
        seconds: float = 0,
    ) -> Watch:
        """Return an iterator over the changes of a collection; its ``close`` ends it from any thread.

        Args:
            mapping: The objects' kind.
            namespace: Empty for all namespaces.
            label_selector: Conditions on their labels.
            field_selector: Conditions on their fields, such as ``metadata.name=web``.
            resource_version: Begin after this one; without it, what exists comes first, as ``ADDED``.
            seconds: How long to watch, 0 for without end.
        """
        from pilothouse.kube.watch import Watch

        options = ListOptions(labels=label_selector, fields=field_selector, resource_version=resource_version)
        return Watch(self._transfer, self.clock, mapping, namespace, options, seconds)

    def logs(
        self, namespace: str, pod: str, *, container: str = "", tail: int = 0, previous: bool = False
    ) -> Iterator[str]:
        """Yield a container's log as it arrives, in pieces of any size.

        Args:
            namespace: Namespace of the pod.
            pod: Its name.
            container: Needed where there are several.
            tail: The number of last lines that are wanted, 0 for all.
            previous: Whether the log of the container's last run is meant.
        """
        from pilothouse.kube.logs import log_request, texts

        return texts(self._transfer.stream(log_request(namespace, pod, container, tail=tail, previous=previous)))

    # ── writing ────────────────────────────────────────────────────────────────────────────────────────────────

    def create(
        self,
        mapping: Mapping,
        namespace: str,
        object: KubeObject,  # noqa: A002 - what the API calls it
        *,
        field_manager: str = "helm",
        dry_run: bool = False,
    ) -> KubeObject:
        """Create an object and return it as stored.

        Args:
            mapping: Its kind.
            namespace: Its namespace.
            object: The object; with ``metadata.generateName`` the server names it.
            field_manager: Who owns its fields.
            dry_run: Whether the server only pretends.

        Raises:
            AlreadyExists: There is one of this name.
            ObjectInvalid: It breaks a rule of its kind.
        """
        options = WriteOptions(field_manager=field_manager, dry_run=dry_run)
        return self._transfer.call(requests.write_request("POST", mapping, namespace, _name(object), object, options))

    def replace(
        self,
        mapping: Mapping,
        namespace: str,
        object: KubeObject,  # noqa: A002 - what the API calls it
        *,
        field_manager: str = "helm",
    ) -> KubeObject:
        """Put an object in the place of the stored one and return it as stored.

        Raises:
            ObjectNotFound: There is none to replace.
            ObjectConflict: Its ``metadata.resourceVersion`` is not the stored one's.
        """
        options = WriteOptions(field_manager=field_manager)
        return self._transfer.call(requests.write_request("PUT", mapping, namespace, _name(object), object, options))

    def patch(  # noqa: PLR0913 - how to patch
        self,
        mapping: Mapping,
        namespace: str,
        name: str,
        patch: YamlValue,
        *,
        patch_type: str,
        field_manager: str = "helm",
        force: bool = False,
        field_validation: str = "",
        subresource: str = "",
    ) -> KubeObject:
        """Change an object and return it as stored.

        Args:
            mapping: Its kind.
            namespace: Its namespace.
            name: Its name.
            patch: An object, a list for JSON patches, or bytes that are sent as they are.
            patch_type: ``strategic``, ``merge``, ``json``, or ``apply`` for server-side apply, which may also create.
            field_manager: Who owns the fields that are set.
            force: Whether ``apply`` takes fields over from their owners.
            field_validation: ``Strict``, ``Warn``, ``Ignore`` or empty for the server's default.
            subresource: Such as ``status`` or ``scale``.

        Raises:
            ObjectNotFound: It does not exist.
            ObjectConflict: Others own the fields that are applied.
        """
        options = WriteOptions(field_manager=field_manager, field_validation=field_validation, force=force)
        return self._transfer.call(
            requests.write_request(
                "PATCH",
                mapping,
                namespace,
                name,
                patch,
                options,
                patch_type=patch_type,
                subresource=subresource,
            ),
        )

    def delete(
        self,
        mapping: Mapping,
        namespace: str,
        name: str,
        *,
        propagation: str = "",
        grace_period: int | None = None,
        uid: str = "",
    ) -> None:
        """Delete an object.

        Args:
            mapping: Its kind.
            namespace: Its namespace.
            name: Its name.
            propagation: ``Background``, ``Foreground``, ``Orphan`` in any case, or empty for the server's default.
            grace_period: Seconds, none for the object's own.
            uid: Delete only this object, not one that took its name.

        Raises:
            ObjectNotFound: It does not exist.
            ObjectConflict: It is not the object that ``uid`` names.
        """
        options = DeleteOptions(propagation=propagation, grace_period=grace_period, uid=uid)
        self._transfer.call(requests.delete_request(mapping, namespace, name, options))


def _name(item: KubeObject) -> str:
    return str((item.get("metadata") or {}).get("name") or "")
