"""Who owns which fields: what the server decides of a new object belongs to nobody."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.golang.kinds import YamlValue

CORE = "/api/v1/namespaces/default"
POD = {"containers": [{"name": "c", "image": "x"}]}


def owned(value: YamlValue, manager: str = "test") -> YamlValue:
    """Return the fields that a manager owns."""
    entries = value["metadata"].get("managedFields") or []
    return next((each["fieldsV1"] for each in entries if each["manager"] == manager), {})


@pytest.mark.parametrize("labels", [{}, {"app": "x"}])
def test_a_job_does_not_own_its_selector(client: Any, labels: YamlValue) -> None:
    """The labels that the server generates are on the job and its pods; its writer owns those it gave."""
    template = {"metadata": {"labels": labels} if labels else {}, "spec": {**POD, "restartPolicy": "Never"}}
    path = "/apis/batch/v1/namespaces/default/jobs"
    job = client.ok("POST", path, {"metadata": {"name": "j"}, "spec": {"template": template}})
    uid = job["metadata"]["uid"]
    generated = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": "j",
        "controller-uid": uid,
        "job-name": "j",
    }
    assert job["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    assert job["spec"]["template"]["metadata"]["labels"] == {**labels, **generated}
    assert job["metadata"]["labels"] == {**labels, **generated}
    fields = owned(job)
    assert "f:selector" not in fields["f:spec"]
    given: YamlValue = {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}} if labels else {}
    assert {key: item for key, item in fields["f:spec"]["f:template"].items() if key != "f:spec"} == given
    assert {key: item for key, item in fields.items() if key != "f:spec"} == given


def test_a_job_keeps_labels_of_its_own(client: Any) -> None:
    """Labels that its writer gave it are not mixed with those of its pods."""
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {**POD, "restartPolicy": "Never"}}
    body = {"metadata": {"name": "j", "labels": {"a": "b"}}, "spec": {"template": template}}
    job = client.ok("POST", "/apis/batch/v1/namespaces/default/jobs", body)
    assert job["metadata"]["labels"] == {"a": "b"}


def test_a_service_does_not_own_its_address(client: Any) -> None:
    """Addresses and their families are handed out; who asked for one owns it."""
    spec = {"selector": {"app": "x"}, "ports": [{"port": 80}]}
    service = client.ok("POST", f"{CORE}/services", {"metadata": {"name": "s"}, "spec": spec})
    assert service["spec"]["clusterIP"]
    assert set(owned(service)["f:spec"]) == {
        "f:internalTrafficPolicy", "f:ports", "f:selector", "f:sessionAffinity", "f:type",
    }  # fmt: skip
    fixed = {"metadata": {"name": "t"}, "spec": {**spec, "clusterIP": "10.96.9.9"}}
    assert "f:clusterIP" in owned(client.ok("POST", f"{CORE}/services", fixed))["f:spec"]


def test_a_pod_does_not_own_what_admission_adds(client: Any) -> None:
    """Account, priority and tolerations are there and belong to nobody; defaults belong to the writer."""
    pod = client.ok("POST", f"{CORE}/pods", {"metadata": {"name": "p"}, "spec": POD})
    assert pod["spec"]["serviceAccountName"] == "default"
    assert pod["spec"]["priority"] == 0
    assert len(pod["spec"]["tolerations"]) == 2
    assert pod["status"] == {"phase": "Pending", "qosClass": "BestEffort"}
    assert set(owned(pod)["f:spec"]) == {
        "f:containers", "f:dnsPolicy", "f:enableServiceLinks", "f:restartPolicy", "f:schedulerName",
        "f:securityContext", "f:terminationGracePeriodSeconds",
    }  # fmt: skip


def test_a_namespace_owns_its_label_alone(client: Any) -> None:
    """The finalizer and the phase are the server's."""
    namespace = client.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "n"}})
    assert namespace["spec"] == {"finalizers": ["kubernetes"]}
    assert owned(namespace) == {"f:metadata": {"f:labels": {".": {}, "f:kubernetes.io/metadata.name": {}}}}


def test_scaling_owns_the_replicas(client: Any) -> None:
    """A conflict names who scaled, and through which subresource."""
    path = "/apis/apps/v1/namespaces/default/deployments/d"
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": "x"}},
            "template": {"metadata": {"labels": {"app": "x"}}, "spec": POD},
        },
    }
    client.ok("PATCH", f"{path}?fieldManager=helm", body, kind="application/apply-patch+yaml")
    scale = client.ok("GET", f"{path}/scale")
    client.ok("PUT", f"{path}/scale?fieldManager=kubectl", {**scale, "spec": {"replicas": 2}})
    assert client.fails("PATCH", f"{path}?fieldManager=helm", body, kind="application/apply-patch+yaml") == (
        409,
        'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
    )


@pytest.mark.parametrize(("patch", "what"), [([], "array"), ("x", "string"), (3, "number"), (True, "bool")])
def test_a_strategic_patch_is_an_object(client: Any, patch: YamlValue, what: str) -> None:
    """Anything else is refused."""
    client.ok("POST", f"{CORE}/configmaps", {"metadata": {"name": "a"}})
    assert client.fails("PATCH", f"{CORE}/configmaps/a", patch, kind="application/strategic-merge-patch+json") == (
        400,
        f"json: cannot unmarshal {what} into Go value of type map[string]interface {{}}",
    )
