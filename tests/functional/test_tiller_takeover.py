"""Our Tiller goes on with the ConfigMaps and Secrets that real Helm 2.17 left in a cluster."""

from __future__ import annotations

import base64
import contextlib
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("google.protobuf")

from pilothouse.actions.tiller_context import TillerContext
from pilothouse.actions.tiller_queries import BY_NAME, TillerListOptions, content, list_releases
from pilothouse.actions.tiller_rollback import TillerRollbackOptions, rollback
from pilothouse.actions.tiller_uninstall import TillerUninstallOptions, uninstall
from pilothouse.actions.tiller_upgrade import TillerUpgradeOptions, upgrade
from pilothouse.apply.tiller_manifests import build
from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.errors import Exists
from pilothouse.hapi.convert import release_message
from pilothouse.hapi.messages import ConfigMessage, serialize
from pilothouse.kube.resources import NAMESPACES
from pilothouse.storage.tiller_records import decode

#: What ``kubectl get`` printed of real Tiller's records, and the driver that reads them.
LEFT = [
    pytest.param("session/storage/after-upgrades-step115.yaml", "configmap", id="configmaps"),
    pytest.param("session-secret/storage/all-step007.yaml", "secret", id="secrets"),
    pytest.param("session-history-max/storage/end-step016.yaml", "configmap", id="pruned"),
]


@pytest.mark.cluster
@pytest.mark.parametrize(("dump", "driver"), LEFT)
def test_recorded_releases_are_taken_over(
    shared: Path, live_kubeconfig: Path, tmp_path: Path, dump: str, driver: str
) -> None:
    """Every release is read as it was written; those that were ever deployed are rolled back, upgraded and deleted."""
    items = yaml.safe_load((shared / "reference/helm2/golden" / dump).read_text())["items"]
    assembly = Assembly(Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(live_kubeconfig)}))
    with assembly.client() as client:
        home = f"takeover-{uuid.uuid4().hex[:8]}"
        for name in (home, "web"):
            with contextlib.suppress(Exists):
                client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        written = {}
        for item in items:
            item["metadata"] = {key: item["metadata"][key] for key in ("name", "labels")}
            client.create(client.mapping("v1", item["kind"]), home, item)
            written[item["metadata"]["name"]] = _message(item)
        context = assembly.tiller(driver=driver, namespace=home)
        for key, message in written.items():
            name, _, revision = key.rpartition(".v")
            assert serialize(release_message(content(context, name, int(revision)))) == message
        good = {one.name: one.revision for one in context.store.list() if one.info.status == "deployed"}
        assert good
        for name, revision in sorted(good.items()):
            _live_on(context, name, revision)


def _message(item: dict[str, Any]) -> bytes:
    text = item["data"]["release"]
    if item["kind"] == "Secret":
        text = base64.b64decode(text).decode()
    return serialize(release_message(decode(text)))


def _live_on(context: TillerContext, name: str, revision: int) -> None:
    """Roll a release back, upgrade it with its own chart, roll it back again and purge it."""
    last = context.last(name).revision
    back = rollback(context, TillerRollbackOptions(name=name, revision=revision, disable_hooks=True))
    assert (back.revision, back.info.status) == (last + 1, "deployed")
    config = ConfigMessage(raw="{}\n")
    options = TillerUpgradeOptions(name=name, chart=back.wire.chart, config=config, disable_hooks=True)
    newer = upgrade(context, options)
    assert (newer.revision, newer.config_text) == (last + 2, back.config_text or "{}\n")
    again = rollback(context, TillerRollbackOptions(name=name, revision=revision, disable_hooks=True))
    for resource in build(context.cluster, again.manifest, again.namespace):
        assert context.cluster.get(resource.mapping, resource.namespace, resource.name)
    listed = list_releases(context, TillerListOptions(filter=f"^{name}$", sort_by=BY_NAME)).releases
    assert [one.revision for one in listed] == [last + 3]
    uninstall(context, TillerUninstallOptions(name=name, purge=True, disable_hooks=True))
    for resource in build(context.cluster, again.manifest, again.namespace):
        assert not _still_there(context, resource)


def _still_there(context: TillerContext, resource: Any) -> bool:
    """Whether an object is there and not on its way out."""
    found = context.cluster.list(resource.mapping, resource.namespace)
    return any(
        one["metadata"]["name"] == resource.name and not one["metadata"].get("deletionTimestamp") for one in found
    )
