"""The API, request by request."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import orjson
import pytest

from pilothouse.golang.kinds import YamlValue

MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def deployment(name: str = "web", **spec: YamlValue) -> YamlValue:
    """Return a small deployment."""
    container = {"name": "c", "image": "nginx:1.25"}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    wanted = {"selector": {"matchLabels": {"app": name}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": wanted}


def config(name: str = "a", **data: str) -> YamlValue:
    """Return a config map."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_only_known_tokens_are_let_in(client: Any) -> None:
    """Without a known token the answer is 401, whatever is asked; health is public."""
    client.token = "wrong"
    assert client.fails("GET", MAPS) == (401, "Unauthorized")
    assert client.send("GET", "/readyz").body == b"ok"


def test_a_user_without_rights_is_refused_as_kubernetes_words_it(client: Any) -> None:
    """The refusal names user, verb, resource, group and place."""
    client.token = "nobody"
    assert client.fails("GET", MAPS) == (
        403,
        (
            'configmaps is forbidden: User "nobody" cannot list resource "configmaps" in API group "" in the namespace'
            ' "default"'
        ),
    )
    assert client.fails("DELETE", "/apis/apps/v1/namespaces/default/deployments/x")[1] == (
        'deployments.apps "x" is forbidden: User "nobody" cannot delete resource "deployments" in API group "apps" in'
        ' the namespace "default"'
    )
    assert client.ok("GET", "/apis")["kind"] == "APIGroupList"


def test_roles_give_rights(client: Any) -> None:
    """What a binding grants is allowed, in its namespace alone."""
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]
    rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
    client.ok("POST", f"{rbac}/roles", {"metadata": {"name": "r"}, "rules": rules})
    reference = {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}
    subjects = [{"kind": "User", "name": "nobody"}]
    client.ok("POST", f"{rbac}/rolebindings", {"metadata": {"name": "b"}, "roleRef": reference, "subjects": subjects})
    client.token = "nobody"
    assert client.ok("GET", MAPS)["kind"] == "ConfigMapList"
    assert client.fails("GET", "/api/v1/namespaces/kube-system/configmaps")[0] == 403
    assert client.fails("POST", MAPS, config())[0] == 403


def test_creation_fills_in_metadata(client: Any) -> None:
    """A new object has uid, time, revision, manager; a second one of its name is refused."""
    made = client.ok("POST", MAPS, config(x="1"))
    metadata = made["metadata"]
    assert metadata["namespace"] == "default"
    assert metadata["uid"]
    assert metadata["creationTimestamp"].endswith("Z")
    assert metadata["managedFields"][0]["manager"] == "test"
    assert client.fails("POST", MAPS, config()) == (409, 'configmaps "a" already exists')
    assert client.fails("POST", "/api/v1/namespaces/nope/configmaps", config()) == (404, 'namespaces "nope" not found')
    assert client.fails("GET", f"{MAPS}/zzz") == (404, 'configmaps "zzz" not found')


def test_names_are_generated(client: Any) -> None:
    """``generateName`` makes a name of its own for each object."""
    wanted = {"metadata": {"generateName": "job-"}}
    names = {client.ok("POST", MAPS, wanted)["metadata"]["name"] for _ in range(5)}
    assert len(names) == 5
    assert all(name.startswith("job-") and len(name) == 9 for name in names)


def test_an_update_needs_the_current_revision(client: Any) -> None:
    """Who updates an old object is told to read it again."""
    made = client.ok("POST", MAPS, config(x="1"))
    client.ok("PUT", f"{MAPS}/a", {**made, "data": {"x": "2"}})
    assert client.fails("PUT", f"{MAPS}/a", {**made, "data": {"x": "3"}}) == (
        409,
        (
            'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes'
            " to"
            " the latest version and try again"
        ),
    )


