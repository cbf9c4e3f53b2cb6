"""Putting a Tiller into a cluster, renewing it, finding it, and taking it away (``cmd/helm/installer``)."""

from __future__ import annotations

import contextlib

from pilothouse.actions.tiller_deployment import (
    ACCOUNT,
    DEPLOYMENT,
    PORT,
    SECRET,
    SELECTOR,
    SERVICE,
    DeploymentOptions,
    Object,
    account,
    binding_name,
    deployment,
    is_ours,
    objects,
    secret,
    service,
    tls_variables,
)
from pilothouse.apply.cluster import Cluster
from pilothouse.errors import Denied, Exists, Invalid, NotFound, PilothouseError, TimedOut
from pilothouse.kube.resources import PODS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.clock import Clock
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.mapping import Mapping

__all__ = ["PORT", "find_tiller", "install", "is_ready", "uninstall", "upgrade", "wait_until_ready"]

_POLL = 0.5


class TillerMissing(NotFound):
    """The cluster has no Tiller, or none that is ready."""

    reference = "tiller-missing"


# ── installing and renewing ────────────────────────────────────────────────────────────────────────────────────────


def install(cluster: Cluster, options: DeploymentOptions) -> None:
    """Create the objects of a Tiller.

    Raises:
        Exists: There is a Tiller.
        PilothouseError: The cluster did not take an object.
    """
    for one in objects(options):
        try:
            _create(cluster, one)
        except Exists:
            if one["kind"] in ("Deployment", "Service"):
                raise
            if one["kind"] == "Secret":
                _replace_secret(cluster, one)


def _create(cluster: Cluster, one: Object) -> None:
    cluster.create(_mapping(cluster, one), str(one["metadata"].get("namespace", "")), one)


def _mapping(cluster: Cluster, one: Object) -> Mapping:
    return cluster.mapping(str(one["apiVersion"]), str(one["kind"]))


def _replace_secret(cluster: Cluster, one: Object) -> None:
    metadata = one["metadata"]
    patch: YamlValue = {"data": one["data"], "metadata": {"labels": metadata["labels"]}}
    cluster.patch(_mapping(cluster, one), metadata["namespace"], SECRET, patch, patch_type="merge")


def upgrade(cluster: Cluster, options: DeploymentOptions, *, force: bool, renew_tls: bool) -> None:
    """Give a Tiller another image and service account, and new certificates where it shall have them.

    Args:
        cluster: Where it runs.
        options: How it shall run; the rest of it stays as it is.
        force: Whether it may become older than it is.
        renew_tls: Whether the certificates of ``options`` are brought to it.

    Raises:
        Invalid: It is newer than the wanted one.
        PilothouseError: It cannot be read or changed.
    """
    for one in account(options) if options.makes_account else ():
        with contextlib.suppress(Exists):
            _create(cluster, one)
    mapping = cluster.mapping("apps/v1", "Deployment")
    live = cluster.get(mapping, options.namespace, DEPLOYMENT)
    pod = live["spec"]["template"]["spec"]
    container = pod["containers"][0]
    if not force:
        _refuse_older(str(container.get("image") or ""), options.image)
    container["image"] = options.image
    container["imagePullPolicy"] = "Always" if options.always_pull else "IfNotPresent"
    if options.service_account:  # Helm 2.17 leaves the older field as it is, so that without one the account stays
        pod["serviceAccountName"] = pod["serviceAccount"] = options.service_account
    if renew_tls and options.files:
        _bring_certificates(cluster, options, pod, container)
    cluster.replace(mapping, options.namespace, live)
    try:
        cluster.get(cluster.mapping("v1", "Service"), options.namespace, SERVICE)
    except NotFound:
        _create(cluster, service(options))


