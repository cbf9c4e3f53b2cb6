"""Nothing that a client sends makes the server fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KINDS = {
    "Deployment": "/apis/apps/v1/namespaces/default/deployments",
    "Service": "/api/v1/namespaces/default/services",
    "Job": "/apis/batch/v1/namespaces/default/jobs",
    "Ingress": "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
}
FIELDS = st.sampled_from(
    [
        "metadata",
        "spec",
        "name",
        "labels",
        "template",
        "containers",
        "selector",
        "matchLabels",
        "ports",
        "port",
        "rules",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), 1 << 63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=12,
)
TYPES = st.sampled_from(
    [
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/json-patch+json",
        "application/apply-patch+yaml",
    ]
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(metadata=VALUES, spec=VALUES, patch=VALUES, form=TYPES)
def test_every_body_has_an_answer(client: Any, kind: str, metadata: Any, spec: Any, patch: Any, form: str) -> None:
    """Whatever an object or patch holds, the answer is a success or a refusal, never a fault of the server."""
    path = KINDS[kind]
    client.send("POST", path, {"kind": kind, "metadata": metadata, "spec": spec})
    client.send("POST", path, {"metadata": {"name": "x"}, "spec": spec})
    client.send("PATCH", f"{path}/x?fieldManager=test", patch, kind=form)
    client.send("PUT", f"{path}/x", {"metadata": {"name": "x"}, "spec": spec})
    client.send("GET", f"{path}?labelSelector={spec!s:.20}", accept="application/json;as=Table;g=meta.k8s.io;v=v1")


@given(body=st.binary(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_has_an_answer(client: Any, body: bytes) -> None:
    """Bytes that are nothing are refused in each form."""
    for kind in ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf"):
        data = b"k8s\x00" + body if kind.endswith("protobuf") else body
        assert client.send("POST", KINDS["Service"], data, kind=kind).status in (400, 415, 422)