def test_an_update_that_changes_nothing_is_no_revision(client: Any) -> None:
    """Writing the same again leaves revision and generation alone."""
    made = client.ok("POST", DEPLOYMENTS, deployment())
    again = client.ok("PUT", f"{DEPLOYMENTS}/web", made)
    assert again["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    patched = client.ok("PATCH", f"{DEPLOYMENTS}/web", {"metadata": {"labels": {"a": "b"}}}, kind=MERGE)
    assert patched["metadata"]["generation"] == 1
    patched = client.ok("PATCH", f"{DEPLOYMENTS}/web", {"spec": {"replicas": 3}}, kind=MERGE)
    assert patched["metadata"]["generation"] == 2


def test_defaults_are_filled_in(client: Any) -> None:
    """A deployment gets what Kubernetes gives it."""
    spec = client.ok("POST", DEPLOYMENTS, deployment())["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
    }
    assert spec["progressDeadlineSeconds"] == 600
    pod = spec["template"]["spec"]
    assert (pod["restartPolicy"], pod["dnsPolicy"]) == ("Always", "ClusterFirst")
    assert pod["containers"][0]["imagePullPolicy"] == "IfNotPresent"


def test_the_four_patches(client: Any) -> None:
    """Strategic, merge, JSON and apply patches each do what they are for."""
    client.ok("POST", DEPLOYMENTS, deployment())
    one = f"{DEPLOYMENTS}/web"
    containers = [{"name": "side", "image": "busybox:1"}]
    value = client.ok("PATCH", one, {"spec": {"template": {"spec": {"containers": containers}}}}, kind=STRATEGIC)
    assert [each["name"] for each in value["spec"]["template"]["spec"]["containers"]] == ["side", "c"]
    value = client.ok("PATCH", one, {"metadata": {"annotations": {"a": "b"}}}, kind=MERGE)
    assert value["metadata"]["annotations"] == {"a": "b"}
    value = client.ok("PATCH", one, [{"op": "replace", "path": "/spec/replicas", "value": 4}], kind=JSON_PATCH)
    assert value["spec"]["replicas"] == 4
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 5}}
    status, refused = client.call("PATCH", f"{one}?fieldManager=helm", wanted, kind=APPLY)
    assert (status, refused["reason"]) == (409, "Conflict")
    assert refused["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "test" using apps/v1', "field": ".spec.replicas"}
    ]
    value = client.ok("PATCH", f"{one}?fieldManager=helm&force=true", wanted, kind=APPLY)
    assert value["spec"]["replicas"] == 5
    assert {each["manager"] for each in value["metadata"]["managedFields"]} == {"helm", "test"}


def test_applying_creates_and_prunes(client: Any) -> None:
    """Server-side apply creates what is missing and removes what is applied no longer."""
    one = f"{MAPS}/a?fieldManager=helm"
    assert client.call("PATCH", one, config(x="1", y="2"), kind=APPLY)[0] == 201
    value = client.ok("PATCH", one, config(x="1"), kind=APPLY)
    assert value["data"] == {"x": "1"}
    assert client.fails("PATCH", f"{MAPS}/a", config(), kind=APPLY)[0] == 422


def test_applying_refuses_unknown_fields(client: Any) -> None:
    """An applied configuration with a field that the schema lacks is refused with its path."""
    status, text = client.fails("PATCH", f"{DEPLOYMENTS}/web?fieldManager=helm", deployment(foo=1), kind=APPLY)
    assert status == 500
    assert text == (
        "failed to create typed patch object (default/web; apps/v1, Kind=Deployment):"
        " .spec.foo: field not declared in schema"
    )


def test_applying_refuses_wrong_types_and_duplicates(client: Any) -> None:
    """An applied configuration is checked as structured merges word it, lists by their keys."""
    value = deployment(replicas="x")
    value["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "A", "value": True},
        {"name": "B", "value": "1"},
        {"name": "B", "value": "2"},
    ]
    status, text = client.fails("PATCH", f"{DEPLOYMENTS}/web?fieldManager=helm", value, kind=APPLY)
    assert status == 500
    assert text.split(": ", 1)[1] == (
        "errors:\n"
        '  .spec.template.spec.containers[name="c"].env[name="A"].value: expected string, got'
        " &value.valueUnstructured{Value:true}\n"
        '  .spec.template.spec.containers[name="c"].env: duplicate entries for key [name="B"]\n'
        "  .spec.replicas: expected numeric (int or float), got string\n"
    )


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"foo": 1},
            (
                'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field'
                ' "spec.foo"'
            ),
        ),
        (
            {"replicas": "x"},
            (
                'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go'
                " struct field DeploymentSpec.spec.replicas of type int32"
            ),
        ),
        (
            {"paused": "x"},
            (
                'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go'
                " struct field DeploymentSpec.spec.paused of type bool"
            ),
        ),
    ],
)
def test_wrong_fields_are_refused_with_gos_text(client: Any, spec: YamlValue, message: str) -> None:
    """Strict validation names unknown fields; a wrong type is refused always."""
    assert client.fails("POST", f"{DEPLOYMENTS}?fieldValidation=Strict", deployment(**spec)) == (400, message)