def _bring_certificates(cluster: Cluster, options: DeploymentOptions, pod: Object, container: Object) -> None:
    """Store new certificates and have the pods read them; the pods are made anew, as Tiller's own are not watched."""
    assert options.files is not None
    stored = secret(options, options.files)
    try:
        _create(cluster, stored)
    except Exists:
        _replace_secret(cluster, stored)
    wanted = deployment(options.replace(overrides=()))["spec"]["template"]["spec"]
    names = {one["name"] for one in tls_variables(options.files)}
    kept = [one for one in container.get("env") or [] if one["name"] not in names]
    container["env"] = [*kept, *tls_variables(options.files)]
    for owner, field, source in (
        (container, "volumeMounts", wanted["containers"][0]),
        (pod, "volumes", wanted),
    ):
        others = [one for one in owner.get(field) or [] if one["name"] != "tiller-certs"]
        owner[field] = [*others, *source[field]]


def _refuse_older(running: str, wanted: str) -> None:
    from pilothouse.semver.errors import SemverError
    from pilothouse.semver.versions import Version

    try:
        before, after = (Version.parse(image.partition(":")[2], helm=3) for image in (running, wanted))
    except SemverError:
        return
    if after < before:
        raise Invalid(
            f"current Tiller version {running} is newer than client version {wanted}, use --force-upgrade to downgrade"
        )


# ── finding ────────────────────────────────────────────────────────────────────────────────────────────────────────


def find_tiller(cluster: Cluster, namespace: str) -> str:
    """Return the name of a pod of Tiller that is ready (``portforwarder.getTillerPodName``).

    Raises:
        TillerMissing: There is none.
    """
    pods = cluster.list_object(PODS, namespace, label_selector=SELECTOR)["items"]
    if not pods:
        raise TillerMissing("could not find tiller", hints=("helm init installs it",))
    for pod in pods:
        if is_ready(pod):
            return str(pod["metadata"]["name"])
    raise TillerMissing("could not find a ready tiller pod")


def is_ready(pod: Object) -> bool:
    """Return whether a pod is ready."""
    conditions = pod.get("status", {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def wait_until_ready(cluster: Cluster, clock: Clock, namespace: str, image: str, timeout: float) -> None:
    """Wait until a pod of Tiller runs an image and is ready.

    Raises:
        TimedOut: It does not become so in time.
    """
    deadline = clock.monotonic() + timeout
    while True:
        for pod in cluster.list(PODS, namespace, label_selector=SELECTOR):
            images = [one["image"] for one in pod["spec"]["containers"] if one["name"] == "tiller"]
            if images == [image] and is_ready(pod):
                return
        if clock.monotonic() >= deadline:
            raise TimedOut("tiller was not found. polling deadline exceeded")
        clock.sleep(_POLL)


# ── taking away ────────────────────────────────────────────────────────────────────────────────────────────────────


def uninstall(cluster: Cluster, namespace: str) -> None:
    """Delete the objects of a Tiller; records of releases stay.

    Raises:
        PilothouseError: The cluster did not do it.
    """
    for api_version, kind, name in (
        ("v1", "Service", SERVICE),
        ("apps/v1", "Deployment", DEPLOYMENT),
        ("v1", "Secret", SECRET),
    ):
        try:
            cluster.delete(cluster.mapping(api_version, kind), namespace, name, propagation="Background")
        except NotFound:
            continue
        except PilothouseError as error:
            raise error.prefixed("error uninstalling Tiller: ") from error
    for api_version, kind, place, name in (
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "", binding_name(namespace)),
        ("v1", "ServiceAccount", namespace, ACCOUNT),
    ):
        _delete_ours(cluster, cluster.mapping(api_version, kind), place, name)


def _delete_ours(cluster: Cluster, mapping: Mapping, namespace: str, name: str) -> None:
    """Delete an object that was made for a Tiller; one of another origin, or that may not be seen, stays."""
    try:
        if is_ours(cluster.get(mapping, namespace, name)):
            cluster.delete(mapping, namespace, name)
    except (NotFound, Denied):
        return
