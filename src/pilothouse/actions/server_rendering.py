"""Rendering with a cluster in sight but without a release: ``helm template --dry-run=server`` and ``--validate``."""

from __future__ import annotations

from pilothouse.actions.release_change import adopted_objects
from pilothouse.actions.rendering import cluster_capabilities, cluster_lookup
from pilothouse.apply.manifests import build_resources
from pilothouse.errors import Invalid
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.context import Context
    from pilothouse.actions.template import Surroundings


class ServerOptions(Record):
    """What decides whether the cluster would take a manifest.

    Attributes:
        name: Release name.
        is_upgrade: Whether objects may be there already.
        disable_openapi_validation: Whether fields are not checked.
        take_ownership: Whether objects of others may be there.
    """

    name: str
    is_upgrade: bool = False
    disable_openapi_validation: bool = False
    take_ownership: bool = False


def with_server(surroundings: Surroundings, context: Context, options: ServerOptions) -> Surroundings:
    """Return the surroundings with a cluster's capabilities, its objects, and its opinion of the result.

    Raises:
        PilothouseError: The cluster does not answer.
    """
    context.require_cluster(prefix="cluster reachability check failed: ")

    def check(manifest: str) -> None:
        """Refuse a manifest that could not be installed (``action.Install.RunWithContext``)."""
        try:
            built = build_resources(
                context.cluster, manifest, context.namespace, validate=not options.disable_openapi_validation
            )
        except Invalid as error:
            text = f"unable to build kubernetes objects from release manifest: {error.message}"
            raise Invalid(text, hints=error.hints) from error
        if not options.is_upgrade:
            adopted_objects(
                context,
                built,
                "install",
                name=options.name,
                namespace=context.namespace,
                take_ownership=options.take_ownership,
            )

    return surroundings.replace(capabilities=cluster_capabilities(context), lookup=cluster_lookup(context), check=check)


def with_lookups(surroundings: Surroundings, context: Context) -> Surroundings:
    """Return the surroundings with a cluster's objects alone, which is asked when a template looks for one.

    So Helm 3 has ``template --dry-run=server``, which is a dry run on the client all the same (``ClientOnly``).
    """
    return surroundings.replace(lookup=cluster_lookup(context))