def test_unknown_and_duplicate_fields_warn(client: Any) -> None:
    """With ``Warn`` a bad field costs a warning, and is dropped."""
    body = b'{"metadata":{"name":"a"},"data":{"x":"1","x":"2"},"foo":1}'
    answer = client.send("POST", f"{MAPS}?fieldValidation=Warn", body)
    assert answer.status == 201
    assert answer.headers == (
        ("warning", '299 - "unknown field \\"foo\\""'),
        ("warning", '299 - "duplicate field \\"data.x\\""'),
    )
    assert "foo" not in orjson.loads(answer.body)


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (
            DEPLOYMENTS,
            deployment(selector={"matchLabels": {"app": "other"}}),
            (
                'Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}:'
                " `selector` does not match template `labels`"
            ),
        ),
        (
            "/api/v1/namespaces/default/services",
            {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 0}]}},
            (
                'Service "s" is invalid: [spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive,'
                " spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive]"
            ),
        ),
        (
            "/api/v1/namespaces/default/services",
            {"metadata": {"name": "s"}, "spec": {}},
            'Service "s" is invalid: spec.ports: Required value',
        ),
        (
            "/api/v1/namespaces/default/services",
            {"metadata": {"name": "s"}, "spec": {"ports": [{"name": "p" * 64, "port": 80}]}},
            (
                f'Service "s" is invalid: spec.ports[0].name: Invalid value: "{"p" * 64}": must be no more than 63'
                " characters"
            ),
        ),
        (
            "/apis/batch/v1/namespaces/default/cronjobs",
            {
                "metadata": {"name": "c"},
                "spec": {
                    "schedule": "61 * * * *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}
                            }
                        }
                    },
                },
            },
            (
                'CronJob.batch "c" is invalid: spec.schedule: Invalid value: "61 * * * *": end of range (61) above'
                " maximum (59): 61"
            ),
        ),
        (
            "/apis/batch/v1/namespaces/default/jobs",
            {
                "metadata": {"name": "j"},
                "spec": {"template": {"spec": {"containers": [{"name": "c", "image": "i"}]}}},
            },
            (
                'Job.batch "j" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure",'
                ' "Never"'
            ),
        ),
    ],
)
def test_invalid_objects_are_refused(client: Any, path: str, body: YamlValue, message: str) -> None:
    """Validation answers 422 with every cause, in Kubernetes' words."""
    assert client.fails("POST", path, body) == (422, message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"gracePeriodSeconds": "x"},
            (
                'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal string into'
                " Go struct field DeleteOptions.gracePeriodSeconds of type int64"
            ),
        ),
        (
            {"preconditions": [1]},
            (
                'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal array into'
                " Go struct field DeleteOptions.preconditions of type v1.Preconditions"
            ),
        ),
        (
            {"dryRun": 5},
            (
                'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal number into'
                " Go struct field DeleteOptions.dryRun of type []string"
            ),
        ),
    ],
)
def test_wrong_delete_options_are_refused(client: Any, body: YamlValue, message: str) -> None:
    """What a client asks of a deletion is decoded as every other body; what is refused deletes nothing."""
    client.ok("POST", MAPS, config())
    assert client.fails("DELETE", f"{MAPS}/a", body) == (400, message)
    client.ok("GET", f"{MAPS}/a")


def test_wrong_scales_are_refused(client: Any) -> None:
    """What a patch makes of a scale is decoded."""
    client.ok("POST", DEPLOYMENTS, deployment())
    patches: list[YamlValue] = [{"metadata": "x"}, {"spec": []}, {"spec": {"replicas": True}}]
    for patch in patches:
        assert client.fails("PATCH", f"{DEPLOYMENTS}/web/scale", patch, kind=MERGE)[0] == 400


