"""A Deployment after ``helm init --override``, by the rules of Go's JSON over the types of Kubernetes 1.16."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.actions.tiller_deployment import DeploymentOptions, deployment
from pilothouse.errors import Invalid

PLAIN: Any = deployment(DeploymentOptions())


def made(*overrides: str) -> Any:
    """Return the Deployment with assignments."""
    return deployment(DeploymentOptions(overrides=overrides))


def container(*overrides: str) -> Any:
    """Return its container."""
    return made(*overrides)["spec"]["template"]["spec"]["containers"][0]


def test_what_is_not_a_field_vanishes() -> None:
    """On every level, and what is assigned again is as it was."""
    assert made("foo=1", "spec.bar=1", "spec.template.spec.containers[0].x.y=1", "kind=Pod") == PLAIN
    assert made("spec.replicas=1", "metadata.name=tiller-deploy") == PLAIN


def test_names_match_in_any_case() -> None:
    """A field is found by its name in other letters, and the keys of maps stay; of two names the later one counts."""
    overrides = ("spec.template.spec.nodeselector.App=a", "spec.template.spec.nodeSelector.b=c")
    assert made(*overrides)["spec"]["template"]["spec"]["nodeSelector"] == {"App": "a", "b": "c"}
    assert made("spec.Minreadyseconds=3")["spec"]["minReadySeconds"] == 3
    assert made("spec.Replicas=3")["spec"]["replicas"] == 1


def test_texts_are_made_where_texts_are_wanted() -> None:
    """Numbers and switches of assignments; pointers keep zeros, other fields leave them out."""
    assert made("metadata.annotations.a=1", "metadata.annotations.b=true")["metadata"]["annotations"] == {
        "a": "1",
        "b": "true",
    }
    assert container("spec.template.spec.containers[0].command={/tiller,1,true}")["command"] == ["/tiller", "1", "true"]
    assert container("spec.template.spec.containers[0].env[1].value=7")["env"][1]["value"] == "7"
    pod = made("spec.template.spec.hostNetwork=false", "spec.template.spec.terminationGracePeriodSeconds=0")
    assert "hostNetwork" not in pod["spec"]["template"]["spec"]
    assert pod["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 0


def test_structs_are_written_whole() -> None:
    """A new container has the fields that Go always writes."""
    more = made("spec.template.spec.containers[1].image=x")["spec"]["template"]["spec"]["containers"][1]
    assert more == {"image": "x", "name": "", "resources": {}}
    assert made("spec.selector=null")["spec"]["selector"] is None
    volume = made("spec.template.spec.volumes[0].emptyDir.medium=Memory")["spec"]["template"]["spec"]["volumes"]
    assert volume == [{"emptyDir": {"medium": "Memory"}, "name": ""}]


@pytest.mark.parametrize(
    ("override", "text"),
    [
        ("spec.replicas=many", "string into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ("spec.paused=1", "number into Go struct field DeploymentSpec.spec.paused of type bool"),
        ("metadata.labels=x", "string into Go struct field ObjectMeta.metadata.labels of type map[string]string"),
        (
            "spec.template.spec.containers=x",
            "string into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
        ),
    ],
)
def test_wrong_types_are_errors(override: str, text: str) -> None:
    """In Go's words."""
    with pytest.raises(Invalid) as caught:
        made(override)
    prefix = "Error unmarshalling Values to Deployment manifest: error unmarshaling JSON: json: cannot unmarshal "
    assert caught.value.message == prefix + text
