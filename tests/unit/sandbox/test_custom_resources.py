"""Custom resources, from definition to removal."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.golang.kinds import YamlValue

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"
MERGE = "application/merge-patch+json"


def definition(**properties: YamlValue) -> YamlValue:
    """Return the definition of widgets."""
    spec = {
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {"type": "integer", "minimum": 1},
            "color": {"type": "string", "default": "red", "enum": ["red", "blue"]},
            **properties,
        },
    }
    schema = {"type": "object", "properties": {"spec": spec, "status": {"type": "object"}}}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    names = {"plural": "widgets", "kind": "Widget"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]},
    }


def widget(**spec: YamlValue) -> YamlValue:
    """Return a widget."""
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}


def test_a_definition_is_served_until_it_goes(client: Any) -> None:
    """A definition makes its kind known everywhere; its removal takes kind and objects away."""
    assert client.fails("GET", WIDGETS)[0] == 404
    client.ok("POST", DEFINITIONS, definition())
    made = client.ok("GET", f"{DEFINITIONS}/widgets.example.com")
    conditions = {each["type"]: each["status"] for each in made["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}
    assert made["status"]["storedVersions"] == ["v1"]
    resources = client.ok("GET", "/apis/example.com/v1")["resources"]
    assert [each["name"] for each in resources] == ["widgets", "widgets/status"]
    document = client.ok("GET", "/openapi/v3/apis/example.com/v1")
    assert "com.example.v1.Widget" in document["components"]["schemas"]
    client.ok("POST", WIDGETS, widget(size=1))
    client.ok("DELETE", f"{DEFINITIONS}/widgets.example.com")
    assert client.fails("GET", WIDGETS)[0] == 404
    client.ok("POST", DEFINITIONS, definition())
    assert client.ok("GET", WIDGETS)["items"] == []


def test_objects_are_defaulted_pruned_and_checked(client: Any) -> None:
    """The schema fills in, drops and refuses."""
    client.ok("POST", DEFINITIONS, definition())
    made = client.ok("POST", f"{WIDGETS}?fieldValidation=Ignore", widget(size=2, foo=1))
    assert made["spec"] == {"size": 2, "color": "red"}
    assert made["metadata"]["generation"] == 1
    assert client.fails("POST", f"{WIDGETS}?fieldValidation=Strict", widget(size=2, foo=1)) == (
        400,
        'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.foo"',
    )


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "spec.size: Required value"),
        ({"size": 0}, "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"),
        ({"size": "x"}, 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'),
        ({"size": 1, "color": "green"}, 'spec.color: Unsupported value: "green": supported values: "red", "blue"'),
    ],
)
def test_faults_have_the_servers_words(client: Any, spec: YamlValue, message: str) -> None:
    """Each fault is told as the API server tells it."""
    client.ok("POST", DEFINITIONS, definition())
    assert client.fails("POST", WIDGETS, widget(**spec)) == (422, f'Widget.example.com "w" is invalid: {message}')


def test_an_update_needs_a_revision(client: Any) -> None:
    """Custom resources cannot be replaced blindly, nor patched strategically."""
    client.ok("POST", DEFINITIONS, definition())
    client.ok("POST", WIDGETS, widget(size=1))
    assert client.fails("PUT", f"{WIDGETS}/w", widget(size=2)) == (
        422,
        (
            'Widget.example.com "w" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified'
            " for an update"
        ),
    )
    strategic = "application/strategic-merge-patch+json"
    assert client.fails("PATCH", f"{WIDGETS}/w", {"spec": {"size": 3}}, kind=strategic)[0] == 415
    assert client.ok("PATCH", f"{WIDGETS}/w", {"spec": {"size": 3}}, kind=MERGE)["metadata"]["generation"] == 2


def test_definitions_are_checked(client: Any) -> None:
    """A definition whose name does not fit its names is refused."""
    wrong = definition()
    wrong["metadata"]["name"] = "gadgets.example.com"
    assert client.fails("POST", DEFINITIONS, wrong) == (
        422,
        (
            'CustomResourceDefinition.apiextensions.k8s.io "gadgets.example.com" is invalid: metadata.name: Invalid'
            " value:"
            ' "gadgets.example.com": must be spec.names.plural+"."+spec.group'
        ),
    )