@pytest.mark.parametrize("number", ["%C2%B2", "9" * 5000, "-1", "x"])
def test_parameters_that_are_no_numbers(client: Any, number: str) -> None:
    """A limit that is no number is none; a revision that is no number is refused."""
    client.ok("POST", MAPS, config())
    assert client.ok("GET", f"{MAPS}?limit={number}")["items"]
    assert client.fails("GET", f"{MAPS}?resourceVersion={number}")[0] == 400
    client.ok("DELETE", f"{MAPS}/a?gracePeriodSeconds={number}")


def test_what_was_applied_last_may_be_rubbish(client: Any) -> None:
    """A conflict with what kubectl applied in its old way stays one when that cannot be read."""
    last = {"kubectl.kubernetes.io/last-applied-configuration": "no json"}
    value = deployment()
    client.ok("POST", f"{DEPLOYMENTS}?fieldManager=other", {**value, "metadata": {"name": "web", "annotations": last}})
    value["spec"]["replicas"] = 5
    assert client.fails("PATCH", f"{DEPLOYMENTS}/web?fieldManager=kubectl", value, kind=APPLY)[0] == 409


def test_a_far_time_is_the_last_that_can_be_written(client: Any) -> None:
    """A token that shall hold longer than times reach is given all the same."""
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    client.ok("POST", accounts, {"metadata": {"name": "a"}})
    made = client.ok("POST", f"{accounts}/a/token", {"spec": {"expirationSeconds": 10**18}})
    assert made["status"]["expirationTimestamp"] == "9999-12-31T23:59:59Z"


def test_what_is_immutable_stays(client: Any) -> None:
    """Selectors, cluster addresses and sealed secrets cannot change."""
    client.ok("POST", DEPLOYMENTS, deployment())
    change = {"spec": {"selector": {"matchLabels": {"app": "z"}}, "template": {"metadata": {"labels": {"app": "z"}}}}}
    assert client.fails("PATCH", f"{DEPLOYMENTS}/web", change, kind=MERGE)[1] == (
        'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"z"}}: field is'
        " immutable"
    )
    secrets = "/api/v1/namespaces/default/secrets"
    client.ok("POST", secrets, {"metadata": {"name": "s"}, "stringData": {"a": "b"}, "immutable": True})
    assert client.fails("PATCH", f"{secrets}/s", {"stringData": {"a": "c"}}, kind=MERGE)[1] == (
        'Secret "s" is invalid: data: Forbidden: field is immutable when `immutable` is set'
    )
    assert client.ok("GET", f"{secrets}/s")["data"] == {"a": base64.b64encode(b"b").decode()}


def test_services_get_addresses(client: Any) -> None:
    """Addresses and node ports are given once each and taken back with their service."""
    services = "/api/v1/namespaces/default/services"
    first = client.ok("POST", services, {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}]}})
    address = first["spec"]["clusterIP"]
    assert address.startswith("10.96.")
    wanted = {"metadata": {"name": "b"}, "spec": {"clusterIP": address, "ports": [{"port": 80}]}}
    assert client.fails("POST", services, wanted)[1] == (
        f'Service "b" is invalid: spec.clusterIPs: Invalid value: ["{address}"]: failed to allocate IP {address}:'
        " provided IP is already allocated"
    )
    client.ok("DELETE", f"{services}/a")
    assert client.ok("POST", services, wanted)["spec"]["clusterIPs"] == [address]
    changed = client.ok("PATCH", f"{services}/b", {"spec": {"type": "NodePort"}}, kind=MERGE)
    assert 30000 <= changed["spec"]["ports"][0]["nodePort"] <= 32767


def test_dry_run_stores_nothing(client: Any) -> None:
    """``dryRun=All`` checks and answers, and changes nothing."""
    client.ok("POST", f"{MAPS}?dryRun=All", config())
    assert client.fails("GET", f"{MAPS}/a")[0] == 404
    client.ok("POST", MAPS, config(x="1"))
    client.ok("PATCH", f"{MAPS}/a?dryRun=All", {"data": {"x": "2"}}, kind=MERGE)
    client.ok("DELETE", f"{MAPS}/a?dryRun=All")
    assert client.ok("GET", f"{MAPS}/a")["data"] == {"x": "1"}


def test_finalizers_hold_an_object(client: Any) -> None:
    """An object with finalizers is marked, and goes when the last one is taken away."""
    value = config()
    value["metadata"]["finalizers"] = ["example.com/hold"]
    client.ok("POST", MAPS, value)
    assert client.ok("DELETE", f"{MAPS}/a")["metadata"]["deletionTimestamp"]
    assert client.ok("GET", f"{MAPS}/a")["metadata"]["finalizers"] == ["example.com/hold"]
    client.ok("PATCH", f"{MAPS}/a", {"metadata": {"finalizers": None}}, kind=MERGE)
    assert client.fails("GET", f"{MAPS}/a")[0] == 404


def test_deletion_preconditions(client: Any) -> None:
    """A deletion of another object than meant is refused."""
    uid = client.ok("POST", MAPS, config())["metadata"]["uid"]
    status, text = client.fails("DELETE", f"{MAPS}/a", {"preconditions": {"uid": "other"}})
    assert status == 409
    assert text == (
        f'Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: other, UID in'
        f" object meta: {uid}"
    )


def test_lists_are_selected_and_paged(client: Any) -> None:
    """Selectors choose, pages are consistent although objects change meanwhile."""
    for name in ("a", "b", "c", "d"):
        value = config(name)
        value["metadata"]["labels"] = {"odd": str(name in "ac").lower()}
        client.ok("POST", MAPS, value)
    chosen = client.ok("GET", f"{MAPS}?labelSelector=odd%3Dtrue")["items"]
    assert [each["metadata"]["name"] for each in chosen] == ["a", "c"]
    named = client.ok("GET", f"{MAPS}?fieldSelector=metadata.name%3Db")["items"]
    assert [each["metadata"]["name"] for each in named] == ["b"]
    page = client.ok("GET", f"{MAPS}?limit=2")
    assert page["metadata"]["remainingItemCount"] == 2
    client.ok("DELETE", f"{MAPS}/d")
    rest = client.ok("GET", f"{MAPS}?limit=2&continue={page['metadata']['continue']}")
    assert [each["metadata"]["name"] for each in rest["items"]] == ["c", "d"]
    assert rest["metadata"]["resourceVersion"] == page["metadata"]["resourceVersion"]
    assert client.fails("GET", f"{MAPS}?fieldSelector=data.x%3D1") == (400, "field label not supported: data.x")


def test_an_old_page_has_gone(client: Any) -> None:
    """A continue token from before compaction is answered 410, with a token to go on without consistency."""
    for name in ("a", "b", "c"):
        client.ok("POST", MAPS, config(name))
    page = client.ok("GET", f"{MAPS}?limit=1")
    store = client.server.cluster.store
    client.ok("DELETE", f"{MAPS}/b")
    store.compact(store.revision)
    status, refused = client.call("GET", f"{MAPS}?limit=1&continue={page['metadata']['continue']}")
    assert (status, refused["reason"]) == (410, "Expired")
    rest = client.ok("GET", f"{MAPS}?continue={refused['metadata']['continue']}")
    assert [each["metadata"]["name"] for each in rest["items"]] == ["c"]


def test_tables(client: Any) -> None:
    """A client that asks for a table gets columns and rows."""
    client.ok("POST", MAPS, config(x="1"))
    table = client.ok("GET", MAPS, accept=TABLE)
    assert table["kind"] == "Table"
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert table["rows"][0]["cells"][:2] == ["a", 1]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


def test_metadata_alone(client: Any) -> None:
    """A client that asks for metadata gets nothing else."""
    client.ok("POST", MAPS, config(x="1"))
    shown = client.ok("GET", MAPS, accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
    assert shown["kind"] == "PartialObjectMetadataList"
    assert set(shown["items"][0]) == {"kind", "apiVersion", "metadata"}


def test_scale(client: Any) -> None:
    """The scale subresource reads and writes the number of replicas."""
    client.ok("POST", DEPLOYMENTS, deployment())
    scale = client.ok("GET", f"{DEPLOYMENTS}/web/scale")
    assert (scale["spec"], scale["status"]["selector"]) == ({"replicas": 1}, "app=web")
    scale["spec"]["replicas"] = 7
    client.ok("PUT", f"{DEPLOYMENTS}/web/scale", scale)
    assert client.ok("GET", f"{DEPLOYMENTS}/web")["spec"]["replicas"] == 7
    client.ok("PATCH", f"{DEPLOYMENTS}/web/scale", {"spec": {"replicas": 2}}, kind=MERGE)
    assert client.ok("GET", f"{DEPLOYMENTS}/web/scale")["spec"]["replicas"] == 2


def test_status_is_written_apart(client: Any) -> None:
    """The status subresource changes the status alone, the object all but the status."""
    client.ok("POST", DEPLOYMENTS, {**deployment(), "status": {"replicas": 9}})
    value = client.ok("GET", f"{DEPLOYMENTS}/web")
    assert value["status"] == {}
    value["status"] = {"replicas": 3}
    value["spec"]["replicas"] = 8
    changed = client.ok("PUT", f"{DEPLOYMENTS}/web/status", value)
    assert (changed["status"], changed["spec"]["replicas"]) == ({"replicas": 3}, 1)
    assert changed["metadata"]["generation"] == 1
    changed["status"] = {"replicas": 5}
    changed["spec"]["replicas"] = 8
    changed = client.ok("PUT", f"{DEPLOYMENTS}/web", changed)
    assert (changed["status"], changed["spec"]["replicas"]) == ({"replicas": 3}, 8)


def test_access_reviews(client: Any) -> None:
    """The server tells who may do what."""
    reviews = "/apis/authorization.k8s.io/v1"
    wanted = {"resourceAttributes": {"verb": "create", "resource": "pods", "namespace": "default"}}
    assert client.ok("POST", f"{reviews}/selfsubjectaccessreviews", {"spec": wanted})["status"]["allowed"]
    asked = {"spec": {**wanted, "user": "nobody"}}
    assert client.ok("POST", f"{reviews}/subjectaccessreviews", asked)["status"] == {"allowed": False}


def test_service_account_tokens_are_accepted(client: Any) -> None:
    """A token asked for a service account lets its bearer in as that account."""
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    client.ok("POST", accounts, {"metadata": {"name": "bot"}})
    token = client.ok("POST", f"{accounts}/bot/token", {"spec": {}})["status"]["token"]
    client.token = token
    assert 'User "system:serviceaccount:default:bot"' in client.fails("GET", MAPS)[1]
    client.token = token[:-2] + "xx"
    assert client.fails("GET", MAPS)[0] == 401


def test_versions_of_one_object(client: Any) -> None:
    """An object is served in each version of its kind, with that version's fields."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "maxReplicas": 3, "targetCPUUtilizationPercentage": 50}
    path = "/apis/autoscaling/{}/namespaces/default/horizontalpodautoscalers"
    client.ok("POST", path.format("v1"), {"metadata": {"name": "h"}, "spec": spec})
    newer = client.ok("GET", path.format("v2") + "/h")
    assert newer["apiVersion"] == "autoscaling/v2"
    assert newer["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 50
    older = client.ok("GET", path.format("v1") + "/h")
    assert older["spec"]["targetCPUUtilizationPercentage"] == 50
    assert "metrics" not in older["spec"]


def test_unknown_paths_and_verbs(client: Any) -> None:
    """What is not served is 404, what cannot be done 405."""
    assert client.fails("GET", "/apis/policy/v1beta1/podsecuritypolicies") == (
        404,
        "the server could not find the requested resource",
    )
    assert client.fails("DELETE", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x")[0] == 405
    assert client.fails("POST", MAPS, b"{", kind="application/json")[0] == 400
    assert client.fails("POST", MAPS, b"", kind="text/html")[0] == 415


def test_a_query_may_hold_any_bytes(client: Any) -> None:
    """Bytes that are no text do not end in a fault of the server."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Bearer admin")]
    scope = {"type": "http", "method": "GET", "path": MAPS, "query_string": b"labelSelector=\xff", "headers": headers}
    asyncio.run(client.server(scope, receive, send))
    assert sent[0]["status"] == 400
